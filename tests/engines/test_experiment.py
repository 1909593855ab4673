"""The description of a run: defaults, bounds, what fits together, change, JSON."""

import pytest
from pydantic import ValidationError

from engines.data.points import DATASETS
from engines.descriptions import Choice, describe_error
from engines.experiment import Experiment, OwnPoint, PointsData, digits_experiment, text_experiment
from engines.losses import LOSSES
from engines.optimizers import OPTIMIZERS


def test_the_defaults_are_valid_and_survive_json():
    for experiment in (Experiment(), digits_experiment(), text_experiment()):
        assert Experiment.model_validate_json(experiment.to_json()) == experiment


def test_a_choice_is_filled_with_its_entry_s_defaults():
    assert Experiment(optimizer=Choice(key="adam", settings={"b1": 0.5})).optimizer.settings == {
        "b1": 0.5,
        "b2": 0.999,
        "eps": 1e-8,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learning_rate": 1e9}, "learning rate: 1e9 is above the largest allowed, 100"),
        ({"learning_rate": float("nan")}, "learning rate: NaN is not a finite number"),
        ({"batch_size": 0}, "batch size: 0 is below the smallest allowed, 1"),
        ({"batch_size": 2.5}, "batch size: 2.5 is not a whole number"),
        ({"seed": "x"}, "seed: 'x' is not a whole number"),
        ({"cost": "nope"}, "there is no cost called 'nope'"),
        ({"data__noise": 3}, "noise: 3 is above the largest allowed, 0.5"),
        ({"data__source": "nope"}, "data: there is no data set called 'nope'"),
        ({"net__layers": [{"units": 99}]}, "layer 1, units: 99 is above the largest allowed, 16"),
        ({"net__layers": [{}] * 9}, "layers: is a list of more than 8"),
        ({"net__inputs": []}, "inputs: is a list of fewer than 1"),
        ({"net__inputs": ["x", "x"]}, "each input can be used once"),
        ({"optimizer": {"key": "adam", "settings": {"b1": 2}}}, "b1 must lie between"),
        ({"optimizer": {"key": "adam", "settings": {"zz": 2}}}, "has no setting 'zz'"),
        ({"data__own": [{"x": 1, "y": 1}]}, "point 1, t: is missing"),
        ({"data__source": "own"}, "at least one training point"),
        ({"zz": 1}, "zz: there is no such field"),
    ],
)
def test_what_is_wrong_is_named(changes, said):
    with pytest.raises(ValidationError) as caught:
        Experiment().change(**changes)
    assert said in "\n".join(describe_error(caught.value))


def test_a_change_of_a_field_that_is_not_there():
    for path in ("nope__x", "net__layers__units", "seed__x__y"):
        with pytest.raises(ValueError, match="there is no such field"):
            Experiment().change(**{path: 1})


def test_a_change_leaves_the_rest():
    changed = Experiment(seed=7).change(net__inputs=["xy", "x"], optimizer=Choice(key="adam"))
    assert changed.seed == 7 and changed.net.inputs == ("x", "xy") and changed.optimizer.key == "adam"


def test_data_and_net_belong_together():
    with pytest.raises(ValidationError, match="cannot learn digits"):
        Experiment().change(data={"kind": "digits"})
    with pytest.raises(ValidationError):
        digits_experiment(cost="hinge")


@pytest.mark.parametrize("key", LOSSES)
def test_costs_for_classes_do_not_fit_numbers(key):
    if LOSSES[key].regression:
        assert Experiment().change(data__source="plane", cost=key).output == "linear"
    else:
        with pytest.raises(ValidationError, match="two classes"):
            Experiment().change(data__source="plane", cost=key)


def test_the_output_goes_with_the_cost_unless_chosen():
    assert Experiment().output == "tanh"
    assert Experiment(cost="cross_entropy").output == "linear"
    assert Experiment().change(net__output="sine").output == "sine"
    assert digits_experiment().output == "linear"


def test_tasks():
    assert {PointsData(source=key).task for key in DATASETS} == {"classification", "regression"}
    assert PointsData(source="own", own_task="regression", own=(OwnPoint(x=0, y=0, t=0.25),)).task == "regression"
    assert digits_experiment().data.task == "digits"


def test_own_classes_are_minus_one_and_one():
    with pytest.raises(ValidationError, match="-1 or 1"):
        PointsData(source="own", own=(OwnPoint(x=0, y=0, t=0.25),))


def test_points_have_three_decimals():
    assert OwnPoint(x=1.23456, y=-0.0004, t=1).x == 1.235


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_suggested_rates_are_allowed(key):
    assert Experiment(learning_rate=OPTIMIZERS[key].learning_rate, optimizer=Choice(key=key))


def test_it_cannot_be_changed_in_place():
    with pytest.raises(ValidationError, match="frozen"):
        Experiment().seed = 3


@pytest.mark.parametrize(
    "changes",
    [
        {"cost": "half_squared"},
        {"data__source": "own"},
        {"data__own": "x" * 2_000_001, "data__source": "own"},
        {"data__validation": 0.6},
        {"data__sequence": 7},
        {"data__name": "x" * 81},
        {"net__cell": "brain"},
        {"net__embedding": 3},
        {"net__units": 513},
        {"net__layers": 4},
        {"net__dropout": 0.95},
        {"clip_value": -1.0},
        {"net": {"kind": "dense"}},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_a_text_has_bounds(changes):
    with pytest.raises(ValueError):
        text_experiment(**changes)


def test_clipping_by_value_and_recurrent_nets_are_for_text():
    with pytest.raises(ValueError, match="clipping by value is for text"):
        Experiment(clip_value=1.0)
    with pytest.raises(ValueError, match="a recurrent net cannot learn digits"):
        digits_experiment(net={"kind": "recurrent"})
    e = text_experiment()
    assert e.page == "shakespeare" and e.subject == e.data and e.data.task == "text" and e.output == "linear"
