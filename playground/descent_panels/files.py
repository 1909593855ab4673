"""The race as files: path, picture, notebook, script."""

from __future__ import annotations

import streamlit as st

from engines.descent.table import to_csv
from playground.colours import looks
from playground.descent.names import full_names
from playground.descent.raced import Raced
from playground.descent_panels.scoreboard import said_of
from playground.figures.race_svg import Picture, race_svg
from playground.figures.winners import Cast
from playground.formats import RACE


def cast_of(raced: Raced) -> Cast:
    """The runners as figures name and paint them."""
    runners = raced.race.runners
    return Cast(full_names(runners), looks([runner.optimizer.key for runner in runners]))


def svg_of(raced: Raced, dark: bool) -> str:
    """The race's picture, an SVG file's text."""
    terrain, paths = raced.terrain, raced.paths
    title = f"{terrain.label}: {raced.race.steps} steps"
    picture = Picture(
        title,
        terrain.domain,
        terrain.names,
        raced.contours,
        terrain.stationary,
        paths.position,
        paths.runner,
        cast_of(raced),
        said_of(raced),
    )
    return race_svg(picture, dark=dark)


def files(raced: Raced, dark: bool) -> None:
    """Buttons; each file is made when it is asked for."""
    race = raced.race
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Take it with you:", width="content")
        _button("Path (CSV)", lambda: to_csv(race, raced.paths, raced.scores), "descent.csv", "text/csv")
        _button("Picture (SVG)", lambda: svg_of(raced, dark), "descent.svg", "image/svg+xml")
        _button("Notebook", lambda: RACE.to_notebook(race), "descent.ipynb", "application/x-ipynb+json")
        _button("Script", lambda: RACE.to_script(race), "descent.py", "text/x-python")


def _button(label: str, make: object, name: str, kind: str) -> None:
    st.download_button(
        label, make, name, kind, on_click="ignore", key=f"descent.file.{name}", type="tertiary", icon=":material/download:"
    )
