"""Small questions about a pass, answered by its own numbers: a table. A question that has no clear answer here is not asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engines.tables import Entry, Table
from engines.trace.check import cost_of
from engines.trace.operations import RULES, Operation
from engines.trace.passes import Trace, latex

ALIKE = 0.1
"""Sizes that differ by less than this share count as the same."""
_HINTS = {
    "forward_1": "Rows of the first matrix, columns of the second.",
    "backward_1": "As many rows as there are errors, as many columns as the weights have rows: they are transposed.",
    "gradient": "A gradient has the shape of its weights: a row for each input of the layer, a column for each unit.",
}
_TRANSPOSED = {"forward_1": (), "backward_1": (1,), "gradient": (0,)}
"""Which of the two matrices that a rule multiplies it takes transposed."""


@dataclass(frozen=True)
class Asked:
    """A question about one pass. answer: place of the right choice. why: the numbers that say so.

    hint: for this very question, where the quiz's own help is too general. Symbols stand between $ as LaTeX.
    """

    question: str
    choices: tuple[str, ...]
    answer: int
    why: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Quiz(Entry):
    """ask(trace, step) -> the question about this pass, standing at operation `step`; None where it has no clear answer."""

    ask: Callable[[Trace, int], Asked | None]


def _size(value: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(value, dtype=np.float64))))


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) if shape else "a single number"


def _next_shape(trace: Trace, step: int) -> Asked | None:
    """About the next product of two matrices; behind the last one, about the first."""
    products = [o for o in trace.operations if o.rule in _HINTS and trace.values[o.output].ndim == 2]
    operation = next((o for o in products if o.index > step), products[0])
    shapes = [trace.values[symbol].shape for symbol in operation.inputs]
    right = trace.values[operation.output].shape
    wide = {side for shape in shapes for side in shape}
    others = {right[::-1], *(shape for shape in shapes if len(shape) == 2), *((side, right[-1]) for side in wide)} - {right}
    if not others:
        return None
    choices = sorted({right, *sorted(others)[:3]})
    why = f"{_symbol(trace, operation.output)} is {_shape(right)}. {RULES[operation.rule].help}"
    question = f"Next: {_product(trace, operation)}. Rule: {operation.operation}. What shape comes out?"
    return Asked(question, tuple(map(_shape, choices)), choices.index(right), why, _HINTS[operation.rule])


def _symbol(trace: Trace, symbol: str, mark: str = "") -> str:
    return f"${latex(symbol, trace.depth)}{mark}$"


def _product(trace: Trace, operation: Operation) -> str:
    """Both matrices with their shapes, as they are multiplied: the transposed one flipped."""
    parts = []
    for place, symbol in enumerate(operation.inputs[:2]):
        shape, flipped = trace.values[symbol].shape, place in _TRANSPOSED[operation.rule]
        mark = r"^\top" if flipped else ""
        parts.append(f"{_symbol(trace, symbol, mark)} ({_shape(shape[::-1] if flipped else shape)})")
    return " times ".join(parts)


def _movers(trace: Trace, step: int) -> Asked | None:
    if trace.depth == 1:
        return None
    moves = [trace.learning_rate * _size(trace.values[f"G{n}"]) for n in range(1, trace.depth + 1)]
    choices = (*(f"Those of layer {n}" for n in range(1, trace.depth + 1)), "None of them moves")
    best = int(np.argmax(moves))
    rest = max(moves[:best] + moves[best + 1 :])
    if not np.isfinite(moves).all() or 0 < moves[best] < (1 + ALIKE) * rest:
        return None
    told = ", ".join(f"layer {n} {move:.3g}" for n, move in enumerate(moves, 1))
    answer = best if moves[best] > 0 else trace.depth
    return Asked("Which weights will this update move most?", choices, answer, f"Mean steps (root mean square): {told}.")


def _fading(trace: Trace, step: int) -> Asked | None:
    if trace.depth == 1:
        return None
    first, last = _size(trace.values["D1"]), _size(trace.values[f"D{trace.depth}"])
    if not (np.isfinite([first, last]).all() and last > 0):
        return None
    ratio = first / last
    answer = 0 if ratio > 1 + ALIKE else 1 if ratio < 1 - ALIKE else 2
    why = f"Its size (root mean square) is {last:.3g} in layer {trace.depth} and {first:.3g} in layer 1: {ratio:.3g} times as much."
    question = f"On its way back from layer {trace.depth} to layer 1, does the error grow or shrink?"
    return Asked(question, ("It grows", "It shrinks", "It stays about the same"), answer, why)


def _direction(trace: Trace, step: int) -> Asked | None:
    n = max(range(1, trace.depth + 1), key=lambda n: np.abs(trace.values[f"G{n}"]).max())
    gradient = trace.values[f"G{n}"]
    row, column = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    value = float(gradient[row, column])
    if not np.isfinite(value) or value == 0:
        return None
    old, new = (float(trace.values[symbol][row, column]) for symbol in (f"W{n}", f"W{n}'"))
    where = (
        f"from {'input' if n == 1 else 'unit'} {row + 1} to {'output' if n == trace.depth else 'unit'} {column + 1} of layer {n}"
    )
    question = f"The cost changes by {value:.3g} for each 1 that the weight {where} grows. Which way will the update move it?"
    return Asked(question, ("Up", "Down"), int(value > 0), f"Against its gradient: from {old:.6g} to {new:.6g}.")


def _after(trace: Trace, step: int) -> Asked | None:
    before, after = trace.total, cost_of(trace.updated, trace.values["X"], trace.values["T"])
    if not np.isfinite([before, after]).all() or 0 < abs(after - before) < 1e-9 * abs(before):
        return None
    answer = 1 if after < before else 0 if after > before else 2
    question = (
        f"The cost is {before:.4g}. After this one update with a rate of {trace.learning_rate:g}, what is it on the same examples?"
    )
    return Asked(question, ("Higher", "Lower", "The same"), answer, f"It goes from {before:.6g} to {after:.6g}.")


def _blame(trace: Trace, step: int) -> Asked | None:
    outputs = trace.net.widths[-1]
    if not 1 < outputs <= 6:
        return None
    shares = np.abs(trace.values["E"]).sum(0) / trace.examples
    best = int(shares.argmax())
    if not np.isfinite(shares).all() or shares[best] < (1 + ALIKE) * np.delete(shares, best).max():
        return None
    told = ", ".join(f"output {k} {share:.4g}" for k, share in enumerate(shares, 1))
    choices = tuple(f"Output {k}" for k in range(1, outputs + 1))
    return Asked("Which output adds most to the cost?", choices, best, f"The shares: {told}.")


def _quiz(key: str, label: str, help: str, ask: Callable[[Trace, int], Asked | None]) -> Quiz:
    return Quiz(key=key, label=label, help=help, source="this pass", ask=ask)


QUIZZES: Table[Quiz] = Table(
    "quizzes",
    [
        _quiz("next_shape", "What shape comes next?", "Look at the shapes that are multiplied.", _next_shape),
        _quiz("blame", "Who is to blame?", "Compare outputs and targets.", _blame),
        _quiz("movers", "Which weights will move most?", "Large where a large error meets a large input.", _movers),
        _quiz("fading", "Does the error grow or shrink?", "It is multiplied by weights and by slopes, layer after layer.", _fading),
        _quiz("direction", "Up or down?", "A weight goes against its gradient.", _direction),
        _quiz("after", "And the cost afterwards?", "A step downhill, unless it is too long.", _after),
    ],
)


def ask(key: str, trace: Trace, step: int = 0) -> Asked | None:
    """Question `key` of the table about this pass; None where it has no clear answer here."""
    with np.errstate(all="ignore"):
        return QUIZZES[key].ask(trace, step)
