"""How large a dense net is, without building it: imports no JAX."""

from __future__ import annotations

from itertools import pairwise

from engines.experiment import DenseNet

PIXELS, CLASSES = 28 * 28, 10


def sizes(net: DenseNet) -> tuple[int, ...]:
    """Units layer by layer: 784 pixels first, the hidden layers, 10 answers last."""
    return (PIXELS, *(layer.units for layer in net.layers), CLASSES)


def parameters(net: DenseNet) -> int:
    """Weights and biases together: each layer has fan_in x units weights and units biases."""
    return sum((fan_in + 1) * units for fan_in, units in pairwise(sizes(net)))
