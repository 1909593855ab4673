"""The weights a dense net starts with, and what a changed net keeps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engines.experiment import Experiment
from engines.initializers import INITIALIZERS
from engines.nets.count import sizes

Pairs = list[tuple[np.ndarray, np.ndarray]]


def initial_weights(experiment: Experiment) -> Pairs:
    """(W (fan_in, fan_out), b (fan_out,)) a layer, float32, drawn layer by layer from NumPy's generator of experiment.seed."""
    rng = np.random.default_rng(experiment.seed)
    chosen = experiment.net.initializer
    draw = INITIALIZERS[chosen.key].draw
    pairs = pairwise(sizes(experiment.net))
    return [(draw(rng, i, o, chosen.settings).astype(np.float32), np.zeros(o, np.float32)) for i, o in pairs]


def fitted(old: Pairs, new: Pairs) -> Pairs:
    """`new` with the overlapping block of `old` in each layer: hidden layers matched from the input on, output with output."""
    result = [(w.copy(), b.copy()) for w, b in new]
    matches = [(i, i) for i in range(min(len(old), len(new)) - 1)] + [(len(old) - 1, len(new) - 1)] * bool(old and new)
    for i, j in matches:
        (old_w, old_b), (w, b) = old[i], result[j]
        rows, columns = (min(a, b) for a, b in zip(old_w.shape, w.shape, strict=True))
        w[:rows, :columns] = old_w[:rows, :columns]
        b[:columns] = old_b[:columns]
    return result
