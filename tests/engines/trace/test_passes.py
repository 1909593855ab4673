import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from engines.activations import ACTIVATIONS
from engines.losses import CLASS_LOSSES
from engines.trace.check import autodiff, check, cost_of, difference, relative
from engines.trace.learn import learn
from engines.trace.net import COSTS, Net
from engines.trace.operations import RULES
from engines.trace.passes import trace

# their derivative is a definition, not the function's own: nothing to compare with
DEFINED = {"step", "step_surrogate"}


def random_net(rng, widths, activations, cost="half_squared", train_biases=True):
    weights = tuple(rng.standard_normal((i, o)) / np.sqrt(i) for i, o in pairwise(widths))
    return Net(weights, tuple(0.3 * rng.standard_normal(o) for o in widths[1:]), tuple(activations), cost, train_biases)


def examples(rng, net, count):
    x = rng.standard_normal((count, net.widths[0]))
    t = np.eye(net.widths[-1])[rng.integers(net.widths[-1], size=count)]
    return x, t if net.cost in CLASS_LOSSES else 2 * t - 1


WORKED = Net(
    (np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.40, 0.50], [0.45, 0.55]])),
    (np.full(2, 0.35), np.full(2, 0.60)),
    ("sigmoid", "sigmoid"),
    train_biases=False,
)
PAIR = [[0.05, 0.10]], [[0.01, 0.99]]


def test_the_published_figures_to_all_printed_digits():
    done = trace(WORKED, *PAIR, 0.5, np.float64)
    assert [f"{v:.9f}" for v in done.values["E"][0]] == ["0.274811083", "0.023560026"]
    assert f"{done.total:.9f}" == "0.298371109"
    assert f"{done.values[chr(87) + '2' + chr(39)][0, 0]:.8f}" == "0.35891648"
    assert f"{done.values[chr(87) + '1' + chr(39)][0, 0]:.9f}" == "0.149780716"
    assert f"{cost_of(done.updated, *map(np.array, PAIR)):.9f}" == "0.291027774"


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", [key for key in ACTIVATIONS if key not in DEFINED])
def test_the_rules_agree_with_autodiff(activation, cost):
    rng = np.random.default_rng(sum(map(ord, activation + cost)))
    last = "linear" if cost in CLASS_LOSSES else activation
    net = random_net(rng, (5, 7, 4, 3), (activation, "tanh", last), cost)
    for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-10)):
        done = trace(net, *examples(rng, net, 9), dtype=dtype)
        weights, biases = autodiff(done, dtype)
        for n in range(1, 4):
            for own, other in ((done.values[f"G{n}"], weights[n - 1]), (done.values[f"g{n}"], biases[n - 1])):
                assert own.dtype == dtype
                assert np.abs(own - other).max() <= tolerance * max(np.abs(other).max(), 1e-6)


@pytest.mark.parametrize("cost", COSTS)
def test_the_total_is_the_cost_that_the_gradients_are_of(cost):
    rng = np.random.default_rng(1)
    net = random_net(rng, (5, 7, 3), ("tanh", "linear"), cost)
    x, t = examples(rng, net, 9)
    done = trace(net, x, t, 1e-9, np.float64)
    assert done.total == pytest.approx(cost_of(net, x, t), rel=1e-12) == pytest.approx(done.values["E"].sum() / 9)
    assert learn(net, x, t, 0.1, 3)[1][0] == pytest.approx(done.total, rel=1e-12)


@pytest.mark.parametrize("depth", range(1, 8))
def test_the_rules_agree_with_finite_differences(depth):
    rng = np.random.default_rng(depth)
    widths = (4, *rng.integers(2, 7, size=depth - 1), 2)
    net = random_net(rng, widths, ["tanh", "sigmoid", "softplus", "silu", "gelu", "elu", "sine"][:depth])
    done = trace(net, *examples(rng, net, 6), dtype=np.float64)
    for n in range(1, depth + 1):
        rows, columns = net.weights[n - 1].shape
        for row, column in ((0, 0), (rows - 1, columns - 1), (None, columns - 1)):
            own = done.values[f"g{n}"][column] if row is None else done.values[f"G{n}"][row, column]
            assert relative(own, difference(done, n, row, column)) < 1e-5 or abs(own) < 1e-7


def test_every_operation_says_what_it_did():
    rng = np.random.default_rng(0)
    net = random_net(rng, (3, 5, 2), ("relu", "linear"))
    done = trace(net, *examples(rng, net, 128))
    assert [operation.index for operation in done.operations] == list(range(len(done.operations)))
    assert {operation.rule for operation in done.operations} == set(RULES)
    for operation in done.operations:
        shapes = operation.shapes(done.values)
        assert shapes[operation.output] == list(done.values[operation.output].shape)
        assert operation.latex and operation.operation
    first = done.operations[0]
    assert (first.inputs, first.output) == (("X", "W1", "b1"), "Z1")
    assert first.shapes(done.values) == {"X": [128, 3], "W1": [3, 5], "b1": [5], "Z1": [128, 5]}
    phases = [operation.phase for operation in done.operations]
    assert phases[0] == "forward" and phases[-1] == "update"
    assert phases.index("backward") > max(i for i, phase in enumerate(phases[:7]) if phase == "forward")


def test_each_operation_follows_from_its_inputs():
    rng = np.random.default_rng(1)
    net = random_net(rng, (3, 4, 2), ("tanh", "sigmoid"))
    v = trace(net, *examples(rng, net, 5), 0.1, np.float64).values
    sigmoid = 1 / (1 + np.exp(-v["Z2"]))
    np.testing.assert_allclose(v["A1"], np.tanh(v["X"] @ v["W1"] + v["b1"]))
    np.testing.assert_allclose(v["Y"], sigmoid)
    np.testing.assert_allclose(v["C"], ((v["Y"] - v["T"]) ** 2).sum() / 10)
    np.testing.assert_allclose(v["D2"], (v["Y"] - v["T"]) / 5 * sigmoid * (1 - sigmoid))
    np.testing.assert_allclose(v["dA1"], v["D2"] @ v["W2"].T)
    np.testing.assert_allclose(v["G1"], v["X"].T @ (v["dA1"] * (1 - v["A1"] ** 2)))
    np.testing.assert_allclose(v["W1'"], v["W1"] - 0.1 * v["G1"])
    np.testing.assert_allclose(v["dX"], v["D1"] @ v["W1"].T)


def test_the_gradient_by_the_inputs_is_right():
    rng = np.random.default_rng(2)
    net = random_net(rng, (3, 4, 2), ("tanh", "sigmoid"))
    x, t = examples(rng, net, 3)
    done = trace(net, x, t, dtype=np.float64)
    for place in ((0, 0), (2, 1)):
        moved = [x.copy(), x.copy()]
        moved[0][place] += 1e-6
        moved[1][place] -= 1e-6
        assert done.values["dX"][place] == pytest.approx((cost_of(net, moved[0], t) - cost_of(net, moved[1], t)) / 2e-6, rel=1e-6)


def test_biases_stay_where_they_are_told_to():
    done = trace(WORKED, *PAIR, 0.5)
    assert "b1'" not in done.values
    np.testing.assert_array_equal(done.updated.biases[0], WORKED.biases[0].astype(np.float32))
    free = trace(dataclasses.replace(WORKED, train_biases=True), *PAIR, 0.5)
    assert np.abs(free.updated.biases[0] - WORKED.biases[0]).min() > 0


def test_a_check_holds_three_ways_side_by_side():
    found = check(trace(WORKED, *PAIR, 0.5), 2, 0, 0)
    assert found.autodiff_error < 1e-5 and found.difference_error < 1e-5
    assert found.rules == pytest.approx(0.082167041, abs=1e-8)


def test_what_does_not_fit_names_both_shapes():
    with pytest.raises(ValueError, match=r"needs inputs \(n, 2\).*not \(1, 3\)"):
        trace(WORKED, [[1, 2, 3]], [[0, 1]])
    with pytest.raises(ValueError, match="5 != 4"):
        Net((np.zeros((3, 5)), np.zeros((4, 2))), (np.zeros(5), np.zeros(2)), ("relu", "relu"))
    with pytest.raises(ValueError, match="no activation called 'swoosh'"):
        Net((np.zeros((3, 5)),), (np.zeros(5),), ("swoosh",))
    with pytest.raises(ValueError, match="no cost called"):
        Net((np.zeros((3, 5)),), (np.zeros(5),), ("relu",), "nothing")
    with pytest.raises(ValueError, match="at least one"):
        Net((), (), ())
    with pytest.raises(ValueError, match="biases"):
        Net((np.zeros((3, 5)),), (np.zeros(4),), ("relu",))


def test_overflow_is_carried_not_raised():
    net = Net((np.full((2, 2), 1e30),), (np.zeros(2),), ("quadratic",))
    assert not np.isfinite(trace(net, [[1e10, 1e10]], [[0, 0]]).total)
