"""What a live run holds at one moment, copied in the thread that trains it, so that training may go on meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.experiment import Experiment
from engines.landscape.problems import Cancelled, NoLandscape
from engines.landscape.weights import flatten, sizes_of, unflatten, weights_of_saved

if TYPE_CHECKING:
    from engines.live.driver import Driver
    from engines.live.run import LiveRun

MOST_MOMENTS = 200
"""A longer recording is thinned evenly: the path looks the same and two hundred curvatures take moments."""
PATIENCE_S = 60.0
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, eq=False)
class Captured:
    """A net and the way it came.

    now: (p,) the weights and biases as `engines.landscape.weights.flatten` orders them. path: (k, p) those of the recorded
    moments, oldest first, `now` last; one row where nothing is recorded. epochs: (k,) of the moments. All float32.
    """

    experiment: Experiment
    now: np.ndarray
    path: np.ndarray
    epochs: np.ndarray

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units layer by layer, inputs first, output last."""
        return sizes_of(self.experiment)

    @property
    def epoch(self) -> float:
        """The epoch of `now`."""
        return float(self.epochs[-1])


def captured(experiment: Experiment, now: np.ndarray, moments: list[tuple[float, np.ndarray]], epoch: float) -> Captured:
    """A `Captured` of weights `now` (p,) at `epoch` and of the recorded moments (epoch, weights (p,)), thinned.

    Moments after `epoch` do not belong to the way to `now` and are left out, as are weights that have overflowed.
    Raises NoLandscape when `now` itself is not finite.
    """
    unflatten(now, sizes_of(experiment))
    if not np.isfinite(now).all():
        raise NoLandscape(
            "These weights have overflowed, so there is no ground to map. Reset the net, or go back in the recording."
        )
    kept = [(at, weights) for at, weights in moments if at <= epoch and np.isfinite(weights).all()]
    if kept and np.array_equal(kept[-1][1], now):
        kept.pop()
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(len(kept), MOST_MOMENTS - 1)).round().astype(int)) if kept else []
    rows = [*(kept[i] for i in chosen), (epoch, now)]
    return Captured(experiment, now, np.stack([w for _, w in rows]), np.array([at for at, _ in rows], np.float32))


def capture(run: LiveRun, cancelled: Callable[[], bool] = lambda: False, patience_s: float = PATIENCE_S) -> Captured:
    """What `run` shows now: the live weights, or those of the recorded moment that the visitor has gone back to.

    Blocks until the run's next turn. Raises NoLandscape with a sentence when there is nothing to capture, Cancelled when
    `cancelled()` says so.
    """
    taken: list[Any] = []
    answered = threading.Event()

    def take(driver: Driver) -> None:
        try:
            taken.append(_taken(driver))
        except Exception as error:  # it must not fail the run: it is told to whoever asked
            taken.append(error)
        answered.set()

    run.visit(take)
    end = time.monotonic() + patience_s
    while not answered.wait(_LOOK_AGAIN_S):
        if cancelled():
            raise Cancelled
        if run.closed or run.status == "failed" or time.monotonic() > end:
            raise NoLandscape("This run has no weights to look at just now. Press reset, then try again.")
    if isinstance(taken[0], Exception):
        raise taken[0]
    experiment, now, saved, epoch = taken[0]
    return captured(experiment, now, _moments(experiment, saved), epoch)


def _taken(driver: Driver) -> tuple[Any, ...]:
    """References only, in the trainer's thread: saved states are never written to again."""
    moments = [driver.recording[i] for i in range(len(driver.recording))]
    return driver.experiment, flatten(driver.ready.weights()), moments, driver.epoch


def _moments(experiment: Experiment, saved: list[Any]) -> list[tuple[float, np.ndarray]]:
    found = [(moment.epoch, weights_of_saved(experiment, moment.saved)) for moment in saved]
    return [(at, flatten(weights)) for at, weights in found if weights is not None]
