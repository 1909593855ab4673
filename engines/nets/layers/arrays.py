"""What layers do to arrays. Examples lie on the last axis: maps are (channels, height, width, n), rows of units (units, n).

With the examples last a convolution's shifted copies are copied in long runs and one matrix product does the sums: on a CPU several
times as fast as XLA's own convolution (see `convolve`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, reduce
from math import prod
from typing import Any

import numpy as np

from engines.lazy import jax, jnp, lax

Array = Any

MOST_COPIED = 1 << 25
"""Numbers that shifted copies may take at once (128 MB); more examples are worked through in parts."""
FEW = 3
"""Rows of a window up to which its copies are written out one by one."""
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


def shifted(x: Array, size: int, stride: int) -> Iterator[Array]:
    """The size * size copies of x (c, h, w, n) that lie under the places of a sliding window, row by row of the window."""
    height, width = ((n - size) // stride * stride + 1 for n in x.shape[1:3])
    for i in range(size):
        for j in range(size):
            yield x[:, i : i + height : stride, j : j + width : stride]


def convolve(x: Array, w: Array, size: int, stride: int, padding: int, brief: bool = False) -> Array:
    """Cross-correlation of x (c, h, w, n) with w (size * size * c, filters), zeros around: (filters, h', w', n).

    Rows of w: window row, window column, channel. On a CPU by `shifted` copies: XLA's convolution, as quick for many channels
    when it stands alone, is 5 to 50 times as slow inside a loop, where every training step runs. But it compiles sooner (brief).
    """
    around = ((padding, padding), (padding, padding))
    if jax.default_backend() != "cpu" or brief:
        kernel = w.reshape(size, size, x.shape[0], w.shape[1])
        layout = ("NHWC", "HWIO", "NHWC")
        y = lax.conv_general_dilated(x.transpose(3, 1, 2, 0), kernel, (stride, stride), around, dimension_numbers=layout)
        return y.transpose(3, 1, 2, 0)
    return _in_parts(jnp.pad(x, ((0, 0), *around, (0, 0))), w, size, stride)


def _in_parts(x: Array, w: Array, size: int, stride: int) -> Array:
    """The convolution of padded x, of as many examples at once as `MOST_COPIED` allows; the gradient copies anew."""
    count = x.shape[-1]
    numbers = len(w) * prod((n - size) // stride + 1 for n in x.shape[1:3])
    parts = next(n for n in range(1, count + 1) if count % n == 0 and (numbers * count // n <= MOST_COPIED or n == count))
    if parts == 1:
        return _by_copies()(x, w, size, stride)
    split = jnp.moveaxis(x.reshape(*x.shape[:-1], parts, -1), -2, 0)
    y = lax.map(jax.checkpoint(lambda part: _by_copies()(part, w, size, stride)), split)
    return jnp.moveaxis(y, 0, -2).reshape(*y.shape[1:4], count)


def _columns(x: Array, size: int, stride: int) -> Array:
    """The shifted copies of x one below the other, (size * size * c, h', w', n). A loop compiles in half the time."""
    if size <= FEW:
        return jnp.concatenate(list(shifted(x, size, stride)), 0)
    channels, count = x.shape[0], x.shape[-1]
    height, width = ((n - size) // stride * stride + 1 for n in x.shape[1:3])

    def copy(k: Array, columns: Array) -> Array:
        under = lax.dynamic_slice(x, (0, k // size, k % size, 0), (channels, height, width, count))
        return lax.dynamic_update_slice(columns, under[:, ::stride, ::stride], (k * channels, 0, 0, 0))

    rows, places = size * size * channels, ((height - 1) // stride + 1, (width - 1) // stride + 1)
    return lax.fori_loop(0, size * size, copy, jnp.zeros((rows, *places, count), x.dtype))


def _copies_forward(x: Array, w: Array, size: int, stride: int) -> tuple[Array, tuple[Array, ...]]:
    """The convolution, and what its gradient needs."""
    columns = _columns(x, size, stride)
    y = (w.T @ columns.reshape(len(w), -1)).reshape(w.shape[1], *columns.shape[1:])
    return y, (x, w, columns)


def _copies_backward(size: int, stride: int, saved: tuple[Array, ...], dy: Array) -> tuple[Array, Array]:
    """Gradients by x and w. A window's share is added into place, which is quicker than adding padded copies."""
    x, w, columns = saved
    rows = dy.reshape(len(dy), -1)
    dw = (rows @ columns.reshape(len(w), -1).T).T
    shares = (w @ rows).reshape(size * size, len(x), *dy.shape[1:])
    apart = (0, 0, stride - 1)
    shares = lax.pad(shares, jnp.zeros((), dy.dtype), ((0, 0, 0), (0, 0, 0), apart, apart, (0, 0, 0)))

    def add(k: Array, dx: Array) -> Array:
        place = (0, k // size, k % size, 0)
        sum_ = lax.dynamic_slice(dx, place, shares.shape[1:]) + lax.dynamic_index_in_dim(shares, k, 0, keepdims=False)
        return lax.dynamic_update_slice(dx, sum_, place)

    dx = lax.fori_loop(0, size * size, add, jnp.zeros_like(x))
    return dx, dw


@lru_cache(maxsize=1)
def _by_copies() -> Callable[[Array, Array, int, int], Array]:
    """Convolution by shifted copies, (x padded, w, size, stride) -> y, with a gradient of its own."""
    convolution = jax.custom_vjp(lambda x, w, size, stride: _copies_forward(x, w, size, stride)[0], nondiff_argnums=(2, 3))
    convolution.defvjp(_copies_forward, _copies_backward)
    return convolution


def _tiles(x: Array, size: int) -> Array:
    """x (c, h, w, n) cut into tiles without overlap: (c, h', size, w', size, n); what does not fill a tile is left out."""
    channels, height, width, count = x.shape
    rows, columns = height // size, width // size
    return x[:, : rows * size, : columns * size].reshape(channels, rows, size, columns, size, count)


def pool_max(x: Array, size: int, stride: int) -> Array:
    """The largest value under each place of the window."""
    return _tiles(x, size).max((2, 4)) if size == stride else reduce(jnp.maximum, shifted(x, size, stride))


def pool_sum(x: Array, size: int, stride: int) -> Array:
    """The sum under each place of the window."""
    return _tiles(x, size).sum((2, 4)) if size == stride else reduce(jnp.add, shifted(x, size, stride))


def pool_average(x: Array, size: int, stride: int) -> Array:
    """The mean under each place of the window."""
    return pool_sum(x, size, stride) * np.float32(1 / size**2)


def pool_l2(x: Array, size: int, stride: int) -> Array:
    """The root of the mean square under each place; where all is 0 the gradient is 0, not undefined."""
    mean = pool_average(x * x, size, stride)
    safe = jnp.where(mean > 0, mean, 1.0)
    return jnp.where(mean > 0, jnp.sqrt(safe), 0.0)


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
