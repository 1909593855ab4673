"""How each net is trained for its result: all numbers of the recipes stand in this one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.descriptions import Choice
from engines.experiment import DenseNet, DigitsData, Experiment, StackNet, WideLayer
from engines.nets import count

ALL = 60_000
HIDDEN_UNITS = (10, 30, 100, 300, 1000)
RATES = (0.5, 2.0)
"""Of the net of 1986: hidden units and learning rates that are tried."""
SIZES = {100: (100, 10), 300: (60, 10), 1000: (60, 10), 3000: (40, 32), 10_000: (30, 64), 30_000: (15, 64), ALL: (15, 64)}
"""Training digits -> epochs and batch size: few digits are looked at more often, so that every net has learned all it can."""
SPEED_RATES = (0.02, 0.05, 0.1)
SPEED_DIGITS, SPEED_ERROR_PERCENT = 10_000, 1.0
"""Of the race of ReLU against tanh: learning rates, of which each takes its best; digits; and the training error to reach."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A net and how it is trained. l2: penalty on weights. cosine: whether the rate falls to 0 along half a cosine."""

    net: Callable[[], DenseNet | StackNet]
    epochs: int
    rate: float
    optimizer: str = "nesterov"
    batch: int = 128
    cosine: bool = True
    cost: str = "softmax_cross_entropy"
    l2: float = 0.0
    max_norm: float = 0.0
    distortions: Mapping[str, float] = field(default_factory=dict)


def _dense(*units: int, activation: str = "relu", initializer: str = "he", dropout: float = 0.0) -> Callable[[], DenseNet]:
    layers = tuple(WideLayer(units=n, activation=activation, dropout=dropout) for n in units)
    return lambda: DenseNet(layers=layers, initializer=Choice(key=initializer))


def _stack(key: str) -> Callable[[], StackNet]:
    def net() -> StackNet:
        from engines.nets.presets_stack import STACKS

        return STACKS[key]

    return net


def _dropped() -> StackNet:
    """Dropout of a fifth of the pixels and half of the units."""
    layers: list[dict[str, Any]] = [{"key": "dropout", "settings": {"rate": 0.2}}]
    for _ in range(3):
        layers += [{"key": "dense", "settings": {"units": 1024}, "activation": "relu"}]
        layers += [{"key": "dropout", "settings": {"rate": 0.5}}]
    return StackNet(layers=layers)


def _without_dropout(key: str) -> Callable[[], StackNet]:
    def net() -> StackNet:
        base = _stack(key)()
        layers = tuple(layer for layer in base.layers if layer.key != "dropout")
        return StackNet(**{**dict(base), "layers": layers})

    return net


def _speedy(activation: str, initializer: str) -> Callable[[], StackNet]:
    """The small AlexNet without dropout, with another activation."""

    def net() -> StackNet:
        base = _without_dropout("alexnet-small")().model_dump()
        layers = [layer | ({"activation": activation} if layer["activation"] == "relu" else {}) for layer in base["layers"]]
        return StackNet.model_validate(base | {"layers": layers, "initializer": {"key": initializer}})

    return net


def _equal_dense() -> DenseNet:
    """One hidden layer with as many weights as the modern LeNet-5 has."""
    budget = count.parameters(_stack("lenet5-modern")())
    return _dense((budget - count.CLASSES) // (count.PIXELS + 1 + count.CLASSES))()


WRITTEN = {"shift": 1.5, "rotation": 10.0, "scale": 0.1, "shear": 0.15, "elastic": 1.0}
"""Distortions as between one hand and another."""
LIGHTER = {"shift": 1.5, "rotation": 8.0, "scale": 0.1, "shear": 0.1, "elastic": 0.7}
"""The same, less of it: for a net small enough that more would keep it from learning the digits themselves."""
AFFINE = {"shift": 2.0, "scale": 0.15, "shear": 0.2, "rotation": 5.0}
"""About those of LeCun et al. 1998: translation, scaling, squeezing and shearing."""

RECIPES: dict[str, Recipe] = {
    "mlp-1000": Recipe(net=_dense(1000), epochs=30, rate=0.1, batch=64, l2=2e-4),
    "mlp-500-300": Recipe(net=_dense(500, 300), epochs=30, rate=0.1, batch=64, l2=2e-4),
    "mlp-dropout": Recipe(net=_dropped, epochs=60, rate=0.001, optimizer="adam", max_norm=3.0),
    "perceptron": Recipe(
        net=_dense(300, activation="sigmoid", initializer="xavier"),
        epochs=20,
        rate=2.0,
        optimizer="sgd",
        batch=20,
        cosine=False,
        cost="summed_squared",
    ),
    "lenet1": Recipe(net=_stack("lenet1"), epochs=20, rate=0.003, optimizer="adam", batch=64),
    "lenet5": Recipe(net=_stack("lenet5"), epochs=20, rate=0.002, optimizer="adam", batch=64, cost="map_criterion"),
    "lenet5-distorted": Recipe(
        net=_stack("lenet5"), epochs=40, rate=0.002, optimizer="adam", batch=64, cost="map_criterion", distortions=AFFINE
    ),
    "lenet5-modern": Recipe(net=_stack("lenet5-modern"), epochs=15, rate=0.002, optimizer="adam", batch=64),
    "cnn-modern": Recipe(net=_stack("cnn-modern"), epochs=20, rate=0.03, batch=64, l2=5e-4),
    "cnn-modern-distorted": Recipe(
        net=_without_dropout("cnn-modern"), epochs=25, rate=0.03, batch=64, l2=2e-4, distortions=LIGHTER
    ),
    "without-dropout": Recipe(net=_dense(800, 800), epochs=25, rate=0.05),
    "with-dropout": Recipe(net=_dense(800, 800, dropout=0.5), epochs=25, rate=0.05, max_norm=3.0),
    "relu": Recipe(net=_speedy("relu", "he"), epochs=40, rate=0.02, optimizer="sgd", batch=100, cosine=False),
    "tanh": Recipe(net=_speedy("tanh", "xavier"), epochs=40, rate=0.02, optimizer="sgd", batch=100, cosine=False),
    "equal-dense": Recipe(net=_equal_dense, epochs=15, rate=0.002, optimizer="adam", batch=64),
}


def experiment_of(
    key: str,
    *,
    source: str,
    seed: int = 0,
    epochs: int | None = None,
    train_count: int = ALL,
    changes: Mapping[str, Any] | None = None,
) -> Experiment:
    """The experiment of recipe `key` on the digits of `source` ('full', 'builtin').

    epochs: other than the recipe's. changes: as `Experiment.change` takes them. A falling learning rate falls over all epochs.
    """
    recipe = RECIPES[key]
    length = epochs or recipe.epochs
    schedule = Choice(key="cosine", settings={"length": length}) if recipe.cosine else Choice(key="constant")
    made = Experiment(
        data=DigitsData(source=source, train_count=train_count, distortions=dict(recipe.distortions)),
        net=recipe.net(),
        cost=recipe.cost,
        optimizer=Choice(key=recipe.optimizer),
        learning_rate=recipe.rate,
        schedule=schedule,
        penalty=Choice(key="l2", settings={"rate": recipe.l2}) if recipe.l2 else Choice(key="none"),
        max_norm=recipe.max_norm,
        batch_size=recipe.batch,
        epochs=length,
        seed=seed,
    )
    return made.change(**changes) if changes else made
