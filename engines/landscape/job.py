"""Making a slice in the background, with progress and cancel; one at a time a process, since one takes all cores."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from engines.experiment import Experiment
from engines.landscape.capture import Captured, capture
from engines.landscape.costs import costs_of
from engines.landscape.problems import Cancelled, NoLandscape
from engines.landscape.racing import race_on
from engines.landscape.slice import USUAL, USUAL_EXAMPLES, Kind, Slice, make_slice
from engines.landscape.store import keep
from engines.landscape.weights import parameters
from engines.live.warm import prepare_jax

if TYPE_CHECKING:
    from engines.descent.race import Race
    from engines.live.run import LiveRun

_log = logging.getLogger(__name__)
_turn = threading.Lock()
_LOOK_AGAIN_S = 0.05
_FAILED = "Something went wrong while the landscape was made. Try again, or take other directions."


class SliceJob:
    """A slice being made. Every method and attribute may be used from any thread.

    source: the run to look at, or what was captured of one before. progress: 0..1. done: over, one way or another.
    error: the sentence that says why there is no result; result: the slice, kept under `token`, and the `race` to open on it.
    Cancelled: done, with neither.
    waiting: whether another landscape is being made first. abandon_s: stop when nobody has called `look` for so long.
    """

    def __init__(
        self,
        source: LiveRun | Captured,
        kind: Kind = "random",
        resolution: int = USUAL,
        examples: int = USUAL_EXAMPLES,
        seed: int = 0,
        abandon_s: float | None = None,
    ) -> None:
        self.progress, self.error = 0.0, None
        self.result: Slice | None = None
        self.token: str | None = None
        self.race: Race | None = None
        self.waiting = False
        self._source, self._wanted = source, (kind, resolution, examples, seed)
        self._abandon_s = abandon_s
        self._looked = time.monotonic()
        self._began: float | None = None
        self._stop, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="landscape")
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it is over."""
        return self._over.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def seconds_left(self) -> float | None:
        """About how long it still takes; None while that is unknown."""
        if self._began is None or self.progress < 0.02:
            return None
        return (time.monotonic() - self._began) * (1 - self.progress) / self.progress

    def look(self) -> float:
        """The progress, and a sign that somebody waits for the result."""
        self._looked = time.monotonic()
        return self.progress

    def cancel(self) -> None:
        """Stop; that takes a moment."""
        self._stop.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is over; False when that takes longer than `timeout_s`."""
        return self._over.wait(timeout_s)

    def _stopped(self) -> bool:
        """Also when the process ends: a thread inside a compiled program must not outlive the interpreter."""
        abandoned = self._abandon_s is not None and time.monotonic() - self._looked > self._abandon_s
        if abandoned or not threading.main_thread().is_alive():
            self._stop.set()
        return self._stop.is_set()

    def _told(self, share: float) -> None:
        self.progress = share

    def _run(self) -> None:
        try:
            source = self._source
            net = source if isinstance(source, Captured) else capture(source, self._stopped)
            self._take_turn()
            try:
                self._began = time.monotonic()
                made = make_slice(net, *self._wanted, progress=self._told, cancelled=self._stopped)
                self.token = keep(made)
                self.race = race_on(made, self.token)
                self.result = made
            finally:
                _turn.release()
        except Cancelled:
            pass
        except NoLandscape as problem:
            self.error = str(problem)
        except Exception:
            _log.exception("a landscape failed")
            self.error = _FAILED
        finally:
            self._over.set()

    def _take_turn(self) -> None:
        while not _turn.acquire(timeout=_LOOK_AGAIN_S):
            self.waiting = True
            if self._stopped():
                raise Cancelled
        self.waiting = False


def make_job(
    source: LiveRun | Captured,
    kind: Kind = "random",
    resolution: int = USUAL,
    examples: int = USUAL_EXAMPLES,
    seed: int = 0,
    abandon_s: float | None = None,
) -> SliceJob:
    """Begin a slice of what `source` holds now; see `SliceJob` and `engines.landscape.slice.make_slice`."""
    return SliceJob(source, kind, resolution, examples, seed, abandon_s)


def prepare(experiment: Experiment) -> threading.Thread:
    """Compile what a slice of this net needs, in the background, while the visitor still chooses. A failure only costs the lead."""
    thread = threading.Thread(target=_prepare, args=(experiment,), name="landscape-ahead")
    thread.start()
    return thread


def _prepare(experiment: Experiment) -> None:
    try:
        prepare_jax()
        none = np.zeros(parameters(experiment), np.float32)
        costs = costs_of(experiment, none, np.stack([none, none]), 1, 0)
        costs.losses(np.zeros((1, 2), np.float32))
        costs.hessians(np.zeros((1, 2), np.float32))
    except Exception:
        _log.exception("the programs of a landscape could not be compiled ahead")
