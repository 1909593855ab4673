"""Formulas that visitors type: read into a whitelisted, bounded expression tree; never evaluated as Python.

>>> parse("2x^2 - sin(x y)").text
'2*x^2 - sin(x*y)'
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from engines.formula.doubt import notes_on
from engines.formula.parser import MAX_CHARACTERS, tree_of
from engines.formula.tree import Node, evaluate
from engines.formula.words import FormulaError
from engines.formula.writing import code_of, latex_of, text_of
from engines.lazy import jnp

__all__ = ["MAX_CHARACTERS", "Formula", "FormulaError", "parse"]

Array = Any


@dataclass(frozen=True)
class Formula:
    """A height as a formula of x and y; equal and hashed by its canonical text, which reads back as the same formula.

    typed: what the visitor wrote, which places of errors point into.
    """

    text: str
    tree: Node = field(compare=False, repr=False)
    typed: str = field(default="", compare=False, repr=False)

    @property
    def latex(self) -> str:
        """The formula in LaTeX, without dollar signs."""
        return latex_of(self.tree)

    @property
    def code(self) -> str:
        """The formula as a jnp expression of x and y, for exported scripts: the same arithmetic."""
        return code_of(self.tree)

    def evaluate(self, x: Array, y: Array) -> Array:
        """Heights in jnp, elementwise; x and y are floating-point arrays of one shape. Not finite where there is no real height."""
        return jnp.broadcast_to(jnp.asarray(evaluate(self.tree, x, y, jnp), jnp.result_type(x)), jnp.shape(x))

    def notes(self, domain: tuple[float, float, float, float]) -> list[str]:
        """A sentence where part of the domain (x low, x high, y low, y high) has no height; else none.

        Raises FormulaError where there is no height anywhere.
        """
        return notes_on(self.tree, self.typed or self.text, domain)


@functools.lru_cache(maxsize=256)
def parse(text: str) -> Formula:
    """The formula that `text` stands for. Raises FormulaError with one sentence and the place; never anything else.

    Understood: x, y, numbers, + - * / ^ (or **), brackets, products without a sign (2x y), sin cos tan exp log sqrt abs tanh,
    pi and e; also − × · ÷ ² π √. -x^2 is -(x^2), and 2^x^y is 2^(x^y).
    """
    tree = tree_of(text)
    canonical = text_of(tree)
    if len(canonical) > MAX_CHARACTERS:
        canonical = text_of(tree, space="")
    if len(canonical) > MAX_CHARACTERS:
        raise FormulaError("This formula is too long when written out in full.", len(text), text)
    return Formula(canonical, tree, text)
