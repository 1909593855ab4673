"""How long it takes to leave the saddle, against how far from it one starts."""

from __future__ import annotations

import math

import streamlit as st

from engines.descent.escape import Escape, escape
from engines.descent.race import Race
from playground import jobs
from playground.controls import Editor
from playground.descent.raced import Raced
from playground.descent_panels.files import cast_of
from playground.figures.escape import escape_figure

NAME, SEEDS = "escape", 16


def escape_panel(editor: Editor, raced: Raced, dark: bool) -> None:
    """The button, then the curves."""
    saddle = nearest_saddle(raced)
    if saddle is None:
        st.caption("There is no saddle on this map, so there is nothing to leave. *Saddle* and *Two weights* have one.")
        return
    st.caption(
        "Every runner starts at twelve distances from the nearest saddle, down to a ten-thousandth of its neighbourhood"
        + (f", with {SEEDS} different noises each" if _is_noisy(raced.race) else "")
        + ". Gradient descent needs the same number of steps more for every halving of the distance."
    )
    key = key_of(raced.race, saddle)
    st.button(
        "Measure it",
        icon=":material/timer:",
        key="descent.escape_go",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=lambda: _begin(raced, key),
    )
    found = jobs.found(NAME, key)
    jobs.tell(NAME)
    if found is None:
        st.caption("The race has changed since the last measurement; measure again." if jobs.is_outdated(NAME, key) else "")
        return
    theory = found.theory if found.theory_rate is not None else None
    figure = escape_figure(found.distances, found.steps, theory, cast_of(raced), limit=found.limit, dark=dark)
    st.plotly_chart(
        figure,
        key="descent.escape_chart",
        config={"displayModeBar": False},
        alt="Steps to leave the saddle against start distance.",
    )
    st.caption(_said(found))


def nearest_saddle(raced: Raced) -> tuple[float, float] | None:
    """The saddle nearest to the race's start."""
    saddles = [(point.x, point.y) for point in raced.terrain.stationary if point.kind == "saddle"]
    return min(saddles, key=lambda place: math.dist(place, raced.race.start), default=None)


def key_of(race: Race, saddle: tuple[float, float]) -> str:
    """What the curves depend on: of the start only which saddle is nearest."""
    return race.change(start=saddle, ring=0).to_json()


def _is_noisy(race: Race) -> bool:
    return race.noise > 0 or race.glance > 0


def _begin(raced: Raced, key: str) -> None:
    race = raced.race
    seeds = SEEDS if _is_noisy(race) else 1
    jobs.begin(
        NAME,
        key,
        "Leaving the saddle",
        lambda progress, cancelled: escape(race, seeds=seeds, progress=progress, cancelled=cancelled, terrain=raced.terrain),
    )


def _said(found: Escape) -> str:
    said = (
        f"The saddle at ({found.saddle.x:.3g}, {found.saddle.y:.3g}) has the curvature {found.curvature:.3g} along the way out. "
        f"Who is {found.radius:.3g} away has left it."
    )
    if found.theory_rate is not None:
        said += f" The dotted line is what theory says of gradient descent with rate {found.theory_rate:.3g}."
    return said + " A runner without a point there did not leave within the race's steps."
