"""How far errors reach back in an RNN, a GRU and an LSTM of one size, beside a trained net, and what clipping makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engines.lazy import jax, jnp
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import Form, alphabet_size, form, initial_weights, weight_shapes
from engines.nets.recurrent.shapes import Pairs
from engines.nets.recurrent.through_time import cost

if TYPE_CHECKING:
    from engines.experiment import RecurrentNet

Array = Any
COMPARED = ("rnn", "gru", "lstm")
MOST_NUMBERS = 60_000_000
"""Numbers that the gradients of one comparison may have: a quarter of a gigabyte."""


class Curve(NamedTuple):
    """norms: (layers, lags + 1) of the gradient of the last character's cost by what each layer held k characters earlier.

    length: the norm of the gradient by all weights, mean over the texts. trained: whether these are the visitor's weights.
    """

    cell: str
    trained: bool
    norms: np.ndarray
    length: float

    def factor(self, clip: float) -> float:
        """What clipping at `clip` multiplies the gradient by; 1 where 0 (off)."""
        return min(1.0, clip / max(self.length, 1e-30)) if clip > 0 else 1.0


def reaching(cell: str, net: RecurrentNet, weights: Pairs, ids: np.ndarray, trained: bool) -> Curve:
    """The curve of one net reading ids (lags + 2, B), B texts side by side, from a fresh start.

    Through every path from there to the cost. An LSTM's h is varied alone, its c held. A transformer looks back over all.
    Raises ValueError where that is too much to hold.
    """
    ids = np.asarray(ids, np.int32)
    steps, batch = len(ids) - 1, ids.shape[1]
    if net.layers * max(1, CELLS[cell].carried) * steps * batch * net.units > MOST_NUMBERS:
        raise ValueError(f"{steps} characters are too many for a net this large; choose a shorter lag.")
    program = _program(form(net, alphabet_size(weights)), steps)
    norms, length = jax.device_get(program(jax.device_put(tuple(weights)), ids))
    return Curve(cell, trained, norms[:, ::-1], float(length))


def untrained(net: RecurrentNet, alphabet: int, seed: int, gain: float = 1.0) -> Pairs:
    """The first weights of a net, those from state to state multiplied by `gain`: above 1 errors may grow on their way back."""
    names = [matrix.name for matrix in weight_shapes(net, alphabet)]
    drawn = initial_weights(net, alphabet, seed)
    return [(w * np.float32(gain) if n.endswith("recurrent") else w, b) for n, (w, b) in zip(names, drawn, strict=True)]


def texts(ids: np.ndarray, lags: int, count: int, seed: int) -> np.ndarray:
    """`count` pieces (lags + 2, count) of a text ids (n,), from seeded places. Raises ValueError where the text is too short."""
    if len(ids) < lags + 2:
        raise ValueError(
            f"Only {len(ids):,} characters are kept for validation; choose a lag below {len(ids) - 1:,}, or keep more."
        )
    starts = np.random.default_rng(seed).integers(0, len(ids) - lags - 1, count)
    return ids[starts[None] + np.arange(lags + 2)[:, None]].astype(np.int32)


@lru_cache(maxsize=16)
def _program(net: Form, steps: int) -> Callable[[Any, Array], tuple[Array, Array]]:
    """(weights, ids (steps + 1, B)) -> norms (layers, steps), earliest first; length of the gradient of the mean cost."""

    def run(weights: Any, ids: Array) -> tuple[Array, Array]:
        shape = (net.layers, max(1, CELLS[net.cell].carried), steps, ids.shape[1], net.units)
        by_weights, by_nudges = jax.grad(lambda w, n: cost(net, w, ids, n), argnums=(0, 1))(weights, jnp.zeros(shape, jnp.float32))
        squares = sum(jnp.sum(g * g) for g in jax.tree.leaves(by_weights))
        hidden = by_nudges[:, 0]
        return jnp.mean(jnp.sqrt(jnp.sum(hidden * hidden, -1)), -1), jnp.sqrt(squares) / ids.shape[1]

    return jax.jit(run)


def compare(
    net: RecurrentNet,
    weights: Sequence[Any],
    alphabet: int,
    ids: np.ndarray,
    gain: float,
    seed: int,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Curve] | None:
    """The net as it is, then an untrained one of each of `COMPARED` with as many layers and units; None when cancelled."""
    found = [reaching(net.cell, net, list(weights), ids, True)]
    for i, cell in enumerate(COMPARED):
        progress((i + 1) / (len(COMPARED) + 1))
        if cancelled():
            return None
        other = net.model_copy(update={"cell": cell})
        found.append(reaching(cell, other, untrained(other, alphabet, seed, gain), ids, False))
    return found
