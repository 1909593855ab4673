"""The gallery of activations: each on a grid, with its derivative, where it saturates, and what that does to an error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from engines.activations import ACTIVATIONS
from engines.lazy import jnp
from engines.trace.net import in_precision

REACH, STEP = 6.0, 0.025
FLAT = 0.01
"""A slope of less than this, by size, lets next to nothing through."""


@dataclass(frozen=True)
class Portrait:
    """One activation. z, value, slope: (n,) on a grid from -6 to 6.

    flat: where its slope is under a hundredth, from and to; an end at the edge of the grid goes on beyond it. A place where the
    slope only passes through 0 is none. steepest: the largest slope, by size, on the grid. words: what this means for learning.
    """

    key: str
    label: str
    z: np.ndarray
    value: np.ndarray
    slope: np.ndarray
    flat: tuple[tuple[float, float], ...]
    steepest: float
    words: str


@cache
def portrait(key: str) -> Portrait:
    """The activation with this key. Its derivative is the table's own, which for a surrogate is not that of the function."""
    entry = ACTIVATIONS[key]
    z = np.linspace(-REACH, REACH, round(2 * REACH / STEP) + 1)
    with in_precision(np.float64):
        value, slope = (np.asarray(function(jnp.asarray(z))) for function in (entry.apply, entry.derivative))
    for array in (z, value, slope):
        array.setflags(write=False)
    flat, steepest = flat_ranges(z, slope), float(np.abs(slope).max())
    return Portrait(key, entry.label, z, value, slope, flat, steepest, _words(z, slope, flat, steepest))


def gallery() -> tuple[Portrait, ...]:
    """All activations, in the table's order."""
    return tuple(portrait(key) for key in ACTIVATIONS)


def flat_ranges(z: np.ndarray, slope: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Where |slope| < FLAT for at least a quarter of a unit: (from, to) each, in ascending z."""
    flat = np.concatenate([[False], np.abs(slope) < FLAT, [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1]).reshape(-1, 2)
    return tuple(
        (round(float(z[first]), 3), round(float(z[last - 1]), 3)) for first, last in edges if z[last - 1] - z[first] >= 0.25
    )


def _words(z: np.ndarray, slope: np.ndarray, flat: tuple[tuple[float, float], ...], steepest: float) -> str:
    if not slope.any():
        return "Its slope is 0 everywhere: no error comes through, and nothing before it learns."
    said = []
    if (slope == slope[0]).all():
        said.append("Its slope never changes: it never saturates, but layers of it are worth a single one.")
    elif steepest <= 0.25 + 1e-9:
        said.append(
            "Its slope is at most a quarter: those of ten layers together leave less than a millionth of an error, "
            "and only large weights could make up for it."
        )
    said += [_range_words(slope[(z > low - STEP / 2) & (z < high + STEP / 2)], low, high) for low, high in flat]
    if steepest > 1.5:
        said.append(f"Its slope reaches {steepest:.3g} here: errors can grow from layer to layer.")
    if not said:
        said.append("It saturates nowhere on this stretch.")
    return " ".join(said)


def _range_words(slope: np.ndarray, low: float, high: float) -> str:
    where = f"Below {high:.3g}" if low == -REACH else f"Above {low:.3g}" if high == REACH else f"Between {low:.3g} and {high:.3g}"
    if not slope.any():
        return f"{where} its slope is exactly 0: a unit that only gets there is dead."
    return f"{where} it saturates: under 1 % of the error comes through."
