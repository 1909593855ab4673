"""The classic tasks of long time lags: the table. What comes early is needed late, and nothing on the way repeats it."""

from __future__ import annotations

import math

import numpy as np

from engines.sequences.task import WITHIN, Batch, Task, asked_at_end
from engines.tables import Table

SHORTEST_LAG, LONGEST_LAG = 2, 300
COPIED, SYMBOLS = 3, 8
KEYS, NOISES = 4, 4


def _adding(rng: np.random.Generator, count: int, lag: int) -> Batch:
    """Numbers 0 to 1 beside marks; the sum of the two marked ones, one in each half, is asked for at the end."""
    steps, half = lag, lag // 2
    values = rng.random((steps, count))
    first, second = rng.integers(0, half, count), rng.integers(half, steps, count)
    marks, everyone = np.zeros((steps, count)), np.arange(count)
    marks[first, everyone] = marks[second, everyone] = 1
    sums = (values * marks).sum(0, keepdims=True).astype(np.float32)
    return Batch(np.stack([values, marks], -1).astype(np.float32), *asked_at_end(sums, steps))


def _copy(rng: np.random.Generator, count: int, lag: int) -> Batch:
    """Symbols 0..7, then blanks (8), then a sign (9) to begin, from which on they are asked for in order."""
    word = rng.integers(0, SYMBOLS, (COPIED, count))
    steps = 2 * COPIED + lag
    inputs = np.full((steps, count), SYMBOLS)
    inputs[:COPIED] = word
    inputs[steps - COPIED] = SYMBOLS + 1
    return Batch(inputs.astype(np.int32), *asked_at_end(word.astype(np.int32), steps))


def _first(rng: np.random.Generator, count: int, lag: int) -> Batch:
    """One of four keys (0..3), then `lag` - 1 others (4..7) that mean nothing, then a question mark (8)."""
    key = rng.integers(0, KEYS, (1, count))
    noise = rng.integers(KEYS, KEYS + NOISES, (lag - 1, count))
    asked = np.full((1, count), KEYS + NOISES)
    return Batch(np.concatenate([key, noise, asked]).astype(np.int32), *asked_at_end(key.astype(np.int32), lag + 1))


TASKS: Table[Task] = Table(
    "sequence_tasks",
    [
        Task(
            key="first",
            label="First symbol",
            help="Which symbol came first? Noise follows it, and the question comes at the end. Four answers are possible.",
            source="After Hochreiter & Schmidhuber 1997, experiment 2",
            inputs=KEYS + NOISES + 1,
            outputs=KEYS,
            classes=True,
            length=lambda lag: lag + 1,
            draw=_first,
            guess_cost=math.log(KEYS),
            guess_share=1 / KEYS,
        ),
        Task(
            key="adding",
            label="Adding",
            help=f"Two numbers of a long row are marked, one in each half. What is their sum? Right is within {WITHIN:g}.",
            source="Hochreiter & Schmidhuber 1997, experiment 4; as in Arjovsky, Shah & Bengio 2016",
            inputs=2,
            outputs=1,
            classes=False,
            length=lambda lag: lag,
            draw=_adding,
            guess_cost=1 / 6,
            guess_share=1 - (1 - WITHIN) ** 2,
        ),
        Task(
            key="copy",
            label="Copy",
            help="Three symbols out of eight, then a long silence, then a sign: repeat them in order.",
            source="Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016, there with ten symbols",
            inputs=SYMBOLS + 2,
            outputs=SYMBOLS,
            classes=True,
            length=lambda lag: lag + 2 * COPIED,
            draw=_copy,
            guess_cost=math.log(SYMBOLS),
            guess_share=1 / SYMBOLS,
        ),
    ],
)
