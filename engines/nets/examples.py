"""Digits on the device, shared by every visitor."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.data import digits
from engines.lazy import jax
from engines.nets.programs import PIXELS, Data

STRIP, STUDIED, EVALUATED = 12, 256, 10_000


class Examples(NamedTuple):
    """The digits on the device, shared by every visitor: all training examples, the test set, what is looked at."""

    train: Data
    test: Data
    train_sample: Data
    studied: Data
    strip: Any
    digits: digits.Digits


@lru_cache(maxsize=2)
def _placed(source: str, stamp: int) -> tuple[Data, Data]:
    """All training and test digits of `source`, on the device once, however many of them a run looks at."""
    found = digits.load(source)
    parts = (found.train_images, found.train_labels), (found.test_images, found.test_labels)
    return jax.device_put(tuple(Data(images.reshape(-1, PIXELS), labels.astype(np.int32)) for images, labels in parts))


@lru_cache(maxsize=4)
def examples(source: str, train_count: int, stamp: int) -> Examples:
    """What a run on `train_count` digits of `source` needs. stamp: of the digits found, so that newly found ones are taken."""
    found, (train, test) = digits.load(source), _placed(source, stamp)
    kept = min(train_count, len(train.labels), len(test.labels), EVALUATED)
    sample, studied = (Data(train.images[:n], train.labels[:n]) for n in (kept, STUDIED))
    return Examples(train, test, sample, studied, test.images[:STRIP], found)
