"""The shapes that reading and writing can have: the table. Each with a small task that a net learns in seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engines.sequences.task import Batch, Task, asked_at_end
from engines.tables import Table

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
END, BLANK = "·", " "
WRITTEN = "".join(sorted({*"".join(NAMES)})) + END
LONGEST_NAME = max(map(len, NAMES)) + 1
VOTES, VOTERS = "AB", 9
WORD, REVERSED = "abcdef", 4
COLUMNS = 8
SUMS = ("0+0", "0+1", "1+0", "1+1")
SYNCED, ONE_TO_MANY = "synced", "one_to_many"


@dataclass(frozen=True, kw_only=True)
class Shape(Task):
    """A task whose steps are drawn as boxes. asks: what the visitor reads above its examples.

    reads, writes: (T,) whether anything goes in, whether an answer counts, at each step. shown: the text of each input symbol.
    said: the text of each answer.
    """

    asks: str
    reads: tuple[bool, ...]
    writes: tuple[bool, ...]
    shown: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.reads)


def _next_letter(rng: np.random.Generator, count: int, lag: int) -> Batch:
    letters = rng.integers(0, len(LETTERS), (1, count)).astype(np.int32)
    return Batch(letters, *asked_at_end((letters + 1) % len(LETTERS), 1))


def _name(rng: np.random.Generator, count: int, lag: int) -> Batch:
    """A digit, then blanks (10); its name comes out, then end marks."""
    digits = rng.integers(0, len(NAMES), count)
    inputs = np.full((LONGEST_NAME, count), len(NAMES), np.int32)
    inputs[0] = digits
    table = np.array([[WRITTEN.index(c) for c in name.ljust(LONGEST_NAME, END)] for name in NAMES], np.int32)
    return Batch(inputs, *asked_at_end(table[digits].T, LONGEST_NAME))


def _winner(rng: np.random.Generator, count: int, lag: int) -> Batch:
    votes = rng.integers(0, 2, (VOTERS, count)).astype(np.int32)
    won = (2 * votes.sum(0, keepdims=True) > VOTERS).astype(np.int32)
    return Batch(votes, *asked_at_end(won, VOTERS))


def _backwards(rng: np.random.Generator, count: int, lag: int) -> Batch:
    word = rng.integers(0, len(WORD), (REVERSED, count)).astype(np.int32)
    silence = np.full_like(word, len(WORD))
    return Batch(np.concatenate([word, silence]), *asked_at_end(word[::-1], 2 * REVERSED))


def _columns(rng: np.random.Generator, count: int, lag: int) -> Batch:
    """Two numbers of one bit fewer than there are columns, the lowest first; symbol 2 a + b; the bits of their sum."""
    a, b = rng.integers(0, 2 ** (COLUMNS - 1), (2, count))
    places = np.arange(COLUMNS)[:, None]
    bits = [(number >> places) & 1 for number in (a, b, a + b)]
    return Batch((2 * bits[0] + bits[1]).astype(np.int32), *asked_at_end(bits[2].astype(np.int32), COLUMNS))


def _ends(before: int, after: int) -> tuple[bool, ...]:
    return (False,) * before + (True,) * after


SHAPES: Table[Shape] = Table(
    "sequence_shapes",
    [
        Shape(
            key="one_to_one",
            label="One to one",
            help="One thing in, one out: no time passes. A letter goes in, the next one of the alphabet comes out.",
            asks="Which letter comes next in the alphabet?",
            source="A feed-forward net, Rumelhart, Hinton & Williams 1986",
            inputs=len(LETTERS),
            outputs=len(LETTERS),
            classes=True,
            length=lambda lag: 1,
            draw=_next_letter,
            guess_cost=math.log(len(LETTERS)),
            guess_share=1 / len(LETTERS),
            reads=(True,),
            writes=(True,),
            shown=tuple(LETTERS),
            said=tuple(LETTERS),
        ),
        Shape(
            key=ONE_TO_MANY,
            label="One to many",
            help="One thing in, a row out, as when a picture gets a caption. A digit goes in, its name comes out.",
            asks="What is this digit called?",
            source="Captions: Karpathy & Fei-Fei 2015; Vinyals et al. 2015",
            inputs=len(NAMES) + 1,
            outputs=len(WRITTEN),
            classes=True,
            length=lambda lag: LONGEST_NAME,
            draw=_name,
            guess_cost=math.log(len(WRITTEN)),
            guess_share=1 / len(WRITTEN),
            reads=(True,) + (False,) * (LONGEST_NAME - 1),
            writes=(True,) * LONGEST_NAME,
            shown=(*"0123456789", BLANK),
            said=tuple(WRITTEN),
        ),
        Shape(
            key="many_to_one",
            label="Many to one",
            help="A row in, one answer at the end, as when a review is good or bad. Nine votes go in; who has won?",
            asks="Who has more of the nine votes?",
            source="Elman 1990; Hochreiter & Schmidhuber 1997",
            inputs=len(VOTES),
            outputs=len(VOTES),
            classes=True,
            length=lambda lag: VOTERS,
            draw=_winner,
            guess_cost=math.log(2),
            guess_share=1 / 2,
            reads=(True,) * VOTERS,
            writes=_ends(VOTERS - 1, 1),
            shown=tuple(VOTES),
            said=tuple(VOTES),
        ),
        Shape(
            key="many_to_many",
            label="Many to many",
            help="First a row in, then a row out, as in translation: all has to pass through the state. Say a word backwards.",
            asks="What is this word backwards?",
            source="Sutskever, Vinyals & Le 2014; Cho et al. 2014",
            inputs=len(WORD) + 1,
            outputs=len(WORD),
            classes=True,
            length=lambda lag: 2 * REVERSED,
            draw=_backwards,
            guess_cost=math.log(len(WORD)),
            guess_share=1 / len(WORD),
            reads=(True,) * REVERSED + (False,) * REVERSED,
            writes=_ends(REVERSED, REVERSED),
            shown=(*WORD, BLANK),
            said=tuple(WORD),
        ),
        Shape(
            key=SYNCED,
            label="Many to many, in step",
            help="An answer at every step, as the text nets of this page give. Two binary numbers are added, lowest column first.",
            asks="Which digit does the sum have in each column? The carry has to be remembered.",
            source="Elman 1990; Karpathy 2015 draws all five shapes",
            inputs=len(SUMS),
            outputs=2,
            classes=True,
            length=lambda lag: COLUMNS,
            draw=_columns,
            guess_cost=math.log(2),
            guess_share=1 / 2,
            reads=(True,) * COLUMNS,
            writes=(True,) * COLUMNS,
            shown=SUMS,
            said=("0", "1"),
        ),
    ],
)
