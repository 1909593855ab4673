"""Writing with a text net, character by character, in one compiled loop.

Temperature, top-k and top-p are traced, and so is how much is read or written: a change of them compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax, jnp, lax
from engines.nets.compiling import KEPT, kept
from engines.nets.recurrent.net import AnyNet, Form, advance, form, fresh_memory
from engines.nets.recurrent.shapes import Pair, State

Array = Any
BUCKET = 256
"""Characters that one call of a program reads or writes at most."""
COLDEST, FARTHEST = 1e-6, 1e30


class Taste(NamedTuple):
    """How characters are chosen. temperature 0: always the most probable; top_k 0 and top_p 1: all are in the running."""

    temperature: Any = 1.0
    top_k: Any = 0
    top_p: Any = 1.0


class Page(NamedTuple):
    """Where a writer stands: what the net remembers, and the logits (A,) of the next character."""

    memory: State
    logits: Array


@dataclass(frozen=True, eq=False)
class Programs:
    """read: (weights, page, ids (BUCKET,), count) -> page.

    write: (weights, page, count, taste, seed, start) -> ids (BUCKET,), chances (BUCKET,), page; those from count on are 0.
    """

    read: Callable[..., Page]
    write: Callable[..., tuple[Array, Array, Page]]


def pick(logits: Array, taste: Taste, luck: Array) -> Array:
    """The number of a character drawn from logits (A,) with luck, uniform in 0..1: temperature, then top-k, then top-p.

    The most probable always stays in the running. Logits that are no numbers count as hopeless.
    Source: top-p, Holtzman et al. 2020 (nucleus sampling).
    """
    safe = sane(logits)
    order = jnp.argsort(-safe)
    best_first = safe[order]
    chances = jax.nn.softmax((best_first - best_first[0]) / jnp.maximum(taste.temperature, COLDEST))
    rank = jnp.arange(len(order))
    limit = jnp.where(taste.top_k > 0, taste.top_k, len(order))
    chances = jnp.where(rank < limit, chances, 0.0)
    chances = chances / jnp.sum(chances)
    ahead = jnp.cumsum(chances) - chances
    chances = jnp.where((ahead < taste.top_p) | (taste.top_p >= 1) | (rank == 0), chances, 0.0)
    heaped = jnp.cumsum(chances)
    drawn = jnp.sum(heaped <= luck * heaped[-1])
    last = jnp.sum(chances > 0) - 1
    return order[jnp.where(taste.temperature > 0, jnp.minimum(drawn, last), 0)].astype(jnp.int32)


def sane(logits: Array) -> Array:
    """Logits without infinities and NaN, so that a net whose weights have exploded still writes something."""
    return jnp.clip(jnp.nan_to_num(logits, nan=-FARTHEST), -FARTHEST, FARTHEST)


@partial(kept, most=2 * KEPT)
def programs(net: Form, window: int) -> Programs:
    """To read and write with nets of this form; window: of its memory, see `window_of`. Compiled on first use."""

    def after(weights: Sequence[Pair], page: Page, character: Array) -> Page:
        logits, memory = advance(net, weights, character[None], page.memory)
        return Page(memory, logits[0])

    def read(weights: Sequence[Pair], page: Page, ids: Array, count: Array) -> Page:
        return lax.fori_loop(0, count, lambda i, page: after(weights, page, ids[i]), page)

    def write(weights: Sequence[Pair], page: Page, count: Array, taste: Taste, seed: Array, start: Array) -> tuple:
        key = jax.random.key(seed)
        luck = jax.vmap(lambda i: jax.random.uniform(jax.random.fold_in(key, i)))(start + jnp.arange(BUCKET))

        def one(i: Array, carry: tuple) -> tuple:
            page, ids, chances = carry
            character = pick(page.logits, taste, luck[i])
            chance = jax.nn.softmax(sane(page.logits))[character]
            return after(weights, page, character), ids.at[i].set(character), chances.at[i].set(chance)

        empty = jnp.zeros(BUCKET, jnp.int32), jnp.zeros(BUCKET, jnp.float32)
        page, ids, chances = lax.fori_loop(0, count, one, (page, *empty))
        return ids, chances, page

    return Programs(jax.jit(read), jax.jit(write))


def window_of(net: AnyNet, sequence: int) -> int:
    """Characters of a writer's memory, of which its programs take a shape: those a transformer looks back over, else none."""
    return sequence if net.cell == "transformer" else 1


class Writer:
    """Reads and writes with the weights of one moment. Its programs are compiled once for all nets of the same form.

    sequence: characters a transformer looks back over; other nets remember by themselves.
    """

    def __init__(self, net: AnyNet, weights: Sequence[Pair], alphabet_size: int, sequence: int) -> None:
        self._net, self._window = form(net, alphabet_size), window_of(net, sequence)
        self._programs = programs(self._net, self._window)
        self._weights = jax.device_put(tuple(weights))
        self.alphabet_size = alphabet_size

    def fresh(self) -> Page:
        """Nothing read yet: every character is as likely as any other."""
        page = Page(fresh_memory(self._net, 1, self._window), np.zeros(self.alphabet_size, np.float32))
        return jax.device_put(page)

    def read(self, state: Page, ids: Sequence[int] | np.ndarray) -> tuple[Page, np.ndarray]:
        """Read ids; returns where the writer then stands and the chances (A,) of the next character.

        Raises ValueError naming an id that is not of the alphabet.
        """
        ids = np.asarray(ids, np.int32).reshape(-1)
        if ids.size and (ids.min() < 0 or ids.max() >= self.alphabet_size):
            wrong = ids[(ids < 0) | (ids >= self.alphabet_size)][0]
            raise ValueError(f"there is no character {wrong}; the alphabet has {self.alphabet_size}")
        for first in range(0, len(ids), BUCKET):
            part = ids[first : first + BUCKET]
            padded = np.zeros(BUCKET, np.int32)
            padded[: len(part)] = part
            state = self._programs.read(self._weights, state, padded, np.int32(len(part)))
        return state, self.chances(state)

    def chances(self, state: Page) -> np.ndarray:
        """Chances (A,) of the next character as the net sees them: at temperature 1, nothing cut off."""
        logits = np.clip(np.nan_to_num(np.asarray(state.logits, np.float64), nan=-FARTHEST), -FARTHEST, FARTHEST)
        grown = np.exp(logits - logits.max())
        return (grown / grown.sum()).astype(np.float32)

    def write(
        self,
        state: Page,
        count: int,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        start: int = 0,
    ) -> tuple[np.ndarray, np.ndarray, Page]:
        """Write `count` characters: their numbers and the net's own chance of each, (count,), and where the writer then stands.

        start: characters already written with this seed, so that a text written piece by piece is the text written at once.
        """
        taste = Taste(np.float32(min(max(temperature, 0.0), FARTHEST)), np.int32(min(max(top_k, 0), 2**31 - 1)), np.float32(top_p))
        found: list[tuple[np.ndarray, np.ndarray]] = [(np.zeros(0, np.int32), np.zeros(0, np.float32))]
        for first in range(0, count, BUCKET):
            size = min(BUCKET, count - first)
            where = np.uint32(seed), np.int32(start + first)
            ids, chances, state = self._programs.write(self._weights, state, np.int32(size), taste, *where)
            found.append((np.asarray(ids)[:size], np.asarray(chances)[:size]))
        ids, chances = (np.concatenate(column) for column in zip(*found, strict=True))
        return ids, chances, state
