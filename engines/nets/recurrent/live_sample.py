"""Samples of a text net while it trains: written a few characters at a time, so that training is never held up for long.

A sample belongs to one moment: its weights stay the same until it is written. With the seed unchanged, two samples differ by what
the net has learned in between and by nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engines.data.alphabet import Alphabet
from engines.nets.recurrent.net import AnyNet
from engines.nets.recurrent.sampling import Page, Writer
from engines.nets.recurrent.shapes import Pair
from engines.training import Writing

BUDGET_S = 0.008
"""Time for one turn of writing; a first turn, whose speed nobody knows, writes one character."""
REST_S = 2.0
"""From one sample's beginning to the next's, at least."""
FIRST_WRITTEN = 16
"""Characters written in the turn that has read all of the prime, so that a changed wish is answered at once."""
MOST_KEPT, MOST_PRIMED, MOST_WRITTEN = 48, 400, 2000


class Author(NamedTuple):
    """A net at one moment. weights: device arrays. sequence: characters that a transformer looks back over."""

    net: AnyNet
    weights: Sequence[Pair]
    alphabet: Alphabet
    sequence: int
    step: int
    epoch: float


class Sample(NamedTuple):
    """step, epoch: the moment it is of. prime: what was read first. text: written so far. done: whether that is all of it."""

    step: int
    epoch: float
    prime: str
    text: str
    done: bool

    def plain(self) -> dict[str, Any]:
        """As the live view's messages have it."""
        return self._asdict()


class _Draft:
    """A sample that is being written."""

    def __init__(self, author: Author, writing: Writing) -> None:
        self.author, self.writing = author, writing
        self.prime = primed(author.alphabet, writing.prime)
        self.unread = author.alphabet.encode(self.prime).ids.astype(np.int32)
        self.writer = Writer(author.net, author.weights, len(author.alphabet), author.sequence)
        self.page: Page = self.writer.fresh()
        self.ids = np.zeros(0, np.int32)
        self.chances = np.zeros(0, np.float32)

    @property
    def left(self) -> int:
        return min(self.writing.length, MOST_WRITTEN) - len(self.ids)

    def go_on(self, count: int) -> None:
        """Read or write `count` characters."""
        if len(self.unread):
            self.page, _ = self.writer.read(self.page, self.unread[:count])
            self.unread = self.unread[count:]
            return
        w = self.writing
        ids, chances, self.page = self.writer.write(
            self.page, min(count, self.left), w.temperature, w.top_k, w.top_p, w.seed, len(self.ids)
        )
        self.ids, self.chances = np.concatenate([self.ids, ids]), np.concatenate([self.chances, chances])

    def sample(self) -> Sample:
        text = self.author.alphabet.decode(self.ids)
        return Sample(self.author.step, self.author.epoch, self.prime, text, self.left <= 0)


class LiveSample:
    """The sample in progress, the newest that is done, and the earlier ones of the same run.

    newest: the sample to show: the one in progress once it is longer than nothing. chances (k,) float32: what the net gave each of
    its characters. kept: finished samples, oldest first, at most `MOST_KEPT`; thinned evenly. Replaced, never changed.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """A new run."""
        self._draft: _Draft | None = None
        self._began, self._character_s = -np.inf, BUDGET_S
        self.newest: Sample | None = None
        self.chances = np.zeros(0, np.float32)
        self.kept: tuple[Sample, ...] = ()

    def cut(self, step: int) -> None:
        """Samples of later steps than `step` are of a future that is no more."""
        if self.kept and self.kept[-1].step > step:
            self.kept = tuple(sample for sample in self.kept if sample.step <= step)

    @property
    def unfinished(self) -> bool:
        """Whether there is more to be written of the sample in progress."""
        return self._draft is not None and self._draft.left > 0

    def behind(self, author: Author) -> bool:
        """Whether the sample in progress, or the newest, is of another moment."""
        return self._draft is not None and self._draft.author.weights is not author.weights

    def go_on(self, author: Author, writing: Writing, budget_s: float = BUDGET_S, resting: bool = False) -> None:
        """Write on for about `budget_s`; begin anew where the visitor asks for something else, or when it is time.

        resting: nothing trains, so a moment that is shown is written at once.
        """
        now = time.monotonic()
        if self._due(author, writing, -np.inf if resting else self._began + REST_S, now):
            self._draft, self._began = _Draft(author, writing), now
        draft = self._draft
        if draft is None or draft.left <= 0:
            return
        count = int(np.clip(budget_s / self._character_s, 1, 256))
        before = len(draft.unread) + draft.left
        draft.go_on(count)
        if not len(draft.ids) and not len(draft.unread) and time.monotonic() < now + budget_s:
            draft.go_on(min(count, FIRST_WRITTEN))
        done = before - len(draft.unread) - draft.left
        took = (time.monotonic() - now) / max(done, 1)
        # one stall of a busy machine says little about the net
        self._character_s += (0.25 if took > self._character_s else 0.75) * (took - self._character_s)
        if len(draft.ids):
            self.newest, self.chances = draft.sample(), draft.chances
        if draft.left <= 0:
            self._keep(draft.sample())

    def _due(self, author: Author, writing: Writing, rested: float, now: float) -> bool:
        draft = self._draft
        if draft is None or draft.writing != writing or draft.author.alphabet != author.alphabet or draft.author.net != author.net:
            return True
        return self.behind(author) and draft.left <= 0 and now >= rested

    def _keep(self, sample: Sample) -> None:
        kept = sorted([*(s for s in self.kept if s.step != sample.step), sample], key=lambda s: s.step)
        while len(kept) > MOST_KEPT:
            kept = [*kept[:-1:2], kept[-1]]
        self.kept = tuple(kept)


def primed(alphabet: Alphabet, prime: str) -> str:
    """What is read before writing: the end of `prime` as the alphabet can say it, else a new line or the first character."""
    known = alphabet.decode(alphabet.encode(prime[-MOST_PRIMED:]).ids)
    return known or ("\n" if "\n" in alphabet.characters else alphabet.characters[0])


def compile_writing(author: Author) -> None:
    """Compile what a sample needs, without a sample."""
    writer = Writer(author.net, author.weights, len(author.alphabet), author.sequence)
    page, _ = writer.read(writer.fresh(), np.zeros(1, np.int32))
    writer.write(page, 1)
