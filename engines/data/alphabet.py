"""The characters of a text as numbers and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

MAX_CHARACTERS = 512
REPLACEMENT = "\ufffd"
"""Stands for every character that is too rare to have a number of its own (Unicode's replacement character)."""


class Encoded(NamedTuple):
    """ids (n,) uint16. unknown: the characters that the alphabet does not have, each once, in the order met."""

    ids: np.ndarray
    unknown: str


@dataclass(frozen=True)
class Alphabet:
    """characters: all different, in the order of their code points; a character's number is its place."""

    characters: str

    def __post_init__(self) -> None:
        codes = code_points(self.characters)
        if not 2 <= len(codes) <= MAX_CHARACTERS or (np.diff(codes.astype(np.int64)) <= 0).any():
            raise ValueError(f"an alphabet is 2 to {MAX_CHARACTERS} different characters in the order of their code points")

    def __len__(self) -> int:
        return len(self.characters)

    @cached_property
    def _codes(self) -> np.ndarray:
        return code_points(self.characters)

    def encode(self, text: str) -> Encoded:
        """The numbers of a text's characters. An unknown one becomes the replacement character; without one it is left out."""
        codes = code_points(text)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self) - 1)
        strange = self._codes[places] != codes
        unknown = "".join(dict.fromkeys(map(chr, codes[strange].tolist())))
        if REPLACEMENT in self.characters:
            places[strange] = self.characters.index(REPLACEMENT)
        else:
            places = places[~strange]
        return Encoded(places.astype(np.uint16), unknown)

    def decode(self, ids: np.ndarray) -> str:
        """The text of numbers (n,) of any whole type. Raises ValueError where one is not of the alphabet."""
        numbers = np.asarray(ids)
        if numbers.size and (numbers.min() < 0 or numbers.max() >= len(self)):
            raise ValueError(f"numbers of this alphabet lie from 0 to {len(self) - 1}")
        return "".join(map(self.characters.__getitem__, numbers.tolist()))


class Counted(NamedTuple):
    """An alphabet of a text. rare: how many different characters had to share the replacement character."""

    alphabet: Alphabet
    rare: int


def alphabet_of(text: str, most: int = MAX_CHARACTERS) -> Counted:
    """The alphabet of a text: all its characters, or the `most` - 1 most frequent and the replacement character.

    Of equally frequent characters the one with the lower code point stays. Raises ValueError where there are fewer than two.
    """
    codes, counts = np.unique(code_points(text), return_counts=True)
    if len(codes) < 2:
        raise ValueError("A text needs at least two different characters: there is nothing to guess in this one.")
    if len(codes) <= most:
        return Counted(Alphabet("".join(map(chr, codes.tolist()))), 0)
    others = codes != ord(REPLACEMENT)
    codes, counts = codes[others], counts[others]
    kept = np.sort(codes[np.argsort(-counts, kind="stable")[: most - 1]])
    characters = sorted([*map(chr, kept.tolist()), REPLACEMENT])
    return Counted(Alphabet("".join(characters)), len(codes) - len(kept))


def code_points(text: str) -> np.ndarray:
    """The code points of a text, (n,) uint32."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
