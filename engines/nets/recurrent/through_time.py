"""How far back in time an error reaches: the gradient of the last character's cost by what the net held k characters earlier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax, jnp, lax
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import AnyNet, Form, entered, form, fresh_memory, left, parts
from engines.nets.recurrent.shapes import Pair, State

Array = Any


class Reach(NamedTuple):
    """Norms (layers, lags + 1), lag 0 first, averaged over the texts: by the outputs h; by the memory cells c (LSTM, else None)."""

    hidden: np.ndarray
    cell: np.ndarray | None


def gradient_by_lag(net: AnyNet, weights: Sequence[Pair], ids: np.ndarray, lags: int) -> Reach:
    """The norm of d cost_T / d h_{T-k} for k = 0..lags, layer by layer, through every path from there to the cost.

    ids (T + 1,) or (T + 1, B): the cost is that of the last character, after the T before it were read from a fresh start.
    The LSTM's h and c of one moment are varied one at a time. A transformer looks back over all T.
    Raises ValueError unless 0 <= lags < T.
    Source: Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013.
    """
    ids = np.asarray(ids, np.int32)
    ids = ids[:, None] if ids.ndim == 1 else ids
    if not 0 <= lags < len(ids) - 1:
        raise ValueError(f"a text of {len(ids)} characters reaches back at most {len(ids) - 2}, not {lags}")
    norms = np.asarray(_program(form(net), len(ids) - 1)(jax.device_put(tuple(weights)), ids))
    backwards = norms[:, :, ::-1][:, :, : lags + 1]
    return Reach(backwards[:, 0], backwards[:, 1] if backwards.shape[1] > 1 else None)


def outputs(net: AnyNet, weights: Sequence[Pair], ids: Array, nudges: Array) -> list[Array]:
    """What each layer puts out, (T, B, u), for ids (T, B), with nudges (layers, carried or 1, T, B, u) added to what it holds."""
    found, cell = parts(net, weights), CELLS[net.cell]
    h, shown = entered(found, ids), []
    memories = fresh_memory(net, ids.shape[1], len(ids))
    for layer, memory, nudge in zip(found.layers, memories, nudges, strict=True):

        def one(memory: State, now: tuple, layer: Sequence[Pair] = layer) -> tuple[State, Array]:
            z, extra = now
            after, shown = cell.step(layer, z, memory)
            if not cell.carried:
                return after, shown["h"] + extra[0]
            moved = tuple(held + extra[i] for i, held in enumerate(after))
            return moved, moved[0]

        h = lax.scan(one, memory, (cell.enter(layer, h), jnp.swapaxes(nudge, 0, 1)))[1]
        shown.append(h)
    return shown


def cost(net: AnyNet, weights: Sequence[Pair], ids: Array, nudges: Array) -> Array:
    """Summed cost of the last of ids (T + 1, B); nudges as `outputs` adds them."""
    h = outputs(net, weights, ids[:-1], nudges)[-1]
    logs = jax.nn.log_softmax(left(parts(net, weights), h[-1]))
    return -jnp.sum(jnp.take_along_axis(logs, ids[-1][:, None], 1))


@lru_cache(maxsize=32)
def _program(net: Form, length: int) -> Callable[[Any, Array], Array]:
    """(weights, ids (length + 1, B)) -> norms (layers, carried or 1, length), averaged over the texts."""

    def norms(weights: Sequence[Pair], ids: Array) -> Array:
        shape = (net.layers, max(1, CELLS[net.cell].carried), length, ids.shape[1], net.units)
        gradient = jax.grad(lambda nudges: cost(net, weights, ids, nudges))(jnp.zeros(shape, jnp.float32))
        return jnp.mean(jnp.sqrt(jnp.sum(gradient * gradient, -1)), -1)

    return jax.jit(norms)
