"""The net that the panels look into: taken from the session's run at one moment, and said of when it is."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from engines.nets.recurrent.taken import TakenText, capture

PATIENCE_S = 3.0
COMPILING_S, LOOK_S = 10.0, 0.1
_KEPT = "text.taken"
_COMING = ("starting", "compiling")
_RESTING = ("ready", "paused", "waiting", "stopped", "finished")


def held(run: Any, name: str) -> TakenText | None:
    """The net as it was when it was taken last, with a button that takes it anew; None, with a sentence, where there is none.

    Taken by itself where there is none of this net yet, and where a resting run has moved on. name: the panel's, for the button.
    """
    kept = _kept(run)
    said, button = st.columns([3, 1], vertical_alignment="center", gap="small")
    asked = button.button(
        "Take it as it is now",
        icon=":material/refresh:",
        key=f"{name}.take",
        width="stretch",
        help="The net goes on training meanwhile.",
    )
    if asked or kept is None or (run.status in _RESTING and run.snapshot.run.step != kept.step):
        kept = _take(run) or kept
    if kept is not None:
        said.markdown(when(kept))
    return kept


def _kept(run: Any) -> TakenText | None:
    """Where it is one of this run and of the net and the text that the page has now."""
    token, kept = st.session_state.get(_KEPT, ("", None))
    now = run.experiment
    same = kept is not None and (kept.experiment.net, kept.experiment.data) == (now.net, now.data)
    return kept if same and token == run.token else None


def _take(run: Any) -> TakenText | None:
    if not _compiled(run):
        st.info("The net is being compiled. Look again in a moment.", icon=":material/hourglass_empty:")
        return None
    try:
        with st.spinner("Taking the net as it is …"):
            taken = capture(run, patience_s=PATIENCE_S)
    except ValueError as problem:
        st.info(str(problem), icon=":material/hourglass_empty:")
        return None
    st.session_state[_KEPT] = (run.token, taken)
    return taken


def _compiled(run: Any) -> bool:
    """Whether the net is there, which may have to be waited for. Each look lets the visitor's next click end the waiting."""
    if run.status not in _COMING:
        return True
    with st.spinner("The net is being compiled …"):
        place, end = st.empty(), time.monotonic() + COMPILING_S
        while run.status in _COMING and time.monotonic() < end:
            time.sleep(LOOK_S)
            place.empty()
    return run.status not in _COMING


def when(taken: TakenText) -> str:
    """What was taken, in words."""
    if not taken.step:
        return "The net **as it was opened**." if taken.opened else "The net **before training**."
    epoch = f"{taken.epoch:.3g}"
    return f"The net **after {epoch} epoch{'' if epoch == '1' else 's'}** (step {taken.step:,})."
