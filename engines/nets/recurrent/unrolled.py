"""A net unrolled over a short string: what every layer holds at every character, and the error on its way back through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax, jnp
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import AnyNet, Form, alphabet_size, form, left, parts
from engines.nets.recurrent.shapes import Pair
from engines.nets.recurrent.through_time import outputs

Array = Any
LONGEST = 24
"""Characters that are read at most: as many boxes as a picture has room for. Shorter strings share the same program."""


class Walk(NamedTuple):
    """T characters read, the next one guessed after each.

    hidden: (layers, T, units). gradients: (layers, T, units), of the cost by these, through every path from there on.
    memory: the same by an LSTM's memory cells, else None. costs: (T,) nats of the character that really came next.
    chances: (T, A) for the character after each.
    """

    hidden: np.ndarray
    gradients: np.ndarray
    memory: np.ndarray | None
    costs: np.ndarray
    chances: np.ndarray


def walk(net: AnyNet, weights: Sequence[Pair], ids: np.ndarray, only_last: bool = False) -> Walk:
    """Read ids (T + 1,) from a fresh start; the last is only guessed.

    only_last: the error is that of the last guess; else the mean over all T guesses, as in training.
    Raises ValueError unless 1 <= T <= `LONGEST`.
    """
    ids = np.asarray(ids, np.int32).reshape(-1)
    count = len(ids) - 1
    if not 1 <= count <= LONGEST:
        raise ValueError(f"choose 2 to {LONGEST + 1} characters, not {len(ids)}")
    padded = np.zeros(LONGEST + 1, np.int32)
    padded[: len(ids)] = ids
    shares = np.zeros(LONGEST, np.float32)
    shares[count - 1 if only_last else 0 : count] = 1 if only_last else 1 / count
    program = _program(form(net, alphabet_size(weights)))
    gradients, (hidden, costs, chances) = jax.device_get(program(jax.device_put(tuple(weights)), padded, shares))
    by_layer = gradients[:, :, :count, 0]
    memory = by_layer[:, 1] if by_layer.shape[1] > 1 else None
    return Walk(hidden[:, :count, 0], by_layer[:, 0], memory, costs[:count], chances[:count])


@lru_cache(maxsize=16)
def _program(net: Form) -> Callable[..., Any]:
    """(weights, ids (LONGEST + 1,), shares (LONGEST,) of each guess in the cost) -> gradients by nudges, what is shown."""

    def told(nudges: Array, weights: Sequence[Pair], ids: Array, shares: Array) -> tuple[Array, tuple]:
        hidden = outputs(net, weights, ids[:-1, None], nudges)
        logs = jax.nn.log_softmax(left(parts(net, weights), hidden[-1]))[:, 0]
        costs = -jnp.take_along_axis(logs, ids[1:, None], 1)[:, 0]
        return jnp.sum(costs * shares), (jnp.stack(hidden), costs, jnp.exp(logs))

    def run(weights: Sequence[Pair], ids: Array, shares: Array) -> Any:
        nudges = jnp.zeros((net.layers, max(1, CELLS[net.cell].carried), LONGEST, 1, net.units), jnp.float32)
        return jax.grad(told, has_aux=True)(nudges, weights, ids, shares)

    return jax.jit(run)
