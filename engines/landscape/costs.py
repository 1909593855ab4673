"""The training cost over a plane of weights, for every kind of net: what a slice is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from engines.experiment import Experiment

Tick = Callable[[float], None]
"""Called with how many places more are done (a part of one, too); raises `Cancelled` to stop."""


def quietly(_places: float) -> None:
    """A `Tick` that nobody watches."""


class Costs(Protocol):
    """The mean cost, without penalty and dropout, of nets origin + a directions[0] + b directions[1] on some training examples.

    used, available: training examples used, and how many the net is trained on.
    """

    used: int
    available: int

    def losses(self, places: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """(k,) float64 at places (k, 2); not finite where the net overflows."""
        ...

    def hessians(self, places: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """(k, 2, 2) float64: the exact second derivatives by a and b at places (k, 2), by JAX's forward mode.

        Source of the method: Pearlmutter 1994, Fast exact multiplication by the Hessian.
        """
        ...

    def at(self, weights: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """(k,) float64: the cost of nets with weights (k, p), wherever they lie."""
        ...


def costs_of(experiment: Experiment, origin: np.ndarray, directions: np.ndarray, examples: int, seed: int) -> Costs:
    """The costs of `experiment`'s net on up to `examples` training examples: all of them, or a choice that `seed` fixes.

    origin (p,) and directions (2, p), float32, as `engines.landscape.weights.flatten` orders weights.
    """
    if experiment.data.kind == "digits":
        from engines.landscape.dense import DenseCosts

        return DenseCosts(experiment, origin, directions, examples, seed)
    from engines.landscape.plane import PlaneCosts

    return PlaneCosts(experiment, origin, directions, examples, seed)


def chosen(available: int, examples: int, seed: int) -> np.ndarray:
    """Indices of min(available, examples) examples in rising order; which ones, the seed says."""
    if examples >= available:
        return np.arange(available)
    return np.sort(np.random.default_rng(seed).permutation(available)[:examples])
