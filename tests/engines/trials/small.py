"""A small made-up set of digits in MNIST's format, and small nets on it."""

from __future__ import annotations

import gzip
import struct

import numpy as np

from engines.data import digits
from engines.experiment import digits_experiment
from engines.trials import Contestant

TRAIN, TEST = 230, 90


def write_digits(root, train=TRAIN, test=TEST):
    """Ten patterns of ink on paper, three pixels in ten replaced by noise: easy, but not at once."""
    rng = np.random.default_rng(0)
    (root / "mnist").mkdir()
    patterns = 200 * (rng.random((10, 28, 28)) < 0.15)
    for part, count in (("train", train), ("test", test)):
        labels = rng.integers(0, 10, count)
        images = np.where(rng.random((count, 28, 28)) < 0.3, 200 * (rng.random((count, 28, 28)) < 0.15), patterns[labels])
        (root / digits.FILES[f"{part}_images"].path).write_bytes(_idx(images))
        (root / digits.FILES[f"{part}_labels"].path).write_bytes(_idx(labels))
    return root


def _idx(array):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes(), 1)


def experiment(units=(12,), activation="tanh", **changes):
    """A small dense net."""
    layers = [{"units": n, "activation": activation} for n in units]
    plain = {"optimizer": {"key": "sgd"}, "learning_rate": 0.1, "batch_size": 50, "epochs": 0, "net__layers": layers}
    return digits_experiment(**(plain | changes))


def contestants(**each):
    """Contestants by label: changes of the small experiment."""
    return [Contestant(label, experiment(**changes)) for label, changes in each.items()]
