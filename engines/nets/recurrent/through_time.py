"""A net read character by character with small numbers added to what it holds: a gradient by these is one by its memory.

Source: Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engines.lazy import jax, jnp, lax
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import AnyNet, entered, fresh_memory, left, parts
from engines.nets.recurrent.shapes import Pair, State

Array = Any


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
