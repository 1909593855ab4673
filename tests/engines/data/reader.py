"""Reading digits without a net: the three nearest of the built-in training digits vote."""

from __future__ import annotations

from functools import cache

import numpy as np

from engines.data import digits


@cache
def examples() -> tuple[np.ndarray, np.ndarray]:
    """The built-in test digits (1000, 28, 28) uint8 and their labels."""
    found = digits.load("builtin")
    return found.test_images, found.test_labels


@cache
def _known() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = digits.load("builtin")
    rows = found.train_images.reshape(-1, 784).astype(np.float32) / 255
    return rows, (rows**2).sum(1), found.train_labels


def read(image: np.ndarray) -> int:
    """Which digit a picture (28, 28) shows."""
    rows, squares, labels = _known()
    near = np.argsort(squares - 2 * rows @ (image.reshape(-1).astype(np.float32) / 255))[:3]
    votes = np.bincount(labels[near])
    return int(labels[near[0]] if votes.max() == 1 else votes.argmax())
