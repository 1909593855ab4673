"""Whole sequences through a recurrent layer, fast: each gradient of a weight is one product after the scan, not one a character."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from engines.lazy import jax, jnp, lax
from engines.nets.recurrent.shapes import State, column_sums, flat, project

Array = Any


def rnn(pairs: Sequence[Any], x: Array, state: State) -> tuple[Array, State]:
    """As `Cell.sequence`, for the simple RNN."""
    return _deferred(_rnn_forward, _rnn_backward, _same)(project(pairs[0], x), *pairs[1], state)


def gru(pairs: Sequence[Any], x: Array, state: State) -> tuple[Array, State]:
    """As `Cell.sequence`, for the GRU."""
    return _deferred(_gru_forward, _gru_backward, _gru_recurrent)(project(pairs[0], x), *pairs[1], state)


def lstm(pairs: Sequence[Any], x: Array, state: State) -> tuple[Array, State]:
    """As `Cell.sequence`, for the LSTM."""
    return _deferred(_lstm_forward, _lstm_backward, _same)(project(pairs[0], x), *pairs[1], state)


@lru_cache(maxsize=8)
def _deferred(forward: Callable, backward: Callable, recurrent: Callable) -> Callable:
    """(z (T, B, g u), W (u, g u), b, state) -> (h (T, B, u), state), with the gradients of W and b formed after the scan.

    forward(z, W, b, state) -> (state, kept), of one character; kept: what its backward pass needs.
    backward(W transposed, kept, dstate) -> (dz, dstate before). recurrent(kept, dz), of all: the gradient of h W + b.
    """

    def run(z: Array, w: Array, b: Array, state: State) -> tuple:
        def step(state: State, z: Array) -> tuple:
            after, kept = forward(z, w, b, state)
            return after, (after[0], kept)

        last, (h, kept) = lax.scan(step, state, z)
        return (h, last), (w, b, state[0], h, kept)

    def back(saved: tuple, gradient: tuple) -> tuple:
        w, b, first, h, kept = saved
        dh, dlast = gradient
        wt = w.T

        def step(dstate: State, one: tuple) -> tuple:
            dh, kept = one
            dz, dbefore = backward(wt, kept, (dstate[0] + dh, *dstate[1:]))
            return dbefore, dz

        dfirst, dz = lax.scan(step, dlast, (dh, kept), reverse=True)
        into = recurrent(kept, dz)
        before = jnp.concatenate([first[None], h[:-1]])
        db = column_sums(flat(into)) if b.shape[0] else jnp.zeros_like(b)
        return dz, flat(before).T @ flat(into), db, dfirst

    layer = jax.custom_vjp(lambda *arguments: run(*arguments)[0])
    layer.defvjp(run, back)
    return layer


def _same(kept: Any, dz: Array) -> Array:
    return dz


def _rnn_forward(z: Array, w: Array, b: Array, state: State) -> tuple:
    h = jnp.tanh(z + state[0] @ w)
    return (h,), h


def _rnn_backward(wt: Array, h: Array, dstate: State) -> tuple:
    dz = dstate[0] * (1 - h * h)
    return dz, (dz @ wt,)


def _gru_forward(z: Array, w: Array, b: Array, state: State) -> tuple:
    (before,) = state
    to_r, to_z, to_n = jnp.split(z, 3, -1)
    from_r, from_z, from_n = jnp.split(before @ w + b, 3, -1)
    reset, keep = jax.nn.sigmoid(to_r + from_r), jax.nn.sigmoid(to_z + from_z)
    new = jnp.tanh(to_n + reset * from_n)
    return (new + keep * (before - new),), (reset, keep, new, from_n, before)


def _gru_backward(wt: Array, kept: tuple, dstate: State) -> tuple:
    reset, keep, new, from_n, before = kept
    (dh,) = dstate
    dn = dh * (1 - keep) * (1 - new * new)
    dr = dn * from_n * reset * (1 - reset)
    dk = dh * (before - new) * keep * (1 - keep)
    dz = jnp.concatenate([dr, dk, dn], -1)
    return dz, (dh * keep + jnp.concatenate([dr, dk, dn * reset], -1) @ wt,)


def _gru_recurrent(kept: tuple, dz: Array) -> Array:
    dr, dk, dn = jnp.split(dz, 3, -1)
    return jnp.concatenate([dr, dk, dn * kept[0]], -1)


def _lstm_forward(z: Array, w: Array, b: Array, state: State) -> tuple:
    h, before = state
    i, f, g, o = jnp.split(_activated(z + h @ w), 4, -1)
    c = f * before + i * g
    out = jnp.tanh(c)
    slopes = (g * i * (1 - i), before * f * (1 - f), i * (1 - g * g), out * o * (1 - o))
    return (o * out, c), (slopes, o * (1 - out * out), f)


def _activated(z: Array) -> Array:
    """i, f, g, o of z (B, 4 u): sigmoid (1 + tanh(z / 2)) / 2 but for g, all in one tanh, which is half the time of four."""
    half, one = np.full(z.shape[-1] // 4, 0.5, np.float32), np.ones(z.shape[-1] // 4, np.float32)
    scale, shift = np.concatenate([half, half, one, half]), np.concatenate([half, half, 0 * one, half])
    return jnp.tanh(z * scale) * scale + shift


def _lstm_backward(wt: Array, kept: tuple, dstate: State) -> tuple:
    (to_i, to_f, to_g, to_o), through, f = kept
    dh, dc = dstate
    dc = dc + dh * through
    dz = jnp.concatenate([dc * to_i, dc * to_f, dc * to_g, dh * to_o], -1)
    return dz, (dz @ wt, dc * f)
