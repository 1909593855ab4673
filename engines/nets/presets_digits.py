"""Experiments on digits worth starting from; part of `engines.presets`. Each says what to look at and what to try."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engines.descriptions import Choice, Preset
from engines.experiment import Experiment, digits_experiment
from engines.nets.catalogue import NETS

_LENET = "LeCun, Bottou, Bengio & Haffner 1998"


def _layers(activation: str, units: Iterable[int], **more: Any) -> list[dict[str, Any]]:
    return [{"units": n, "activation": activation} | more for n in units]


def _digits(layers: list[dict[str, Any]], **changes: Any) -> Experiment:
    return digits_experiment(net__layers=layers, **changes)


def _known(net: str, **changes: Any) -> Experiment:
    """A net of the catalogue."""
    return digits_experiment(net=NETS[net].net, **changes)


def _choice(key: str, **settings: float) -> Choice:
    return Choice(key=key, settings=settings)


def _nesterov(l2: float) -> dict[str, Any]:
    """Plain steps with momentum, and a small penalty on weights."""
    return {"optimizer": _choice("nesterov"), "learning_rate": 0.05, "penalty": _choice("l2", rate=l2)}


def _falling(epochs: int) -> dict[str, Any]:
    """So many epochs, along which the learning rate falls to 0."""
    return {"epochs": epochs, "schedule": _choice("cosine", length=epochs)}


DIGITS: list[Preset] = [
    Preset(
        key="digits-mlp",
        label="Digits in seconds",
        help="One layer of 512 ReLUs and Adam: 97 % on the full set in a few epochs. Try 16 units, then none.",
        source="LeCun, Bottou, Bengio & Haffner 1998 (data); Kingma & Ba 2015",
        experiment=_digits(_layers("relu", [512]), epochs=5),
    ),
    Preset(
        key="digits-linear",
        label="Digits without a hidden layer",
        help="Ten templates, one a digit; look at them under First-layer weights. Good for about nine in ten.",
        source=_LENET,
        experiment=_digits([], epochs=5),
    ),
    Preset(
        key="digits-classic",
        label="Two-layer perceptron, the classic recipe",
        help="Logistic units, summed squared error, plain mini-batches: slower, and it works. Try softmax cross-entropy.",
        source="Rumelhart, Hinton & Williams 1986",
        experiment=_digits(
            _layers("sigmoid", [300]),
            cost="summed_squared",
            optimizer=_choice("sgd"),
            learning_rate=1.0,
            batch_size=20,
            epochs=20,
            net__initializer=_choice("xavier"),
        ),
    ),
    Preset(
        key="digits-500-300",
        label="500 and 300 units",
        help="The two-layer net of the textbooks, in a few epochs. Error on the full set comes near their 1.6 %.",
        source="LeCun, Bottou, Bengio & Haffner 1998 (500-150 and 300-100 nets)",
        experiment=_digits(_layers("relu", [500, 300]), epochs=10, schedule=_choice("cosine", length=10)),
    ),
    Preset(
        key="digits-1000",
        label="1,000 hidden units",
        help="One wide layer learns its training digits by heart and still reads others well. What do 10, 30, 100 units reach?",
        source="Simard, Steinkraus & Platt 2003 (800 units: 1.6 %)",
        experiment=_known("dense-1000", **_nesterov(5e-5), **_falling(30)),
    ),
    Preset(
        key="digits-dropout",
        label="Dropout",
        help="Half of the units are left out at each step, so none can rely on another. Compare with 0.",
        source="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014",
        experiment=_digits(_layers("relu", [512, 512], dropout=0.5), epochs=20),
    ),
    Preset(
        key="digits-deep-sigmoid",
        label="Deep and stuck",
        help="Five layers of sigmoids and small steps: the gradient is lost on the way. Change them to ReLU.",
        source="Glorot & Bengio 2010",
        experiment=_digits(
            _layers("sigmoid", [128] * 5),
            optimizer=_choice("sgd"),
            learning_rate=0.1,
            epochs=5,
            net__initializer=_choice("xavier"),
        ),
    ),
    Preset(
        key="digits-lenet1",
        label="LeNet-1 (1989)",
        help="Four filters, then twelve: some 3,000 weights do what dense nets need 200,000 for. Look at what the four see.",
        source=f"LeCun et al. 1989; {_LENET}",
        experiment=_known("lenet1", learning_rate=0.003, batch_size=64, **_falling(20)),
    ),
    Preset(
        key="digits-lenet5",
        label="LeNet-5 as published (1998)",
        help="Its outputs are ten drawn digits: the nearest drawing wins. Look inside, then try ten plain units instead.",
        source=_LENET,
        experiment=_known("lenet5", cost="map_criterion", learning_rate=0.002, batch_size=64, **_falling(20)),
    ),
    Preset(
        key="digits-lenet5-modern",
        label="LeNet-5, modern form",
        help="ReLU and max pooling: about 1 in 100 of the full set is wrong after a few epochs. What does each convolution add?",
        source=f"{_LENET}; Nair & Hinton 2010",
        experiment=_known("lenet5-modern", learning_rate=0.002, batch_size=64, **_falling(10)),
    ),
    Preset(
        key="digits-alexnet",
        label="Small AlexNet (2012)",
        help="ReLU, dropout, digits moved anew at every look. Switch distortions off: which gets better, training or test?",
        source="Krizhevsky, Sutskever & Hinton 2012",
        experiment=_known("alexnet-small", data__distortions={"shift": 2.0, "rotation": 10.0}, **_falling(15)),
    ),
    Preset(
        key="digits-cnn",
        label="Modern convolutional net",
        help="Windows of 3, normalised layers. Take the normalisation away, or multiply the rate by 10: which net still learns?",
        source="Simonyan & Zisserman 2015; Ioffe & Szegedy 2015",
        experiment=_known("cnn-modern", **_nesterov(5e-4), **_falling(10)),
    ),
    Preset(
        key="digits-few",
        label="300 digits, never twice the same",
        help="Distortions make much of little. Switch them off under Data, reset, and see how many more digits are lost.",
        source="Simard, Steinkraus & Platt 2003",
        experiment=_known(
            "lenet5-modern",
            data__train_count=300,
            data__distortions={"shift": 1.5, "rotation": 10.0, "scale": 0.1, "shear": 0.15, "elastic": 1.0},
            batch_size=20,
            **_falling(100),
        ),
    ),
]
