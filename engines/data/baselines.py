"""What a text costs a guesser without a net: how well a model has to guess before it knows anything worth knowing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Baselines(NamedTuple):
    """Mean cost of a validation character, nats; divided by ln 2 they are bits.

    uniform: every character as likely. unigram: by how often it occurs. bigram, trigram: given the one or two before it.
    """

    uniform: float
    unigram: float
    bigram: float
    trigram: float


def baselines(train: Array, validation: Array, size: int) -> Baselines:
    """Counted on train (n,), measured on validation (m,), whole numbers below `size`.

    Unigrams are smoothed by adding one; longer contexts by interpolation with the next shorter one, weighted by the number of
    different characters that followed the context (Witten & Bell 1991, method C; Chen & Goodman 1999, section 2.3).
    The characters before the first validation character are the last of the training text.
    """
    train = train.astype(np.int64)
    both = np.concatenate([train[-2:], validation.astype(np.int64)])
    counts = np.bincount(train, minlength=size)
    p1 = ((counts + 1) / (len(train) + size))[both[2:]]
    p2 = _given(train[:-1], train[1:], both[1:-1], both[2:], p1, size)
    p3 = _given(train[:-2] * size + train[1:-1], train[2:], both[:-2] * size + both[1:-1], both[2:], p2, size)
    return Baselines(float(np.log(size)), *(float(-np.log(p).mean()) for p in (p1, p2, p3)))


def _given(contexts: Array, nexts: Array, asked: Array, wanted: Array, lower: Array, size: int) -> Array:
    """P(wanted | asked), (m,): from the pairs (contexts, nexts) that were counted, and `lower` where less is known."""
    pairs, pair_counts = np.unique(contexts * size + nexts, return_counts=True)
    seen, first, followers = np.unique(pairs // size, return_index=True, return_counts=True)
    totals = np.add.reduceat(pair_counts, first)
    pair = _looked_up(pairs, pair_counts, asked * size + wanted)
    kinds, total = _looked_up(seen, followers, asked), _looked_up(seen, totals, asked)
    return np.where(total > 0, (pair + kinds * lower) / np.maximum(total + kinds, 1), lower)


def _looked_up(keys: Array, values: Array, asked: Array) -> Array:
    """The value of each key that is asked for, 0 where there is none. keys: sorted."""
    places = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[places] == asked, values[places], 0)
