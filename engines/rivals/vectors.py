"""Support vector machines: one for each two digits, then a vote.

scikit-learn's SVC does the same inside one call, which cannot be watched or stopped; here every pair is a call of its own, and
all pairs answer at once, by one product of matrices. The tests compare the two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from engines.rivals.watch import Predict, Watch

CACHE_MB = 400
MOST_THREADS = 4
Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Pair(NamedTuple):
    """The machine that tells two classes (places in the list of classes) apart.

    support: (s,) training digits it rests on. weights: (s,) theirs. A sum above 0 says `second`.
    """

    first: int
    second: int
    support: np.ndarray
    weights: np.ndarray
    bias: float


def fit_gaussian(images: np.ndarray, labels: np.ndarray, settings: Mapping[str, float], watch: Watch) -> Predict:
    """SVM with a Gaussian kernel on pixels in 0..1. settings: c, gamma. As `fit`."""
    gamma = settings["gamma"]
    return fit(images, labels, {"kernel": "rbf", "C": settings["c"], "gamma": gamma}, lambda a, b: gaussian(a, b, gamma), watch)


def fit_polynomial(images: np.ndarray, labels: np.ndarray, settings: Mapping[str, float], watch: Watch) -> Predict:
    """SVM with the kernel (gamma x·y + 1)^degree on pixels in 0..1. settings: c, degree, gamma. As `fit`."""
    degree, gamma = int(settings["degree"]), settings["gamma"]
    options = {"kernel": "poly", "C": settings["c"], "gamma": gamma, "degree": degree, "coef0": 1.0}
    return fit(images, labels, options, lambda a, b: (gamma * (a @ b.T) + 1) ** degree, watch)


def gaussian(a: np.ndarray, b: np.ndarray, gamma: float) -> np.ndarray:
    """exp(-gamma |a - b|^2) for rows a (n, d) and b (m, d): (n, m)."""
    squared = np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * (a @ b.T)
    return np.exp(-gamma * np.maximum(squared, 0))


def fit(images: np.ndarray, labels: np.ndarray, options: Mapping[str, Any], kernel: Kernel, watch: Watch) -> Predict:
    """A machine for each two classes among labels (n,), of images (n, 28, 28) uint8. options: of scikit-learn's SVC.

    Returns predict(images (m, 28, 28)) -> (m,): the class most machines vote for, the smaller digit where votes are equal.
    Source: Cortes & Vapnik 1995; votes as in Chang & Lin 2011, LIBSVM, section 7.
    """
    classes = np.unique(labels)
    rows = _rows(images)
    pairs = _fit_pairs(rows, [np.flatnonzero(labels == label) for label in classes], options, watch)
    used = np.unique(np.concatenate([pair.support for pair in pairs])) if pairs else np.zeros(0, int)
    weights = np.zeros((len(used), len(pairs)), np.float32)
    for i, pair in enumerate(pairs):
        weights[np.searchsorted(used, pair.support), i] = pair.weights
    support, bias = rows[used], np.array([pair.bias for pair in pairs], np.float32)

    def predict(shown: np.ndarray) -> np.ndarray:
        return classes[votes(kernel(_rows(shown), support) @ weights + bias, pairs, len(classes)).argmax(1)]

    return predict


def votes(sums: np.ndarray, pairs: list[Pair], classes: int) -> np.ndarray:
    """How many machines vote for each class, (m, classes), of what each says, sums (m, pairs)."""
    counts = np.zeros((len(sums), classes), int)
    for column, pair in zip(sums.T, pairs, strict=True):
        counts[:, pair.second] += column > 0
        counts[:, pair.first] += column <= 0
    return counts


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def _fit_pairs(rows: np.ndarray, places: list[np.ndarray], options: Mapping[str, Any], watch: Watch) -> list[Pair]:
    """All pairs, a few at a time: LIBSVM lets other threads work meanwhile. Order and numbers do not depend on how many."""
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="svm")
    todo: list[Future[Pair]] = [
        pool.submit(_fit_pair, rows, places, pair, {**options, "cache_size": CACHE_MB / threads})
        for pair in combinations(range(len(places)), 2)
    ]
    try:
        for done, _ in enumerate(as_completed(todo)):
            watch.at((done + 1) / len(todo))
        return [future.result() for future in todo]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _fit_pair(rows: np.ndarray, places: list[np.ndarray], pair: tuple[int, int], options: Mapping[str, Any]) -> Pair:
    from sklearn.svm import SVC

    first, second = (places[i] for i in pair)
    both = np.sort(np.concatenate([first, second]))
    model = SVC(**options).fit(rows[both], np.isin(both, second))
    return Pair(*pair, both[model.support_], model.dual_coef_[0], float(model.intercept_[0]))
