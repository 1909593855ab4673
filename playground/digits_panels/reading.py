"""The newest reading of this session's net, for panels that show what it answers: when it is made, and of when it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from engines.data import digits
from engines.nets.readings import PATIENCE_S, Busy, Reading, Taken, multiplies, predictions
from playground import jobs

A = TypeVar("A")
NAME = "digits_reading"
QUICK = 2.5e9
"""Multiplications that take about a second on one core: what takes longer is done when asked for, with a bar."""
QUICK_PATIENCE_S = 1.5
_KEPT, _ASKED = "digits.reading", "digits.reading_asked"
_MOVING = ("playing", "compiling", "starting")


def reading(run: Any) -> Reading | None:
    """What the net of `run` answers to every test digit, or None with a sentence on the page where there is nothing yet.

    Made anew when asked for, when there is none of this net yet, and, where that is quick, whenever a resting run has moved on.
    """
    slow = is_slow(run)
    kept = _kept(run)
    wanted = st.session_state.pop(_ASKED, False)
    if not slow and (wanted or kept is None or (_rests(run) and _has_moved(run, kept))):
        kept = _read_now(run) or kept
    _head(run, kept, slow)
    if slow:
        jobs.tell(NAME)
    if kept is not None:
        _watch(run, kept)
    return kept


def asked(run: Any, question: Callable[[], A]) -> A | None:
    """What `question()` gives, or None with a sentence; a net that is only busy is asked again by itself."""
    try:
        if is_compiling(run):
            raise Busy("The net is being compiled.")
        return question()
    except Busy:
        st.info("The net is busy, perhaps being compiled. This is filled in by itself.", icon=":material/hourglass_empty:")
        jobs.wait_for(lambda: not is_compiling(run))
    except ValueError as error:
        st.info(str(error), icon=":material/hourglass_empty:")
    return None


def _watch(run: Any, kept: Reading) -> None:
    """Have the page drawn anew when the net has moved on from what was read, and when it rests then."""
    now = lambda: (_has_moved(run, kept), _has_moved(run, kept) and _rests(run))  # noqa: E731
    drawn = now()
    jobs.wait_for(lambda: now() != drawn)


def is_slow(run: Any) -> bool:
    """Whether reading all test digits takes more than a moment."""
    found = digits.known(run.experiment.data.source)
    count = len(found.test_labels) if found is not None else 10_000
    return multiplies(run.experiment) * count > QUICK


def is_compiling(run: Any) -> bool:
    """Whether the net is being compiled just now, which takes seconds in which it answers nothing."""
    return run.status == "compiling"


def _kept(run: Any) -> Reading | None:
    """The reading there is, where it is still one of this run and of a net like its present one."""
    made = jobs.found(NAME, run.token)
    if made is not None and made is not st.session_state.get(f"{_KEPT}.made"):
        st.session_state[f"{_KEPT}.made"] = made
        st.session_state[_KEPT] = (run.token, made)
    token, kept = st.session_state.get(_KEPT, ("", None))
    return kept if token == run.token and _is_like(kept, run.experiment) else None


def _is_like(kept: Reading, now: Any) -> bool:
    """Whether a reading is of a net of the same shape, cost and digits as the present one."""
    before, found = kept.taken.experiment, digits.known(now.data.source)
    same = (before.net, before.cost, before.data.source) == (now.net, now.cost, now.data.source)
    return same and (found is None or found is kept.taken.digits)


def _rests(run: Any) -> bool:
    return run.status not in _MOVING


def _has_moved(run: Any, kept: Reading) -> bool:
    return run.snapshot.run.step != kept.taken.step


def _read_now(run: Any) -> Reading | None:
    with st.spinner("Reading the test digits …"):
        made = asked(run, lambda: predictions(run, patience_s=QUICK_PATIENCE_S))
    if made is not None:
        st.session_state[_KEPT] = (run.token, made)
    return made


def _head(run: Any, kept: Reading | None, slow: bool) -> None:
    """What was read when, and the button that reads again."""
    said, button = st.columns([3, 1], vertical_alignment="center", gap="small")
    said.markdown(_said(run, kept, slow) if kept is not None else "The net has not been asked about the test digits yet.")
    button.button(
        "Read again" if kept is not None else "Read the test digits",
        icon=":material/refresh:",
        key="digits.read",
        width="stretch",
        disabled=slow and bool(jobs.in_the_way()),
        help=(slow and jobs.in_the_way())
        or "Asks the net, as it is now, about every test digit." + (" Takes a while with a net this large." if slow else ""),
        on_click=lambda: _begin(run) if slow else st.session_state.update({_ASKED: True}),
    )


def _begin(run: Any) -> None:
    def work(progress: Any, cancelled: Any) -> Reading:
        return predictions(run, progress, cancelled, PATIENCE_S)

    jobs.begin(NAME, run.token, "Reading the test digits", work)


def _said(run: Any, kept: Reading, slow: bool) -> str:
    """What was read, and whether the net has learned on since: what else stands on the page is newer then."""
    if not _has_moved(run, kept):
        return sentence(kept)
    again = "Read again to see how it does now." if slow else "It is read again as soon as it pauses, or now by *Read again*."
    return f"{sentence(kept)} The net has learned on since. {again}"


def sentence(kept: Reading) -> str:
    """How many are wrong, and when that was."""
    wrong, total = int((kept.answers != kept.labels).sum()), len(kept.labels)
    return f"**{wrong:,} of {total:,} test digits wrong** ({100 * wrong / total:.3g} %) {when(kept.taken)}."


def when(taken: Taken) -> str:
    """The moment of a net, in words."""
    if not taken.step:
        return "as it was opened" if taken.opened else "before training"
    epoch = f"{taken.epoch:.3g}"
    return f"after {epoch} {'more ' if taken.opened else ''}{'epoch' if epoch == '1' else 'epochs'}"
