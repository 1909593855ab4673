"""Sizes and counts against hand-worked numbers, against the weights really drawn, and against a forward pass that counts."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given, settings

from engines.experiment import DenseNet, Experiment, StackNet, WideLayer, digits_experiment
from engines.nets import stack
from engines.nets.catalogue import NETS
from engines.nets.count import alike, hidden, is_same_net, multiplies, parameters, sizes, weight_shapes
from engines.nets.first_weights import initial_weights
from engines.nets.stack import as_stack
from tests.strategies import stacks


def net(*units: int) -> DenseNet:
    return DenseNet(layers=tuple(WideLayer(units=n) for n in units))


def stacked(*layers: dict, **fields) -> StackNet:
    return StackNet.model_validate({"layers": layers, **fields})


def drawn(made: DenseNet | StackNet) -> list:
    experiment = digits_experiment(net=made)
    return initial_weights(experiment) if made.kind == "dense" else stack.initial_weights(made, 0)


def test_hand_worked_counts():
    assert sizes(net(500, 300)) == (784, 500, 300, 10)
    assert parameters(net()) == 784 * 10 + 10
    assert parameters(net(256)) == 203_530
    assert parameters(net(500, 300)) == 545_810
    assert multiplies(net(500, 300)) == 784 * 500 + 500 * 300 + 300 * 10


def test_lenet5_has_the_sixty_thousand_parameters_of_its_paper():
    """LeCun et al. 1998, section II.B: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164 trainable parameters."""
    lenet = NETS["lenet5"].net
    assert [row.parameters for row in stack.rows(lenet)] == [156, 12, 1516, 32, 48_120, 10_164, 0]
    assert parameters(lenet) == 60_000


def test_multiplications_of_a_convolution_by_hand():
    conv = {"key": "conv", "settings": {"filters": 6, "size": 5}}
    assert multiplies(stacked(conv)) == 6 * 24 * 24 * 25 + 6 * 24 * 24 * 10


@pytest.mark.parametrize("units", [(), (1,), (16, 7), (1024,), (3, 4, 5, 6, 7)])
def test_counts_of_dense_nets_agree_with_the_weights(units):
    made = net(*units)
    assert parameters(made) == sum(w.size + b.size for w, b in drawn(made))
    assert [shape[1:] for shape in weight_shapes(made)] == [w.shape for w, _ in drawn(made)]
    form = as_stack(made)
    assert (parameters(form), multiplies(form)) == (parameters(made), multiplies(made))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(stacks())
def test_counts_of_stacks_agree_with_the_weights(made):
    pairs = drawn(made)
    sparse = sum(row.key == "conv" and row.settings["connections"] == 1 for row in stack.rows(made))
    total = sum(w.size + b.size for w, b in pairs)
    assert parameters(made) == total if not sparse else parameters(made) < total
    assert [(i, o) for _, i, o in weight_shapes(made)] == [w.shape for w, _ in pairs]
    assert [layer.activation for layer in hidden(made)] == [
        row.activation for row in stack.rows(made)[:-1] if row.weights is not None
    ]


@pytest.mark.parametrize("key", [key for key, entry in NETS.items() if entry.net.kind == "stack"])
def test_each_weight_of_a_convolution_multiplies_once_a_place(key):
    for row in stack.rows(NETS[key].net):
        if row.key in ("conv", "dense"):
            weights = row.parameters - row.shape[0]
            assert row.multiplies == weights * prod(row.shape[1:])


def test_nets_that_can_stand_in_for_each_other():
    assert alike(net(30, 20), as_stack(net(30, 20)))
    assert not alike(net(30, 20), net(20, 30))
    conv = {"key": "conv", "settings": {"filters": 4}}
    pool, dropout = {"key": "pool_max"}, {"key": "dropout"}
    assert alike(stacked(conv, pool), stacked(conv | {"activation": "tanh"}, {"key": "pool_average"}, dropout, scaling="lenet"))
    assert not alike(stacked(conv), stacked(conv, pool))
    assert not alike(stacked({"key": "norm"}, conv), stacked(conv, {"key": "norm"}))
    plane = Experiment()
    assert alike(plane.net, plane.change(net__layers__0__activation="relu").net)
    assert not alike(plane.net, plane.change(net__layers__0__units=5).net)
    assert not alike(plane.net, net())


def test_the_same_net_in_another_form():
    dense = digits_experiment()
    form = dense.change(net=as_stack(dense.net))
    assert is_same_net(dense, form) and is_same_net(form, dense)
    assert not is_same_net(dense, form.change(seed=3))
    assert not is_same_net(dense, dense.change(net=NETS["lenet1"].net))


def test_hidden_layers_are_named():
    assert [(layer.name, layer.drawn) for layer in hidden(net(3, 4))] == [("hidden layer 1", True), ("hidden layer 2", True)]
    assert [(layer.name, layer.drawn) for layer in hidden(NETS["cnn-modern"].net)][:3] == [
        ("conv 1", True),
        ("norm 1", False),
        ("conv 2", True),
    ]
