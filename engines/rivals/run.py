"""Let a rival learn and answer, watched and timed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engines.data.digits import Digits
from engines.descriptions import Choice
from engines.rivals.table import RIVALS
from engines.rivals.watch import IsCancelled, Predict, Progress, Watch

BATCH = 250


class Result(NamedTuple):
    """How a rival did on all test digits.

    error_percent: share of test digits it gets wrong, 0..100; errors: how many. predictions: (test_count,) uint8.
    seconds_fit, seconds_predict: to learn, and to answer for the whole test set.
    """

    error_percent: float
    errors: int
    seconds_fit: float
    seconds_predict: float
    train_count: int
    test_count: int
    predictions: np.ndarray

    @property
    def seconds(self) -> float:
        """Learning and answering together."""
        return self.seconds_fit + self.seconds_predict


def run_rival(
    key: str,
    settings: Mapping[str, float],
    digits: Digits,
    train_count: int,
    seed: int = 0,
    progress: Progress = lambda share: None,
    cancelled: IsCancelled = lambda: False,
) -> Result:
    """Fit rival `key` of `RIVALS` to the first `train_count` training digits (as many as there are) and ask it for all test digits.

    settings: those not given take their defaults. seed: of what a rival draws at random; none of the present ones draws.
    progress(share 0..1) is called often; cancelled() is asked between pieces. Raises ValueError naming an unknown rival or
    setting, and `Cancelled`.
    """
    choice = Choice(key=key, settings=dict(settings)).on(RIVALS)
    rival, watch = RIVALS[key], Watch(progress, cancelled)
    count = min(int(train_count), len(digits.train_labels))
    if count < 1:
        raise ValueError(f"at least 1 training digit is needed, not {train_count}")
    watch.at(0.0)
    images, labels = digits.train_images[:count], digits.train_labels[:count]
    begin = time.perf_counter()
    predict = rival.fit(images, labels, choice.settings, watch.part(0.0, rival.fit_share))
    fitted = time.perf_counter()
    found = _answers(predict, digits.test_images, watch.part(rival.fit_share, 1.0))
    end = time.perf_counter()
    errors = int((found != digits.test_labels).sum())
    return Result(100 * errors / len(found), errors, fitted - begin, end - fitted, count, len(found), found)


def _answers(predict: Predict, images: np.ndarray, watch: Watch) -> np.ndarray:
    """What it answers for images (m, 28, 28), some at a time: (m,) uint8."""
    parts = []
    for start in range(0, len(images), BATCH):
        parts.append(predict(images[start : start + BATCH]))
        watch.at(min(1.0, (start + BATCH) / len(images)))
    return np.concatenate(parts).astype(np.uint8)
