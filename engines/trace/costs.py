"""Quadratic cost against cross-entropy: one sigmoid neuron that is badly wrong at the start, learning with either.

Source: Nielsen 2015, Neural networks and deep learning, chapter 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.trace.learn import learn
from engines.trace.net import Net

MAX_UPDATES = 2000


@dataclass(frozen=True)
class Lesson:
    """One neuron's learning. output, cost: (updates + 1,), before each update and at the end. output is the sigmoid's, 0 to 1.

    gradient: (updates,) what each update followed: the slope of the cost by the weight. halfway: updates until the output has
    done half its way to 0; None where it has not.
    """

    key: str
    label: str
    output: np.ndarray
    cost: np.ndarray
    gradient: np.ndarray
    halfway: int | None


def compare(start: float = 2.0, learning_rate: float = 0.15, updates: int = 300) -> tuple[Lesson, Lesson]:
    """Input 1, target 0, weight and bias both `start`: the larger, the more wrong. Quadratic cost first, then cross-entropy.

    Raises ValueError when start lies outside -10 to 10, or updates outside 1 to 2,000.
    """
    if not -10 <= start <= 10:
        raise ValueError(f"start must lie between -10 and 10, not {start:g}")
    if not 1 <= updates <= MAX_UPDATES:
        raise ValueError(f"updates must lie between 1 and {MAX_UPDATES:,}, not {updates}")
    quadratic = _costs("half_squared", "sigmoid", 0.0, start, learning_rate, updates)
    # logistic cross-entropy takes the sum itself, and the class 0 as -1: ln(1 + e^z) = -ln(1 - sigmoid(z))
    entropy = _costs("cross_entropy", "linear", -1.0, start, learning_rate, updates)
    y = np.sqrt(2 * quadratic)
    p = -np.expm1(-entropy)
    return (
        _lesson("half_squared", "Quadratic cost", y, quadratic, y * y * (1 - y)),
        _lesson("cross_entropy", "Cross-entropy", p, entropy, p),
    )


def _costs(cost: str, activation: str, target: float, start: float, rate: float, updates: int) -> np.ndarray:
    net = Net((np.array([[start]]),), (np.array([start]),), (activation,), cost)
    return learn(net, np.ones((1, 1)), np.array([[target]]), rate, updates)[1]


def _lesson(key: str, label: str, output: np.ndarray, cost: np.ndarray, gradient: np.ndarray) -> Lesson:
    below = np.flatnonzero(output <= output[0] / 2)
    return Lesson(key, label, output, cost, gradient[:-1], int(below[0]) if len(below) else None)
