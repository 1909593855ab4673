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


@lru_cache(maxsize=4)
def examples(source: str, train_count: int, stamp: int) -> Examples:
    """What a run on `train_count` digits of `source` needs. stamp: of the digits found, so that newly found ones are taken."""
    found = digits.load(source)
    kept = min(train_count, len(found.train_labels), len(found.test_labels), EVALUATED)
    pixels = found.train_images.reshape(-1, PIXELS)
    labels = found.train_labels.astype(np.int32)
    test = Data(found.test_images.reshape(-1, PIXELS), found.test_labels.astype(np.int32))
    parts = (
        Data(pixels, labels),
        test,
        Data(pixels[:kept], labels[:kept]),
        Data(pixels[:STUDIED], labels[:STUDIED]),
        test.images[:STRIP],
    )
    return Examples(*jax.device_put(parts), found)
