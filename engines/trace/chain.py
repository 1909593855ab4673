"""The chain rule for one weight, written out: from the cost back to the weight, factor by factor, with the numbers of this pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.activations import ACTIVATIONS
from engines.trace.net import in_precision
from engines.trace.passes import Trace, output_symbol

MOST_PATHS = 64


@dataclass(frozen=True)
class Factor:
    """One derivative in a product: what it is called, where it belongs, and its value."""

    latex: str
    words: str
    value: float


@dataclass(frozen=True)
class Path:
    """One way from the weight to the cost: the units it passes (layer, unit), its factors, and their product."""

    units: tuple[tuple[int, int], ...]
    factors: tuple[Factor, ...]
    product: float


@dataclass(frozen=True)
class Chain:
    """All ways from one weight to the cost of one example.

    paths: the ones with the largest products, at most MOST_PATHS; count: how many there are; total: the sum of all, which is
    this example's share of the weight's gradient (already divided by the number of examples); shown: sum of the listed ones.
    """

    layer: int
    row: int | None
    column: int
    example: int
    paths: tuple[Path, ...]
    count: int
    total: float

    @property
    def shown(self) -> float:
        """Sum of the listed paths."""
        return float(sum(path.product for path in self.paths))


def chain(trace: Trace, layer: int, row: int | None, column: int, example: int = 0) -> Chain:
    """The chain rule for weight (row, column) of matrix `layer` (row None: the bias of unit `column`) at one example.

    Raises IndexError naming what there is when the place does not exist.
    """
    _check(trace, layer, row, column, example)
    slopes = _slopes(trace, example)
    first = 1.0 if row is None else float(trace.values[output_symbol(trace.net, layer - 1)][example, row])
    heads = _ways(trace, slopes, layer, column, example)
    paths = tuple(_path(trace, slopes, units, row, first, example) for units in heads)
    delta = float(trace.values[f"D{layer}"][example, column])
    count = int(np.prod(trace.net.widths[layer + 1 :], dtype=float))
    return Chain(layer, row, column, example, paths, count, first * delta)


def _check(trace: Trace, layer: int, row: int | None, column: int, example: int) -> None:
    if not 1 <= layer <= trace.depth:
        raise IndexError(f"there are weight matrices 1 to {trace.depth}, not {layer}")
    rows, columns = trace.net.weights[layer - 1].shape
    if not (0 <= column < columns and (row is None or 0 <= row < rows)):
        raise IndexError(f"matrix {layer} has {rows} rows and {columns} columns; there is no entry ({row}, {column})")
    if not 0 <= example < trace.examples:
        raise IndexError(f"there are examples 0 to {trace.examples - 1}, not {example}")


def _slopes(trace: Trace, example: int) -> list[np.ndarray]:
    """f'(Z) of each layer at one example, by layer from 1 (entry 0 is empty)."""
    slopes = [np.zeros(0)]
    with in_precision(trace.values["X"].dtype):
        for n, key in enumerate(trace.net.activations, 1):
            slopes.append(np.asarray(ACTIVATIONS[key].derivative(_array(trace.values[f"Z{n}"][example]))))
    return slopes


def _array(value: np.ndarray):
    from engines.lazy import jnp

    return jnp.asarray(value)


def _ways(trace: Trace, slopes: list[np.ndarray], layer: int, column: int, example: int) -> list[tuple[tuple[int, int], ...]]:
    """Units passed by the heaviest ways from unit `column` of `layer` to the outputs: a beam search, largest products first."""
    beam = [(abs(float(slopes[layer][column])), ((layer, column),))]
    for n in range(layer + 1, trace.depth + 1):
        grown = [
            (size * abs(float(trace.net.weights[n - 1][units[-1][1], k] * slopes[n][k])), (*units, (n, k)))
            for size, units in beam
            for k in range(trace.net.widths[n])
        ]
        beam = sorted(grown, key=lambda way: -way[0])[:MOST_PATHS]
    start = trace.values[f"dA{trace.depth}"][example]
    return [units for _, units in sorted(beam, key=lambda way: -way[0] * abs(float(start[way[1][-1][1]])))]


def _path(trace: Trace, slopes: list[np.ndarray], units: tuple, row: int | None, first: float, example: int) -> Path:
    """The factors of one way, from the cost back to the weight."""
    output, depth = units[-1][1], trace.depth
    start = float(trace.values[f"dA{depth}"][example, output])
    formula = rf"\frac{{\partial C}}{{\partial y_{{{output + 1}}}}}"
    factors = [Factor(formula, f"how the cost changes with output {output + 1}", start)]
    for place in range(len(units) - 1, -1, -1):
        n, unit = units[place]
        name = rf"z^{{({n})}}_{{{unit + 1}}}"
        factors.append(Factor(rf"f'({name})", f"slope of the function of unit {unit + 1}, layer {n}", float(slopes[n][unit])))
        if place:
            below = units[place - 1][1]
            words, weight = f"weight from unit {below + 1} to unit {unit + 1}, layer {n}", trace.net.weights[n - 1][below, unit]
            factors.append(Factor(rf"w^{{({n})}}_{{{below + 1},{unit + 1}}}", words, float(weight)))
    if row is None:
        factors.append(Factor("1", "a bias is added as it is", 1.0))
    else:
        layer = units[0][0]
        source = f"unit {row + 1} of layer {layer - 1}" if layer > 1 else f"input {row + 1}"
        factors.append(Factor(rf"a^{{({layer - 1})}}_{{{row + 1}}}", f"what came in from {source}", first))
    return Path(tuple(units), tuple(factors), float(np.prod([factor.value for factor in factors])))
