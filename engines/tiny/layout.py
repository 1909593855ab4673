"""How nets of many shapes share one compiled program: padding, masks, and the traced description of an Experiment.

All weights live in one array `theta` (LAYERS, width + 1, width): row `width` holds the biases. Hidden layers come first, the
output layer stands right behind the last of them and uses column 0. Padded units are held at 0 by the mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engines.activations import ACTIVATIONS
from engines.data.inputs import featurize
from engines.data.points import Points
from engines.experiment import MAX_LAYERS, MAX_POINTS, Experiment
from engines.initializers import INITIALIZERS
from engines.losses import LOSSES
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES

LAYERS = MAX_LAYERS + 1
WIDTHS = (8, 16)
CHUNK = 16
ROOM = MAX_POINTS + 48
ROWS = 512

Weights = list[tuple[np.ndarray, np.ndarray]]

OPTIMIZER_SETTINGS = sorted({s.key for entry in OPTIMIZERS.values() for s in entry.settings})
SCHEDULE_SETTINGS = sorted({s.key for entry in SCHEDULES.values() for s in entry.settings})


class Data(NamedTuple):
    """Training and test inputs (ROOM, width) and targets (ROOM,), padded with zeros."""

    x: np.ndarray
    t: np.ndarray
    test_x: np.ndarray
    test_t: np.ndarray


class State(NamedTuple):
    """theta and the optimizer's two slots, each (LAYERS * (width + 1) * width,); early stopping's memory.

    step: steps done, counted so that step / steps_per_epoch is the epoch. age: steps since the slots were fresh.
    """

    theta: Any
    first: Any
    second: Any
    step: Any
    age: Any
    best: Any
    stale: Any


def width_for(experiment: Experiment) -> int:
    """The smallest width every layer and the inputs fit into."""
    widest = max([layer.units for layer in experiment.net.layers] + [len(experiment.net.inputs)])
    return next(width for width in WIDTHS if width >= widest)


def sizes(experiment: Experiment) -> list[int]:
    """Units a layer, inputs first, output last."""
    return [len(experiment.net.inputs), *(layer.units for layer in experiment.net.layers), 1]


def draw_weights(experiment: Experiment) -> Weights:
    """The first weights of every layer in order, (fan_in, fan_out) and (fan_out,), from one generator seeded by the experiment."""
    rng = np.random.default_rng(experiment.seed)
    choice = experiment.net.initializer
    draw = INITIALIZERS[choice.key].draw
    shape = sizes(experiment)
    return [(draw(rng, i, o, choice.settings).astype(np.float32), np.zeros(o, np.float32)) for i, o in pairwise(shape)]


def pack(weights: Weights, width: int) -> np.ndarray:
    """Weights layer by layer -> theta, flat."""
    theta = np.zeros((LAYERS, width + 1, width), np.float32)
    for layer, (w, b) in enumerate(weights):
        theta[layer, : w.shape[0], : w.shape[1]] = w
        theta[layer, width, : w.shape[1]] = b
    return theta.ravel()


def unpack(theta: np.ndarray, shape: Sequence[int], width: int) -> Weights:
    """theta, flat -> weights layer by layer; `shape` is units a layer, inputs first, output last."""
    cube = np.asarray(theta).reshape(LAYERS, width + 1, width)
    return [(cube[layer, :i, :o].copy(), cube[layer, width, :o].copy()) for layer, (i, o) in enumerate(pairwise(shape))]


def pack_data(train: Points, test: Points, inputs: Sequence[str], width: int) -> Data:
    """Point sets -> padded inputs and targets."""

    def padded(points: Points) -> tuple[np.ndarray, np.ndarray]:
        x = np.zeros((ROOM, width), np.float32)
        t = np.zeros(ROOM, np.float32)
        x[: len(points.t)] = pack_inputs(points.xy, inputs, width)
        t[: len(points.t)] = points.t
        return x, t

    return Data(*padded(train), *padded(test))


def pack_inputs(xy: np.ndarray, inputs: Sequence[str], width: int) -> np.ndarray:
    """Inputs at places xy (n, 2), padded: (n, width)."""
    x = np.zeros((len(xy), width), np.float32)
    x[:, : len(inputs)] = featurize(xy, inputs)
    return x


def pack_grid(xy: np.ndarray, inputs: Sequence[str], width: int) -> np.ndarray:
    """Inputs at places xy (n, 2) in columns, padded: (width, n)."""
    return np.ascontiguousarray(pack_inputs(xy, inputs, width).T)


def describe(experiment: Experiment, train_count: int, test_count: int, width: int) -> dict[str, Any]:
    """Everything a visitor can change, as traced values for the compiled program: a dict of NumPy scalars and arrays."""
    layers = experiment.net.layers
    depth = len(layers)
    mask = np.zeros((LAYERS, width), np.float32)
    activation = np.zeros(LAYERS, np.int32)
    keep = np.ones(LAYERS, np.float32)
    for index, layer in enumerate(layers):
        mask[index, : layer.units] = 1
        activation[index] = ACTIVATIONS.index(layer.activation)
        keep[index] = 1 - layer.dropout
    mask[depth, 0] = 1
    activation[depth] = ACTIVATIONS.index(experiment.output)
    return {
        "depth": np.int32(depth),
        "mask": mask,
        "activation": activation,
        "keep": keep,
        "loss": np.int32(LOSSES.index(experiment.cost)),
        "train": np.int32(train_count),
        "test": np.int32(test_count),
        "batch": np.int32(batch_of(experiment, train_count)),
        "seed": np.uint32(experiment.seed),
        "patience": np.int32(experiment.patience),
        "clip": np.float32(experiment.clip_norm),
        "max_norm": np.float32(experiment.max_norm),
        "rate": np.float32(experiment.learning_rate),
    } | _choices(experiment)


def batch_of(experiment: Experiment, train_count: int) -> int:
    """Examples a step really sees."""
    full = OPTIMIZERS[experiment.optimizer.key].full_batch
    return train_count if full else min(experiment.batch_size, train_count)


def _choices(experiment: Experiment) -> dict[str, Any]:
    l1, l2 = PENALTIES[experiment.penalty.key].strengths(experiment.penalty.settings)

    def filled(keys: Sequence[str], settings: dict[str, float]) -> dict[str, np.float32]:
        return {key: np.float32(settings.get(key, 0.5)) for key in keys}

    return {
        "l1": np.float32(l1),
        "l2": np.float32(l2),
        "optimizer": np.int32(OPTIMIZERS.index(experiment.optimizer.key)),
        "optimizer_settings": filled(OPTIMIZER_SETTINGS, experiment.optimizer.settings),
        "schedule": np.int32(SCHEDULES.index(experiment.schedule.key)),
        "schedule_settings": filled(SCHEDULE_SETTINGS, experiment.schedule.settings),
    }
