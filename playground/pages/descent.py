"""The Descent page: optimizers race on a surface, and everything about the race can be seen, changed and measured."""

from __future__ import annotations

import streamlit as st

from engines.descent.race import Race
from playground import jobs, share
from playground.controls import Editor
from playground.descent_panels.runners import runners_tab
from playground.descent_panels.stage import measurements, show_race
from playground.descent_panels.start import noise_tab, start_tab
from playground.descent_panels.surface import surface_tab
from playground.explain import explain
from playground.held import held_for
from playground.page import Page, view_and_controls

KEY = "descent"
DEFAULT = Race()
UNITS = {"epochs": "steps"}


def render() -> None:
    """Draw the page: view first, controls beside it (below it on a phone), measurements under it, explanations last."""
    held = held_for(KEY, DEFAULT)
    problems = share.follow_link(KEY, held, DEFAULT)
    editor = Editor(held, KEY, UNITS)
    share.head(KEY, held, DEFAULT)
    share.tell_problems(KEY, problems)
    editor.refusals()
    with st.container(key="descent_to_controls"):
        st.markdown(":material/tune: [Controls](#descent-controls) are below the view.")
    view, controls = view_and_controls(3.4)
    with controls:
        with st.container(key="descent_controls"):
            st.subheader("Controls", anchor="descent-controls")
        editor.tabs({"Surface": surface_tab, "Runners": runners_tab, "Start": start_tab, "Steps, noise": noise_tab})
    with view:
        live = st.container()
    below, bar = st.container(), st.container()
    explain(KEY, editor.experiment)
    share.write_address(KEY, held.experiment, DEFAULT)
    with live:
        raced = show_race(editor, DEFAULT)
    with below:
        measurements(editor, raced)
    with bar:
        jobs.progress()


PAGE = Page(
    key=KEY,
    title="Descent",
    icon=":material/downhill_skiing:",
    section="",
    order=30,
    summary="Race optimizers down a mountain, off a saddle, or through a formula of your own, and see why they differ.",
    render=render,
)
