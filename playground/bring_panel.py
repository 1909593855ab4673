"""'Look inside' on the pages with a net: the net as it is now, and one example, opened on the Backprop page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.experiment import Experiment
from engines.trace.bring import NothingToBring, bring, example, examples_of, picture
from engines.trace.study import Study
from playground.page import go_to
from playground.study_links import to_query


def button(run: Any, page: str, blocked: str = "") -> None:
    """The button, and in its popover the example to take along; wherever the page wants it. blocked: why it cannot be used now."""
    popover = st.popover(
        "Look inside",
        icon=":material/troubleshoot:",
        width="stretch",
        key=f"{page}.bring",
        help=blocked or None,
        disabled=bool(blocked),
        on_change="rerun",
    )
    if popover.open and not blocked:
        with popover:
            _content(run, page)


def _content(run: Any, page: str) -> None:
    st.caption("See one example go through your net as it is now, and its error come back, step by step.")
    try:
        index = _choice(run.experiment, page)
        if st.button("Open on the Backprop page", type="primary", width="stretch", key=f"{page}.bring_go"):
            go_to("backprop", to_query(bring(run, index), Study()))
    except NothingToBring as problem:
        st.warning(str(problem), icon=":material/block:")


def _choice(experiment: Experiment, page: str) -> int:
    """Which example, counted from 0."""
    count, digits = examples_of(experiment), experiment.data.kind == "digits"
    key = f"{page}.bring_index"
    if st.session_state.get(key, 1) > count:
        st.session_state[key] = 1
    index = st.number_input("Test digit" if digits else "Point", 1, count, key=key) - 1
    if digits:
        pixels, label = picture(experiment, index)
        st.image(pixels, width=112, caption=f"A {label}")
    else:
        st.caption(example(experiment, index)[2].capitalize() + ".")
    return index
