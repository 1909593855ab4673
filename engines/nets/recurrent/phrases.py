"""Units that stay on through a phrase, and other places where the same units are on.

Source: Strobelt, Gehrmann, Pfister & Rush 2018 (LSTMVis), who also let a unit be required to be off before and after.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class On(NamedTuple):
    """A unit that is on through a phrase. sign: +1 above the threshold, -1 below its negative. start, stop: how far it stays on."""

    unit: int
    sign: int
    start: int
    stop: int


class Match(NamedTuple):
    """Another stretch [start, stop) with the same units on. share: of the units, of those that are on all through it, 0 to 1."""

    start: int
    stop: int
    share: float


def units_through(shown: np.ndarray, start: int, stop: int, threshold: float, edges: bool = False) -> list[On]:
    """Units of shown (T, units) beyond the threshold, always on the same side, all through [start, stop).

    edges: only those that are not just before and just after. Those that fit the phrase most tightly come first.
    Raises ValueError for an empty phrase or one that is not within the text.
    """
    if not 0 <= start < stop <= len(shown):
        raise ValueError(f"a phrase lies within the {len(shown)} characters and is not empty; this one is {start} to {stop}")
    found = []
    for sign in (1, -1):
        on = sign * shown > threshold
        for unit in np.flatnonzero(on[start:stop].all(0)).tolist():
            first, last = _reach(on[:, unit], start, stop)
            if not edges or (first == start and last == stop):
                found.append(On(unit, sign, first, last))
    return sorted(found, key=lambda one: (one.stop - one.start, one.unit))


def _reach(on: np.ndarray, start: int, stop: int) -> tuple[int, int]:
    """How far around [start, stop) it stays on without a break."""
    off_before, off_after = np.flatnonzero(~on[:start]), np.flatnonzero(~on[stop:])
    return (int(off_before[-1]) + 1 if len(off_before) else 0), (int(off_after[0]) + stop if len(off_after) else len(on))


def matches(shown: np.ndarray, units: list[On], threshold: float, most: int = 10, shortest: int = 2) -> list[Match]:
    """Stretches of shown (T, units) where all of `units` are on at once, the longest first; then those where fewer are.

    Fewer: down to half of them. Stretches do not overlap and have at least `shortest` characters.
    """
    if not units:
        return []
    on = np.stack([one.sign * shown[:, one.unit] > threshold for one in units], 1)
    taken = np.zeros(len(shown), bool)
    found: list[Match] = []
    for needed in range(len(units), max(0, (len(units) - 1) // 2), -1):
        for start, stop in sorted(_stretches((on.sum(1) >= needed) & ~taken), key=lambda s: s[0] - s[1]):
            if stop - start >= shortest:
                found.append(Match(start, stop, float(on[start:stop].all(0).mean())))
                taken[start:stop] = True
        if len(found) >= most:
            break
    return found[:most]


def _stretches(wanted: np.ndarray) -> list[tuple[int, int]]:
    """[start, stop) of every unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
