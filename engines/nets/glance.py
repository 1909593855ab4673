"""How well a net does in the middle of a long epoch: provisional figures on a sample, for whoever looks on."""

from __future__ import annotations

import time

import numpy as np

from engines.nets.evaluate import Evaluation
from engines.nets.programs import AnySpec, Data, Programs
from engines.nets.updating import Weights

SAMPLE = 1000
EVERY_S = 1.5
MOST_TIME = 0.1
"""Share of the time trained that glances may take: they are made more seldom where they cost more."""
COLUMNS = 7
NONE = np.zeros(0, np.float32)


class Glances:
    """The newest glance, and when the next one is due. Asked by `probe` only: training without a viewer costs nothing more.

    row: float32 (7,): epoch with its fraction, training loss, test loss, training accuracy, test accuracy, and the numbers of
    training and test digits in the sample, which are always the first ones; (0,) from an epoch's end until the next glance.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """An epoch has been measured in full, or the weights are others by now."""
        self.row = NONE
        self._trained_s, self._spent_s = 0.0, 0.0
        self._wait_s = EVERY_S
        self._now: Evaluation | None = None
        self._counts = (0, 0)

    def trained(self, seconds: float) -> None:
        """So long was trained since the last call."""
        self._trained_s += seconds

    @property
    def due(self) -> bool:
        """Whether a new glance should begin."""
        return self._now is None and self._trained_s >= self._wait_s

    def begin(self, programs: Programs, spec: AnySpec, weights: Weights, train: Data, test: Data, epoch: float) -> None:
        """Glance at these weights, in the calls of `go_on` that follow."""
        self._counts = (min(SAMPLE, len(train.labels)), min(SAMPLE, len(test.labels)))
        self._now = Evaluation(programs, spec, weights, train, test, epoch, self._counts)
        self._trained_s, self._spent_s = 0.0, 0.0

    def go_on(self, seconds: float) -> None:
        """Work on the glance in progress, if there is one, for about `seconds`."""
        if self._now is None:
            return
        began = time.perf_counter()
        report = self._now.run(began + seconds)
        self._spent_s += time.perf_counter() - began
        if report is not None:
            self.row = np.array([*report.metrics, *self._counts], np.float32)
            self._now, self._wait_s = None, max(EVERY_S, self._spent_s / MOST_TIME)
