"""What goes on inside a text net while it reads a text: every unit and gate at every character, and how surprised it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax, jnp, lax
from engines.nets.compiling import KEPT
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import AnyNet, Form, alphabet_size, entered, form, fresh_memory, left, parts
from engines.nets.recurrent.shapes import Pair, State

Array = Any
LONGEST, MOST_NUMBERS = 20_000, 100_000_000
SHORT, LONG = 64, 512
"""Characters worked on at once: a short text is not made to wait for a long one's program."""
TOP = 5


class Study(NamedTuple):
    """hidden: by name (layers, T, units) float16, after each character. surprise: (T,) nats, that character's before it was read.

    top, chances: (T, 5) the most probable next characters after it, and their probabilities.
    """

    hidden: dict[str, np.ndarray]
    surprise: np.ndarray
    top: np.ndarray
    chances: np.ndarray


def study(net: AnyNet, weights: Sequence[Pair], ids: np.ndarray, sequence: int = 64, names: Sequence[str] | None = None) -> Study:
    """Read ids (T,) from a fresh start, one text, and keep what each layer shows.

    sequence: characters a transformer looks back over. names: which of the cell's `gates` to keep; all of them when None.
    The first character's surprise is that of a uniform guess. Raises ValueError for a text that is empty or too long to keep.
    """
    ids = np.asarray(ids, np.int32).reshape(-1)
    names = tuple(CELLS[net.cell].gates if names is None else names)
    if not 1 <= len(ids) <= LONGEST:
        raise ValueError(f"choose between 1 and {LONGEST:,} characters, not {len(ids):,}")
    if len(names) * net.layers * net.units * len(ids) > MOST_NUMBERS:
        raise ValueError(f"{len(ids):,} characters of a net this large are too much to look into; choose fewer")
    size = SHORT if len(ids) <= SHORT else LONG
    window = sequence if net.cell == "transformer" else 1
    alphabet = alphabet_size(weights)
    program, memory = _program(form(net, alphabet), window, size, names), fresh_memory(net, 1, window)
    placed, following = jax.device_put(tuple(weights)), np.append(ids[1:], 0)
    hidden = {name: np.empty((net.layers, len(ids), net.units), np.float16) for name in names}
    pieces: list[Any] = []
    for first in range(0, len(ids), size):
        part, after = (_padded(row[first : first + size], size) for row in (ids, following))
        memory, shown, *found = program(placed, memory, part, after)
        for name, kept in hidden.items():
            kept[:, first : first + size] = np.asarray(shown[name])[:, : len(ids) - first]
        pieces.append(jax.device_get(found))
    surprise, top, chances = zip(*pieces, strict=True)
    surprises = np.concatenate([[np.log(alphabet)], *surprise])[: len(ids)].astype(np.float32)
    return Study(hidden, surprises, np.concatenate(top)[: len(ids)], np.concatenate(chances)[: len(ids)])


def _padded(row: np.ndarray, size: int) -> np.ndarray:
    return np.pad(row, (0, size - len(row)))


@lru_cache(maxsize=2 * KEPT)
def _program(net: Form, window: int, size: int, names: tuple[str, ...]) -> Callable[..., tuple]:
    """(weights, memory, ids (size,), following (size,)) -> memory, hidden, surprise of the following, top, chances."""
    cell = CELLS[net.cell]

    def through(layer: Sequence[Pair], x: Array, memory: State) -> tuple[State, dict[str, Array]]:
        def one(memory: State, z: Array) -> tuple[State, dict[str, Array]]:
            return cell.step(layer, z, memory)

        return lax.scan(one, memory, cell.enter(layer, x))

    def run(weights: Sequence[Pair], memory: State, ids: Array, following: Array) -> tuple:
        found = parts(net, weights)
        h, after, kept = entered(found, ids[:, None]), [], []
        for layer, before in zip(found.layers, memory, strict=True):
            last, shown = through(layer, h, before)
            h = shown["h"]
            after.append(last)
            kept.append({name: shown[name][:, 0].astype(jnp.float16) for name in names})
        logs = jax.nn.log_softmax(left(found, h)[:, 0])
        surprise = -jnp.take_along_axis(logs, following[:, None], 1)[:, 0]
        best, top = lax.top_k(logs, min(TOP, logs.shape[-1]))
        hidden = {name: jnp.stack([layer[name] for layer in kept]) for name in names}
        return tuple(after), hidden, surprise, top.astype(jnp.int32), jnp.exp(best)

    return jax.jit(run)
