"""A net that reads and writes text: its shapes, its first weights, its state, and a chunk of text through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engines.initializers import INITIALIZERS
from engines.lazy import jax, jnp, lax
from engines.nets.recurrent.cells import CELLS, Cell
from engines.nets.recurrent.shapes import Matrix, Pair, Pairs, State, project
from engines.nets.recurrent.transformer import normalise

if TYPE_CHECKING:
    from engines.experiment import RecurrentNet

Array = Any
Chance = tuple[Array, Callable[[], Array]]
OUTPUT = "output"


class Form(NamedTuple):
    """What shapes the programs of a `RecurrentNet`; alphabet: how many characters it knows. Hashable, so static under jit.

    Whoever keeps programs by it keeps one a form, so that those of texts long gone leave the memory.
    """

    cell: str
    layers: int
    units: int
    embedding: int
    alphabet: int


AnyNet = Any
"""A `RecurrentNet` or its `Form`."""


def form(net: RecurrentNet | Form, alphabet: int) -> Form:
    """What programs are compiled for: a change of dropout or initializer compiles nothing."""
    return Form(net.cell, net.layers, net.units, net.embedding, alphabet)


def alphabet_size(weights: Sequence[Pair]) -> int:
    """How many characters a net with these weights knows."""
    return weights[-1][0].shape[1]


class Parts(NamedTuple):
    """A net's pairs of weights, sorted. embedding, stem, norm: None where the net has none."""

    embedding: Any
    stem: Any
    layers: list[Any]
    norm: Any
    output: Any


def _rows(net: AnyNet, alphabet: int) -> Iterator[tuple[str, list[Matrix]]]:
    """Every part of the net and its matrices, in the order of the pairs."""
    cell, inputs = CELLS[net.cell], net.embedding or alphabet
    if net.embedding:
        yield "embedding", [Matrix("embedding", alphabet, net.embedding, False)]
    if cell.stem:
        yield "stem", [Matrix("input", inputs, net.units, False)]
    for i in range(net.layers):
        found = cell.shapes(net.units if i or cell.stem else inputs, net.units)
        yield "layer", [matrix._replace(name=f"layer {i + 1} {matrix.name}") for matrix in found]
    if cell.stem:
        yield "norm", [Matrix("last norm", 1, net.units, True)]
    yield OUTPUT, [Matrix(OUTPUT, net.units, alphabet, True)]


def weight_shapes(net: AnyNet, alphabet: int) -> list[Matrix]:
    """(name, fan_in, fan_out, bias) of every pair of weights, in order, for an alphabet of so many characters."""
    return [matrix for _, matrices in _rows(net, alphabet) for matrix in matrices]


def parameter_count(net: AnyNet, alphabet: int) -> int:
    """Weights and biases together."""
    return sum((m.fan_in + m.bias) * m.fan_out for m in weight_shapes(net, alphabet))


def initial_weights(net: RecurrentNet, alphabet: int, seed: int) -> Pairs:
    """The first weights, float32, drawn in order from NumPy's generator of `seed`.

    What reads inputs is drawn as `net.initializer` says, gate by gate; what reads a state is a rotation; an LSTM's forget gates
    start open (bias 1, Jozefowicz, Zaremba & Sutskever 2015); embeddings have a standard deviation of 1.
    """
    rng = np.random.default_rng(seed)
    chosen = INITIALIZERS[net.initializer.key]

    def draw(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        return chosen.draw(rng, fan_in, fan_out, net.initializer.settings)

    def drawn(part: str, matrices: list[Matrix]) -> Pairs:
        first = matrices[0]
        if part == "layer":
            return CELLS[net.cell].init(rng, first.fan_in if not CELLS[net.cell].stem else net.units, net.units, draw)
        if part == "embedding":
            return [(rng.standard_normal(first[1:3]), np.zeros(0))]
        if part == "norm":
            return [(np.ones(first[1:3]), np.zeros(first.fan_out))]
        return [(draw(rng, first.fan_in, first.fan_out), np.zeros(first.fan_out if first.bias else 0))]

    pairs = [pair for part, matrices in _rows(net, alphabet) for pair in drawn(part, matrices)]
    return [(w.astype(np.float32), b.astype(np.float32)) for w, b in pairs]


def parts(net: AnyNet, weights: Sequence[Pair]) -> Parts:
    """The pairs by what they belong to. Raises ValueError where there are not as many as the net has."""
    cell, rest = CELLS[net.cell], list(weights)
    each = len(cell.shapes(1, 1))
    expected = bool(net.embedding) + 2 * cell.stem + net.layers * each + 1
    if len(rest) != expected:
        raise ValueError(f"this net has {expected} pairs of weights, not {len(rest)}")
    embedding = rest.pop(0) if net.embedding else None
    stem = rest.pop(0) if cell.stem else None
    layers = [rest[i * each : (i + 1) * each] for i in range(net.layers)]
    return Parts(embedding, stem, layers, rest[-2] if cell.stem else None, rest[-1])


def fresh_state(net: AnyNet, batch: int) -> State:
    """What `run` carries, before the first character: a tuple a layer of float32 (batch, units); nothing for a transformer."""
    return tuple(_carried(CELLS[net.cell], net.units, batch) for _ in range(net.layers))


def _carried(cell: Cell, units: int, batch: int) -> State:
    return tuple(np.zeros((batch, units), np.float32) for _ in range(cell.carried))


def fresh_memory(net: AnyNet, batch: int, window: int) -> State:
    """What `advance` carries before the first character: as `fresh_state`; for a transformer a cache of `window` characters."""
    return tuple(CELLS[net.cell].fresh(net.units, batch, window) for _ in range(net.layers))


def entered(found: Parts, ids: Array) -> Array:
    """Character numbers, or what the embedding and the stem make of them."""
    x = ids if found.embedding is None else project(found.embedding, ids)
    return x if found.stem is None else project(found.stem, x)


def left(found: Parts, h: Array) -> Array:
    """Logits (..., A) of the last layer's output."""
    return project(found.output, h if found.norm is None else normalise(found.norm, h))


def dropped(h: Array, chance: Chance | None, place: int) -> Array:
    """h with each number set to 0 with probability chance[0], the rest made up for. Draws nothing where that is 0."""
    if chance is None:
        return h
    rate, key = chance

    def thinned(h: Array) -> Array:
        bits = jax.random.bits(jax.random.fold_in(key(), place), h.shape, jnp.uint16)
        return jnp.where(bits.astype(jnp.float32) >= rate * 65536, h / (1 - rate), 0.0)

    return lax.cond(rate > 0, thinned, lambda h: h, h)


def run(net: AnyNet, weights: Sequence[Pair], ids: Array, state: State, chance: Chance | None = None) -> tuple[Array, State]:
    """Logits (T, B, A) of the character after each of ids (T, B) int32, and the state after the last.

    state: as `fresh_state` or an earlier call gives it. chance: (rate, () -> key) for dropout between layers and before the output
    while training; None outside. Only what `form` keeps of `net` is used.
    """
    found, cell = parts(net, weights), CELLS[net.cell]
    h, after = entered(found, ids), []
    for i, layer in enumerate(found.layers):
        h, last = cell.sequence(layer, h, state[i])
        after.append(last)
        h = dropped(h, chance, i)
    return left(found, h), tuple(after)


def advance(net: AnyNet, weights: Sequence[Pair], ids: Array, memory: State) -> tuple[Array, State]:
    """Logits (B, A) of the character after ids (B,) int32, and the memory after it, as `fresh_memory` begins it."""
    found, cell = parts(net, weights), CELLS[net.cell]
    h, after = entered(found, ids), []
    for layer, before in zip(found.layers, memory, strict=True):
        last, shown = cell.step(layer, cell.enter(layer, h), before)
        h = shown["h"]
        after.append(last)
    return left(found, h), tuple(after)
