"""The pass on the page: traced, shown in the component, studied below it. Where there is none, the last good one stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from engines.live.warm import is_prepared, page_shown, prepare_jax
from engines.trace.study import Study, taken
from playground.backprop.component import Entry, Heard, backprop_view
from playground.backprop.payload import payload, placed
from playground.backprop.traced import Traced, traced
from playground.backprop_panels.activations import activations_panel
from playground.backprop_panels.collapse import collapse_panel
from playground.backprop_panels.costs import costs_panel
from playground.backprop_panels.digit import digit_panel, side_of
from playground.backprop_panels.effort import effort_panel
from playground.backprop_panels.flow import flow_panel
from playground.backprop_panels.published import published_panel
from playground.backprop_panels.quizzes import quiz
from playground.backprop_panels.updates import updates_panel
from playground.backprop_panels.weight import chosen, remember, weight_panel
from playground.controls import Editor
from playground.kept import Kept
from playground.theme import is_dark

KEY, VIEW = "backprop", "backprop_view"
FIRST_PAINT_S = 0.15
MAX_KEPT_BYTES = 48_000_000
_GOOD = f"{KEY}.last_good"
_payloads: Kept[dict[str, Any]] = Kept(MAX_KEPT_BYTES, lambda data: len(data["blob"]))


def is_first() -> bool:
    """Whether this session has not seen a pass yet."""
    return _GOOD not in st.session_state


def show_pass(editor: Editor) -> Traced:
    """Trace the study, mount the view, ask a question about it. While JAX loads, on a server's first pass, it is a placeholder."""
    waiting = st.empty()
    if not is_prepared():
        waiting.skeleton(height=640)
        time.sleep(FIRST_PAINT_S)  # the placeholder has to leave for the browser before the import holds everything up
    page_shown()
    prepare_jax()
    found, told = _run(editor.experiment)
    waiting.empty()
    if told:
        st.warning(f"{told[0].upper()}{told[1:]}. What you see is the last net there was.", icon=":material/block:")
    data = _payloads.get(found.key, lambda: payload(found))
    backprop_view(placed(data, editor.experiment, chosen(found.trace)), key=VIEW, heard=_heard(editor))
    if said := taken(found.study, found.trace.values["T"]):
        st.caption(said)
    quiz(found, min(editor.experiment.step, len(found.trace.operations) - 1))
    return found


def _run(study: Study) -> tuple[Traced, str]:
    """The study, traced; where it has no pass, the last one of this session that had, and a sentence why."""
    try:
        found, told = traced(study), ""
        st.session_state[_GOOD] = study
    except ValueError as error:
        found, told = traced(st.session_state.get(_GOOD, Study())), str(error)
    return found, told


def _heard(editor: Editor) -> Heard:
    return Heard(
        picked=remember,
        moved=lambda step, example: editor.change(step=step, example=example),
        edited=lambda entry: editor.change(typed=typed_with(editor.experiment, entry)),
    )


def typed_with(study: Study, entry: Entry) -> list[dict[str, Any]]:
    """The study's typed numbers with one more, or another at its place. Raises nothing: one too many is refused by the study."""
    place = (entry.matrix, entry.row, entry.column)
    kept = [typed.model_dump() for typed in study.typed if (typed.matrix, typed.row, typed.column) != place]
    return [*kept, entry._asdict()]


def studies(editor: Editor, found: Traced) -> None:
    """What can be studied below the view. Only the open tab is drawn."""
    dark = is_dark()
    drawn: dict[str, Callable[[], None]] = {
        "Chain rule": lambda: weight_panel(found, editor.experiment.example),
        "Run updates": lambda: updates_panel(editor, found, dark),
        "Gradient flow": lambda: flow_panel(dark),
        "What it costs": lambda: effort_panel(found, dark),
        "Activations": lambda: activations_panel(found, dark),
        "Two costs": lambda: costs_panel(dark),
        "Without functions": lambda: collapse_panel(found),
    }
    if side_of(found):
        drawn["Your digit"] = lambda: digit_panel(found, dark)
    if found.study.examples == "worked_example" and found.study.published:
        drawn = {"Chain rule": drawn.pop("Chain rule"), "Published figures": lambda: published_panel(found), **drawn}
    opened = st.tabs(list(drawn), key=f"{KEY}_studies", on_change="rerun")
    for tab, draw in zip(opened, drawn.values(), strict=True):
        if tab.open:
            with tab:
                draw()
