"""How a signal and its gradient fare in a deep net: their size at every layer, before any training.

Sources: Hochreiter 1991; Glorot & Bengio 2010 (initialisation); He, Zhang, Ren & Sun 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.initializers import INITIALIZERS
from engines.lazy import jax, jnp, lax
from engines.trace.net import in_precision

MAX_DEPTH = 100


@dataclass(frozen=True)
class Flow:
    """Root mean squares by layer, 1 to depth. signal: outputs of the layer; delta: errors behind f'; gradient: of its weights.

    saturated: share of the layer's units whose slope is under a hundredth.
    """

    signal: np.ndarray
    delta: np.ndarray
    gradient: np.ndarray
    saturated: np.ndarray

    @property
    def ratio(self) -> float:
        """Gradient of the last layer over that of the first; infinite where the first got nothing."""
        first, last = float(self.gradient[0]), float(self.gradient[-1])
        return last / first if first > 0 else float("inf")


def flow(
    depth: int,
    width: int,
    activation: str,
    initializer: str,
    settings: Mapping[str, float] | None = None,
    batch: int = 64,
    seed: int = 0,
) -> Flow:
    """Send `batch` standard normal examples through `depth` layers of `width` units and a random error of size 1 back.

    Nothing compiles again for another depth, initialisation or seed, and one compile serves all activations.
    Raises ValueError when depth lies outside 1 to 100.
    """
    if not 1 <= depth <= MAX_DEPTH:
        raise ValueError(f"depth must lie between 1 and {MAX_DEPTH}, not {depth}")
    rng = np.random.default_rng(seed)
    entry = INITIALIZERS[initializer]
    filled = entry.defaults() | dict(settings or {})
    weights = np.zeros((MAX_DEPTH, width, width))
    for layer in range(depth):
        weights[layer] = entry.draw(rng, width, width, filled)
    x, error = rng.standard_normal((2, batch, width))
    # a gradient that shrinks to a quarter a hundred times over is no float32 number any more
    with in_precision(np.float64):
        found = np.asarray(_program(width, batch)(weights, x, error, ACTIVATIONS.index(activation), depth))
    return Flow(*found[:depth].T)


@cache
def _program(width: int, batch: int) -> Any:
    """(weights, x, error, activation, depth) -> (MAX_DEPTH, 4). Layers beyond the depth are skipped."""
    both = [lambda z, e=entry: (e.apply(z), e.derivative(z)) for entry in ACTIVATIONS.values()]
    rms = lambda v: jnp.sqrt(jnp.mean(v * v))  # noqa: E731

    def run(weights: Any, x: Any, error: Any, activation: Any, depth: Any) -> Any:
        empty = jnp.zeros((MAX_DEPTH, batch, width), x.dtype)

        def forward(layer: Any, state: Any) -> Any:
            a, inputs, slopes, out = state
            after, slope = lax.switch(activation, both, a @ weights[layer])
            out = out.at[layer, 0].set(rms(after)).at[layer, 3].set(jnp.mean(jnp.abs(slope) < 0.01))
            return after, inputs.at[layer].set(a), slopes.at[layer].set(slope), out

        _, inputs, slopes, out = lax.fori_loop(0, depth, forward, (x, empty, empty, jnp.zeros((MAX_DEPTH, 4), x.dtype)))

        def backward(step: Any, state: Any) -> Any:
            layer = depth - 1 - step
            arriving, out = state
            delta = arriving * slopes[layer]
            out = out.at[layer, 1].set(rms(delta)).at[layer, 2].set(rms(inputs[layer].T @ delta / batch))
            return delta @ weights[layer].T, out

        return lax.fori_loop(0, depth, backward, (error, out))[1]

    return jax.jit(run)
