"""Studies worth starting from: each shows one thing, and says what to look at and what to try. They join `engines.presets`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engines.descriptions import Preset
from engines.trace.study import Study

PREFIX = "backprop-"
"""What the keys begin with; `python -m engines trace` knows them without it too."""


def _layers(activation: str, *units: int) -> list[dict[str, Any]]:
    return [{"units": n, "activation": activation} for n in units]


def _typed(**numbers: Iterable[Iterable[float]]) -> list[dict[str, Any]]:
    """Numbers put into whole matrices, by symbol."""
    return [
        {"matrix": symbol, "row": row, "column": column, "value": value}
        for symbol, rows in numbers.items()
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
    ]


def _neuron(**changes: Any) -> Study:
    """One neuron that should answer 0 to the input 1, and is sure of the opposite."""
    numbers = _typed(X=[[1]], T=[[0]], W1=[[2]], b1=[[2]])
    return Study(examples="random", inputs=1, layers=[], outputs=1, train_biases=True, learning_rate=0.15, typed=numbers, **changes)


_RUMELHART = "Rumelhart, Hinton & Williams 1986"
_NIELSEN = "Nielsen 2015, Neural networks and deep learning, chapter 3"

STUDIES = (
    Preset(
        key="backprop-worked-example",
        label="The worked example",
        help="Errors 0.2748 and 0.0236, and w5 goes to 0.3589: follow every number. Then let it learn for 10,000 updates.",
        source="Mazur 2015, A step by step backpropagation example",
        experiment=Study(),
    ),
    Preset(
        key="backprop-pixels",
        label="128 pixels: 128 × 3 times 3 × 5",
        help="128 pixels of 3 colours go through 5 units at once. Watch the shapes, and the flip of each matrix on the way back.",
        source="made here, from a seed",
        experiment=Study(
            examples="pixels",
            layers=_layers("tanh", 5),
            outputs=3,
            cost="softmax_cross_entropy",
            train_biases=True,
            batch=128,
            example=-1,
        ),
    ),
    Preset(
        key="backprop-xor",
        label="XOR, all four examples",
        help="What comes back through the hidden units is how much each is to blame. Step through one example, then the batch.",
        source=_RUMELHART,
        experiment=Study(examples="xor", layers=_layers("tanh", 3), outputs=1, train_biases=True, learning_rate=1, seed=1),
    ),
    Preset(
        key="backprop-saturated",
        label="Badly wrong and hardly learning",
        help="It says 0.98 where 0 is right, and the slope of the sigmoid lets 2 % of the error through. Try cross-entropy.",
        source=_NIELSEN,
        experiment=_neuron(),
    ),
    Preset(
        key="backprop-cross-entropy",
        label="Badly wrong and learning fast",
        help="The same neuron; this cost contains the sigmoid, so the output has none, and takes targets of -1 and 1. The whole "
        "error comes back.",
        source=_NIELSEN,
        experiment=_neuron(cost="cross_entropy", output="linear"),
    ),
    Preset(
        key="backprop-softmax",
        label="Softmax: probability minus target",
        help="The error that starts the way back is just p - t: three numbers that sum to 0. Turn the rate up and step on.",
        source="Bridle 1990",
        experiment=Study(examples="pixels", layers=[], outputs=3, cost="softmax_cross_entropy", train_biases=True, batch=8),
    ),
    Preset(
        key="backprop-linear",
        label="Three layers that are one",
        help="Without a bend the matrices multiply into a single one; the page shows both give the same. Make one layer tanh.",
        source="Minsky & Papert 1969",
        experiment=Study(
            examples="random", inputs=3, layers=_layers("linear", 5, 4), outputs=2, output="linear", batch=8, learning_rate=0.1
        ),
    ),
    Preset(
        key="backprop-deep-sigmoid",
        label="Seven layers of sigmoids",
        help="Each slope is at most a quarter, and only large weights could make up for it: look how little reaches layer 1. "
        "Then take tanh or ReLU.",
        source="Hochreiter 1991; Glorot & Bengio 2010",
        experiment=Study(
            examples="random", inputs=4, layers=_layers("sigmoid", *[6] * 6), outputs=2, train_biases=True, batch=16, seed=2
        ),
    ),
    Preset(
        key="backprop-dead-relu",
        label="ReLUs that let nothing through",
        help="With biases of -5 every hidden unit is off, its slope is 0, and the error stops there. Type 0 over a bias.",
        source="Maas, Hannun & Ng 2013",
        experiment=Study(
            examples="random",
            inputs=2,
            layers=_layers("relu", 4),
            outputs=2,
            train_biases=True,
            batch=8,
            typed=_typed(b1=[[-5] * 4]),
        ),
    ),
    Preset(
        key="backprop-twins",
        label="Twins",
        help="All weights start alike, so all units get the same gradient and stay alike for ever. Take Xavier, and they part.",
        source="Goodfellow, Bengio & Courville 2016, section 8.4 (symmetry)",
        experiment=Study(
            examples="xor",
            layers=_layers("tanh", 4),
            outputs=1,
            initializer={"key": "constant"},
            train_biases=True,
            learning_rate=1,
        ),
    ),
)
