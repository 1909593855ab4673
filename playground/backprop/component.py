"""The Backprop view on a page: mounts the component with a traced pass; stepping through it then needs no server."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from playground import bundle

ASSETS = Path(__file__).parent / "assets"
MOST = 1_000_000


class Place(NamedTuple):
    """A weight: matrix `layer` (from 1), row and column (from 0); row None is the bias of unit `column`."""

    layer: int
    row: int | None
    column: int


class Entry(NamedTuple):
    """A number that was typed over entry (row, column) of a matrix."""

    matrix: str
    row: int
    column: int
    value: float


@dataclass(frozen=True)
class Heard:
    """What to call, before the script reruns, when the visitor clicks a weight, comes to rest somewhere, or types a number."""

    picked: Callable[[Place], None]
    moved: Callable[[int, int], None]
    edited: Callable[[Entry], None]


def backprop_view(data: Mapping[str, Any], *, key: str, heard: Heard) -> None:
    """Mount the view on what `playground.backprop.payload.payload` made."""

    def event(name: str) -> Any:
        return (st.session_state.get(key) or {}).get(name)

    def picked() -> None:
        if (place := place_in(event("picked"))) is not None:
            heard.picked(place)

    def moved() -> None:
        if (rest := rest_in(event("moved"))) is not None:
            heard.moved(*rest)

    def edited() -> None:
        if (entry := entry_in(event("edited"))) is not None:
            heard.edited(entry)

    _component()(
        key=key,
        data=dict(data),
        height="content",
        on_picked_change=picked,
        on_moved_change=moved,
        on_edited_change=edited,
    )


# What a browser sends is data like any other.


def place_in(event: Any) -> Place | None:
    """The weight in a `picked` event; None where it is none."""
    if not isinstance(event, Mapping):
        return None
    layer, row, column = (event.get(name) for name in ("layer", "row", "column"))
    if not (_counts(layer) and _counts(column) and (row is None or _counts(row))):
        return None
    return Place(layer, row, column)


def rest_in(event: Any) -> tuple[int, int] | None:
    """Operation and example in a `moved` event (example -1: the whole batch); None where there are none."""
    if not isinstance(event, Mapping):
        return None
    step, example = event.get("step"), event.get("example")
    return (step, example) if _counts(step) and (example == -1 or _counts(example)) else None


def entry_in(event: Any) -> Entry | None:
    """The number in an `edited` event and its place; None where it is none, or not finite."""
    if not isinstance(event, Mapping):
        return None
    matrix, row, column, value = (event.get(name) for name in ("matrix", "row", "column", "value"))
    if not (isinstance(matrix, str) and len(matrix) <= 3 and _counts(row) and _counts(column)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return Entry(matrix, row, column, float(value))


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


@cache
def _component() -> Any:
    return st.components.v2.component("playground_backprop", css=style(), js=script())


def style() -> str:
    """The live view's style sheet (buttons, panels, playbar), then this view's own."""
    return bundle.style(ASSETS, "view.css")


def script() -> str:
    """The view's JavaScript."""
    return bundle.script(ASSETS)
