"""The Backprop page: one forward and one backward pass, step by step, in three views that move together."""

from __future__ import annotations

import streamlit as st

from engines.trace.study import Study
from playground import jobs, share
from playground.backprop_panels.controls import StudyEditor, examples_tab, learning_tab, net_tab, settle
from playground.backprop_panels.stage import is_first, show_pass, studies
from playground.explain import explain
from playground.held import held_for
from playground.page import Page, notices, view_and_controls

KEY = "backprop"
DEFAULT = Study()


def render() -> None:
    """Draw the page: view first, controls beside it (below it on a phone), what can be studied under it, explanations last."""
    held = held_for(KEY, DEFAULT)
    problems = share.follow_link(KEY, held, DEFAULT)
    editor = StudyEditor(held, KEY)
    share.head(KEY, held, DEFAULT)
    share.tell_problems(KEY, problems)
    place = notices()
    for said in settle(held, is_first()):
        place.info(said, icon=":material/undo:")
    editor.refusals()
    view, controls = view_and_controls(4)
    with controls:
        editor.tabs({"Examples": examples_tab, "Net": net_tab, "Learning": learning_tab})
    with view:
        live = st.container()
    below, bar = st.container(), st.container()
    explain(KEY, editor.experiment)
    share.write_address(KEY, held.experiment, DEFAULT)
    with live:
        found = show_pass(editor)
    with below:
        studies(editor, found)
    with bar:
        jobs.progress()


PAGE = Page(
    key=KEY,
    title="Backprop",
    icon=":material/conversion_path:",
    section="",
    order=40,
    summary="Follow every number forward through a net and every error back: as a diagram, by rules, and in matrices.",
    render=render,
)
