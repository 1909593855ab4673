"""'Landscape' on the pages with a net: a slice of its loss, made in the background, then opened on the Descent page.

Closed, it is one button. Everything else is in a dialog, drawn only while it is open; there too lives the timer that follows the
work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from engines.descent.race import Race
from engines.landscape import FEWEST_MOMENTS, KINDS, USUAL, USUAL_EXAMPLES, SliceJob, make_job, parameters, prepare
from playground.page import go_to
from playground.race_links import to_query

PLACES = (21, 31, 41, 61, 81, 101)
EXAMPLES = (500, 1000, 2000, 5000, 10_000, 20_000)
LOOK_EVERY_S = 0.3
ABANDONED_S = 20.0
_LABELS = {"random": "Random", "path": "Along the run's path"}
_CAPTIONS = (
    "Two random directions, as large as the weights of each unit. Shows how the ground lies around the net.",
    "The two directions in which the recorded weights moved most. Shows the way the net came.",
)
_CANCELLED = "Cancelled. Nothing was changed."


@dataclass
class _Open:
    """The open dialog. job: the slice being made, or the last one that came to nothing."""

    job: SliceJob | None = None


def button(run: Any, page: str, blocked: str = "") -> None:
    """The button that opens the dialog; wherever the page wants it. blocked: why it cannot be used just now."""
    st.button(
        "Landscape",
        icon=":material/landscape:",
        key=f"{page}.landscape_button",
        width="stretch",
        help=blocked or "Map the loss around the weights your net has now, and race optimizers on it.",
        disabled=bool(blocked),
        on_click=_open,
        args=(run, page),
    )


def dialog(run: Any, page: str) -> None:
    """The dialog, where it is open. Call it after everything but a timed fragment: it has a timer while it works."""
    if _opened(page) is not None and run.experiment.net.kind == "stack":
        _close(page)
    if _opened(page) is not None:
        icon = ":material/landscape:"
        shown = st.dialog("The landscape of your net", icon=icon, on_dismiss=lambda: _close(page))
        shown(lambda: _content(run, page))()


def _opened(page: str) -> _Open | None:
    return st.session_state.get(f"{page}.landscape")


def _open(run: Any, page: str) -> None:
    st.session_state[f"{page}.landscape"] = _Open()
    prepare(run.experiment)


def _close(page: str) -> None:
    opened = st.session_state.pop(f"{page}.landscape", None)
    if opened is not None and opened.job is not None:
        opened.job.cancel()


def _content(run: Any, page: str) -> None:
    opened = _opened(page)
    if opened is None:
        return
    job = opened.job
    if job is not None and not job.done:
        st.fragment(lambda: _follow(page, job), run_every=LOOK_EVERY_S)()
        return
    if job is not None:
        _finish(page, job)
        st.warning(job.error or _CANCELLED, icon=":material/block:")
    _form(run, page, opened)


def _follow(page: str, job: SliceJob) -> None:
    """The bar, while the work goes on; then on to the Descent page, or back to the form."""
    job.look()
    if job.done:
        st.rerun()
    st.progress(job.progress, text=_told(job))
    st.button("Cancel", icon=":material/close:", key=f"{page}.landscape_cancel", width="stretch", on_click=job.cancel)


def _told(job: SliceJob) -> str:
    if job.cancelled:
        return "Cancelling …"
    if job.waiting:
        return "Another landscape is being made on this server; yours is next …"
    if job.progress >= 1:
        return "Trying out learning rates for the race …"
    left = job.seconds_left
    if left is None:
        return "Measuring the loss …"
    if left < 90:
        return f"Measuring the loss, about {max(1, round(left))} s left …"
    return f"Measuring the loss, about {round(left / 60)} min left. With fewer places it is quicker."


def _finish(page: str, job: SliceJob) -> None:
    """Open the Descent page on the slice, where there is one."""
    if job.result is not None and job.race is not None:
        st.session_state.pop(f"{page}.landscape", None)
        go_to("descent", to_query(job.race, Race()))


def _form(run: Any, page: str, opened: _Open) -> None:
    count = parameters(run.experiment)
    st.markdown(
        f"The loss of your net is a landscape over {count:,} dimensions, its weights and biases. Choose two directions: the loss "
        "is measured over the plane they span around the present weights, and opens on the Descent page as ground to race on."
    )
    kind = st.radio("Directions", KINDS, format_func=_LABELS.__getitem__, captions=_CAPTIONS, key=f"{page}.landscape_kind")
    recorded = run.snapshot.recording.count
    lacking = kind == "path" and recorded < FEWEST_MOMENTS
    if lacking:
        st.info(f"The path needs at least {FEWEST_MOMENTS} recorded moments; there {_are(recorded)}. Play for a while first.")
    places, examples, seed = _numbers(run, page)

    def begin() -> None:
        opened.job = make_job(run, kind, places, examples, int(seed), abandon_s=ABANDONED_S)

    st.button(
        "Make the landscape",
        type="primary",
        key=f"{page}.landscape_make",
        width="stretch",
        disabled=lacking,
        on_click=begin,
    )


def _are(count: int) -> str:
    return {0: "are none", 1: "is one"}.get(count, f"are {count}")


def _numbers(run: Any, page: str) -> tuple[int, int, int]:
    """Places a side, examples, seed."""
    digits = run.experiment.data.kind == "digits"
    left, right = st.columns([1.6, 1], vertical_alignment="bottom")
    with left:
        places = st.select_slider(
            "Places a side", PLACES, USUAL, format_func=lambda n: f"{n} × {n}", key=f"{page}.landscape_places"
        )
    help_ = "Draws the random directions" + (", and the digits where not all are used." if digits else ".")
    seed = right.number_input("Seed", 0, 2**31 - 1, 0, help=help_, key=f"{page}.landscape_seed")
    examples = USUAL_EXAMPLES
    if digits:
        examples = st.select_slider(
            "Training digits",
            EXAMPLES,
            USUAL_EXAMPLES,
            format_func=lambda n: f"{n:,}",
            help="How many digits each loss is measured on; all there are, if they are fewer.",
            key=f"{page}.landscape_examples",
        )
    return places, examples, seed
