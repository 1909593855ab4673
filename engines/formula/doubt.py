"""Where on a domain a formula has no height, and which part of it is to blame."""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.formula.tree import Call, Node, Operation, evaluate, every
from engines.formula.words import FormulaError

_COUNT = 61
_LARGEST = 3e38
_ASIDE = (0.371, 0.613)
"""Shares of a cell by which a second grid is moved: what has no height on a line or in a point only has one there."""


def notes_on(node: Node, text: str, domain: tuple[float, float, float, float]) -> list[str]:
    """A sentence where part of the domain (x low, x high, y low, y high) has no height; none where all of it has.

    Raises FormulaError pointing at the part to blame where there is no height anywhere.
    """
    x, y = _grid(domain)
    share = _share_missing(node, x, y)
    if not share:
        return []
    missing = [(part, _share_missing(part, x, y)) for part in every(node)]
    blamed = next((part for part, lost in missing if lost == 1), next(part for part, lost in missing if lost))
    reason = _reason(blamed, x, y)
    if share == 1:
        raise FormulaError(f"There is no height anywhere on this map: {reason}.", blamed.place, text)
    return [f"{_where(node, share, domain)} there is no height: {reason}. A runner that gets there stops."]


def _grid(domain: tuple[float, float, float, float], right: float = 0.0, up: float = 0.0) -> list[np.ndarray]:
    """x and y (n, n) over the domain, moved by shares of a cell and then without what lies beyond its edges."""
    x, y = (np.linspace(low, high, _COUNT) for low, high in (domain[:2], domain[2:]))
    return np.meshgrid(*((line + share * (line[1] - line[0]))[: -1 if share else None] for line, share in ((x, right), (y, up))))


def _where(node: Node, share: float, domain: tuple[float, float, float, float]) -> str:
    """How much of the domain has no height: a share, unless it is only lines or points, which the grid happens to meet."""
    x, y = _grid(domain, *_ASIDE)
    if not _share_missing(node, x, y):
        return "In places"
    return f"On {100 * share:.0f} % of the map" if share > 0.01 else "On a small part of the map"


def _share_missing(node: Node, x: np.ndarray, y: np.ndarray) -> float:
    value = _value(node, x, y)
    return float(np.mean(~(np.isfinite(value) & (np.abs(value) < _LARGEST))))


def _value(node: Node, x: np.ndarray, y: np.ndarray) -> Any:
    with np.errstate(all="ignore"):
        return np.asarray(evaluate(node, x, y, np))


def _reason(node: Node, x: np.ndarray, y: np.ndarray) -> str:
    match node:
        case Operation("/", _, divisor) if (_value(divisor, x, y) == 0).any():
            return "it divides by 0"
        case Call("log"):
            return "log of 0 is infinite, of a negative number complex"
        case Call("sqrt"):
            return "sqrt of a negative number is complex"
        case Operation("^", base) if (_value(base, x, y) == 0).any() and np.isinf(_value(node, x, y)).any():
            return "0 to a negative power is infinite"
        case Operation("^", base) if (_value(base, x, y) < 0).any() and np.isnan(_value(node, x, y)).any():
            return "a negative number to a fractional power is complex"
    return "the numbers grow beyond what fits (3e38)"
