"""Work that takes seconds or minutes: in a thread, with a bar and a way to stop it, its result kept for the session that asked."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

ABANDONED_S = 20.0
MOST_WAITING = 16
LOOK_EVERY_S, DRAW_EVERY_S, AWAIT_EVERY_S = 0.4, 1.0, 1.0
"""How often the bar moves, what there is so far is drawn anew, and what a panel waits for is looked at."""
_KNOWN_FROM = 0.03
"""Share of the work from which on the time left is told."""
_log = logging.getLogger(__name__)
_workers = ThreadPoolExecutor(2, thread_name_prefix="background-job")
_JOB, _FOUND, _AWAITED = "job.now", "job.found.", "job.awaited"
_lock = threading.Lock()
_started: weakref.WeakSet[Job] = weakref.WeakSet()
_FULL = "This server is busy: {count} computations are waiting for a turn already. Try again in a minute."
Progress = Callable[[float], None]
Work = Callable[[Progress, Callable[[], bool]], Any]


class Job:
    """One piece of work. work(progress(share), cancelled()) -> result; it may raise when it is cancelled, and may raise ValueError

    with a sentence for the visitor. key: what the result is of. Stops by itself when nobody has looked for 20 seconds.
    draw: shows what there is so far, for this drawing of the page.
    """

    def __init__(self, name: str, key: str, label: str, work: Work) -> None:
        self.name, self.key, self.label = name, key, label
        self.share, self.result, self.told = 0.0, None, ""
        self.status = "waiting"
        self.seen = time.monotonic()
        self.draw: Callable[[], None] | None = None
        self._work, self._stop = work, threading.Event()
        self._began = self.seen
        self._share_before: float | None = None
        self._future: Future[None] | None = None

    def start(self) -> None:
        """Begin as soon as one of the server's two threads for this is free; where too many wait for them already, say so."""
        with _lock:
            if sum(job.status == "waiting" and not job.cancelled() for job in _started) >= MOST_WAITING:
                self.status, self.told = "failed", _FULL.format(count=MOST_WAITING)
                return
            _started.add(self)
            self._future = _workers.submit(self._run)

    def cancel(self) -> None:
        """Ask it to stop; it ends within moments, at once where it still waits for its turn."""
        self._stop.set()
        if self._future is not None and self._future.cancel():
            self.status = "cancelled"

    def cancelled(self) -> bool:
        """Whether it has been asked to stop, or nobody waits for it any more."""
        return self._stop.is_set() or time.monotonic() - self.seen > ABANDONED_S

    @property
    def running(self) -> bool:
        """Whether it waits or works."""
        return self.status in ("waiting", "working")

    @property
    def seconds_left(self) -> float | None:
        """About how long it still takes; None while that is unknown."""
        done = self.share - (self._share_before or 0.0)
        if self.status != "working" or done < _KNOWN_FROM:
            return None
        return (time.monotonic() - self._began) * (1 - self.share) / done

    def _progress(self, share: float) -> None:
        """Work that goes on where it was left begins with a share above 0."""
        self.share = min(1.0, max(0.0, float(share)))
        if self._share_before is None:
            self._share_before, self._began = self.share, time.monotonic()

    def _run(self) -> None:
        try:
            if not self.cancelled():
                self.status = "working"
                self.result = self._work(self._progress, self.cancelled)
            self.status = "cancelled" if self.result is None else "done"
        except Exception as error:
            if self.cancelled():
                self.status = "cancelled"
                return
            self.told = (
                str(error) if isinstance(error, ValueError) else "Something went wrong here; the server's log has the details."
            )
            self.status = "failed"
            if not isinstance(error, ValueError):
                _log.exception("%s failed", self.name)


def begin(name: str, key: str, label: str, work: Work) -> None:
    """Start a job for this session; the one that still runs is stopped."""
    before: Job | None = st.session_state.get(_JOB)
    if before is not None:
        before.cancel()
    job = st.session_state[_JOB] = Job(name, key, label, work)
    job.start()


def found(name: str, key: str) -> Any:
    """The result of the job `name` of this session, where it is one of `key`; else None."""
    _collect()
    kept_key, result = st.session_state.get(_FOUND + name, ("", None))
    return result if kept_key == key else None


def is_outdated(name: str, key: str) -> bool:
    """Whether there is a result of `name`, but of something else than `key`."""
    kept_key, result = st.session_state.get(_FOUND + name, (key, None))
    return result is not None and kept_key != key


def tell(name: str, cancelled: str = "Stopped; nothing was computed.") -> None:
    """Say why the last job `name` has no result, if it has none. cancelled: what to say of one that was stopped."""
    job: Job | None = st.session_state.get(_JOB)
    if job is not None and job.name == name and job.status == "failed":
        st.warning(job.told, icon=":material/block:")
    elif job is not None and job.name == name and job.status == "cancelled":
        st.caption(cancelled)


def _collect() -> None:
    job: Job | None = st.session_state.get(_JOB)
    if job is not None and job.status == "done":
        st.session_state[_FOUND + job.name] = (job.key, job.result)
        del st.session_state[_JOB]


def is_running(name: str) -> bool:
    """Whether this session's job `name` waits or works."""
    job: Job | None = st.session_state.get(_JOB)
    return job is not None and job.name == name and job.running


def in_the_way() -> str:
    """Why this session cannot start a job now, as a sentence: another runs, which would have to stop. '' where it can."""
    job: Job | None = st.session_state.get(_JOB)
    if job is None or not job.running:
        return ""
    return f"Not while this is running: {job.label}. Its bar, with *Cancel*, is at the foot of the page."


def wait_for(has_come: Callable[[], bool]) -> None:
    """Have `progress` draw the page anew as soon as `has_come` (quick) holds. A panel asks for it every time it is drawn."""
    st.session_state.setdefault(_AWAITED, []).append(has_come)


def partial(name: str, draw: Callable[[], None]) -> bool:
    """Let `progress` show, with `draw`, what the running job `name` has so far: under its bar, about once a second.

    A panel calls it every time it is drawn itself. draw() makes no widgets that the page reads. Returns whether the job is running.
    """
    if not is_running(name):
        return False
    st.session_state[_JOB].draw = draw
    return True


def progress() -> None:
    """The bar of this session's job. Call it last on the page: it runs on a timer while there is something to watch."""
    job: Job | None = st.session_state.get(_JOB)
    awaited = Awaited(st.session_state.pop(_AWAITED, []))
    draw = None
    if job is not None:
        draw, job.draw = job.draw, None
    if job is not None and job.running:
        st.fragment(lambda: _follow(job, draw, awaited), run_every=DRAW_EVERY_S if draw else LOOK_EVERY_S)()
    elif job is not None and job.status == "done":
        st.rerun()  # it ended while this page was being drawn
    elif awaited.all:
        st.fragment(awaited.look, run_every=AWAIT_EVERY_S)()


class Awaited:
    """What panels of this drawing of the page wait for. The first look, part of that drawing, would draw it over and over."""

    def __init__(self, waiting: list[Callable[[], bool]]) -> None:
        self.all, self._drawn = waiting, False

    def look(self) -> None:
        """Draw the page anew if one of them has come."""
        if self._drawn and any(has_come() for has_come in self.all):
            st.rerun()
        self._drawn = True


def _follow(job: Job, draw: Callable[[], None] | None, awaited: Awaited) -> None:
    job.seen = time.monotonic()
    if not job.running:
        st.rerun()
    awaited.look()
    bar, cancel = st.columns([4, 1], vertical_alignment="center", gap="small")
    bar.progress(job.share, text=f"{job.label}: {_told(job)}")
    cancel.button("Cancel", icon=":material/close:", key="job.cancel", width="stretch", on_click=job.cancel)
    if draw is not None:
        draw()


def _told(job: Job) -> str:
    if job.status == "waiting":
        return "waiting for a turn"
    left = job.seconds_left
    if left is None or left < 5:
        return f"{job.share:.0%}"
    return f"{job.share:.0%}, about {f'{left:.0f} s' if left < 90 else f'{left / 60:.0f} min'} left"
