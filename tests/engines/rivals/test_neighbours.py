"""Nearest neighbours against a plain search in float64."""

import numpy as np
import pytest

from engines.rivals import neighbours
from engines.rivals.watch import Watch


def searched(images, labels, shown, k):
    """The answers of a search by hand: all distances, the k smallest, the commonest, the smaller where equal."""
    a, b = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (images, shown))
    found = []
    for row in b:
        near = np.argsort(((a - row) ** 2).sum(1), kind="stable")[:k]
        found.append(np.bincount(labels[near]).argmax())
    return np.array(found)


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_neighbours_are_those_of_a_search_by_hand(k):
    rng = np.random.default_rng(k)
    images = rng.integers(0, 256, (120, 28, 28), np.uint8)
    labels = rng.integers(0, 4, 120).astype(np.uint8)
    shown = rng.integers(0, 256, (40, 28, 28), np.uint8)
    predict = neighbours.fit(images, labels, {"k": k}, Watch())
    assert np.array_equal(predict(shown), searched(images, labels, shown, k))
    assert np.array_equal(neighbours.fit(images, labels, {"k": 1}, Watch())(images), labels)
