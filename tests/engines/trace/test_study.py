import json

import numpy as np
import pytest
from pydantic import ValidationError

from engines.losses import CLASS_LOSSES
from engines.trace.effort import collapse, count, measure
from engines.trace.examples import EXAMPLES
from engines.trace.learn import learn
from engines.trace.lines import records
from engines.trace.net import COSTS, Net
from engines.trace.passes import trace
from engines.trace.study import Study, material, settled, taken


def test_the_default_is_the_worked_example_and_10_000_updates_reach_what_is_published():
    study = Study()
    net, x, t = material(study)
    _, costs = learn(net, x, t, study.learning_rate, 10_000)
    assert f"{costs[0]:.9f}" == "0.298371109"
    assert f"{costs[-1]:.3g}" == "3.51e-05"


def test_learning_is_what_the_traces_do_one_after_the_other():
    net, x, t = material(
        Study(examples="xor", layers=[{"units": 3, "activation": "tanh"}], train_biases=True, cost="cross_entropy", output="linear")
    )
    learned, costs = learn(net, x, t, 0.3, 7)
    for cost in costs[:-1]:
        done = trace(net, x, t, 0.3, np.float64)
        assert done.total == pytest.approx(cost, rel=1e-12)
        net = done.updated
    for own, other in zip(learned.weights, net.weights, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-10)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("examples", [key for key in EXAMPLES if key != "brought"])
def test_every_set_of_examples_goes_through_every_cost(examples, cost):
    study = Study(examples=examples, cost=cost, batch=5, inputs=3, layers=[{"units": 5}], outputs=2)
    net, x, t = material(study)
    done = trace(net, x, t)
    assert np.isfinite(done.total)
    assert x.shape == (study.batch, study.inputs) and t.shape == (study.batch, study.outputs)
    if cost in CLASS_LOSSES:
        assert net.activations[-1] == "linear"
    if cost == "softmax_cross_entropy":
        np.testing.assert_array_equal(t.sum(1), 1)


def test_typed_numbers_take_the_place_of_drawn_ones():
    study = Study(typed=[{"matrix": "W2", "row": 1, "column": 0, "value": -3}, {"matrix": "b1", "row": 0, "column": 1, "value": 7}])
    net, *_ = material(study)
    assert net.weights[1][1, 0] == -3 and net.biases[0][1] == 7


@pytest.mark.parametrize(
    "typed", [{"matrix": "W5", "row": 0, "column": 0, "value": 1}, {"matrix": "W1", "row": 2, "column": 0, "value": 1}]
)
def test_a_typed_number_without_a_place_is_named(typed):
    with pytest.raises(ValueError, match=r"W5|2 rows"):
        material(Study(typed=[typed]))


@pytest.mark.parametrize(
    "wrong",
    [{"batch": 257}, {"batch": 0}, {"layers": [{"units": 4}] * 7}, {"layers": [{"units": 99}]}, {"output": "swoosh"},
     {"cost": "none"}, {"typed": [{"matrix": "W1", "row": 0, "column": 0, "value": 1e9}]},
     {"typed": [{"matrix": "W1", "row": 0, "column": 0, "value": float("nan")}]},
     {"step": -1}, {"brought": "../x"}, {"learning_rate": 0}],
)  # fmt: skip
def test_bounds(wrong):
    with pytest.raises(ValidationError):
        Study(**({"examples": "random"} | wrong))


def test_a_study_survives_json():
    study = Study(examples="pixels", layers=[{"units": 5, "activation": "relu"}], batch=128, seed=3)
    assert Study.model_validate_json(study.to_json()) == study
    net, x, _ = material(study)
    assert x.shape == (128, 3) and net.weights[0].shape == (3, 5)


def test_records_are_strict_json_and_end_with_what_was_learned():
    net, x, t = material(Study())
    *operations, last = [json.loads(json.dumps(record, allow_nan=False)) for record in records(trace(net, x, t, 0.5, np.float64))]
    assert {"rule", "operation", "shapes", "values"} <= set(operations[0])
    assert last["errors"] == pytest.approx({"o1": 0.274811083, "o2": 0.023560026}, abs=1e-9)
    assert last["total"] == pytest.approx(0.298371109, abs=1e-9)
    assert last["updated"]["w5"] == pytest.approx(0.35891648, abs=1e-8)
    assert last["updated"]["w1"] == pytest.approx(0.149780716, abs=1e-9)
    assert last["gradients"]["w5"] == pytest.approx(0.082167041, abs=1e-9)


def test_effort_is_counted_as_the_products_are():
    effort = count((3, 5, 2), 128)
    assert effort.parameters == 3 * 5 + 5 + 5 * 2 + 2
    assert effort.forward == 2 * 128 * (15 + 10)
    assert effort.backward == 2 * 128 * (15 + 10 + 10)
    assert effort.differences == (effort.parameters + 1) * effort.forward
    net, x, t = material(Study(examples="random", inputs=4, layers=[{"units": 8}], outputs=2, batch=16))
    measured = measure(net, x, t, 2)
    assert measured.forward_s > 0 and measured.backward_s > 0
    assert measured.differences_s == pytest.approx(measured.forward_s * (measured.parameters + 1))
    assert (measured.parameters, measured.forward, measured.backward) == tuple(vars(count((4, 8, 2), 16)).values())[:3]


def test_without_non_linearities_a_net_is_one_matrix():
    rng = np.random.default_rng(0)
    net = Net(
        tuple(rng.standard_normal((5, 5)) for _ in range(4)), tuple(rng.standard_normal(5) for _ in range(4)), ("linear",) * 4
    )
    x = rng.standard_normal((9, 5))
    matrix, bias = collapse(net)
    np.testing.assert_allclose(x @ matrix + bias, trace(net, x, np.zeros((9, 5)), dtype=np.float64).values["Y"], rtol=1e-10)


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("hidden", range(7))
def test_a_study_knows_how_many_steps_its_pass_has(hidden, biases):
    study = Study(examples="random", layers=[{"units": 3}] * hidden, train_biases=biases)
    assert len(trace(*material(study)).operations) == study.operations


def test_what_has_no_place_any_more_is_taken_out_and_told():
    typed = [{"matrix": "W2", "row": 1, "column": 0, "value": 1}, {"matrix": "W1", "row": 0, "column": 0, "value": 2}]
    study, problems = settled(Study(typed=typed, step=18, example=0).change(layers=[]))
    assert [t.matrix for t in study.typed] == ["W1"] and study.step == 9
    assert [problem.path[0] for problem in problems] == ["typed", "step"]
    assert settled(study) == (study, [])


def test_targets_typed_as_0_and_1_are_taken_as_the_cost_takes_them():
    study = Study(examples="random", outputs=2, cost="cross_entropy", output="linear")
    typed = [{"matrix": "T", "row": 0, "column": k, "value": k} for k in (0, 1)]
    np.testing.assert_array_equal(material(study.change(typed=typed))[2], [[-1, 1]])


@pytest.mark.parametrize(
    ("cost", "value", "said"),
    [
        ("half_squared", 0.3, ""),
        ("cross_entropy", 1, ""),
        ("hinge", 0.3, "0.3 counts as -1"),
        ("softmax_cross_entropy", 5, "example 1 counts as class 2"),
    ],
)
def test_what_a_cost_makes_of_typed_targets_is_told(cost, value, said):
    study = Study(examples="random", cost=cost, typed=[{"matrix": "T", "row": 0, "column": 1, "value": value}])
    told = taken(study, material(study)[2])
    assert said in told and bool(said) == bool(told)
    assert taken(study.change(typed=[]), material(study)[2]) == ""
