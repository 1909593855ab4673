"""Softmax regression: one weighted sum a digit, fitted until it can fit no better."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engines.rivals import features
from engines.rivals.quasi_newton import minimise
from engines.rivals.watch import Predict, Watch

CLASSES = 10
BLOCK = 250_000
"""Multiplications of one product. OpenBLAS takes several threads from 262,144 on; on a server that also trains a net they wait for

each other longer than they compute.
"""
AT_ONCE = 256


def fit_pixels(images: np.ndarray, labels: np.ndarray, settings: Mapping[str, float], watch: Watch) -> Predict:
    """Softmax regression on raw pixels in 0..1: images (n, 28, 28) uint8, labels (n,). settings: penalty, iterations.

    Returns predict(images (m, 28, 28)) -> (m,).
    """
    rows = lambda shown: shown.reshape(len(shown), -1).astype(np.float32) / np.float32(255)  # noqa: E731
    weights, bias = fit(rows(images), labels, settings["penalty"], int(settings["iterations"]), watch)
    return lambda shown: (outputs(rows(shown), weights) + bias).argmax(1)


def fit_features(images: np.ndarray, labels: np.ndarray, settings: Mapping[str, float], watch: Watch) -> Predict:
    """Softmax regression on hand-made features (`engines.rivals.features`). settings: directions, penalty, iterations.

    Returns predict(images (m, 28, 28)) -> (m,).
    """
    directions = int(settings["directions"])
    rows = features.in_batches(images, directions, watch.part(0.0, 0.3))
    weights, bias = fit(rows, labels, settings["penalty"], int(settings["iterations"]), watch.part(0.3, 1.0))
    return lambda shown: (outputs(features.described(shown, directions), weights) + bias).argmax(1)


def fit(rows: np.ndarray, labels: np.ndarray, penalty: float, iterations: int, watch: Watch) -> tuple[np.ndarray, np.ndarray]:
    """Weights (d, 10) and biases (10,) of the least mean cross-entropy plus penalty / 2 times the squared weights.

    rows: (n, d) float32; labels: (n,). Starts at 0 and stops after `iterations` at the latest.
    """
    start = np.zeros((rows.shape[1] + 1) * CLASSES)
    found = minimise(cost_of(rows, labels, penalty, watch), start, iterations, lambda done: watch.at(done / iterations))
    whole = found.reshape(-1, CLASSES).astype(np.float32)
    return whole[:-1], whole[-1]


def cost_of(rows: np.ndarray, labels: np.ndarray, penalty: float, watch: Watch) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """The cost and its gradient as a function of the flat weights, the ten biases last. Sums in float64, products in float32."""
    n = len(labels)
    at = np.arange(n), labels.astype(int)

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        watch.check()
        whole = flat.reshape(-1, CLASSES)
        logits = outputs(rows, whole[:-1].astype(np.float32)).astype(np.float64) + whole[-1]
        logits -= logits.max(1, keepdims=True)
        totals = np.log(np.exp(logits).sum(1))
        value = float(np.mean(totals - logits[at]) + penalty / 2 * np.square(whole[:-1]).sum())
        slope = np.exp(logits - totals[:, None])
        slope[at] -= 1
        gradient = np.empty_like(whole)
        gradient[:-1] = back(rows, (slope / n).astype(np.float32)) + penalty * whole[:-1]
        gradient[-1] = slope.sum(0) / n
        return value, gradient.ravel()

    return cost


def outputs(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """rows (n, d) @ weights (d, 10), in small products: (n, 10)."""
    blocks, rest = _blocks(rows)
    return np.concatenate([np.matmul(blocks, weights).reshape(-1, CLASSES), rest @ weights])


def back(rows: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """The transpose of rows (n, d) @ slope (n, 10), in small products: (d, 10)."""
    blocks, rest = _blocks(rows)
    slopes = slope[: len(rows) - len(rest)].reshape(len(blocks), blocks.shape[1], CLASSES)
    total = rest.T @ slope[len(rows) - len(rest) :]
    for start in range(0, len(blocks), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        total = total + np.matmul(blocks[some].transpose(0, 2, 1), slopes[some]).sum(0)
    return total


def _blocks(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """rows (n, d) as (blocks, rows of a block, d), and those that are left over."""
    n, d = rows.shape
    size = max(1, BLOCK // (d * CLASSES))
    whole = n - n % size
    return rows[:whole].reshape(n // size, size, d), rows[whole:]
