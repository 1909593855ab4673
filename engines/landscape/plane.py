"""Costs over a plane of weights for the nets of the Network page: one compiled program a width serves every such net."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from engines.data.own import materialize
from engines.data.points import Points
from engines.experiment import Experiment
from engines.landscape.costs import Tick, chosen, quietly
from engines.landscape.weights import sizes_of, unflatten
from engines.lazy import jax, jnp, lax
from engines.tiny import compiled, layout, program

Array = Any

PLACES = 256
"""Places a call: a few milliseconds, so that a cancel is seen at once."""


class PlaneCosts:
    """See `engines.landscape.costs.Costs`. Evaluated by the trainer's own program, `engines.tiny.program.evaluate`."""

    def __init__(self, experiment: Experiment, origin: np.ndarray, directions: np.ndarray, examples: int, seed: int) -> None:
        train, _ = materialize(experiment.data)
        rows = chosen(len(train.t), examples, seed)
        self.used, self.available = len(rows), len(train.t)
        self._sizes, self._width = sizes_of(experiment), layout.width_for(experiment)
        few = Points(train.xy[rows], train.t[rows])
        self._data = compiled.put(layout.pack_data(few, Points(train.xy[:0], train.t[:0]), experiment.net.inputs, self._width))
        self._description = compiled.put(layout.describe(experiment, self.used, 0, self._width))
        self._plane = (self._packed(origin), np.stack([self._packed(d) for d in directions]))

    def _packed(self, vector: np.ndarray) -> np.ndarray:
        return layout.pack(unflatten(vector, self._sizes), self._width)

    def losses(self, places: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """As `Costs.losses`."""
        return self._over(_losses(), (), places, tick)

    def hessians(self, places: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """As `Costs.hessians`."""
        return self._over(_hessians(), (2, 2), places, tick)

    def at(self, weights: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """As `Costs.at`."""
        here, found = np.zeros((1, 2), np.float32), []
        for vector in weights:
            theta = self._packed(vector)
            found.append(self._over(_losses(), (), here, tick, (theta, np.zeros((2, theta.size), np.float32)))[0])
        return np.array(found, np.float64)

    def _over(self, run: Any, shape: tuple[int, ...], places: np.ndarray, tick: Tick, plane: Any = None) -> np.ndarray:
        found = np.zeros((len(places), *shape))
        for at in range(0, len(places), PLACES):
            few = np.zeros((PLACES, 2), np.float32)
            part = places[at : at + PLACES]
            few[: len(part)] = part
            answer = run(*(plane or self._plane), few, np.int32(len(part)), self._description, self._data)
            found[at : at + len(part)] = np.asarray(answer)[: len(part)]
            tick(len(part))
        return found


def _cost(place: Array, theta: Array, directions: Array, c: Any, data: Any) -> Array:
    return program.evaluate(theta + place[0] * directions[0] + place[1] * directions[1], c, data)[0]


def _for_each(function: Any, shape: tuple[int, ...]) -> Any:
    """`function(place, ...)` over the first `count` of PLACES places, one after the other: (PLACES, *shape)."""

    def over(theta: Array, directions: Array, places: Array, count: Array, c: Any, data: Any) -> Array:
        def one(index: Array, found: Array) -> Array:
            here = function(places[index], theta, directions, c, data)
            return lax.dynamic_update_index_in_dim(found, here, index, 0)

        return lax.fori_loop(0, count, one, jnp.zeros((PLACES, *shape), jnp.float32))

    return jax.jit(over)


@lru_cache(maxsize=1)
def _losses() -> Any:
    return _for_each(_cost, ())


@lru_cache(maxsize=1)
def _hessians() -> Any:
    return _for_each(jax.jacfwd(jax.jacfwd(_cost)), (2, 2))
