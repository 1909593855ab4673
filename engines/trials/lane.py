"""One net on its way: trained by its own trainer in short turns, measured at given places, its own time taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from engines.data.sources import DataProblem
from engines.experiment import Experiment
from engines.live.pacing import StepTimer
from engines.live.warm import ready_trainer
from engines.nets.evaluate import Evaluation
from engines.nets.programs import programs
from engines.training import Advance, Metrics, Trainer
from engines.trials.turns import TURN_S

SAMPLE = 1000
"""Digits measured in mid-epoch, always the first ones, of the training and of the test set."""
Make = Callable[[Experiment], Trainer]


class Row(NamedTuple):
    """A line of a lane's table.

    epoch: of the lane's own training set. examples: digits trained on, repeats counted. seconds: spent on training this lane alone,
    without compiling and measuring. Losses are means, accuracies 0..1. whole: 1 where all test digits were measured, as at an
    epoch's end; 0 where only the first `SAMPLE` were.
    """

    epoch: float
    examples: float
    seconds: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    whole: float


COLUMNS = Row._fields


class Lane:
    """An experiment with a seed. `begin`, then `reach`, again and again, which trains it further and adds a row; in one thread.

    Both yield after every turn; afterwards the lane may be over. Where an epoch of its own ends between two places that were to be
    reached, its measurement is a row too, if at least `spacing` digits have passed since the last such row.

    status: 'waiting' | 'preparing' | 'training' | 'early' (stopped by its own patience) | 'diverged' | 'failed' | 'done'.
    rows: a list that only grows; its first row is measured before any training. told: why it has failed.
    """

    def __init__(self, experiment: Experiment, seed: int, make: Make = ready_trainer) -> None:
        self.experiment, self.seed = experiment.change(seed=seed, epochs=0), seed
        self.status, self.told = "waiting", ""
        self.rows: list[Row] = []
        self.spacing = float("inf")
        self._make = make
        self._trainer: Any = None
        self._timer = StepTimer()
        self._epochs = 0
        self._report: Metrics | None = None
        self._extra_at = 0
        self._seconds, self._pending_s, self._timed_steps = 0.0, 0.0, 0

    @property
    def over(self) -> bool:
        """Whether it will get no more rows."""
        return self.status in ("early", "diverged", "failed", "done")

    def release(self) -> None:
        """Let go of the net; the rows stay."""
        self._trainer = None

    def finish(self) -> None:
        """It has got where it was to get."""
        if not self.over:
            self.status = "done"
        self.release()

    @property
    def size(self) -> int:
        """Training digits in use; 0 before `begin`, and where that has failed."""
        return self._trainer.train_count if self._trainer else 0

    @property
    def digits_an_epoch(self) -> int:
        """Digits trained on in an epoch: those that fill no batch sit it out. 0 as `size`."""
        return self._trainer.steps_per_epoch * self._trainer.spec.batch if self._trainer else 0

    def begin(self) -> Iterator[None]:
        """Make the net and compile what it needs."""
        yield from self._guarded(self._begin())

    def reach(self, examples: float, whole: bool) -> Iterator[None]:
        """Train until so many digits have been trained on since the beginning, to the nearest step, and add a row.

        whole: measure on all test digits also in mid-epoch, and do at least one step.
        """
        if not self.over and self._trainer is not None:
            goal = max(round(examples / self._trainer.spec.batch), int(whole))
            yield from self._guarded(self._reach(goal, whole))

    def _guarded(self, turns: Iterator[None]) -> Iterator[None]:
        try:
            yield from turns
        except (ValueError, DataProblem) as problem:
            self.status, self.told = "failed", str(problem)
        if self.over:
            self.release()

    def _begin(self) -> Iterator[None]:
        """A step longer than a slice is compiled as well, which the trainer's `prepare` leaves out."""
        self.status = "preparing"
        yield
        trainer = self._trainer = self._make(self.experiment)
        if not getattr(trainer, "prepared", True):
            trainer.prepare()
            yield
            while trainer.step == 0 and trainer.advance(1).stopped is None:
                yield
            trainer.reset()
        self.status = "training"

    def _reach(self, goal: int, whole: bool) -> Iterator[None]:
        while self._trainer.step < goal or self._unmeasured_epoch:
            self._turn(goal)
            yield
            if self.over:
                return
        last = self.rows[-1] if self.rows else None
        if last is None or self._place()[1] > last.examples or (whole and not last.whole):
            yield from self._measure(whole)

    @property
    def _unmeasured_epoch(self) -> bool:
        """Whether the trainer stands at an epoch's end and has still to measure it."""
        return self._trainer.step == (self._epochs + 1) * self._trainer.steps_per_epoch

    def _turn(self, goal: int) -> None:
        """One call of the trainer. An epoch's last step goes alone: its time cannot be told from the measuring that follows."""
        trainer, end = self._trainer, (self._epochs + 1) * self._trainer.steps_per_epoch
        left = min(goal, end) - trainer.step
        steps = min(left, self._timer.fit(TURN_S))
        if steps > 1 and trainer.step + steps == end:
            steps -= 1
        began = time.perf_counter()
        advance = trainer.advance(max(0, steps))
        if left > 0:
            self._take_time(advance.steps, time.perf_counter() - began, trainer.step == end)
        self._note(advance, goal)

    def _take_time(self, steps: int, seconds: float, measured_too: bool) -> None:
        self._pending_s += seconds
        if not steps:
            return
        spent = self._pending_s
        if measured_too and self._timed_steps:
            spent = min(spent, steps * self._seconds / self._timed_steps)
        elif not measured_too:
            self._timer.note(steps, spent)
        self._seconds, self._timed_steps, self._pending_s = self._seconds + spent, self._timed_steps + steps, 0.0

    def _note(self, advance: Advance, goal: int) -> None:
        if len(advance.rows):
            self._epochs += 1
            self._report = Metrics(*advance.rows[-1].tolist())
        if advance.stopped == "nan":
            self.status = "diverged"
        elif advance.stopped == "early":
            self._add(self._report, True)
            self.status = "early"
        elif len(advance.rows) and self._trainer.step < goal and self._place()[1] - self._extra_at >= self.spacing:
            self._extra_at = self._place()[1]
            self._add(self._report, True)

    def _measure(self, whole: bool) -> Iterator[None]:
        """Add a row: of the epoch's own measurement where one has just ended, else of a new one."""
        trainer = self._trainer
        if trainer.step and trainer.step == self._epochs * trainer.steps_per_epoch:
            metrics, whole = self._report, True
        else:
            evaluation = measuring(trainer, None if whole else SAMPLE)
            while (report := evaluation.run(deadline=0.0)) is None:
                yield
            metrics = report.metrics
        if not np.isfinite([metrics.train_loss, metrics.test_loss]).all():
            self.status = "diverged"
            return
        self._add(metrics, whole)

    def _place(self) -> tuple[float, int, float]:
        """Epochs, digits and seconds so far."""
        step, trainer = self._trainer.step, self._trainer
        return step / trainer.steps_per_epoch, step * trainer.spec.batch, self._seconds

    def _add(self, metrics: Metrics, whole: bool) -> None:
        self.rows.append(Row(*self._place(), *metrics[1:], float(whole)))


def measuring(trainer: Any, count: int | None) -> Evaluation:
    """An evaluation, to be run slice by slice, of a digits trainer's present weights: on the first `count` digits of its training

    sample and of the test set, or on all of both. It uses the arrays and the programs that the trainer's own evaluations use.
    """
    examples, spec = trainer.examples, trainer.spec
    parts = (examples.train_sample, examples.test)
    counts = None if count is None else tuple(min(count, len(part.labels)) for part in parts)
    return Evaluation(programs(spec), spec, trainer.settled(), *parts, 0.0, counts)
