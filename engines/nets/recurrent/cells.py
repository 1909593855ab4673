"""The cells a text net is built of: the table. One entry adds one to builder, links, engine, pictures and tests.

What an array is: T characters, B texts side by side, u units; x (..., inputs) float32, or character numbers (...) int32, which
stand for one-hot rows and are looked up, never multiplied. A layer's weights are pairs (W (fan_in, fan_out), b (fan_out,)), b (0,)
where a matrix has none. Importing this imports no JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.initializers import INITIALIZERS
from engines.lazy import jax, jnp
from engines.nets.recurrent import sequences, transformer
from engines.nets.recurrent.shapes import Draw, Matrix, Pairs, State, project
from engines.tables import Entry, Table

Array = Any
FORGET_BIAS = 1.0


@dataclass(frozen=True, kw_only=True)
class Cell(Entry):
    """A kind of layer that reads a text character by character.

    gates: what `step` can show, the output 'h' first. carried: arrays (B, u) it hands on from one character to the next.
    stem: whether the net has to bring its inputs to `units` numbers first and to normalise what comes out at the end.
    shapes: (inputs, units) -> the layer's matrices in order. init: (rng, inputs, units, draw) -> its first weights.
    enter: (pairs, x) -> z, whatever can be worked out for all characters at once.
    step: (pairs, z (B, ...) of one character, state) -> (state, what is shown by name, (B, u) each).
    sequence: (pairs, x (T, B, ...), state) -> (h (T, B, u), state); the fast one, with gradients of its own.
    fresh: (units, batch, window) -> the state before the first character, for `step`; window in characters.
    """

    gates: tuple[str, ...]
    carried: int
    stem: bool = False
    shapes: Callable[[int, int], list[Matrix]]
    init: Callable[[np.random.Generator, int, int, Draw], Pairs]
    enter: Callable[[Sequence[Any], Array], Array]
    step: Callable[[Sequence[Any], Array, State], tuple[State, dict[str, Array]]]
    sequence: Callable[[Sequence[Any], Array, State], tuple[Array, State]]
    fresh: Callable[[int, int, int], State]


def _gated(gates: int, recurrent_bias: bool) -> Callable[[int, int], list[Matrix]]:
    def shapes(inputs: int, units: int) -> list[Matrix]:
        wide = gates * units
        return [Matrix("input", inputs, wide, True), Matrix("recurrent", units, wide, recurrent_bias)]

    return shapes


def _drawn(gates: int, recurrent_bias: bool, forget: int | None = None) -> Callable[..., Pairs]:
    """First weights gate by gate: the input's as `draw` gives them, the recurrent ones rotations. forget: the gate left open."""

    def init(rng: np.random.Generator, inputs: int, units: int, draw: Draw) -> Pairs:
        rotation = INITIALIZERS["orthogonal"].draw
        into = np.concatenate([draw(rng, inputs, units) for _ in range(gates)], 1)
        back = np.concatenate([rotation(rng, units, units, {}) for _ in range(gates)], 1)
        bias = np.zeros((gates, units))
        if forget is not None:
            bias[forget] = FORGET_BIAS
        return [(into, bias.ravel()), (back, np.zeros(gates * units if recurrent_bias else 0))]

    return init


def _zeros(count: int) -> Callable[[int, int, int], State]:
    return lambda units, batch, window: tuple(np.zeros((batch, units), np.float32) for _ in range(count))


def _enter(pairs: Sequence[Any], x: Array) -> Array:
    return project(pairs[0], x)


def _rnn_step(pairs: Sequence[Any], z: Array, state: State) -> tuple[State, dict[str, Array]]:
    h = jnp.tanh(z + state[0] @ pairs[1][0])
    return (h,), {"h": h}


def _gru_step(pairs: Sequence[Any], z: Array, state: State) -> tuple[State, dict[str, Array]]:
    w, b = pairs[1]
    (h,) = state
    to_r, to_z, to_n = jnp.split(z, 3, -1)
    from_r, from_z, from_n = jnp.split(h @ w + b, 3, -1)
    reset, keep = jax.nn.sigmoid(to_r + from_r), jax.nn.sigmoid(to_z + from_z)
    new = jnp.tanh(to_n + reset * from_n)
    h = new + keep * (h - new)
    return (h,), {"h": h, "r": reset, "z": keep, "n": new}


def _lstm_step(pairs: Sequence[Any], z: Array, state: State) -> tuple[State, dict[str, Array]]:
    h, c = state
    i, f, g, o = jnp.split(z + h @ pairs[1][0], 4, -1)
    i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jnp.tanh(g), jax.nn.sigmoid(o)
    c = f * c + i * g
    h = o * jnp.tanh(c)
    return (h, c), {"h": h, "i": i, "f": f, "g": g, "o": o, "c": c}


CELLS: Table[Cell] = Table(
    "cells",
    [
        Cell(
            key="rnn",
            label="Simple RNN",
            help="One tanh layer that also reads its own last output. Quick, but it soon forgets.",
            formula=r"h_t = \tanh(W x_t + U h_{t-1} + b)",
            source="Elman 1990",
            gates=("h",),
            carried=1,
            shapes=_gated(1, False),
            init=_drawn(1, False),
            enter=_enter,
            step=_rnn_step,
            sequence=sequences.rnn,
            fresh=_zeros(1),
        ),
        Cell(
            key="gru",
            label="GRU",
            help="Two gates decide how much of the memory is kept and how much of it the new value sees.",
            formula=r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1},\quad n_t = \tanh(W x_t + b + r_t \odot (U h_{t-1} + c))",
            source="Cho et al. 2014; reset after the product as in cuDNN",
            gates=("h", "r", "z", "n"),
            carried=1,
            shapes=_gated(3, True),
            init=_drawn(3, True),
            enter=_enter,
            step=_gru_step,
            sequence=sequences.gru,
            fresh=_zeros(1),
        ),
        Cell(
            key="lstm",
            label="LSTM",
            help="A memory cell that gates write to, keep and read. It holds on to things for hundreds of characters.",
            formula=r"c_t = f_t \odot c_{t-1} + i_t \odot g_t,\quad h_t = o_t \odot \tanh(c_t)",
            source="Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000",
            gates=("h", "i", "f", "g", "o", "c"),
            carried=2,
            shapes=_gated(4, False),
            init=_drawn(4, False, forget=1),
            enter=_enter,
            step=_lstm_step,
            sequence=sequences.lstm,
            fresh=_zeros(2),
        ),
        Cell(
            key="transformer",
            label="Transformer",
            help="No memory: every character looks back at those before it and picks what it needs. As many weights as an LSTM.",
            formula=r"h = a + \mathrm{MLP}(\mathrm{norm}(a)),\quad a = x + \mathrm{softmax}(Q K^\top / \sqrt{d}) V W_o",
            source="Vaswani et al. 2017; norm first: Xiong et al. 2020; rotary positions: Su et al. 2021",
            gates=("h",),
            carried=0,
            stem=True,
            shapes=transformer.shapes,
            init=transformer.init,
            enter=transformer.enter,
            step=transformer.step,
            sequence=transformer.sequence,
            fresh=transformer.fresh,
        ),
    ],
)
