"""Home: what this is, a net that is really training, and the way to the pages."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engines.device import report
from engines.live import LiveRun
from engines.presets import PRESETS
from playground.live.component import live_view, run_for
from playground.page import Page, go_to, link_to, pages
from playground.words import words

KEY = "home"
_MINIATURE = PRESETS["spiral"].experiment.change(epochs=0)


def render() -> None:
    """Draw the page."""
    left, right = st.columns([1, 1.6], gap="large", vertical_alignment="center")
    with left:
        st.title("Deep Learning Playground")
        st.markdown(words(KEY)["intro"])
        if st.button("Build a network", type="primary", icon=":material/play_arrow:"):
            go_to("network")
    run = run_for(KEY, _MINIATURE)
    if not st.session_state.get("home.started"):
        st.session_state["home.started"] = True
        run.play()
    _cards()
    device = st.container()
    with right:
        live_view(run, "mini", key="home_view")
    _device(run, device)


def _device(run: LiveRun, place: DeltaGenerator) -> None:
    """Say what computes; looked up only once the engine runs, since asking would load JAX. Timed, so last on the page."""
    ready = run.status not in ("starting", "compiling", "waiting")
    place.caption(report().sentence() if ready else "The engine is starting …")
    if not ready:
        st.fragment(_wait_for_engine, run_every=1.0)(run)


def _wait_for_engine(run: LiveRun) -> None:
    if run.status not in ("starting", "compiling", "waiting"):
        st.rerun()


def _cards() -> None:
    shown = [page for page in pages() if not page.default]
    for column, page in zip(st.columns(max(2, len(shown))), shown, strict=False):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"### {page.icon} {page.title}")
            st.markdown(page.summary)
            link_to(page.key, label=f"Open {page.title}", icon=":material/arrow_forward:")


PAGE = Page(
    key=KEY,
    title="Home",
    icon=":material/home:",
    section="",
    order=0,
    summary="Where you are.",
    render=render,
    default=True,
)
