"""Dense nets on MNIST: images a second against PyTorch, seconds to 97 %. The classes run in a worker's process."""

from __future__ import annotations

import threading
import time
from typing import Any

from bench.report import Measured
from bench.rounds import against_torch
from bench.worker import Worker

GOAL = 0.97
LIMIT_S = 120.0
NOT_FULL = "the full MNIST is not here: set PLAYGROUND_DATA_DIR, or download it on the Digits page"


def images(quick: bool) -> Measured:
    """784-500-300-10 on one core, float32 on both sides."""
    return _images("float32", "momentum", quick)


def images_adam(quick: bool) -> Measured:
    """The same with Adam, which is what the Digits page starts with."""
    return _images("float32", "adam", quick)


def images_bfloat16(quick: bool) -> Measured:
    """The same with bfloat16 products on both sides."""
    return _images("bfloat16", "momentum", quick)


def _images(precision: str, optimizer: str, quick: bool) -> Measured:
    steps = 10 if quick else 40
    arguments = {"hidden": [500, 300], "batch": 128, "steps": steps, "precision": precision, "optimizer": optimizer}
    return against_torch("bench.digits:DigitTraining", "torch_nets:DigitTraining", 3 if quick else 11, higher=True, **arguments)


def to_97(quick: bool) -> Measured:
    """The Digits page's own experiment through a live run, without a browser."""
    samples = []
    for _ in range(1 if quick else 3):
        with Worker("bench.digits:Goal", cores=2) as worker:
            sample = worker.do("seconds")
        if sample is None:
            return Measured(None, note=NOT_FULL)
        samples.append(sample)
    return Measured(sorted(samples)[len(samples) // 2], samples=samples, note="From play, compiling included.")


class ChunkTraining:
    """A net trained in chunks of `steps` steps; evaluations at an epoch's end are left out, as in the peer."""

    def __init__(self, trainer: Any, batch: int, steps: int) -> None:
        self.trainer, self.batch = trainer, batch
        self.steps = min(steps, trainer.steps_per_epoch - 1)
        self.round()

    def round(self) -> float:
        """Images a second."""
        while self.trainer.steps_per_epoch - self.trainer.state.position <= self.steps:
            self.trainer.advance(self.steps)
        done, start = 0, time.perf_counter()
        while done < self.steps:
            done += self.trainer.advance(self.steps - done).steps
        return done * self.batch / (time.perf_counter() - start)


class DigitTraining(ChunkTraining):
    """A dense net."""

    def __init__(self, hidden: list[int], batch: int, steps: int, precision: str, optimizer: str) -> None:
        from engines.device import enable_compilation_cache
        from engines.experiment import Choice, WideLayer, digits_experiment
        from engines.nets.dense import DenseTrainer

        enable_compilation_cache()

        layers = [WideLayer(units=units, activation="relu") for units in hidden]
        rate = {"momentum": 0.01, "adam": 0.001}[optimizer]
        changes = {"optimizer": Choice(key=optimizer), "learning_rate": rate, "batch_size": batch, "epochs": 0}
        super().__init__(DenseTrainer(digits_experiment(net__layers=layers, **changes), precision), batch, steps)


class Goal:
    """A live run of the Digits page's default experiment, watched but not drawn."""

    def __init__(self) -> None:
        from engines.experiment import digits_experiment
        from engines.live import LiveRun, the_pool, warm_up
        from playground.live.frames import pack

        the_pool().encode = pack
        warm_up().join()
        self.run = LiveRun(digits_experiment(), speed="max")
        self.changed = threading.Event()
        self.run.watch(self.changed.set)

    def seconds(self) -> float | None:
        """From play to the goal; None without the full set. Raises RuntimeError when the run ends before."""
        from engines.data import digits

        if digits.load("auto").source == "builtin":
            return None
        self._wait(lambda: self.run.status == "ready")
        start = time.perf_counter()
        self.run.play()
        self._wait(self._there)
        seconds = time.perf_counter() - start
        self.run.close()
        return seconds

    def _there(self) -> bool:
        metrics = self.run.snapshot.metrics
        if self.run.status in ("finished", "failed"):
            raise RuntimeError(f"the run has {self.run.status} at {metrics}")
        return metrics is not None and metrics.test_accuracy >= GOAL

    def _wait(self, reached) -> None:
        end = time.monotonic() + LIMIT_S
        while not reached():
            self.changed.clear()
            if time.monotonic() > end:
                raise RuntimeError(f"not there after {LIMIT_S:g} s: {self.run.snapshot.run}")
            self.changed.wait(0.5)
