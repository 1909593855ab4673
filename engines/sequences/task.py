"""What a small recurrent net is asked to do, step by step: the shape of a task and of its examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engines.tables import Entry

WITHIN = 0.1
"""A number answered is right within this of the true one."""


class Batch(NamedTuple):
    """B examples side by side, T steps each.

    inputs: (T, B) int32, numbers of symbols, or (T, B, inputs) float32. targets: (T, B), int32 classes or float32 numbers.
    counted: (T, B) float32, 1 where an answer is asked for.
    """

    inputs: np.ndarray
    targets: np.ndarray
    counted: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Task(Entry):
    """Examples without end, and what those get who know nothing of the inputs.

    inputs: different symbols, or numbers a step. outputs: classes, or 1 where a number is asked for (`classes` False).
    length: lag -> steps of a sequence. draw: (rng, examples, lag) -> Batch.
    guess_cost: nats an answer, or the mean squared error. guess_share: of right answers, 0 to 1.
    """

    inputs: int
    outputs: int
    classes: bool
    length: Callable[[int], int]
    draw: Callable[[np.random.Generator, int, int], Batch]
    guess_cost: float
    guess_share: float


def asked_at_end(targets: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """targets (k, B) of the last k of `steps` steps: (targets (steps, B), 0 before; counted (steps, B) float32)."""
    whole = np.zeros((steps, targets.shape[1]), targets.dtype)
    whole[-len(targets) :] = targets
    counted = np.zeros(whole.shape, np.float32)
    counted[-len(targets) :] = 1
    return whole, counted
