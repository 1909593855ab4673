"""The Shakespeare page: a recurrent net learns to write, character by character, while one watches."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.experiment import text_experiment
from playground import jobs, share, text_source
from playground.controls import Editor
from playground.explain import explain
from playground.live.component import is_polled, live_view, run_for
from playground.page import Page, view_and_controls
from playground.shakespeare_panels import draw_panels
from playground.shakespeare_panels.text_controls import net_tab, text_tab, training_tab
from playground.text_links import without_own_text

KEY, VIEW = "shakespeare", "shakespeare_view"
DEFAULT = text_experiment()
_OWN = "shakespeare.own"


def render() -> None:
    """Draw the page: view first, controls beside it (below it on a phone), panels under it, explanations last."""
    run = run_for(KEY, DEFAULT, speed="max")
    problems = _follow_link(run)
    editor = Editor(run, KEY)
    share.head(KEY, run, DEFAULT)
    share.tell_problems(KEY, problems)
    editor.refusals()
    text_source.statement(run)
    download = st.container()
    view, controls = view_and_controls()
    with controls:
        editor.tabs({"Text": text_tab, "Net": net_tab, "Training": training_tab})
    with view:
        live = st.container()
    below, bar = st.container(), st.container()
    explain(KEY, editor.experiment)
    share.write_address(KEY, run.experiment, DEFAULT)
    _view_and_panels(run, live, below)
    with download:
        text_source.OFFER.progress()
    with bar:
        jobs.progress()


def _follow_link(run: Any) -> list[str]:
    """As `share.follow_link`; a text of the visitor's own, which no link carries, is put back where this session still has it."""
    data = run.experiment.data
    if data.source == "own":
        st.session_state[_OWN] = (data.own, data.name)
    problems = share.follow_link(KEY, run, DEFAULT)
    kept = st.session_state.get(_OWN)
    if kept is None or run.experiment.data.source == "own" or without_own_text() not in problems:
        return problems
    run.apply(run.experiment.change(data__source="own", data__own=kept[0], data__name=kept[1]))
    return [problem for problem in problems if problem != without_own_text()]


def _view_and_panels(run: Any, live: Any, below: Any) -> None:
    """The view comes before the panels, which may have to wait for the net; but where it polls, its timer has to come last."""
    drawn = [(live, lambda: live_view(run, "text", key=VIEW)), (below, lambda: draw_panels(run))]
    for place, draw in reversed(drawn) if is_polled(VIEW) else drawn:
        with place:
            draw()


PAGE = Page(
    key=KEY,
    title="Shakespeare",
    icon=":material/history_edu:",
    section="",
    order=25,
    summary="A recurrent net learns to write, character by character: watch spelling, words and speakers appear, and look inside.",
    render=render,
)
