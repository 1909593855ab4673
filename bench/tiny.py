"""The tiny tier: training steps, pictures, and compiles on the Network page. The classes run in a worker's process."""

from __future__ import annotations

import time
from typing import Any

from bench.report import Measured
from bench.rounds import against_torch
from bench.worker import Worker

CHUNK_S = 0.016
"""How long one call of the trainer lasts, as in a live run."""


def step_small(quick: bool) -> Measured:
    """4 + 2 units, 250 training points."""
    return _step([4, 2], 250, quick)


def step_large(quick: bool) -> Measured:
    """Six layers of 8, 500 training points."""
    return _step([8] * 6, 500, quick)


def _step(hidden: list[int], train: int, quick: bool) -> Measured:
    arguments = {"hidden": hidden, "train": train, "batch": 10, "seconds": 0.3 if quick else 1.5}
    return against_torch("bench.tiny:PlaneTraining", "torch_nets:PlaneTraining", 3 if quick else 9, **arguments)


def maps(quick: bool) -> Measured:
    """All units of 6 x 8."""
    arguments = {"hidden": [8] * 6, "side": 100, "seconds": 0.2 if quick else 1.0}
    return against_torch("bench.tiny:Maps", "torch_nets:Maps", 3 if quick else 9, **arguments)


def compiles(quick: bool) -> Measured:
    """Through a live run, in a process of its own."""
    with Worker("bench.controls:EveryControl", cores=2) as worker:
        compiled, changes = worker.do("use_all", seconds_each=0.02 if quick else 0.1)
    return Measured(compiled, note=f"{changes} changes of controls.")


def _trainer(hidden: list[int], train: int, batch: int) -> Any:
    from engines.device import enable_compilation_cache
    from engines.experiment import Experiment, Layer
    from engines.training import make_trainer

    enable_compilation_cache()
    layers = [Layer(units=units, activation="tanh") for units in hidden]
    data = {"data__count": 2 * train, "data__train_fraction": 0.5}
    return make_trainer(Experiment().change(**data, net__layers=layers, batch_size=batch, learning_rate=0.03))


class PlaneTraining:
    """A plane net trained on `train` points in chunks as long as a live run's; as many points are kept for testing."""

    def __init__(self, hidden: list[int], train: int, batch: int, seconds: float) -> None:
        self.trainer = _trainer(hidden, train, batch)
        self.trainer.advance(1)
        self.steps, self.calls = 1000, 1
        self.round()
        self.steps = max(1, round(CHUNK_S * 1e6 / self.round()))
        self.calls = max(1, round(seconds / CHUNK_S))

    def round(self) -> float:
        """Microseconds a step."""
        done, start = 0, time.perf_counter()
        for _ in range(self.calls):
            done += self.trainer.advance(self.steps).steps
        return (time.perf_counter() - start) * 1e6 / done


class Maps:
    """Pictures of a plane net: every unit over `side` x `side` places, brought to the host as the live view takes them."""

    def __init__(self, hidden: list[int], side: int, seconds: float) -> None:
        from engines.tiny import compiled

        if side != compiled.SIDE:
            raise ValueError(f"the pictures are {compiled.SIDE} wide, not {side}")
        self.trainer = _trainer(hidden, 250, 10)
        self.trainer.advance(100)
        self.programs = compiled.programs_for(self.trainer.width)
        self.count = 3
        self.round()
        self.count = max(1, round(seconds * 1e3 / self.round()))

    def round(self) -> float:
        """Milliseconds a picture."""
        from engines.tiny.pictures import picture_of
        from engines.training import Look

        start = time.perf_counter()
        for _ in range(self.count):
            picture_of(self.trainer, self.programs, Look(hover=(1, 0)), coarse=False)
        return (time.perf_counter() - start) * 1e3 / self.count
