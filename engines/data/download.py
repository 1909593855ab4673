"""A download in the background, one at a time a process: started by a visitor, watched by all, cancelled by any."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from engines.data import digits, text
from engines.data.sources import DataProblem, Progress

Work = Callable[[Progress, Callable[[], bool]], str]


class Progressed(NamedTuple):
    """Where a download stands. status: 'idle' | 'running' | 'done' | 'failed'; share 0..1; text for the visitor."""

    status: str = "idle"
    share: float = 0.0
    text: str = ""


class Download:
    """Runs `work` (see `engines.data.digits.install`) in a thread of its own. Every method may be called from any thread."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self.now = Progressed()

    def start(self) -> None:
        """Begin, unless it runs already."""
        with self._lock:
            if self.now.status == "running":
                return
            self._cancelled.clear()
            self.now = Progressed("running", 0.0, "Looking for a mirror …")
            threading.Thread(target=self._run, name="download", daemon=True).start()

    def cancel(self) -> None:
        """Ask it to stop; that takes a moment."""
        self._cancelled.set()
        if self.now.status == "running":
            self.now = self.now._replace(text="Cancelling …")

    def _run(self) -> None:
        try:
            sentence = self._work(self._progress, self._cancelled.is_set)
        except DataProblem as problem:
            self.now = Progressed("failed", 0.0, str(problem))
        except Exception as error:
            self.now = Progressed("failed", 0.0, f"The download failed ({type(error).__name__}): try again later.")
        else:
            self.now = Progressed("done", 1.0, sentence)

    def _progress(self, share: float, text: str) -> None:
        if not self._cancelled.is_set():
            self.now = Progressed("running", min(max(share, 0.0), 1.0), text)


digits_download = Download(lambda progress, cancelled: digits.install(progress, cancelled))
"""The full MNIST, into the cache of the user whom this process runs as."""
text_download = Download(lambda progress, cancelled: text.install(progress, cancelled))
"""Tiny Shakespeare, into the same cache."""
