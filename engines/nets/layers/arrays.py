"""What layers do to arrays. Examples lie on the last axis: maps are (channels, height, width, n), rows of units (units, n).

What slides a window over maps is in `engines.nets.layers.windows`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engines.lazy import jax, jnp, lax

Array = Any

EPSILON = 1e-5
C3_MAPS = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)
"""Which of the 6 maps each of the 16 units of LeNet-5's C3 looks at. Source: LeCun, Bottou, Bengio & Haffner 1998, table I."""


def c3_mask(size: int) -> np.ndarray:
    """(size * size * 6, 16) float32: 1 where the table connects, in the row order of a convolution's weights."""
    mask = np.zeros((6, len(C3_MAPS)), np.float32)
    for unit, maps in enumerate(C3_MAPS):
        mask[list(maps), unit] = 1
    return np.tile(mask, (size * size, 1))


def by_channel(values: Array, x: Array) -> Array:
    """values (c,) shaped so that they go along the channels of x."""
    return values.reshape(-1, *(1,) * (x.ndim - 1))


def moments(x: Array) -> tuple[Array, Array]:
    """Mean and variance (c,) of every channel of x, over places and examples."""
    axes = tuple(range(1, x.ndim))
    mean = x.mean(axes)
    return mean, jnp.square(x - by_channel(mean, x)).mean(axes)


def folded(gamma: Array, beta: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
    """Scale (1, c) and shift (c,) that do in one go what normalising by mean and variance, then gamma (1, c) and beta (c,) do."""
    scale = gamma[0] / jnp.sqrt(variance + EPSILON)
    return scale[None], beta - mean * scale


def affine(x: Array, scale: Array, shift: Array) -> Array:
    """scale (1, c) times x plus shift (c,), channel by channel."""
    return by_channel(scale[0], x) * x + by_channel(shift, x)


def flat(x: Array) -> Array:
    """x as rows of units: (c * h * w, n), channel by channel, row by row."""
    return x.reshape(-1, x.shape[-1])


def dropped(x: Array, rate: Array, key: Callable[[], Array]) -> Array:
    """x with each value silenced with probability `rate`, the others enlarged to make up. key() is asked only where rate > 0."""

    def masked() -> Array:
        bits = jax.random.bits(key(), x.shape, jnp.uint16)
        return jnp.where(bits.astype(jnp.float32) >= rate * 65536, x / (1 - rate), 0.0)

    return lax.cond(rate > 0, masked, lambda: x)
