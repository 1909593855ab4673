"""The race on the page: run, shown in the component, measured below it. Where a ground cannot be had, the last good one stays."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from engines.data.sources import DataProblem
from engines.descent.race import Race
from engines.descent.terrain import UnknownLandscape
from engines.formula import FormulaError
from engines.live.warm import is_prepared, page_shown, prepare_jax
from engines.surfaces import SURFACES
from playground.controls import Editor
from playground.descent.component import descent_view
from playground.descent.payload import payload
from playground.descent.raced import Raced, raced
from playground.descent_panels.escape import escape_panel
from playground.descent_panels.files import files
from playground.descent_panels.landscape import landscape_panel
from playground.descent_panels.runners import choose
from playground.descent_panels.scoreboard import scoreboard
from playground.descent_panels.study import study_panel
from playground.descent_panels.sweep import sweep_panel
from playground.descent_panels.winners import winners_panel
from playground.formats import RACE
from playground.kept import Kept
from playground.theme import is_dark

KEY, VIEW = "descent", "descent_view"
FIRST_PAINT_S = 0.15
MAX_KEPT_BYTES = 48_000_000
_GOOD = f"{KEY}.last_good"
_payloads: Kept[dict[str, Any]] = Kept(MAX_KEPT_BYTES, lambda data: len(data["blob"]))


def show_race(editor: Editor, default: Race) -> Raced:
    """Run the race and mount the view. What it shows while JAX loads, on the server's first race, is a placeholder."""
    waiting = st.empty()
    if not is_prepared():
        waiting.skeleton(height=560)
        time.sleep(FIRST_PAINT_S)  # the placeholder has to leave for the browser before the import holds everything up
    page_shown()
    prepare_jax()
    found, told = _run(editor.experiment)
    waiting.empty()
    if told:
        st.warning(f"{told} What you see is the last race that could be run.", icon=":material/landscape:")
    query = RACE.to_text(found.race, default)
    data = _payloads.get(found.race.to_json(), lambda: payload(found, query))
    descent_view(data, key=VIEW, moved=lambda place: editor.change(start=place), chose=choose)
    return found


def _run(race: Race) -> tuple[Raced, str]:
    """The race, run; where it has no ground, the last one of this session that had (or the usual one), and a sentence why."""
    told = ""
    for candidate in (race, st.session_state.get(_GOOD, Race())):
        try:
            found = raced(candidate)
        except (FormulaError, UnknownLandscape, DataProblem) as error:
            told = told or str(error)
        else:
            st.session_state[_GOOD] = candidate
            return found, told
    return raced(Race()), told


def measurements(editor: Editor, found: Raced) -> None:
    """Files, and what can be measured. Only the open tab is drawn."""
    dark = is_dark()
    files(found, dark)
    drawn = {
        "Scoreboard": lambda: scoreboard(found, dark),
        "Who wins from here": lambda: winners_panel(editor, found, dark),
        "Escape": lambda: escape_panel(editor, found, dark),
        "Sweep": lambda: sweep_panel(editor, found, dark),
        "3-D for study": lambda: study_panel(found, dark),
    }
    if SURFACES[found.race.surface.key].sliced:
        drawn["Your net"] = lambda: landscape_panel(found, dark)
    opened = st.tabs(list(drawn), key=f"{KEY}_measurements", on_change="rerun")
    for tab, draw in zip(opened, drawn.values(), strict=True):
        if tab.open:
            with tab:
                draw()
