"""What a pass is made of: the rules, and one operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engines.tables import Entry, Table


@dataclass(frozen=True, kw_only=True)
class Rule(Entry):
    """One of the written-out rules of backpropagation. phase: 'forward', 'backward', 'gradient' or 'update'."""

    phase: str


_SOURCE = "Rumelhart, Hinton & Williams 1986"

RULES: Table[Rule] = Table(
    "rules",
    [
        Rule(
            key="forward_1",
            label="Forward rule 1",
            help="At a weight matrix: multiply by it and pass the result on. The biases are added to every row.",
            formula=r"Z = A W + b",
            source=_SOURCE,
            phase="forward",
        ),
        Rule(
            key="forward_2",
            label="Forward rule 2",
            help="At a function: apply it to every entry and pass the result on.",
            formula=r"A = f(Z)",
            source=_SOURCE,
            phase="forward",
        ),
        Rule(
            key="forward_3",
            label="Forward rule 3",
            help="A layer's outputs are the next layer's inputs.",
            formula=r"A^{(l)} \to \text{layer } l + 1",
            source=_SOURCE,
            phase="forward",
        ),
        Rule(
            key="forward_4",
            label="Forward rule 4",
            help="At the error function: apply it. Its error starts the backward pass.",
            formula=r"C = \tfrac1n \sum E(Y, T)",
            source=_SOURCE,
            phase="forward",
        ),
        Rule(
            key="backward_1",
            label="Backward rule 1",
            help="At a weight matrix: multiply by its transpose.",
            formula=r"\frac{\partial C}{\partial A} = \delta\, W^\top",
            source=_SOURCE,
            phase="backward",
        ),
        Rule(
            key="backward_2",
            label="Backward rule 2",
            help="At a function: multiply entry by entry with its derivative at the inputs it had on the way forward.",
            formula=r"\delta = \frac{\partial C}{\partial A} \odot f'(Z)",
            source=_SOURCE,
            phase="backward",
        ),
        Rule(
            key="backward_3",
            label="Backward rule 3",
            help="A layer's errors are the inputs of the layer before.",
            formula=r"\frac{\partial C}{\partial A^{(l)}} \to \text{layer } l",
            source=_SOURCE,
            phase="backward",
        ),
        Rule(
            key="gradient",
            label="Gradient rule",
            help="What backward rule 2 gave behind the weight matrix, times what forward rule 2 gave in front of it.",
            formula=r"\frac{\partial C}{\partial W} = A^\top \delta",
            source=_SOURCE,
            phase="gradient",
        ),
        Rule(
            key="update",
            label="Update",
            help="Each weight goes a small step against its gradient.",
            formula=r"W \leftarrow W - \eta \frac{\partial C}{\partial W}",
            source="Cauchy 1847; Robbins & Monro 1951",
            phase="update",
        ),
    ],
)


@dataclass(frozen=True)
class Operation:
    """One thing that happens in a pass.

    rule: key of RULES. operation: what is done, in two or three words. layer: 1 for the first weight matrix, depth + 1 for the
    error function. inputs: symbols of what goes in, in order; output: of what comes out. latex: the formula in these symbols.
    """

    index: int
    rule: str
    operation: str
    layer: int
    inputs: tuple[str, ...]
    output: str
    latex: str

    @property
    def phase(self) -> str:
        """'forward', 'backward', 'gradient' or 'update'."""
        return RULES[self.rule].phase

    def shapes(self, values: Mapping[str, np.ndarray]) -> dict[str, list[int]]:
        """Shape of everything that goes in and of what comes out, by symbol; a number has the shape []."""
        return {symbol: list(values[symbol].shape) for symbol in (*self.inputs, self.output)}
