"""Costs over a plane of weights for dense nets on digits.

The weighted sums of the first layer are x (W + a A + b B) = xW + a xA + b xB: three products for the whole map instead of one a
place. That layer holds most of the weights (784 inputs), so a place costs a tenth of a forward pass, and is as exact.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.data import digits
from engines.experiment import Experiment
from engines.landscape.costs import Tick, chosen, quietly
from engines.landscape.weights import sizes_of, unflatten
from engines.lazy import jax, jnp, lax
from engines.losses import CLASS_LOSSES
from engines.nets.compiling import compiler_options
from engines.nets.programs import CLASSES, PIXELS, scaled

Array = Any

BLOCK = 1000
"""Examples a call; their first layer's sums stay in the processor's cache for nets of usual width."""
PLACES = 64
FLOPS_A_CALL = 3e9
"""Work of one call, some 30 ms on two cores, so that a cancel is seen soon."""
HESSIAN_COST = 9
"""About how many forward passes the three second derivatives of one place take."""


class DenseCosts:
    """See `engines.landscape.costs.Costs`. Dropout is off; products are float32 whatever the training uses."""

    def __init__(self, experiment: Experiment, origin: np.ndarray, directions: np.ndarray, examples: int, seed: int) -> None:
        found = digits.load(experiment.data.source)
        self.available = min(experiment.data.train_count, len(found.train_labels))
        rows = chosen(self.available, examples, seed)
        self.used = len(rows)
        self._blocks = _blocks(found.train_images, found.train_labels, rows)
        self._sizes = sizes_of(experiment)
        self._programs = _programs(tuple(layer.activation for layer in experiment.net.layers), experiment.cost)
        self._layers = self._stacked(origin, *directions)
        later = sum(i * o for i, o in pairwise(self._sizes[1:])) + 3 * self._sizes[1]
        self._places_a_call = int(np.clip(FLOPS_A_CALL / (2 * later * BLOCK), 1, PLACES))

    def _stacked(self, *vectors: np.ndarray) -> Any:
        """Origin and both directions, layer by layer: (W (3, i, o), b (3, o)) on the device."""
        nets = [unflatten(vector, self._sizes) for vector in vectors]
        layers = [tuple(np.stack(parts) for parts in zip(*layer, strict=True)) for layer in zip(*nets, strict=True)]
        return jax.device_put(tuple(layers))

    def losses(self, places: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """As `Costs.losses`."""
        return self._over(self._programs[1], (), places, tick, self._layers, self._places_a_call)

    def hessians(self, places: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """As `Costs.hessians`."""
        each = max(1, self._places_a_call // HESSIAN_COST)
        return self._over(self._programs[2], (2, 2), places, tick, self._layers, each)

    def at(self, weights: np.ndarray, tick: Tick = quietly) -> np.ndarray:
        """As `Costs.at`."""
        here, found = np.zeros((1, 2), np.float32), []
        for vector in weights:
            layers = self._stacked(vector, np.zeros_like(vector), np.zeros_like(vector))
            found.append(self._over(self._programs[1], (), here, tick, layers, 1)[0])
        return np.array(found, np.float64)

    def _over(self, run: Any, shape: tuple[int, ...], places: np.ndarray, tick: Tick, layers: Any, each: int) -> np.ndarray:
        """Every block of examples in turn, and for each all places, `each` at a time; sums in float64."""
        total = np.zeros((len(places), *shape))
        for images, labels, real in self._blocks:
            sums = self._programs[0](images, *layers[0])
            for at in range(0, len(places), each):
                part = places[at : at + each]
                few = np.zeros((PLACES, 2), np.float32)
                few[: len(part)] = part
                answer = run(few, np.int32(len(part)), sums, layers[1:], labels, real)
                total[at : at + len(part)] += np.asarray(answer)[: len(part)]
                tick(len(part) / len(self._blocks))
        return total / self.used


def _blocks(images: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> list[tuple[Any, Any, Any]]:
    """Images (m, 784) uint8, labels (m,) int32 and 1 for a real example, 0 for padding (m,), on the device."""
    blocks = []
    for at in range(0, len(rows), BLOCK):
        some = rows[at : at + BLOCK]
        padded = np.resize(some, BLOCK)
        real = (np.arange(BLOCK) < len(some)).astype(np.float32)
        blocks.append(jax.device_put((images[padded].reshape(-1, PIXELS), labels[padded].astype(np.int32), real)))
    return blocks


def _times(h: Array, w: Array) -> Array:
    return jnp.matmul(h, w, precision=lax.Precision.HIGHEST)


def _first_sums(images: Array, w: Array, b: Array) -> Array:
    """x W + b of the first layer for origin and both directions: (3, m, units)."""
    x = scaled(images)
    return jnp.stack([_times(x, w[i]) + b[i] for i in range(3)])


@lru_cache(maxsize=32)
def _programs(activations: tuple[str, ...], cost: str) -> tuple[Any, Any, Any]:
    """First layer, costs and Hessians, compiled; shapes of nets with the same activations are told apart by JAX."""

    def summed(place: Array, sums: Array, layers: Any, labels: Array, real: Array) -> Array:
        mix = jnp.concatenate([jnp.ones(1, jnp.float32), place])
        z = jnp.tensordot(mix, sums, 1)
        for key, (w, b) in zip(activations, layers, strict=True):
            h = ACTIVATIONS[key].apply(z)
            z = _times(h, jnp.tensordot(mix, w, 1)) + jnp.tensordot(mix, b, 1)
        truth = (labels[:, None] == jnp.arange(CLASSES, dtype=labels.dtype)).astype(jnp.float32)
        each = CLASS_LOSSES[cost].value(z, truth)
        return jnp.sum(jnp.where(real > 0, each, 0.0))

    def over(function: Any, shape: tuple[int, ...]) -> Any:
        def run(places: Array, count: Array, *rest: Any) -> Array:
            def one(index: Array, found: Array) -> Array:
                return lax.dynamic_update_index_in_dim(found, function(places[index], *rest), index, 0)

            return lax.fori_loop(0, count, one, jnp.zeros((PLACES, *shape), jnp.float32))

        return jax.jit(run, compiler_options=compiler_options())

    first = jax.jit(_first_sums, compiler_options=compiler_options())
    return first, over(summed, ()), over(jax.jacfwd(jax.jacfwd(summed)), (2, 2))
