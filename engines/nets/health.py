"""Which units have stopped learning: dead ones and saturated ones."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.lazy import jax, jnp

Array = Any
SATURATED_SHARE = 0.05
"""A squashing unit counts as saturated where its slope is below this share of the slope at its steepest."""


def idle(key: str | None, z: Array) -> tuple[Array, Array]:
    """How many units are dead and what share of outputs is saturated, of weighted sums z (m, units); key None: the output."""
    if key is None:
        return jnp.int32(0), jnp.float32(0)
    slopes = jnp.abs(ACTIVATIONS[key].derivative(z))
    saturated = jnp.mean(slopes < SATURATED_SHARE * _steepest(key)) if squashes(key) else jnp.float32(0)
    return jnp.sum(jnp.max(slopes, 0) < 1e-6).astype(jnp.int32), saturated


@lru_cache(maxsize=64)
def _slopes(key: str) -> np.ndarray:
    with jax.ensure_compile_time_eval():
        return np.abs(np.asarray(ACTIVATIONS[key].derivative(jnp.linspace(-20, 20, 401))))


def _steepest(key: str) -> float:
    return float(_slopes(key).max())


def squashes(key: str) -> bool:
    """Whether the activation is flat at both ends and steep between: sigmoid, tanh and their like."""
    slopes = _slopes(key)
    return bool(max(slopes[0], slopes[-1]) < 1e-3 < slopes.max())
