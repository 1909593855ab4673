"""Trained nets for the tests of landscapes, and the cost of a plane net in float64 NumPy."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from engines.data.inputs import featurize
from engines.data.own import materialize
from engines.experiment import Experiment, Layer, PlaneNet, PointsData, digits_experiment
from engines.landscape.capture import Captured, captured
from engines.landscape.weights import flatten, sizes_of
from engines.training import make_trainer

PLAIN = Experiment()
LINEAR = Experiment(
    net=PlaneNet(layers=(), inputs=("x", "y", "x2"), output="linear"), data=PointsData(count=100), cost="half_squared"
)
DIGITS = digits_experiment(net__layers=[{"units": 16, "activation": "tanh"}], data__source="builtin", data__train_count=1500)


def trained(experiment: Experiment, moments: int = 6, steps: int = 20) -> Captured:
    """The net after so many recorded moments, `steps` steps apart; trained once."""
    return _trained(experiment.to_json(), moments, steps)


@cache
def _trained(text: str, moments: int, steps: int) -> Captured:
    experiment = Experiment.model_validate_json(text)
    trainer, kept = make_trainer(experiment), []
    for _ in range(moments):
        kept.append((trainer.step / trainer.steps_per_epoch, flatten(trainer.weights())))
        for _ in range(steps):
            trainer.advance(1)
    return captured(experiment, flatten(trainer.weights()), kept, trainer.step / trainer.steps_per_epoch)


def still(experiment: Experiment, seed: int = 0) -> Captured:
    """The net with normally distributed weights and biases, nothing recorded."""
    count = sum((i + 1) * o for i, o in pairwise(sizes_of(experiment)))
    return captured(experiment, np.random.default_rng(seed).normal(size=count).astype(np.float32), [], 0.0)


def linear_cost(weights: np.ndarray) -> float:
    """The mean cost of LINEAR with weights (4,) in float64."""
    train, _ = materialize(LINEAR.data)
    x = featurize(train.xy, LINEAR.net.inputs).astype(np.float64)
    return float(np.mean(0.5 * (x @ weights[:3] + weights[3] - train.t) ** 2))


def wide(units: int, activation: str = "relu") -> Experiment:
    """A plane net with one hidden layer."""
    return Experiment(net=PlaneNet(layers=(Layer(units=units, activation=activation),)))
