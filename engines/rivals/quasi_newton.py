"""L-BFGS: downhill, with the curvature guessed from the last steps.

Written out here because scipy's own takes several threads for every dot product of more than 10,000 numbers, and on a server that
also trains a net they wait for each other sixty times longer than they compute.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

MEMORY, TOLERANCE, LEAST_GAIN = 10, 1e-5, 1e-9
_SUFFICIENT, _SHORTER, _MOST_TRIES = 1e-4, 0.5, 30
Cost = Callable[[np.ndarray], tuple[float, np.ndarray]]


def minimise(cost: Cost, start: np.ndarray, iterations: int, told: Callable[[int], None] = lambda done: None) -> np.ndarray:
    """Where `cost` (x (d,) -> value, gradient (d,)) is least, from `start` (d,). At most so many steps, told(steps) after each.

    Ends sooner where no slope is steeper than 1e-5, or a step gains less than a billionth. Source: Nocedal & Wright 2006,
    algorithms 7.4 and 7.5; steps are halved until they gain enough (Armijo).
    """
    x = start.astype(np.float64)
    value, slope = cost(x)
    kept: deque[tuple[np.ndarray, np.ndarray, float]] = deque(maxlen=MEMORY)
    for done in range(iterations):
        if np.abs(slope).max() < TOLERANCE:
            break
        way = -_scaled(slope, kept)
        length = 1.0 if kept else min(1.0, 1.0 / np.abs(slope).sum())
        found = _step(cost, x, value, _dot(slope, way), way, length)
        if found is None:
            break
        moved, lower, steeper = found
        change, turn = moved - x, steeper - slope
        if _dot(change, turn) > 1e-10 * _dot(turn, turn):
            kept.append((change, turn, 1 / _dot(change, turn)))
        gain, x, value, slope = value - lower, moved, lower, steeper
        told(done + 1)
        if gain <= LEAST_GAIN * max(abs(value), 1e-3):
            break
    return x


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    """a·b of (d,), on this thread."""
    return float((a * b).sum())


def _scaled(slope: np.ndarray, kept: deque[tuple[np.ndarray, np.ndarray, float]]) -> np.ndarray:
    """The slope (d,) times the guessed inverse of the curvature: the two loops of algorithm 7.4."""
    q = slope.copy()
    shares = []
    for change, turn, weight in reversed(kept):
        shares.append(weight * _dot(change, q))
        q -= shares[-1] * turn
    if kept:
        change, turn, weight = kept[-1]
        q /= weight * _dot(turn, turn)
    for (change, turn, weight), share in zip(kept, reversed(shares), strict=True):
        q += (share - weight * _dot(turn, q)) * change
    return q


def _step(
    cost: Cost, x: np.ndarray, value: float, descent: float, way: np.ndarray, length: float
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """Place, value and slope after a step along `way` that gains enough; None where none does."""
    for _ in range(_MOST_TRIES):
        moved = x + length * way
        lower, slope = cost(moved)
        if lower <= value + _SUFFICIENT * length * descent:
            return moved, lower, slope
        length *= _SHORTER
    return None
