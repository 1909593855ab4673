"""The buttons of work in turns, a race or a sweep: start, pause, go on; and what has become of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engines.trials.turns import Turns
from playground import jobs


def buttons(name: str, label: str, work: Turns | None, start: Callable[[], None], start_label: str) -> None:
    """Start, and Pause or Go on, of the job `name`. start(): begins anew. work: what there is of it already."""
    left, right = st.columns(2, gap="small")
    refused = jobs.in_the_way()
    free = {"disabled": bool(refused), "help": refused or None, "width": "stretch"}
    left.button(start_label, icon=":material/play_arrow:", type="primary", key=f"{name}.start", on_click=start, **free)
    if jobs.is_running(name):
        pause = work.pause if work is not None else None
        right.button("Pause", icon=":material/pause:", key=f"{name}.pause", width="stretch", disabled=pause is None, on_click=pause)
    elif work is not None and work.unfinished:
        right.button("Go on", icon=":material/resume:", key=f"{name}.go_on", on_click=begin, args=(name, label, work), **free)


def begin(name: str, label: str, work: Turns) -> None:
    """Work on in the background: as soon as the server has a thread for it, with a bar on the page."""
    work.resume()
    jobs.begin(name, name, label, work.run)


def outcome(name: str, work: Turns | None, share: float) -> None:
    """Say what has become of it, where it has not simply ended."""
    jobs.found(name, name)
    if work is None or work.status in ("ready", "failed"):
        jobs.tell(name)
    elif work.status == "cancelled":
        what = f"Stopped at {100 * share:.0f} %; what there is stays." if share else "Stopped before anything was finished."
        st.caption(f":material/stop_circle: {what} {work.told}")
    elif work.status == "paused" and not jobs.is_running(name):
        st.caption(f":material/pause_circle: Paused at {100 * share:.0f} %. *Go on* takes it up again.")
