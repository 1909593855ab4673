"""Baselines: against counting by hand and against what entropy demands."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from engines.data.baselines import baselines


def _by_hand(train, validation, size):
    """The same, one character at a time, with dictionaries."""
    train, validation = train.tolist(), validation.tolist()
    counts = Counter(train)
    after = {1: defaultdict(Counter), 2: defaultdict(Counter)}
    for order in (1, 2):
        for i in range(order, len(train)):
            after[order][tuple(train[i - order : i])][train[i]] += 1
    whole, totals = train[-2:] + validation, np.zeros(3)
    for i in range(2, len(whole)):
        c, p = whole[i], (counts[whole[i]] + 1) / (len(train) + size)
        for order in (0, 1, 2):
            if order:
                found = after[order][tuple(whole[i - order : i])]
                if found:
                    p = (found[c] + len(found) * p) / (sum(found.values()) + len(found))
            totals[order] -= np.log(p)
    return [np.log(size), *(totals / len(validation))]


@pytest.mark.parametrize("seed", range(4))
def test_as_counted_by_hand(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 12))
    shares = rng.dirichlet(np.ones(size) * 0.5)
    text = rng.choice(size, 400, p=shares).astype(np.uint16)
    np.testing.assert_allclose(baselines(text[:300], text[300:], size), _by_hand(text[:300], text[300:], size), rtol=1e-12)


def test_probabilities_of_every_order_sum_to_one():
    """Averaged over all characters with the same past, exp(-cost) sums to 1."""
    rng = np.random.default_rng(5)
    train = rng.integers(0, 5, 200)
    for last in range(5):
        past = np.append(train, [last, (last * 3) % 5])
        found = [baselines(past, np.array([c]), 5) for c in range(5)]
        for order in ("uniform", "unigram", "bigram", "trigram"):
            assert sum(np.exp(-getattr(found[c], order)) for c in range(5)) == pytest.approx(1)


def test_a_longer_memory_pays_where_there_is_something_to_remember():
    found = baselines(np.tile([0, 1, 1, 2], 500), np.tile([0, 1, 1, 2], 50), 3)
    assert found.uniform == pytest.approx(np.log(3))
    assert found.unigram == pytest.approx(1.5 * np.log(2), rel=1e-2)
    assert found.bigram == pytest.approx(0.5 * np.log(2), rel=5e-2) and found.trigram < 0.01


def test_characters_that_training_never_saw_cost_much_but_not_everything():
    found = baselines(np.zeros(100, np.uint16), np.ones(10, np.uint16), 2)
    assert all(0 < value < np.inf for value in found) and found.unigram > found.uniform
