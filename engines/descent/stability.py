"""When an optimizer is stable on a quadratic: its own rule, read as a matrix.

On ground of curvature λ the slope at distance p from the bottom is λ p. A rule that is linear in what it is given then multiplies
(p, m) by the same 2 x 2 matrix in every step, and shrinks them exactly when both of its eigenvalues lie inside the unit circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engines.lazy import jnp
from engines.optimizers import OPTIMIZERS, Clock

_LATE = 1e6


class LinearRule(NamedTuple):
    """change = rate (slope_to_change g + slot_to_change m), and m becomes slope_to_slot g + slot_to_slot m."""

    slope_to_change: float
    slot_to_change: float
    slope_to_slot: float
    slot_to_slot: float

    @property
    def plain(self) -> bool:
        """Whether this is gradient descent: -rate g, no memory."""
        return self.slope_to_change == -1 and self.slot_to_change == 0

    def matrix(self, rate: float, curvature: float) -> np.ndarray:
        """What one step does to (p, m): (2, 2)."""
        a, b, c, d = self
        return np.array([[1 + rate * a * curvature, rate * b], [c * curvature, d]])

    def largest_stable_rate(self, curvature: float) -> float:
        """The learning rate at which the larger eigenvalue reaches the unit circle; curvature above 0.

        Heavy ball: 2 (1 + μ) / λ. Nesterov: 2 (1 + μ) / ((1 + 2 μ) λ). From 1 ± trace + determinant > 0 and determinant < 1.
        Source: Polyak 1964; Jury 1964 for the conditions.
        """
        a, b, c, d = self
        turn = a * d - b * c
        roots = [(2 + 2 * d, -(a + turn)), (1 - d, turn)]
        return min((top / (bottom * curvature) for top, bottom in roots if bottom > 0), default=np.inf)


def linear_rule(optimizer: str, settings: Mapping[str, float] | None = None) -> LinearRule | None:
    """The rule of an optimizer (by key, with settings over its defaults) after any ramp, or None where it is not linear."""
    return _linear_rule(optimizer, tuple(sorted((settings or {}).items())))


@lru_cache(maxsize=4096)
def _linear_rule(optimizer: str, settings: tuple[tuple[str, float], ...]) -> LinearRule | None:
    """Found by trying the rule on the axes, and on a mixture that only a linear rule answers with the same mixture."""
    entry = OPTIMIZERS[optimizer]
    g, p, m = np.array([[1, 0, 0, 2], [0, 1, 0, 3], [0, 0, 1, 5]], np.float32)
    values = entry.defaults() | dict(settings) | {"learning_rate": 1.0}
    known = {name: np.float32(value) for name, value in values.items()}
    clock = Clock(np.float32(_LATE), np.float32(_LATE))
    move = entry.update(*map(jnp.asarray, (g, p, m, np.zeros_like(g))), clock, known)
    change, first, second = (np.broadcast_to(np.asarray(part, np.float64), 4) for part in move)
    mixed = np.array([2.0, 3.0, 5.0])
    linear = all(np.isclose(part[:3] @ mixed, part[3], rtol=1e-5) for part in (change, first))
    if not linear or change[1] or first[1] or second.any():
        return None
    return LinearRule(float(change[0]), float(change[2]), float(first[0]), float(first[2]))
