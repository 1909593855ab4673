"""A trainer that needs no JAX: the loss falls by a fixed share a step, and everything can be checked by hand."""

from __future__ import annotations

import time

import numpy as np

from engines.experiment import Experiment
from engines.training import Advance, Look, Probe

STEPS_PER_EPOCH = 10


class FakeTrainer:
    """w shrinks by the learning rate a step; a row an epoch holds it. nan_at, early_at: steps at which it stops."""

    steps_per_epoch = STEPS_PER_EPOCH
    step_seconds = 0.0
    nan_at = early_at = None
    weight_bytes = 8

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.threads: set[str] = set()
        self.reset()

    def reset(self, experiment: Experiment | None = None) -> None:
        self.experiment = experiment or self.experiment
        self.step, self.w = 0, 1.0 + self.experiment.seed

    def apply(self, experiment: Experiment) -> list[str]:
        before, self.experiment = self.experiment, experiment
        return ["Kept the weights that fit."] if len(before.net.layers) != len(experiment.net.layers) else []

    @property
    def state(self):
        return (self.step, self.w)

    def advance(self, steps: int) -> Advance:
        if self.step_seconds:
            time.sleep(self.step_seconds * steps)
        rows, stopped, done = [], None, 0
        for _ in range(steps):
            self.w *= 1 - self.experiment.learning_rate
            self.step, done = self.step + 1, done + 1
            if self.step % self.steps_per_epoch == 0:
                rows.append([self.step // self.steps_per_epoch, self.w, self.w * 1.1, 0.5, 0.4])
            if self.step in (self.nan_at, self.early_at):
                stopped = "nan" if self.step == self.nan_at else "early"
                break
        return Advance(self.state, np.array(rows, np.float32).reshape(-1, 5), done, stopped)

    def probe(self, look: Look, health: bool = True, coarse: bool = False) -> Probe:
        if look.hover is not None and look.hover[0] > len(self.experiment.net.layers) + 1:
            raise ValueError("no such layer")
        sections = {"theta": np.array([self.w], np.float32), "surface": np.full((4, 4), 128, np.uint8)}
        if look.hover is not None:
            sections["focus"] = np.zeros((2, 2), np.uint8)
        layers = [{"name": "output", "gradient": 1.0, "units": 1, "dead": 0, "saturated": 0.0, "weights_near_zero": 0.0}]
        return Probe(sections, layers, {"low": -1.0, "high": 1.0, "counts": [1, 2], "near_zero": 0.0, "threshold": 0.05})

    def weights(self):
        return [(np.array([[self.w]], np.float32), np.zeros(1, np.float32))]

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        if layer:
            raise ValueError(f"there is no layer {layer}")
        self.w = value

    def save_state(self):
        return (np.array([self.step, self.w]), np.zeros(self.weight_bytes, np.uint8))

    def restore(self, saved) -> None:
        self.step, self.w = int(saved[0][0]), float(saved[0][1])
