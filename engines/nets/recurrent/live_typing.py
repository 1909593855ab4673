"""What a text net that trains expects after a text that a visitor types: read on from where the last answer stood, where it can."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from engines.nets.recurrent.live_sample import MOST_PRIMED, Author, primed
from engines.nets.recurrent.sampling import Page, Writer

RENEWED_S = 0.25
"""While the net trains the same text is read again this often at most."""


class Expected(NamedTuple):
    """text: as the visitor typed it. unknown: its characters that training never saw, each once. step: which net was asked.

    chances (A,) float32: of the next character, at temperature 1.
    """

    text: str
    unknown: str
    step: int
    chances: np.ndarray

    def plain(self) -> dict[str, Any]:
        """As the live view's messages have it; the chances travel apart."""
        return {"text": self.text, "unknown": self.unknown, "step": self.step}


class LiveTyping:
    """The newest answer, and where the net stood then."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing has been asked."""
        self._author: Author | None = None
        self._writer: Writer | None = None
        self._page: Page | None = None
        self._read, self._asked = "", -np.inf
        self.expected: Expected | None = None

    def answer(self, author: Author, text: str) -> Expected:
        """What is expected after the end of `text`; after a new line where there is no text."""
        now, before = time.monotonic(), self._author
        same_net = before is not None and before.weights is author.weights and before.alphabet == author.alphabet
        if self.expected is not None and self.expected.text == text and (same_net or self._fresh(author, now)):
            return self.expected
        whole = primed(author.alphabet, text)
        if not (same_net and self._page is not None and whole.startswith(self._read) and len(text) <= MOST_PRIMED):
            self._writer = Writer(author.net, author.weights, len(author.alphabet), author.sequence)
            self._page, self._read = self._writer.fresh(), ""
        rest = author.alphabet.encode(whole[len(self._read) :]).ids.astype(np.int32)
        self._page, chances = self._writer.read(self._page, rest)
        self._read, self._author, self._asked = whole, author, now
        self.expected = Expected(text, author.alphabet.encode(text).unknown, author.step, chances)
        return self.expected

    def _fresh(self, author: Author, now: float) -> bool:
        """Whether the last answer may stand although the net has learned since."""
        before = self._author
        alike = before is not None and (before.net, before.alphabet) == (author.net, author.alphabet)
        return alike and author.step >= before.step and now < self._asked + RENEWED_S
