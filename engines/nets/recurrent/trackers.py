"""What single units keep track of: features of a text, the table, and how well each unit goes along with each.

Units are chosen on the first half of a text and judged on the second, so that a unit that fits by luck gives itself away.
After Karpathy, Johnson & Fei-Fei 2015, who found such units by eye.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engines.tables import Entry, Table

FEWEST = 5
"""Characters with a feature, and without it, that a half of the text needs for a judgement."""
CLEARLY = 0.4
"""How closely a unit goes along with what it is shown for first."""
_SPEAKER = re.compile(r"(?:^|(?<=\n))([^\W\d_][\w'’. -]{0,39}):(?=\n|$)")
_OPENING, _CLOSING = "([{“«", ")]}”»"


@dataclass(frozen=True, kw_only=True)
class Feature(Entry):
    """values: text -> (T,) float32, known once each character has been read, but for speakers. yes: they are 0 or 1."""

    yes: bool
    values: Callable[[str], np.ndarray]


def _each(test: Callable[[str], bool]) -> Callable[[str], np.ndarray]:
    def values(text: str) -> np.ndarray:
        known = {c: float(test(c)) for c in set(text)}
        return np.array([known[c] for c in text], np.float32)

    return values


def _speaker(text: str) -> np.ndarray:
    found = np.zeros(len(text), np.float32)
    for match in _SPEAKER.finditer(text):
        found[match.start(1) : match.end(1)] = 1
    return found


def _after_break(text: str) -> np.ndarray:
    return np.array([i > 0 and text[i - 1] == "\n" for i in range(len(text))], np.float32)


def _since(text: str, ends: Callable[[str], bool]) -> np.ndarray:
    """How many characters have come since the last that ends something; it counts as part of what it ends."""
    found, count = np.zeros(len(text), np.float32), 0
    for i, c in enumerate(text):
        found[i] = count
        count = 0 if ends(c) else count + 1
    return found


def _in_line(text: str) -> np.ndarray:
    return _since(text, lambda c: c == "\n")


def _in_word(text: str) -> np.ndarray:
    found, count = np.zeros(len(text), np.float32), 0
    for i, c in enumerate(text):
        count = count + 1 if c.isalpha() else 0
        found[i] = count
    return found


def _enclosed(text: str) -> np.ndarray:
    """From an opening bracket or quotation mark to before its closing one. What is never closed ends at an empty line."""
    found, depth, quoted = np.zeros(len(text), np.float32), 0, False
    for i, c in enumerate(text):
        if c in _OPENING:
            depth += 1
        elif c in _CLOSING:
            depth = max(0, depth - 1)
        elif c == '"':
            quoted = not quoted
        elif text[max(0, i - 1) : i + 1] == "\n\n":
            depth, quoted = 0, False
        found[i] = depth > 0 or quoted
    return found


def _is_vowel(c: str) -> bool:
    return unicodedata.normalize("NFD", c)[0].lower() in "aeiou"


FEATURES: Table[Feature] = Table(
    "text_features",
    [
        Feature(
            key="speaker",
            label="In a speaker's name",
            help="Inside a line that ends with a colon, as plays name who speaks.",
            source="Karpathy 2015",
            yes=True,
            values=_speaker,
        ),
        Feature(
            key="line",
            label="Place in the line",
            help="How many characters of this line have come before.",
            source="Karpathy, Johnson & Fei-Fei 2015",
            yes=False,
            values=_in_line,
        ),
        Feature(
            key="break",
            label="After a line break",
            help="At the first character of a line.",
            source="Karpathy, Johnson & Fei-Fei 2015",
            yes=True,
            values=_after_break,
        ),
        Feature(
            key="word",
            label="Letters of the word so far",
            help="How many letters of this word have been read; 0 between words.",
            source="Karpathy, Johnson & Fei-Fei 2015",
            yes=False,
            values=_in_word,
        ),
        Feature(
            key="space",
            label="Between words",
            help="At a space or a line break.",
            source="Elman 1990",
            yes=True,
            values=_each(str.isspace),
        ),
        Feature(
            key="vowel",
            label="Vowel",
            help="At a, e, i, o, u, with or without an accent.",
            source="Elman 1990",
            yes=True,
            values=_each(_is_vowel),
        ),
        Feature(
            key="capital",
            label="Capital letter",
            help="At a capital letter.",
            source="Karpathy 2015",
            yes=True,
            values=_each(str.isupper),
        ),
        Feature(
            key="mark",
            label="Punctuation",
            help="At a full stop, a comma, a colon and the like.",
            source="Karpathy, Johnson & Fei-Fei 2015",
            yes=True,
            values=_each(lambda c: unicodedata.category(c).startswith("P")),
        ),
        Feature(
            key="enclosed",
            label="In quotes or brackets",
            help="Between an opening quotation mark or bracket and the closing one.",
            source="Karpathy, Johnson & Fei-Fei 2015",
            yes=True,
            values=_enclosed,
        ),
        Feature(
            key="sentence",
            label="Length of the sentence so far",
            help="How many characters have come since the last full stop, question mark or exclamation mark.",
            source="Karpathy, Johnson & Fei-Fei 2015",
            yes=False,
            values=lambda text: _since(text, lambda c: c in ".!?"),
        ),
    ],
)


class Tracking(NamedTuple):
    """How units go along with features, -1 to 1, nan where the text does not tell; (features, layers, units), as `FEATURES`.

    Of a yes or no, 2 AUC - 1; of a number, the correlation. chosen: on the first half of the text. judged: on the second.
    """

    chosen: np.ndarray
    judged: np.ndarray


class Found(NamedTuple):
    """A unit that keeps track of something. chosen, judged: as `Tracking`."""

    layer: int
    unit: int
    chosen: float
    judged: float


def track(hidden: np.ndarray, text: str) -> Tracking:
    """Of hidden (layers, T, units), values after each of the T characters of text.

    Raises ValueError where they are not of equal length.
    """
    layers, count, units = hidden.shape
    if count != len(text):
        raise ValueError(f"there are values for {count:,} characters of a text of {len(text):,}")
    half = count // 2
    values = [feature.values(text) for feature in FEATURES.values()]
    halves = []
    for part in (slice(0, half), slice(half, count)):
        found = np.full((len(FEATURES), layers, units), np.nan, np.float32)
        for layer in range(layers):
            found[:, layer] = _scores(hidden[layer, part].astype(np.float64), [v[part] for v in values])
        halves.append(found)
    return Tracking(*halves)


def _scores(shown: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    """shown (t, units): one row a feature, (features, units)."""
    ranks = _ranks(shown)
    rows = [
        separation(ranks, wanted > 0) if feature.yes else correlation(shown, wanted)
        for feature, wanted in zip(FEATURES.values(), values, strict=True)
    ]
    return np.stack(rows)


def _ranks(shown: np.ndarray) -> np.ndarray:
    """Ranks 1..t down each column; equal values share their mean rank."""
    from scipy.stats import rankdata

    return rankdata(shown, axis=0) if len(shown) else shown


def separation(ranks: np.ndarray, yes: np.ndarray) -> np.ndarray:
    """2 AUC - 1 of each column: +1 where all values with the feature lie above all others, 0 where it makes no difference.

    ranks (t, units) from 1; yes (t,). nan where fewer than `FEWEST` have it or lack it.
    Source: Mann & Whitney 1947; Hanley & McNeil 1982.
    """
    with_it, without = int(yes.sum()), int((~yes).sum())
    if min(with_it, without) < FEWEST:
        return np.full(ranks.shape[1], np.nan)
    area = (ranks[yes].sum(0) - with_it * (with_it + 1) / 2) / (with_it * without)
    return 2 * area - 1


def correlation(shown: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Pearson's r of each column of shown (t, units) with wanted (t,); 0 for a unit that never changes, nan for a flat wanted."""
    if len(wanted) < 2 * FEWEST or not np.ptp(wanted):
        return np.full(shown.shape[1], np.nan)
    x, y = shown - shown.mean(0), wanted - wanted.mean(dtype=np.float64)
    spread = np.sqrt((x * x).sum(0) * (y * y).sum())
    return np.divide(y @ x, spread, out=np.zeros(shown.shape[1]), where=spread > 1e-12)


def best(tracking: Tracking, feature: str, most: int = 8) -> list[Found]:
    """The units that go along with it most closely, either way, in the first half of the text; none where that does not tell."""
    chosen, judged = (part[FEATURES.index(feature)] for part in tracking)
    if not np.isfinite(chosen).any():
        return []
    order = np.argsort(-np.abs(chosen).ravel(), kind="stable")[:most]
    places = [divmod(int(i), chosen.shape[1]) for i in order]
    return [Found(layer, unit, float(chosen[layer, unit]), float(judged[layer, unit])) for layer, unit in places]


def tracked(tracking: Tracking) -> str:
    """The first feature, in the table's order, that some unit goes along with by at least `CLEARLY`; the first where none does."""
    ranked = ((feature, best(tracking, feature, 1)) for feature in FEATURES)
    return next((feature for feature, found in ranked if found and abs(found[0].judged) >= CLEARLY), next(iter(FEATURES)))
