"""What the cells share: the shape of a matrix, pairs of weights, and the way in from characters or numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax, jnp

Array = Any
Pair = tuple[Array, Array]
Pairs = list[Pair]
State = tuple[Any, ...]
Draw = Callable[[np.random.Generator, int, int], np.ndarray]


class Matrix(NamedTuple):
    """A matrix of weights and whether a bias belongs to it. A layer norm's gains are one of 1 x units."""

    name: str
    fan_in: int
    fan_out: int
    bias: bool


def flat(x: Array) -> Array:
    """(..., n) as rows (m, n)."""
    return x.reshape(-1, x.shape[-1])


def column_sums(rows: Array) -> Array:
    """Sums (n,) over the rows of (m, n), as a product: on a CPU JAX's own sum over rows takes twenty times as long."""
    return (jnp.ones((1, rows.shape[0]), rows.dtype) @ rows)[0]


@lru_cache(maxsize=1)
def _affine() -> Callable[[Array, Array, Array], Array]:
    """x W + b with gradients in the forms that are quick on a CPU: without copies turned on their side."""

    def forward(x: Array, w: Array, b: Array) -> tuple[Array, tuple]:
        return x @ w + b, (x, w)

    def back(saved: tuple[Array, Array], dz: Array) -> tuple[Array, Array, Array]:
        x, w = saved
        return dz @ w.T, flat(x).T @ flat(dz), column_sums(flat(dz))

    affine = jax.custom_vjp(lambda *arguments: forward(*arguments)[0])
    affine.defvjp(forward, back)
    return affine


def project(pair: Pair, x: Array) -> Array:
    """x W + b, (..., fan_out): x (..., fan_in) float32, or numbers (...) of rows of W. A bias of length 0 is none."""
    w, b = pair
    if jnp.issubdtype(x.dtype, jnp.integer):
        return (jnp.asarray(w) + b if b.shape[0] else jnp.asarray(w))[x]
    return _affine()(x, w, b if b.shape[0] else jnp.zeros(w.shape[1], w.dtype))
