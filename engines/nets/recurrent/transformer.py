"""A causal transformer block, norm first, with rotary positions: over a whole chunk, or character by character with a cache.

With an MLP of twice the units a block has 8 units squared weights, as an LSTM layer of the same units has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engines.lazy import jax, jnp
from engines.nets.recurrent.shapes import Draw, Matrix, Pair, Pairs, State

Array = Any
MLP_TIMES, HEAD_SIZE, EPSILON = 2, 32, 1e-5
ROTARY_BASE = 10_000.0


def heads(units: int) -> int:
    """How many heads share `units` evenly, each at least 32 wide where it can be."""
    return max(n for n in range(1, max(1, units // HEAD_SIZE) + 1) if units % n == 0)


def shapes(inputs: int, units: int) -> list[Matrix]:
    """As `Cell.shapes`; inputs are always `units`."""
    return [
        Matrix("norm", 1, units, True),
        Matrix("query, key, value", units, 3 * units, True),
        Matrix("attention output", units, units, True),
        Matrix("second norm", 1, units, True),
        Matrix("widening", units, MLP_TIMES * units, True),
        Matrix("narrowing", MLP_TIMES * units, units, True),
    ]


def init(rng: np.random.Generator, inputs: int, units: int, draw: Draw) -> Pairs:
    """As `Cell.init`; gains start at 1."""

    def one(matrix: Matrix) -> Pair:
        if matrix.fan_in == 1:
            return np.ones((1, matrix.fan_out)), np.zeros(matrix.fan_out)
        parts = [draw(rng, matrix.fan_in, units) for _ in range(matrix.fan_out // units)]
        return np.concatenate(parts, 1), np.zeros(matrix.fan_out)

    return [one(matrix) for matrix in shapes(inputs, units)]


def normalise(pair: Pair, x: Array) -> Array:
    """Layer norm over the last axis: mean 0, variance 1, then gain and bias."""
    gain, bias = pair
    centred = x - jnp.mean(x, -1, keepdims=True)
    return centred / jnp.sqrt(jnp.mean(centred * centred, -1, keepdims=True) + EPSILON) * gain[0] + bias


def rotated(x: Array, positions: Array) -> Array:
    """x (T, ..., d) turned by its position (T,), pair by pair (k and k + d/2); an odd last number stays as it is."""
    half = x.shape[-1] // 2
    speeds = ROTARY_BASE ** (-np.arange(half, dtype=np.float32) / max(half, 1))
    angles = (positions[:, None] * speeds).reshape(-1, *[1] * (x.ndim - 2), half)
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    a, b, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    return jnp.concatenate([a * cos - b * sin, a * sin + b * cos, rest], -1)


def _in_heads(x: Array) -> Array:
    count = heads(x.shape[-1])
    return x.reshape(*x.shape[:-1], count, x.shape[-1] // count)


def _weighted(query: Array, key: Array, value: Array, seen: Array) -> Array:
    """Attention of queries (T, B, heads, d) over keys and values (S, B, heads, d), where seen (T, S); (T, B, units)."""
    scores = jnp.einsum("tbhd,sbhd->bhts", query, key) * float(query.shape[-1] ** -0.5)
    shares = jax.nn.softmax(jnp.where(seen, scores, -1e30), -1)
    mixed = jnp.einsum("bhts,sbhd->tbhd", shares, value)
    return mixed.reshape(*mixed.shape[:2], -1)


def _finished(pairs: Sequence[Pair], x: Array, mixed: Array) -> Array:
    """What comes out of the block: the attention's output added, then the MLP's."""
    _, _, (out, out_b), norm, (wide, wide_b), (narrow, narrow_b) = pairs
    x = x + (mixed @ out + out_b)
    return x + (jax.nn.gelu(normalise(norm, x) @ wide + wide_b) @ narrow + narrow_b)


def enter(pairs: Sequence[Pair], x: Array) -> Array:
    """As `Cell.enter`: nothing, since the net's stem has already brought x to `units` numbers."""
    return x


def _queried(pairs: Sequence[Pair], x: Array) -> list[Array]:
    w, b = pairs[1]
    return jnp.split(normalise(pairs[0], x) @ w + b, 3, -1)


def sequence(pairs: Sequence[Pair], x: Array, state: State) -> tuple[Array, State]:
    """As `Cell.sequence`; a chunk sees nothing of the one before."""
    query, key, value = (_in_heads(part) for part in _queried(pairs, x))
    places = jnp.arange(x.shape[0], dtype=jnp.float32)
    mixed = _weighted(rotated(query, places), rotated(key, places), value, places[:, None] >= places)
    return _finished(pairs, x, mixed), state


def fresh(units: int, batch: int, window: int) -> State:
    """As `Cell.fresh`: keys and values (window, B, u) of the last characters, newest last, and how many there are."""
    empty = np.zeros((window, batch, units), np.float32)
    return empty, empty.copy(), np.zeros((), np.float32)


def step(pairs: Sequence[Pair], x: Array, state: State) -> tuple[State, dict[str, Array]]:
    """As `Cell.step`. Keys are cached unturned and turned by their place in the window, so that no angle grows for ever."""
    keys, values, count = state
    query, key, value = _queried(pairs, x)
    keys, values = (jnp.concatenate([cache[1:], new[None]]) for cache, new in ((keys, key), (values, value)))
    window = keys.shape[0]
    count = jnp.minimum(count + 1, float(window))
    places = jnp.arange(window, dtype=jnp.float32)
    turned = rotated(_in_heads(query)[None], places[-1:])
    mixed = _weighted(turned, rotated(_in_heads(keys), places), _in_heads(values), (places >= window - count)[None])
    h = _finished(pairs, x, mixed[0])
    return (keys, values, count), {"h": h}
