"""Nets for digits worth starting from: the table. How each is trained is another matter, see `engines.nets.presets_digits`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engines.descriptions import Choice
from engines.experiment import DenseNet, StackNet, WideLayer
from engines.nets.presets_stack import STACKS
from engines.tables import Entry, Table

_LENET = "LeCun, Bottou, Bengio & Haffner 1998"


@dataclass(frozen=True, kw_only=True)
class Net(Entry):
    """A net for digits: dense, or a stack."""

    net: DenseNet | StackNet


def _dense(units: Iterable[int], activation: str = "relu", initializer: str = "he", **more: Any) -> DenseNet:
    layers = tuple(WideLayer(units=n, activation=activation, **more) for n in units)
    return DenseNet(layers=layers, initializer=Choice(key=initializer))


NETS: Table[Net] = Table(
    "nets",
    [
        Net(
            key="linear",
            label="No hidden layer",
            help="Ten templates, one a digit.",
            source=_LENET,
            net=_dense([]),
        ),
        Net(
            key="logistic-300",
            label="300 logistic units",
            help="The two-layer perceptron of the 1980s.",
            source="Rumelhart, Hinton & Williams 1986",
            net=_dense([300], "sigmoid", "xavier"),
        ),
        Net(
            key="dense-1000",
            label="1,000 hidden units",
            help="One wide layer.",
            source=_LENET,
            net=_dense([1000]),
        ),
        Net(
            key="dense-500-300",
            label="500 and 300 units",
            help="Two layers, with half the weights of the widest single one.",
            source=_LENET,
            net=_dense([500, 300]),
        ),
        Net(
            key="dense-dropout",
            label="512 and 512 units, dropout",
            help="Half of the units are left out at each step.",
            source="Srivastava et al. 2014",
            net=_dense([512, 512], dropout=0.5),
        ),
        Net(
            key="lenet1",
            label="LeNet-1 (1989)",
            help="The first convolutional nets that read digits: about 3,000 weights.",
            source="LeCun et al. 1989",
            net=STACKS["lenet1"],
        ),
        Net(
            key="lenet5",
            label="LeNet-5 as published (1998)",
            help="Trainable subsampling, the sparse table of connections, and ten drawn digits as outputs.",
            source=_LENET,
            net=STACKS["lenet5"],
        ),
        Net(
            key="lenet5-modern",
            label="LeNet-5, modern form",
            help="The same skeleton with ReLU, max pooling and ten plain outputs.",
            source=f"{_LENET}; Nair & Hinton 2010 (ReLU)",
            net=STACKS["lenet5-modern"],
        ),
        Net(
            key="alexnet-small",
            label="Small AlexNet (2012)",
            help="Overlapping pooling, three convolutions, dropout before the dense layers.",
            source="Krizhevsky, Sutskever & Hinton 2012",
            net=STACKS["alexnet-small"],
        ),
        Net(
            key="cnn-modern",
            label="Modern convolutional net",
            help="Small windows, normalised layers, and no hidden dense layer at all.",
            source="Simonyan & Zisserman 2015; Ioffe & Szegedy 2015",
            net=STACKS["cnn-modern"],
        ),
    ],
)
