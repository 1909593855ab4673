"""Costs over a plane of weights, against the trainers and against NumPy in double precision; exact curvature."""

import numpy as np
import pytest

from engines.activations import ACTIVATIONS
from engines.data import digits
from engines.landscape.costs import chosen, costs_of
from engines.landscape.plane import _losses
from engines.landscape.problems import Cancelled
from engines.landscape.weights import flatten, unflatten
from engines.training import make_trainer
from tests.engines.landscape.nets import DIGITS, LINEAR, PLAIN, linear_cost, still, trained, wide

PLACES = np.array([(0, 0), (1, 0), (0, 1), (-0.5, 0.7), (2, -1.5)], np.float32)


def plane_of(net, seed=0):
    return np.random.default_rng(seed).normal(size=(2, len(net.now))).astype(np.float32) * 0.3


def test_a_linear_net_with_squared_cost_is_numpys_quadratic():
    net = still(LINEAR)
    plane = plane_of(net)
    costs = costs_of(LINEAR, net.now, plane, 5000, 0)
    expected = [linear_cost(net.now.astype(np.float64) + a * plane[0] + b * plane[1]) for a, b in PLACES.astype(np.float64)]
    np.testing.assert_allclose(costs.losses(PLACES), expected, rtol=2e-5)
    hessians = costs.hessians(PLACES)
    np.testing.assert_allclose(hessians, np.repeat(hessians[:1], len(PLACES), 0), rtol=1e-4)
    f = lambda a, b: linear_cost(net.now.astype(np.float64) + a * plane[0] + b * plane[1])  # noqa: E731
    xx = f(1, 0) - 2 * f(0, 0) + f(-1, 0)
    xy = (f(1, 1) - f(1, -1) - f(-1, 1) + f(-1, -1)) / 4
    yy = f(0, 1) - 2 * f(0, 0) + f(0, -1)
    np.testing.assert_allclose(hessians[0], [[xx, xy], [xy, yy]], rtol=1e-4)


@pytest.mark.parametrize(
    "experiment", [PLAIN, LINEAR, wide(16), PLAIN.change(cost="hinge")], ids=["plain", "linear", "wide", "hinge"]
)
def test_the_cost_of_a_plane_net_is_its_trainers(experiment):
    trainer = make_trainer(experiment)
    trainer.advance(50)
    now = flatten(trainer.weights())
    costs = costs_of(experiment, now, np.zeros((2, len(now)), np.float32), 5000, 0)
    assert costs.losses(PLACES[:1])[0] == pytest.approx(float(trainer.figures()[1]), rel=1e-6)
    assert costs.at(now[None])[0] == pytest.approx(float(trainer.figures()[1]), rel=1e-6)
    assert (costs.used, costs.available) == (len(trainer.train.t), len(trainer.train.t))


def test_the_cost_of_a_digits_net_is_its_trainers():
    experiment = DIGITS.change(data__train_count=1000)
    trainer, rows = make_trainer(experiment), []
    while not len(rows):
        rows = trainer.advance(1000).rows
    now = flatten(trainer.weights())
    costs = costs_of(experiment, now, np.zeros((2, len(now)), np.float32), 5000, 0)
    assert costs.losses(PLACES[:1])[0] == pytest.approx(float(rows[-1][1]), rel=1e-5)
    assert (costs.used, costs.available) == (1000, 1000)


@pytest.mark.parametrize("cost", ["softmax_cross_entropy", "summed_squared"])
@pytest.mark.parametrize("layers", [[], [{"units": 12, "activation": "tanh"}], [{"units": 9, "activation": "gelu"}, {"units": 7}]])
def test_digits_costs_over_the_plane_agree_with_numpy(layers, cost):
    """1,500 examples: a whole block and half a padded one."""
    experiment = DIGITS.change(net__layers=layers, cost=cost)
    net = still(experiment)
    now, plane = net.now * np.float32(0.1), plane_of(net) * np.float32(0.2)
    costs = costs_of(experiment, now, plane, 5000, 0)
    expected = [numpy_cost(experiment, now + a * plane[0] + b * plane[1]) for a, b in PLACES]
    np.testing.assert_allclose(costs.losses(PLACES), expected, rtol=1e-4)
    np.testing.assert_allclose(costs.at(np.stack([now + plane[0]])), expected[1:2], rtol=1e-4)


def numpy_cost(experiment, vector):
    """Float64 but for the activations, which are the table's."""
    found = digits.load("builtin")
    count = experiment.data.train_count
    h = found.train_images[:count].reshape(count, -1) / 255.0
    layers = unflatten(vector.astype(np.float64), (784, *(layer.units for layer in experiment.net.layers), 10))
    for (w, b), layer in zip(layers[:-1], experiment.net.layers, strict=True):
        h = np.asarray(ACTIVATIONS[layer.activation].apply((h @ w + b).astype(np.float32)), np.float64)
    z = h @ layers[-1][0] + layers[-1][1]
    truth = np.eye(10)[found.train_labels[:count]]
    if experiment.cost == "summed_squared":
        return np.mean(0.5 * ((1 / (1 + np.exp(-z)) - truth) ** 2).sum(1))
    top = z.max(1, keepdims=True)
    return np.mean(np.log(np.exp(z - top).sum(1)) + top[:, 0] - (z * truth).sum(1))


@pytest.mark.parametrize("experiment", [PLAIN, DIGITS], ids=["plane", "digits"])
def test_curvature_agrees_with_differences_of_the_cost(experiment):
    net = still(experiment)
    now, plane = net.now * np.float32(0.3), plane_of(net)
    costs = costs_of(experiment, now, plane, 5000, 0)
    at, d = np.array([0.2, -0.1]), 0.05
    offsets = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]) * d
    c = costs.losses((at + offsets).astype(np.float32)).reshape(3, 3)
    xx, yy = (c[2, 1] - 2 * c[1, 1] + c[0, 1]) / d**2, (c[1, 2] - 2 * c[1, 1] + c[1, 0]) / d**2
    xy = (c[2, 2] - c[2, 0] - c[0, 2] + c[0, 0]) / (4 * d * d)
    found = costs.hessians(at[None].astype(np.float32))[0]
    np.testing.assert_allclose(found, [[xx, xy], [xy, yy]], atol=0.03 * np.abs(found).max() + 1e-3)


def test_examples_are_chosen_by_the_seed():
    assert chosen(10, 20, 0).tolist() == list(range(10))
    one, same, other = chosen(100, 20, 1), chosen(100, 20, 1), chosen(100, 20, 2)
    assert one.tolist() == same.tolist() == sorted(set(one.tolist())) and len(one) == 20
    assert one.tolist() != other.tolist()
    costs = costs_of(PLAIN, trained(PLAIN).now, plane_of(trained(PLAIN)), 50, 0)
    assert (costs.used, costs.available) == (50, 200)


@pytest.mark.parametrize("experiment", [PLAIN, DIGITS], ids=["plane", "digits"])
def test_a_tick_is_told_all_places_and_may_stop_the_work(experiment):
    net = trained(experiment, 3, 2)
    costs = costs_of(experiment, net.now, plane_of(net), 5000, 0)
    told = []
    costs.losses(np.zeros((300, 2), np.float32), told.append)
    assert sum(told) == pytest.approx(300)

    def stop(_places):
        raise Cancelled

    with pytest.raises(Cancelled):
        costs.losses(PLACES, stop)


def test_another_plane_net_of_the_same_width_compiles_nothing():
    for experiment in (PLAIN, LINEAR, PLAIN.change(cost="absolute"), wide(3, "elu")):
        net = still(experiment)
        costs_of(experiment, net.now, plane_of(net), 100, 0).losses(PLACES)
        assert _losses()._cache_size() <= 2
