"""Sizes and parameter counts against hand-worked numbers and against the weights that a trainer really draws."""

from __future__ import annotations

import pytest

from engines.experiment import DenseNet, WideLayer, digits_experiment
from engines.nets.count import parameters, sizes
from engines.nets.dense import initial_weights


def net(*units: int) -> DenseNet:
    return DenseNet(layers=tuple(WideLayer(units=n) for n in units))


def test_hand_worked_counts():
    assert sizes(net(500, 300)) == (784, 500, 300, 10)
    assert parameters(net()) == 784 * 10 + 10
    assert parameters(net(256)) == 203_530
    assert parameters(net(500, 300)) == 545_810


@pytest.mark.parametrize("units", [(), (1,), (16, 7), (1024,), (3, 4, 5, 6, 7)])
def test_counts_agree_with_the_weights(units):
    drawn = initial_weights(digits_experiment(net__layers=[{"units": n} for n in units]))
    assert parameters(net(*units)) == sum(w.size + b.size for w, b in drawn)
