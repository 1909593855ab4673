"""Stacks and distortions out of plain data: whatever fits is kept, the smallest field that does not is replaced and named."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.experiment import Experiment, StackNet, digits_experiment, repair
from engines.files import load_json
from engines.nets.catalogue import NETS
from engines.nets.stack import as_stack
from engines.stack_repair import kind_of_net, net_of_kind
from tests.strategies import damaged, distorted, junk, stacks

DIGITS = digits_experiment()
LENET = digits_experiment(net=NETS["lenet5"].net, cost="map_criterion")
CONV = {"key": "conv", "settings": {"filters": 4.0}, "activation": "relu"}
POOL = {"key": "pool_max"}
DENSE = {"key": "dense", "settings": {"units": 84.0}, "activation": "tanh"}


def stack(*layers, **fields):
    return {"kind": "stack", "layers": list(layers), **fields}


@pytest.mark.parametrize(
    ("net", "expected", "said"),
    [
        (stack({"key": "fold"}, DENSE), [DENSE], "layer 1, key: 'fold' is none of conv, pool_max"),
        (stack({"key": ["conv"]}, DENSE), [DENSE], "layer 1, key: a list is none of conv"),
        (stack(7, DENSE), [DENSE], "layer 1: 7 should be an object with named fields; this layer is left out"),
        (
            stack(DENSE, CONV | {"settings": {"filters": 999, "size": 3}}, POOL),
            [DENSE],
            "layer 2, filters: filters must lie between 1 and 128, not 999; using 8",
        ),
        (
            stack(CONV | {"settings": {"filters": "six"}}),
            [{"key": "conv", "activation": "relu"}],
            "layer 1, filters: 'six' is not a number; using 8",
        ),
        (
            stack(CONV | {"settings": {"size": 2.5}}),
            [{"key": "conv", "activation": "relu"}],
            "layer 1, size: size must be a whole number, not 2.5; using 5",
        ),
        (
            stack(CONV | {"settings": {"units": 3}}),
            [{"key": "conv", "activation": "relu"}],
            "layer 1, units: Convolution has no such setting; ignored",
        ),
        (stack(CONV | {"settings": 5}), [{"key": "conv", "activation": "relu"}], "layer 1: 5 should be an object"),
        (stack(CONV | {"hat": 1}), [CONV], "layer 1, hat: there is no such field; ignored"),
        (stack(CONV | {"activation": "loud"}), [CONV | {"activation": "linear"}], "layer 1, activation: 'loud' is none of"),
        (
            stack(POOL | {"activation": "tanh"}),
            [POOL],
            "layer 1, activation: Max pooling has no activation of its own; using linear",
        ),
        (
            stack(CONV, DENSE, CONV, POOL | {"settings": {"size": 3}}),
            [CONV, DENSE],
            "layer 3: Convolution does not fit here: it slides over maps, but a row of 84 numbers reaches it",
        ),
        (
            stack(POOL, POOL, CONV, CONV),
            [POOL, POOL, CONV],
            "layer 4: Convolution does not fit here: its window of 5 x 5 does not fit into maps of 3 x 3",
        ),
        (stack(*[{"key": "norm"}] * 20), [{"key": "norm"}] * 16, "layers: there are more than 16; using the first 16"),
        (stack(CONV, border=9), [CONV], "border: 9 is above the largest allowed, 4; using 0"),
        (stack(CONV, scaling="big"), [CONV], "scaling of the pixels: there is no scaling called 'big'"),
        (stack(CONV, head="round"), [CONV], "output layer: 'round' is neither 'dense' nor 'rbf'; using dense"),
        (stack(CONV, head="rbf"), [CONV], "output layer: the radial basis output compares 84 values with ten pictures"),
        (stack(CONV, initializer="warm"), [CONV], "initialisation, key: 'warm' is none of"),
    ],
)
def test_only_the_smallest_wrong_field_is_replaced_and_named(net, expected, said):
    found, problems = repair({"data": {"kind": "digits"}, "net": net}, DIGITS)
    assert found.net == StackNet.model_validate({"layers": expected})
    assert problems[0].startswith(said)
    assert len(problems) == 1 or "does not fit here" in problems[1]


@pytest.mark.parametrize(
    ("net", "said"),
    [
        (
            stack({"key": "dense", "settings": {"units": 2048}}, {"key": "dense", "settings": {"units": 2048}}),
            "net: this stack has",
        ),
        (stack(DENSE, kind="cloud"), "net, kind: 'cloud' is not the kind of net that learns digits; using the default net"),
        (stack(DENSE, kind="plane"), "net, kind: 'plane' is not the kind of net that learns digits"),
    ],
)
def test_where_nothing_else_helps_it_is_the_default_net(net, said):
    found, problems = repair({"data": {"kind": "digits"}, "net": net}, LENET)
    assert found == LENET and len(problems) == 1 and problems[0].startswith(said)


def test_layers_that_are_no_list():
    found, problems = repair({"net": stack() | {"layers": 5}}, LENET)
    assert found == LENET and problems == ["layers: 5 should be a list of layers; using the default's layers"]


def test_a_head_that_no_longer_fits_keeps_the_layers():
    found, problems = repair({"net": {"layers": [CONV]}}, LENET)
    assert (found.net.head, len(found.net.layers), found.net.border) == ("dense", 1, 2)
    assert problems[0].startswith("output layer: the radial basis output") and problems[0].endswith("using dense")


@pytest.mark.parametrize("default", [DIGITS, LENET, Experiment()], ids=["dense", "stack", "plane"])
@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({"net": {"kind": "stack"}}, "stack"),
        ({"net": {"kind": "dense"}}, "dense"),
        ({"data": {"kind": "digits"}, "net": {"layers": [CONV, DENSE]}}, "stack"),
        ({"data": {"kind": "digits"}, "net": {"layers": [{"units": 9}]}}, "dense"),
        ({"data": {"source": "full"}, "net": {"border": 2}}, "stack"),
    ],
)
def test_the_kind_is_what_the_data_say(raw, kind, default):
    found, problems = repair(raw, default)
    assert found.net.kind == kind and not problems


def test_without_a_word_the_kind_is_the_default_s():
    assert repair({"net": {"layers": []}}, LENET)[0].net.kind == "stack"
    assert repair({"net": {"layers": []}}, DIGITS)[0].net.kind == "dense"
    assert kind_of_net({"layers": [3, {}]}, "dense") == "dense"


def test_a_net_of_the_other_kind():
    assert net_of_kind("stack", DIGITS.net) == as_stack(DIGITS.net)
    assert net_of_kind("dense", LENET.net) == DIGITS.net
    widest = DIGITS.change(net__layers=[{"units": 1024}] * 5).net
    assert net_of_kind("stack", widest).kind == "stack"


@pytest.mark.parametrize(
    ("given", "kept", "said"),
    [
        ({"shift": 2, "rotation": 5}, {"shift": 2.0, "rotation": 5.0}, None),
        ({"shift": 0}, {}, None),
        ({"shift": 99, "rotation": 5}, {"rotation": 5.0}, "distortions, shift: amount must lie between 0 and 4, not 99; left out"),
        ({"smoke": 1, "shift": 1}, {"shift": 1.0}, "distortions, smoke: there is no such distortion; choose from shift"),
        ({"shift": "far"}, {}, "distortions, shift: 'far' is not a number; left out"),
        ({"shift": float("nan")}, {}, "distortions, shift: NaN is not a finite number; left out"),
        ([1], {"scale": 0.1}, "distortions: a list should be an object with named fields; using the default's"),
    ],
)
def test_distortions_entry_by_entry(given, kept, said):
    default = DIGITS.change(data__distortions={"scale": 0.1})
    found, problems = repair({"data": {"distortions": given}}, default)
    assert found.data.distortions == kept
    assert (problems[0].startswith(said) and len(problems) == 1) if said else not problems


def test_distortions_not_given_are_the_default_s():
    default = DIGITS.change(data__distortions={"scale": 0.1})
    assert repair({"seed": 3}, default) == (default.change(seed=3), [])


@pytest.mark.parametrize("key", NETS)
def test_known_nets_come_back_as_they_were(key):
    experiment = digits_experiment(net=NETS[key].net)
    assert repair(experiment.model_dump(), DIGITS) == (experiment, [])
    assert load_json(experiment.to_json(), LENET) == (experiment, [])


def test_a_wrong_setting_is_refused_in_one_line():
    with pytest.raises(ValueError) as caught:
        LENET.change(net__layers__0__settings__filters="six")
    found = repair(LENET.model_dump() | {"net": LENET.net.model_dump() | {"border": None}}, DIGITS)
    assert found[1][0] == "border: nothing is not a whole number; using 0"
    from engines.descriptions import describe_error

    assert describe_error(caught.value) == ["layer 1, filters: 'six' is not a number"]


stacked = st.builds(
    lambda experiment, net, amounts: experiment.change(net=net, data__distortions=amounts),
    st.sampled_from([DIGITS, LENET.change(cost="softmax_cross_entropy")]),
    stacks(),
    distorted,
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(stacked, st.sampled_from([DIGITS, LENET, Experiment()]))
def test_a_valid_stack_comes_back_as_it_was(experiment, default):
    assert repair(json.loads(experiment.to_json()), default) == (experiment, [])


@settings(max_examples=120, deadline=None, derandomize=True)
@given(damaged(stacked), st.sampled_from([DIGITS, LENET, Experiment()]))
def test_damaged_stacks(raw, default):
    found, problems = repair(raw, default)
    assert repair(found.model_dump(), default) == (found, [])
    assert len(problems) <= 13 and all(problem and len(problem) < 400 and "\n" not in problem for problem in problems)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.fixed_dictionaries({"kind": st.just("stack"), "layers": st.lists(junk, max_size=3)}, optional={"head": junk, "border": junk})
)
def test_junk_for_a_stack(net):
    found, _ = repair({"data": {"kind": "digits", "distortions": net}, "net": net}, LENET)
    assert Experiment.model_validate(found.model_dump()) == found
