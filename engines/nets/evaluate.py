"""How well a dense net does, and the pictures of it: losses, confusion, worst mistakes, filters, the state of its layers."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from engines.nets.programs import CLASSES, AnySpec, Data, Programs, portion
from engines.nets.updating import Weights
from engines.training import Metrics

FILTERS, WORST = 64, 12
BINS = 41
NEAR_ZERO = 1e-3
"""Weights smaller than this, by size, count as near zero."""


class Report(NamedTuple):
    """The state of a net at one moment, with its pictures' arrays.

    metrics: losses and accuracies. confusion: (10, 10) float32 counts on the test set, rows true, columns predicted.
    worst: (w,) int32 test examples got wrong with the most confidence. worst_info: (w, 3) true, predicted, probability.
    """

    metrics: Metrics
    confusion: np.ndarray
    worst: np.ndarray
    worst_info: np.ndarray


class Evaluation:
    """An evaluation in progress, one slice at a time, so that it can be left and taken up again between two looks at the clock.

    counts: how many examples of each part are evaluated, the first ones; all of them unless said.
    """

    def __init__(
        self,
        programs: Programs,
        spec: AnySpec,
        weights: Weights,
        train: Data,
        test: Data,
        epoch: float,
        counts: tuple[int, int] | None = None,
    ) -> None:
        self._programs, self._slice, self._weights, self._epoch = programs, portion(spec), weights, epoch
        self._parts = (train, test)
        counts = counts or (len(train.labels), len(test.labels))
        self._losses = [np.zeros(n, np.float32) for n in counts]
        self._outputs = [np.zeros((n, CLASSES), np.float32) for n in counts]
        self._todo = [(i, start) for i, n in enumerate(counts) for start in range(0, n, self._slice)]

    def run(self, deadline: float) -> Report | None:
        """Evaluate slices until `deadline` (of time.perf_counter), at least one. The report once all are done, else None."""
        while self._todo:
            i, start = self._todo.pop(0)
            part, stop = self._parts[i], min(start + self._slice, len(self._losses[i]))
            begin = max(0, min(start, len(part.labels) - self._slice))
            losses, outputs = self._programs.evaluate(self._weights, part, np.int32(begin))
            self._losses[i][start:stop] = np.asarray(losses)[start - begin : stop - begin]
            self._outputs[i][start:stop] = np.asarray(outputs)[start - begin : stop - begin]
            if self._todo and time.perf_counter() >= deadline:
                return None
        return self._report()

    def _report(self) -> Report:
        truths = [np.asarray(part.labels[: len(losses)]) for part, losses in zip(self._parts, self._losses, strict=True)]
        right = [outputs.argmax(1) == truth for outputs, truth in zip(self._outputs, truths, strict=True)]
        losses = [float(np.mean(part, dtype=np.float64)) for part in self._losses]
        metrics = Metrics(self._epoch, losses[0], losses[-1], float(np.mean(right[0])), float(np.mean(right[-1])))
        return Report(metrics, *mistakes(self._outputs[-1], truths[-1]))


def mistakes(outputs: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confusion, worst and worst_info of a `Report`, from outputs (n, 10) and true digits (n,)."""
    predicted = outputs.argmax(1)
    confusion = np.bincount(truth * CLASSES + predicted, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)
    given = outputs[np.arange(len(truth)), predicted]
    wrong = np.flatnonzero(predicted != truth)
    worst = wrong[np.argsort(-given[wrong], kind="stable")[:WORST]]
    info = np.stack([truth[worst], predicted[worst], given[worst]], 1) if len(worst) else np.zeros((0, 3))
    return confusion.astype(np.float32), worst.astype(np.int32), info.astype(np.float32)


def filters(first: Any) -> np.ndarray:
    """The first-layer weights (784, units) of up to 64 units as pictures (k, 28, 28) uint8: 128 is 0, 1 and 255 the largest."""
    w = np.asarray(first)[:, :FILTERS].T
    largest = float(np.abs(w).max(initial=0.0))
    scaled = w / np.float32(largest) * 127 if 0 < largest < np.inf else np.zeros_like(w)
    return (128 + np.nan_to_num(np.rint(scaled))).astype(np.uint8).reshape(-1, 28, 28)


def histogram(matrices: list[np.ndarray]) -> dict[str, Any]:
    """All weights (without biases) in 41 bins that are symmetric about 0, with the exact share of near-zero ones."""
    flat = np.concatenate([w.ravel() for w in matrices])
    flat = flat[np.isfinite(flat)]
    reach = max(float(np.abs(flat).max(initial=0.0)), 1e-6)
    places = ((flat / np.float32(reach) + 1) * np.float32(BINS / 2)).astype(np.int32)
    counts = np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
    near_zero = float(np.mean(np.abs(flat) < NEAR_ZERO)) if len(flat) else 0.0
    return {"low": -reach, "high": reach, "counts": counts.tolist(), "near_zero": near_zero, "threshold": NEAR_ZERO}


def layer_facts(programs: Programs, weights: Weights, sample: Data, names: list[str]) -> list[dict[str, Any]]:
    """One dict a pair of weights, as `Probe.layers` says; names: what each is called."""
    norms, dead, saturated = (np.asarray(a) for a in programs.study(weights, sample))
    facts = []
    for i, (w, b) in enumerate(weights):
        near_zero = float(np.mean(np.abs(np.asarray(w)) < NEAR_ZERO))
        numbers = {"gradient": float(norms[i]), "units": len(b), "dead": int(dead[i]), "saturated": float(saturated[i])}
        facts.append({"name": names[i], **numbers, "weights_near_zero": near_zero})
    return facts


def pictures(bars: np.ndarray, test_images: np.ndarray, test_labels: np.ndarray, report: Report | None) -> dict[str, np.ndarray]:
    """The sections of the Digits page; bars (s, 10) are the net's outputs for the first s of test_images (n, 28, 28).

    Before the first report the confusion is all 0 and there are no worst mistakes.
    """
    count = len(bars)
    return {
        "strip": test_images[:count],
        "strip_labels": test_labels[:count].astype(np.uint8),
        "strip_bars": np.asarray(bars, np.float32),
        "confusion": report.confusion if report else np.zeros((CLASSES, CLASSES), np.float32),
        "worst": test_images[report.worst] if report else test_images[:0],
        "worst_info": report.worst_info if report else np.zeros((0, 3), np.float32),
        "worst_index": report.worst.astype(np.float32) if report else np.zeros(0, np.float32),
    }
