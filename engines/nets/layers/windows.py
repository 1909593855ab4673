"""Windows that slide over maps (channels, height, width, n): convolution and pooling, each with a gradient of its own.

With the examples last a convolution's shifted copies are copied in long runs and one matrix product does the sums: on a CPU several
times as fast as XLA's own convolution (see `convolve`). Loops over the places of a window compile in one to two seconds where the
same written out place by place, and differentiated, takes up to a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from engines.lazy import jax, jnp, lax

Array = Any

MOST_COPIED = 1 << 25
"""Numbers that shifted copies may take at once (128 MB); more examples are worked through in parts."""
FEW = 3
"""Rows of a window up to which a convolution's copies are written out one by one."""


def _under(x: Array, k: Any, size: int, stride: int) -> Array:
    """What of x lies under place k of the window (row by row) wherever the window goes: (c, h', w', n)."""
    height, width = ((n - size) // stride * stride + 1 for n in x.shape[1:3])
    whole = lax.dynamic_slice(x, (0, k // size, k % size, 0), (x.shape[0], height, width, x.shape[-1]))
    return whole[:, ::stride, ::stride]


def _spread(values: Array, stride: int) -> Array:
    """values (..., h', w', n) with stride - 1 zeros between neighbours of a map."""
    apart = (0, 0, stride - 1)
    rest = ((0, 0, 0),) * (values.ndim - 3)
    return lax.pad(values, jnp.zeros((), values.dtype), (*rest, apart, apart, (0, 0, 0)))


def _add_under(total: Array, spread: Array, k: Any, size: int) -> Array:
    """total with `spread` added where place k of the window goes."""
    place = (0, k // size, k % size, 0)
    return lax.dynamic_update_slice(total, lax.dynamic_slice(total, place, spread.shape) + spread, place)


# ---- convolution


def convolve(x: Array, w: Array, size: int, stride: int, padding: int, brief: bool = False) -> Array:
    """Cross-correlation of x (c, h, w, n) with w (size * size * c, filters), zeros around: (filters, h', w', n).

    Rows of w: window row, window column, channel. On a CPU by shifted copies: XLA's convolution, as quick for many channels
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


def _copies(x: Array, size: int, stride: int) -> Array:
    """The shifted copies of x one below the other, (size * size * c, h', w', n)."""
    if size <= FEW:
        return jnp.concatenate([_under(x, k, size, stride) for k in range(size * size)], 0)

    def copy(k: Array, copies: Array) -> Array:
        return lax.dynamic_update_slice(copies, _under(x, k, size, stride), (k * len(x), 0, 0, 0))

    places = ((n - size) // stride + 1 for n in x.shape[1:3])
    return lax.fori_loop(0, size * size, copy, jnp.zeros((size * size * len(x), *places, x.shape[-1]), x.dtype))


def _convolution_forward(x: Array, w: Array, size: int, stride: int) -> tuple[Array, tuple[Array, ...]]:
    """The convolution, and what its gradient needs."""
    copies = _copies(x, size, stride)
    y = (w.T @ copies.reshape(len(w), -1)).reshape(w.shape[1], *copies.shape[1:])
    return y, (x, w, copies)


def _convolution_backward(size: int, stride: int, saved: tuple[Array, ...], dy: Array) -> tuple[Array, Array]:
    """Gradients by x and w. A window's share is added into place, which is quicker than adding padded copies."""
    x, w, copies = saved
    rows = dy.reshape(len(dy), -1)
    dw = (rows @ copies.reshape(len(w), -1).T).T
    shares = _spread((w @ rows).reshape(size * size, len(x), *dy.shape[1:]), stride)

    def add(k: Array, dx: Array) -> Array:
        return _add_under(dx, lax.dynamic_index_in_dim(shares, k, 0, keepdims=False), k, size)

    return lax.fori_loop(0, size * size, add, jnp.zeros_like(x)), dw


@lru_cache(maxsize=1)
def _by_copies() -> Callable[[Array, Array, int, int], Array]:
    """Convolution by shifted copies, (x padded, w, size, stride) -> y."""
    convolution = jax.custom_vjp(lambda *arguments: _convolution_forward(*arguments)[0], nondiff_argnums=(2, 3))
    convolution.defvjp(_convolution_forward, _convolution_backward)
    return convolution


# ---- pooling


def _tiles(x: Array, size: int) -> Array:
    """x (c, h, w, n) cut into tiles without overlap: (c, h', size, w', size, n); what does not fill a tile is left out."""
    channels, height, width, count = x.shape
    rows, columns = height // size, width // size
    return x[:, : rows * size, : columns * size].reshape(channels, rows, size, columns, size, count)


def pool_max(x: Array, size: int, stride: int) -> Array:
    """The largest value under each place of the window. Where several overlapping ones are equal the first gets the gradient."""
    return _tiles(x, size).max((2, 4)) if size == stride else _largest()(x, size, stride)


def _largest_forward(x: Array, size: int, stride: int) -> tuple[Array, tuple[Array, Array]]:
    y = lax.fori_loop(1, size * size, lambda k, y: jnp.maximum(y, _under(x, k, size, stride)), _under(x, 0, size, stride))
    return y, (x, y)


def _largest_backward(size: int, stride: int, saved: tuple[Array, Array], dy: Array) -> tuple[Array]:
    x, y = saved

    def add(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        dx, left = carry
        hit = jnp.where(_under(x, k, size, stride) == y, left, 0)
        return _add_under(dx, _spread(hit, stride), k, size), left - hit

    return (lax.fori_loop(0, size * size, add, (jnp.zeros_like(x), dy))[0],)


@lru_cache(maxsize=1)
def _largest() -> Callable[[Array, int, int], Array]:
    largest = jax.custom_vjp(lambda *arguments: _largest_forward(*arguments)[0], nondiff_argnums=(1, 2))
    largest.defvjp(_largest_forward, _largest_backward)
    return largest


def pool_sum(x: Array, size: int, stride: int) -> Array:
    """The sum under each place of the window."""
    return _tiles(x, size).sum((2, 4)) if size == stride else _total()(x, size, stride)


def _total_forward(x: Array, size: int, stride: int) -> tuple[Array, tuple[int, ...]]:
    y = lax.fori_loop(1, size * size, lambda k, y: y + _under(x, k, size, stride), _under(x, 0, size, stride))
    return y, x


def _total_backward(size: int, stride: int, x: Array, dy: Array) -> tuple[Array]:
    spread = _spread(dy, stride)
    return (lax.fori_loop(0, size * size, lambda k, dx: _add_under(dx, spread, k, size), jnp.zeros_like(x)),)


@lru_cache(maxsize=1)
def _total() -> Callable[[Array, int, int], Array]:
    total = jax.custom_vjp(lambda *arguments: _total_forward(*arguments)[0], nondiff_argnums=(1, 2))
    total.defvjp(_total_forward, _total_backward)
    return total


def pool_average(x: Array, size: int, stride: int) -> Array:
    """The mean under each place of the window."""
    return pool_sum(x, size, stride) * np.float32(1 / size**2)


def pool_l2(x: Array, size: int, stride: int) -> Array:
    """The root of the mean square under each place; where all is 0 the gradient is 0, not undefined."""
    mean = pool_average(x * x, size, stride)
    safe = jnp.where(mean > 0, mean, 1.0)
    return jnp.where(mean > 0, jnp.sqrt(safe), 0.0)
