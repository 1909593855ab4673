"""Units explained: sums that add up to what NumPy computes, windows that show what is added, inputs by their names."""

from __future__ import annotations

import numpy as np
import pytest

from engines.experiment import StackNet
from engines.nets import inside_pass, stack
from engines.nets.inside_unit import SUMS, TOP, explained
from engines.nets.layers import LAYERS
from engines.nets.layers.arrays import C3_MAPS
from tests.engines.nets import numpy_stack
from tests.engines.nets.inside_case import MIXED, NETS, SPARSE, case_of, layer


@pytest.fixture(params=NETS)
def case(request):
    return case_of(request.param)


def places_of(row):
    rng = np.random.default_rng(row.index)
    for _ in range(5):
        yield (*(int(rng.integers(n)) for n in row.shape), 0, 0)[:3]


def test_sums_add_up_to_what_the_net_computes(case):
    for row in case.rows:
        for place in places_of(row):
            _, facts = explained(case.net, case.weights, case.seen, (row.index, *place))
            where = place[: len(row.shape)]
            true_z, true_a = (float(part[0][where]) for part in case.oracle[row.index])
            np.testing.assert_allclose([facts["sum"], facts["value"]], [true_z, true_a], rtol=1e-4, atol=1e-4)
            assert facts["gradient"] == case.seen.d[row.index][where]
            assert facts["field"] == list(stack.receptive_field(case.net, row.index, *place[1:]))
            for whole in ([part["sum"] for part in facts["parts"]], [*(line[3] for line in facts["top"]), facts["rest"]]):
                if whole and None not in whole:
                    np.testing.assert_allclose(facts["bias"] + sum(whole), true_z, rtol=1e-4, atol=1e-4, err_msg=row.label)
            for _, value, weight, product in facts["top"]:
                expected = -((value - weight) ** 2) if row.key == "rbf" else value * weight
                np.testing.assert_allclose(product, expected, rtol=1e-5, atol=1e-7)


def test_slope_is_that_of_the_activation(case):
    for row in case.rows:
        f, (_, facts) = numpy_stack.ACTIVATE[row.activation], explained(case.net, case.weights, case.seen, (row.index, 1, 0, 0))
        slope = (f(facts["sum"] + 1e-6) - f(facts["sum"] - 1e-6)) / 2e-6
        np.testing.assert_allclose(facts["slope"], slope, rtol=1e-4, atol=1e-5)


def test_windows_show_what_is_added(case):
    """Window and kernel of every unit give back its value: by the sum of products, the mean, the maximum."""
    reduce = {
        "conv": lambda w, k, b: (w * k).sum() + b,
        "subsample": lambda w, k, b: (w * k).sum() + b,
        "norm": lambda w, k, b: (w * k).sum() + b,
        "pool_max": lambda w, k, b: w.max(),
        "pool_average": lambda w, k, b: w.mean(),
        "pool_l2": lambda w, k, b: np.sqrt((w**2).mean()),
        "rbf": lambda w, k, b: -((w - k) ** 2).sum(),
    }
    for row in case.rows:
        for place in places_of(row):
            shown, facts = explained(case.net, case.weights, case.seen, (row.index, *place))
            if row.key not in reduce:
                continue
            assert facts["terms"] == shown["unit_window"].size
            assert len(facts["channels"]) == len(shown["unit_window"])
            value = reduce[row.key](shown["unit_window"].astype(float), shown.get("unit_kernel", 1.0), facts["bias"])
            np.testing.assert_allclose(value, facts["sum"], rtol=1e-4, atol=1e-4, err_msg=row.label)
            if row.key == "pool_max":
                assert shown["unit_window"][0][tuple(facts["winner"])] == facts["value"]


def test_missing_connections_are_absent():
    case = case_of("sparse")
    for unit, maps in enumerate(C3_MAPS):
        shown, facts = explained(case.net, case.weights, case.seen, (2, unit, 1, 2))
        assert facts["channels"] == [part["channel"] for part in facts["parts"]] == list(maps)
        assert len(shown["unit_window"]) == len(maps)


def test_inputs_are_called_by_their_names(case):
    names = {}
    for row in case.rows:
        _, facts = explained(case.net, case.weights, case.seen, (row.index, 0, 0, 0))
        names[row.label] = [line[0] for line in facts["top"]]
    before = "map " if case.net is SPARSE else "unit "
    assert len(names["dense 1"]) == TOP and all(name.startswith(before) for name in names["dense 1"])
    assert all(name.startswith("unit ") for name in names["output"])


def test_pixels_are_called_by_their_place_on_the_digit():
    net = StackNet(border=2, layers=[layer("dropout"), layer("dense", "tanh", units=3)])
    weights = [
        (np.zeros((1024, 3), np.float32), np.zeros(3, np.float32)),
        (np.zeros((3, 10), np.float32), np.zeros(10, np.float32)),
    ]
    weights[0][0][7 * 32 + 12, 1] = 5
    seen = inside_pass.passed(net, "softmax_cross_entropy", weights, np.full((28, 28), 255, np.uint8), 0)
    assert explained(net, weights, seen, (1, 1, 0, 0))[1]["top"][0] == ["pixel (5, 10)", 1.0, 5.0, 5.0]


def test_the_output_tells_logits_and_probabilities(case):
    _, facts = explained(case.net, case.weights, case.seen, (len(case.rows) - 1, 4, 0, 0))
    assert facts["logits"][4] == facts["value"]
    np.testing.assert_allclose(facts["probabilities"], case.seen.probabilities)
    assert explained(case.net, case.weights, case.seen, (0, 0, 0, 0))[1]["logits"] is None


@pytest.mark.parametrize("unit", [(99, 0, 0, 0), (0, 99, 0, 0), (0, 0, 0, 99), (7, 0, 0, 1), (-1, 0, 0, 0), (0, -1, 0, 0)])
def test_units_that_do_not_exist(unit):
    case = case_of("mixed")
    assert explained(case.net, case.weights, case.seen, unit) is None


def test_every_kind_of_layer_is_explained():
    assert set(SUMS) == {*LAYERS, "rbf"}
    assert {row.key for net in (MIXED, SPARSE) for row in stack.rows(net)} == set(SUMS)
