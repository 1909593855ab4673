"""A net's weights as one vector, and where a saved state of a run keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engines.experiment import Experiment
from engines.landscape.problems import NoLandscape
from engines.nets import count
from engines.tiny import layout
from engines.training import Saved

Weights = list[tuple[np.ndarray, np.ndarray]]


def sizes_of(experiment: Experiment) -> tuple[int, ...]:
    """Units layer by layer, inputs first, output last. Raises NoLandscape for stacks, whose layers are not all dense."""
    if experiment.net.kind == "recurrent":
        raise NoLandscape("Landscapes are made of dense nets only, and this net reads text.")
    if experiment.net.kind == "stack":
        raise NoLandscape("Landscapes are made of dense nets only, and this net is a stack of other layers too.")
    if experiment.net.kind == "dense":
        return tuple(count.sizes(experiment.net))
    return tuple(layout.sizes(experiment))


def parameters(experiment: Experiment) -> int:
    """Weights and biases of the net: the dimensions of the space that its loss lives in."""
    return sum((i + 1) * o for i, o in pairwise(sizes_of(experiment)))


def flatten(weights: Weights) -> np.ndarray:
    """(W (fan_in, fan_out), b (fan_out,)) a layer -> (p,) float32: each layer's weights row by row, then its biases."""
    return np.concatenate([np.asarray(part, np.float32).ravel() for layer in weights for part in layer])


def unflatten(vector: np.ndarray, sizes: Sequence[int]) -> Weights:
    """The inverse of `flatten` for a net of `sizes`; the parts are views. Raises ValueError naming both lengths."""
    wanted = sum(i * o + o for i, o in pairwise(sizes))
    if vector.shape != (wanted,):
        raise ValueError(f"a net of {tuple(sizes)} has {wanted} weights and biases, not {vector.shape}")
    weights, at = [], 0
    for i, o in pairwise(sizes):
        weights.append((vector[at : at + i * o].reshape(i, o), vector[at + i * o : at + i * o + o]))
        at += i * o + o
    return weights


def weights_of_saved(experiment: Experiment, saved: Saved) -> Weights | None:
    """The weights in what `Trainer.save_state` returned; None when they are of a net of another shape."""
    sizes = sizes_of(experiment)
    if experiment.net.kind == "dense":
        leaves = saved[1 : 2 * len(sizes) - 1]
        weights = list(zip(leaves[::2], leaves[1::2], strict=True))
    else:
        width = layout.width_for(experiment)
        if saved[0].size != layout.LAYERS * (width + 1) * width:
            return None
        weights = layout.unpack(saved[0], sizes, width)
    fits = [w.shape == pair and b.shape == pair[1:] for (w, b), pair in zip(weights, pairwise(sizes), strict=True)]
    return weights if all(fits) else None
