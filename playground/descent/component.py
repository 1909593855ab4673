"""The Descent view on a page: mounts the component with a race; all that moves then moves in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from playground import bundle

ASSETS = Path(__file__).parent / "assets"


def descent_view(
    data: Mapping[str, Any], *, key: str, moved: Callable[[tuple[float, float]], None], chose: Callable[[int], None]
) -> None:
    """Mount the view on what `playground.descent.payload.payload` made.

    moved((x, y)): the visitor has set the start there. chose(i): has chosen runner i in the legend. Both are called before the
    script reruns.
    """

    def edited() -> None:
        place = place_in((st.session_state.get(key) or {}).get("edited"))
        if place is not None:
            moved(place)

    def chosen() -> None:
        runner = runner_in((st.session_state.get(key) or {}).get("chosen"), len(data["runners"]))
        if runner is not None:
            chose(runner)

    _component()(key=key, data=dict(data), height="content", on_edited_change=edited, on_chosen_change=chosen)


def place_in(edited: Any) -> tuple[float, float] | None:
    """The start in an `edited` event of the browser; None where it is none. What a browser sends is data like any other."""
    start = edited.get("start") if isinstance(edited, Mapping) else None
    if not isinstance(start, list | tuple) or len(start) != 2:
        return None
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in start):
        return None
    return float(start[0]), float(start[1])


def runner_in(chosen: Any, count: int) -> int | None:
    """The place of a runner, under `count`, in a `chosen` event of the browser; None where it is none."""
    fits = isinstance(chosen, int | float) and not isinstance(chosen, bool) and chosen in range(count)
    return int(chosen) if fits else None


@cache
def _component() -> Any:
    return st.components.v2.component("playground_descent", css=style(), js=script())


def style() -> str:
    """The live view's style sheet (buttons, panels, playbar), then this view's own."""
    return bundle.style(ASSETS, "view.css")


def script() -> str:
    """The view's JavaScript."""
    return bundle.script(ASSETS)
