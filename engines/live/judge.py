"""What a run's numbers mean, worked out a few times a second: the diagnosis, and the learning rate after its schedule."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from engines.experiment import Experiment
from engines.live.diagnosis import Evidence, Finding, diagnose
from engines.schedules import SCHEDULES
from engines.training import Probe

if TYPE_CHECKING:
    from engines.live.driver import Driver

EVERY_S = 0.25


class Judge:
    """Remembers its last answers; `hurry` asks for new ones at once."""

    def __init__(self) -> None:
        self._findings: tuple[Finding, ...] = ()
        self._layers: list[dict[str, Any]] = []
        self._rate: float | None = None
        self._rate_for: Experiment | None = None
        self._due = self._rate_due = 0.0

    def hurry(self) -> None:
        """Judge afresh at the next snapshot."""
        self._due = self._rate_due = 0.0

    def forget(self) -> None:
        """A new beginning."""
        self._layers = []
        self.hurry()

    def findings(self, driver: Driver, probe: Probe) -> tuple[Finding, ...]:
        """The present findings; the same object as long as they have not changed."""
        if probe.layers and all(math.isfinite(layer.get("gradient", math.nan)) for layer in probe.layers):
            self._layers = probe.layers
        now = time.monotonic()
        if now < self._due or driver.trainer is None:
            return self._findings
        self._due = now + EVERY_S
        found = diagnose(
            Evidence(
                experiment=driver.experiment,
                curve=driver.curve.view().table(),
                layers=self._layers,
                stopped=driver.stopped,
                step=driver.step,
                epoch=driver.epoch,
            )
        )
        if found != self._findings:
            self._findings = found
        return self._findings

    def rate(self, experiment: Experiment, epoch: float) -> float:
        """The learning rate now. A schedule's factor takes JAX a while, so it is worked out a few times a second."""
        if experiment.schedule.key == "constant":
            return experiment.learning_rate
        now = time.monotonic()
        if self._rate is None or experiment is not self._rate_for or now >= self._rate_due:
            self._rate = experiment.learning_rate * schedule_factor(experiment, epoch)
            self._rate_for, self._rate_due = experiment, now + EVERY_S
        return self._rate


def schedule_factor(experiment: Experiment, epoch: float) -> float:
    """What the schedule multiplies the learning rate by at `epoch`."""
    import numpy as np

    choice = experiment.schedule
    settings = {key: np.float32(value) for key, value in choice.settings.items()}
    return float(SCHEDULES[choice.key].factor(np.float32(epoch), settings))
