"""Train a net from beginning to end, watched."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engines.experiment import Experiment
from engines.rivals.watch import Watch
from engines.training import Metrics, Trainer, make_trainer

_CHUNK_SECONDS = 0.2
Tell = Callable[[str], None]


class Overflowed(ValueError):
    """A net's numbers became none. epochs: those it had finished. seconds: until then."""

    def __init__(self, epochs: int, seconds: float) -> None:
        super().__init__(f"The net's numbers overflowed in epoch {epochs + 1}: its learning rate is too large for these digits.")
        self.epochs, self.seconds = epochs, seconds


class Trained(NamedTuple):
    """A net after its last epoch. error_percent: on the test set, then. rows: the figures after each epoch.

    steps: all that were done. steps_per_epoch: of them. weights: as `Trainer.weights`.
    """

    error_percent: float
    rows: list[Metrics]
    steps: int
    steps_per_epoch: int
    seconds: float
    weights: list[tuple[np.ndarray, np.ndarray]]


def train(
    experiment: Experiment, watch: Watch, tell: Tell = lambda text: None, enough: Callable[[Metrics], bool] = lambda row: False
) -> Trained:
    """Train `experiment` for its epochs, or until `enough` of an epoch's figures. tell: gets a sentence an epoch.

    Raises `Overflowed`, a ValueError, when the numbers overflow, `Cancelled` when the watch says so.
    """
    begin = time.perf_counter()
    trainer = make_trainer(experiment)
    total, rows, steps, stopped = experiment.epochs * trainer.steps_per_epoch, [], 1, None
    while stopped is None:
        watch.at(trainer.step / total)
        start = time.perf_counter()
        advance = trainer.advance(steps)
        took = max(time.perf_counter() - start, 1e-6)
        stopped = advance.stopped
        for row in advance.rows:
            rows.append(Metrics(*map(float, row)))
            tell(_sentence(rows[-1], experiment.epochs))
            stopped = stopped or ("enough" if enough(rows[-1]) else None)
        if advance.steps:  # none while an epoch is being evaluated
            steps = max(1, min(steps * 4, int(_CHUNK_SECONDS * advance.steps / took)))
    if stopped == "nan" or not rows:
        raise Overflowed(len(rows), time.perf_counter() - begin)
    return _trained(trainer, rows, time.perf_counter() - begin)


def _trained(trainer: Trainer, rows: list[Metrics], seconds: float) -> Trained:
    error = 100 * (1 - rows[-1].test_accuracy)
    return Trained(round(error, 4), rows, trainer.step, trainer.steps_per_epoch, seconds, trainer.weights())


def _sentence(row: Metrics, epochs: int) -> str:
    return f"epoch {row.epoch:.0f} of {epochs}: test error {100 * (1 - row.test_accuracy):.2f} %"
