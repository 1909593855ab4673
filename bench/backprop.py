"""Backprop: a pass rule by rule, gradient flow through many layers. The classes run in a worker's process."""

from __future__ import annotations

import time

from bench.report import Measured
from bench.rounds import against_torch

ACTIVATIONS = ("sigmoid", "tanh", "relu")


def trace(quick: bool) -> Measured:
    """Six layers, batch 128: every operation with all its values kept."""
    size = {"widths": [16] * 7, "batch": 128, "calls": 5 if quick else 50}
    return against_torch("bench.backprop:Pass", "torch_backprop:Pass", 3 if quick else 9, **size)


def flow(quick: bool) -> Measured:
    """A hundred layers, another activation each time."""
    size = {"depth": 100, "width": 64, "batch": 64}
    return against_torch("bench.backprop:Flow", "torch_backprop:Flow", 3 if quick else 9, cores=2, **size)


class Pass:
    """A pass forward and back and an update, from the written-out rules, with every operation written down."""

    def __init__(self, widths: list[int], batch: int, calls: int) -> None:
        from engines.trace.study import Study, material

        layers = [{"units": units, "activation": "tanh"} for units in widths[1:-1]]
        sizes = {"inputs": widths[0], "outputs": widths[-1], "batch": batch}
        self.given = material(Study(examples="random", layers=layers, train_biases=True, **sizes))
        self.calls = calls
        self.round()

    def round(self) -> float:
        """Milliseconds a pass."""
        from engines.trace.passes import trace

        start = time.perf_counter()
        for _ in range(self.calls):
            trace(*self.given)
        return (time.perf_counter() - start) * 1e3 / self.calls


class Flow:
    """Sizes of signal and gradient at every layer, the program compiled."""

    def __init__(self, depth: int, width: int, batch: int) -> None:
        self.arguments = depth, width, batch
        self.round()

    def round(self) -> float:
        """Milliseconds for another activation."""
        from engines.trace.flow import flow

        depth, width, batch = self.arguments
        start = time.perf_counter()
        for activation in ACTIVATIONS:
            flow(depth, width, activation, "xavier", batch=batch)
        return (time.perf_counter() - start) * 1e3 / len(ACTIVATIONS)
