"""Blobs against a flood fill."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engines.data.blobs import blobs_of


def flooded(mask: np.ndarray) -> set[frozenset[tuple[int, int]]]:
    """The blobs as sets of pixels, found one pixel at a time."""
    left, found = {tuple(map(int, place)) for place in np.argwhere(mask)}, set()
    while left:
        blob, edge = set(), [left.pop()]
        while edge:
            y, x = edge.pop()
            blob.add((y, x))
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge += near
        found.add(frozenset(blob))
    return found


@settings(max_examples=80, deadline=None)
@given(
    shape=some.tuples(some.integers(1, 24), some.integers(1, 24)),
    share=some.floats(0, 1),
    seed=some.integers(0, 2**32),
)
def test_blobs_are_what_a_flood_finds(shape, share, seed):
    mask = np.random.default_rng(seed).random(shape) < share
    found = blobs_of(mask)
    names = range(1, len(found.area) + 1)
    sets = [frozenset(tuple(map(int, place)) for place in np.argwhere(found.labels == name)) for name in names]
    assert set(sets) == flooded(mask) and ((found.labels > 0) == mask).all()
    for k, blob in enumerate(sets):
        rows, columns = zip(*blob, strict=True)
        box = min(rows), min(columns), max(rows) + 1, max(columns) + 1
        assert (len(blob), *box) == (found.area[k], found.top[k], found.left[k], found.bottom[k], found.right[k])


@pytest.mark.parametrize("mask", [np.zeros((3, 4), bool), np.zeros((0, 0), bool)])
def test_nothing_has_no_blobs(mask):
    assert len(blobs_of(mask).area) == 0
