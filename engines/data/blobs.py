"""Connected parts of a black and white picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Blobs(NamedTuple):
    """labels (h, w) int: 0 is the ground, k + 1 the blob k. Of each blob (n,): area in pixels, and its box, ends excluded."""

    labels: np.ndarray
    area: np.ndarray
    top: np.ndarray
    left: np.ndarray
    bottom: np.ndarray
    right: np.ndarray


def blobs_of(mask: np.ndarray) -> Blobs:
    """The blobs of a mask (h, w) of bools: sets of pixels that touch by a side or a corner.

    Source: union of runs that touch, row by row (Rosenfeld & Pfaltz 1966).
    """
    row, start, end = _runs(mask)
    name = _joined(row, start, end)
    labels = np.zeros(mask.shape, int)
    for y, left, right, blob in zip(row, start, end, name, strict=True):
        labels[y, left:right] = blob + 1
    count = int(name.max()) + 1 if len(name) else 0
    top, left = np.full(count, mask.shape[0]), np.full(count, mask.shape[1])
    bottom, right = np.zeros(count, int), np.zeros(count, int)
    np.minimum.at(top, name, row)
    np.minimum.at(left, name, start)
    np.maximum.at(bottom, name, row + 1)
    np.maximum.at(right, name, end)
    return Blobs(labels, np.bincount(labels.ravel(), minlength=count + 1)[1:], top, left, bottom, right)


def _runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, first column and column after the last, of every run of ink in a row, in order."""
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(steps == 1)
    return row, start, np.nonzero(steps == -1)[1]


def _joined(row: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """For each run the number of its blob, from 0 on."""
    parent = list(range(len(row)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    above = 0
    for run in range(len(row)):
        while row[above] < row[run] - 1 or (row[above] == row[run] - 1 and end[above] < start[run]):
            above += 1
        other = above
        while row[other] == row[run] - 1 and start[other] <= end[run]:
            parent[root(other)] = root(run)
            other += 1
    roots = [root(run) for run in range(len(row))]
    return np.unique(np.array(roots, int), return_inverse=True)[1]
