"""Work that takes seconds: in a thread, with a bar and a way to stop it, its result kept for the session that asked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import streamlit as st

ABANDONED_S = 20.0
_log = logging.getLogger(__name__)
_workers = ThreadPoolExecutor(2, thread_name_prefix="descent-job")
_JOB = "descent.job"
Progress = Callable[[float], None]
Work = Callable[[Progress, Callable[[], bool]], Any]


class Job:
    """One piece of work. work(progress(share), cancelled()) -> result; it may raise when it is cancelled, and may raise ValueError

    with a sentence for the visitor. key: what the result is of. Stops by itself when nobody has looked for 20 seconds.
    """

    def __init__(self, name: str, key: str, label: str, work: Work) -> None:
        self.name, self.key, self.label = name, key, label
        self.share, self.result, self.told = 0.0, None, ""
        self.status = "waiting"
        self.seen = time.monotonic()
        self._work, self._stop = work, threading.Event()

    def start(self) -> None:
        """Begin as soon as one of the server's two threads for this is free."""
        _workers.submit(self._run)

    def cancel(self) -> None:
        """Ask it to stop; it ends within moments."""
        self._stop.set()

    def cancelled(self) -> bool:
        """Whether it has been asked to stop, or nobody waits for it any more."""
        return self._stop.is_set() or time.monotonic() - self.seen > ABANDONED_S

    @property
    def running(self) -> bool:
        """Whether it waits or works."""
        return self.status in ("waiting", "working")

    def _progress(self, share: float) -> None:
        self.share = min(1.0, max(0.0, float(share)))

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
    kept_key, result = st.session_state.get(f"descent.found.{name}", ("", None))
    return result if kept_key == key else None


def is_outdated(name: str, key: str) -> bool:
    """Whether there is a result of `name`, but of something else than `key`."""
    kept_key, result = st.session_state.get(f"descent.found.{name}", (key, None))
    return result is not None and kept_key != key


def tell(name: str) -> None:
    """Say why the last job `name` has no result, if it has none."""
    job: Job | None = st.session_state.get(_JOB)
    if job is not None and job.name == name and job.status == "failed":
        st.warning(job.told, icon=":material/block:")
    elif job is not None and job.name == name and job.status == "cancelled":
        st.caption("Stopped; nothing was computed.")


def _collect() -> None:
    job: Job | None = st.session_state.get(_JOB)
    if job is not None and job.status == "done":
        st.session_state[f"descent.found.{job.name}"] = (job.key, job.result)
        del st.session_state[_JOB]


def is_running(name: str) -> bool:
    """Whether this session's job `name` waits or works."""
    job: Job | None = st.session_state.get(_JOB)
    return job is not None and job.name == name and job.running


def progress() -> None:
    """The bar of this session's job. Call it last on the page: it runs on a timer while there is something to watch."""
    job: Job | None = st.session_state.get(_JOB)
    if job is None:
        return
    if job.running:
        st.fragment(lambda: _bar(job), run_every=0.4)()
    elif job.status == "done":
        st.rerun()  # it ended while this page was being drawn


def _bar(job: Job) -> None:
    job.seen = time.monotonic()
    if not job.running:
        st.rerun()
    bar, cancel = st.columns([4, 1], vertical_alignment="center", gap="small")
    bar.progress(job.share, text=f"{job.label}: {'waiting for a turn' if job.status == 'waiting' else f'{job.share:.0%}'}")
    cancel.button("Cancel", icon=":material/close:", key="descent.cancel", width="stretch", on_click=job.cancel)
