"""Who wins from here: thousands of starts, each in the colour of the runner that arrives first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from engines.descent.winners import winners
from playground import jobs
from playground.controls import Editor
from playground.descent.raced import Raced
from playground.descent_panels.files import cast_of
from playground.figures.winners import winners_figure

NAME = "winners"
COUNTS = {40: "quick (40 × 40)", 80: "fine (80 × 80)", 200: "finest (200 × 200)"}


def winners_panel(editor: Editor, raced: Raced, dark: bool) -> None:
    """The button, then the map; a click on it starts the race there."""
    st.caption("Every runner starts at every place of a grid. A place has the colour of the runner that is first at the goal.")
    left, right = st.columns([1, 1], vertical_alignment="bottom", gap="small")
    count = left.select_slider("Places", list(COUNTS), value=80, format_func=COUNTS.__getitem__, key="descent.winners_count")
    key = key_of(raced.race, count)
    right.button(
        "Work it out",
        icon=":material/grid_on:",
        key="descent.winners_go",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=lambda: _begin(raced, count, key),
        width="stretch",
    )
    found = jobs.found(NAME, key)
    jobs.tell(NAME)
    if found is None:
        st.caption("The race has changed since the last map; work it out again." if jobs.is_outdated(NAME, key) else "")
        return
    _figure(editor, raced, found, dark)


def key_of(race: Any, count: int) -> str:
    """What the map depends on: not on where the race itself starts."""
    return f"{count} {race.change(start=(0.0, 0.0), ring=0).to_json()}"


def _begin(raced: Raced, count: int, key: str) -> None:
    race = raced.race
    jobs.begin(
        NAME,
        key,
        f"{len(race.runners)} runners from {count * count:,} places",
        lambda progress, cancelled: winners(race, count, progress=progress, cancelled=cancelled, terrain=raced.terrain),
    )


def _figure(editor: Editor, raced: Raced, found: Any, dark: bool) -> None:
    chart = "descent.winners_map"

    def clicked() -> None:
        place = first_point(st.session_state.get(chart))
        if place is not None:
            editor.change(start=place, ring=0)
            st.toast(f"Now racing from ({place[0]:.3g}, {place[1]:.3g})", icon=":material/flag:")

    cast = cast_of(raced)
    figure = winners_figure(
        found.x, found.y, found.winner, found.steps, cast, lines=raced.contours, start=raced.race.start, dark=dark
    )
    left, right = st.columns([2.2, 1], gap="medium")
    left.plotly_chart(
        figure,
        key=chart,
        on_select=clicked,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Map of starts, each in the colour of the optimizer that reaches the goal first.",
    )
    right.dataframe(
        table(found, cast.names),
        hide_index=True,
        column_config={
            "wins": st.column_config.ProgressColumn("First from", format="percent", min_value=0, max_value=1),
            "arrives": st.column_config.ProgressColumn("Arrives from", format="percent", min_value=0, max_value=1),
            "runner": st.column_config.TextColumn("Runner", width="medium"),
        },
        key="descent.winners_table",
    )
    right.caption(f"Shares of {found.winner.size:,} places. Click a place to start the race there.")


def table(found: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    """A row a runner: the share of places it wins from, and from which it gets there at all; the most successful first."""
    places = found.winner.size
    rows = [
        {"runner": name, "wins": int(wins) / places, "arrives": int(arrives) / places}
        for name, wins, arrives in zip(names, found.wins, found.arrivals, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["wins"], -row["arrives"]))


def first_point(event: Any) -> tuple[float, float] | None:
    """The place (x, y) that was clicked, from a Plotly selection; None where there is none."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    places = ((point.get("x"), point.get("y")) for point in points)
    return next(((float(x), float(y)) for x, y in places if isinstance(x, int | float) and isinstance(y, int | float)), None)
