"""Links to stacks: readable, short, exact there and back; what does not fit is named and the rest is kept."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.experiment import Experiment, StackLayer, StackNet, digits_experiment
from engines.nets.catalogue import NETS
from engines.nets.layers import LAYERS
from engines.nets.stack import as_stack
from playground.links import from_query, to_query, to_text
from playground.packing import Unreadable
from playground.stack_links import EMPTY, LONGEST, is_stack, read_amounts, read_stack, write_amounts, write_stack
from tests.strategies import distorted, stacks

DIGITS = digits_experiment()
MODERN = digits_experiment(net=NETS["lenet5-modern"].net)


def test_a_link_to_a_stack_is_readable():
    experiment = MODERN.change(data__distortions={"rotation": 15, "shift": 2}, seed=7)
    text = to_text(experiment, DIGITS)
    assert text == (
        "v=1&distort=shift~2:rotation~15&net=conv:6:relu-pool_max-conv:16:relu-pool_max-dense:120:relu-dense:84:relu"
        "&border=2&scaling=standard&seed=7"
    )


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        ({}, "conv"),
        ({"settings": {"filters": 6}}, "conv:6"),
        ({"settings": {"size": 3, "padding": 1}, "activation": "tanh"}, "conv:,3,,1:tanh"),
        ({"settings": {"connections": 1, "filters": 16}}, "conv:16,,,,1"),
        ({"key": "pool_max"}, "pool_max"),
        ({"key": "dropout", "settings": {"rate": 0.25}}, "dropout:0.25"),
        ({"key": "dropout", "settings": {"rate": 1e-7}}, "dropout:1e-07"),
        ({"key": "norm", "activation": "relu"}, "norm:relu"),
        ({"key": "flatten"}, "flatten"),
    ],
)
def test_a_layer_says_what_differs(layer, text):
    made = StackLayer.model_validate(layer)
    assert write_stack([made]) == text and is_stack(text)
    assert [StackLayer.model_validate(raw) for raw in read_stack(f"{text}-{text}")] == [made, made]


def test_the_places_of_settings_are_part_of_every_link():
    """New settings go to the end of a layer's list: links that are about must go on meaning the same."""
    first = {key: [setting.key for setting in kind.settings] for key, kind in LAYERS.items()}
    assert first["conv"][:5] == ["filters", "size", "stride", "padding", "connections"]
    assert first["pool_max"][:2] == first["pool_average"][:2] == first["pool_l2"][:2] == ["size", "stride"]
    assert (first["subsample"][:1], first["dense"][:1], first["dropout"][:1]) == (["size"], ["units"], ["rate"])


@pytest.mark.parametrize("default", [DIGITS, MODERN, Experiment()], ids=["dense", "stack", "plane"])
def test_every_kind_of_net_is_told_on_every_page(default):
    empty = DIGITS.change(net=StackNet())
    for experiment in (DIGITS, MODERN, empty, DIGITS.change(net__layers=[]), DIGITS.change(net=as_stack(DIGITS.net)), Experiment()):
        assert from_query(to_query(experiment, default), default) == (experiment, [])
    assert to_query(empty, DIGITS)["net"] == EMPTY


@pytest.mark.parametrize("key", NETS)
def test_known_nets_travel(key):
    experiment = digits_experiment(net=NETS[key].net)
    assert from_query(to_query(experiment, DIGITS), DIGITS) == (experiment, [])
    assert from_query(to_query(DIGITS, experiment), experiment) == (DIGITS, [])


def test_old_links_keep_their_meaning():
    found, problems = from_query({"v": "1", "net": "500relu-300relu.5", "digits": "full", "examples": "1000"}, DIGITS)
    assert not problems and found.net.kind == "dense" and found.data.distortions == {}
    assert [(layer.units, layer.dropout) for layer in found.net.layers] == [(500, 0.0), (300, 0.5)]
    assert from_query({"net": "none"}, DIGITS)[0].net.layers == ()


def test_keys_of_stacks_make_a_stack_of_the_default_net():
    found, problems = from_query({"border": "2"}, DIGITS)
    assert not problems and found.net == as_stack(DIGITS.net).model_copy(update={"border": 2})


@pytest.mark.parametrize(
    ("link", "layers", "said"),
    [
        ({"net": "conv:6-fold:3-pool_max"}, ["conv", "pool_max"], "layer 2, key: 'fold' is none of conv"),
        ({"net": "conv:999-pool_max"}, ["conv", "pool_max"], "layer 1, filters: filters must lie between 1 and 128, not 999"),
        ({"net": "conv:1,2,3,1,0,9"}, ["conv"], "layer 1, number 6: Convolution has no such setting; ignored"),
        ({"net": "pool_max:2:relu"}, ["pool_max"], "layer 1, activation: Max pooling has no activation of its own"),
        ({"net": "dense:5-conv"}, ["dense"], "layer 2: Convolution does not fit here: it slides over maps"),
        ({"net": "conv-conv:"}, ["conv", "conv"], None),
        ({"net": "conv:6", "border": "77"}, ["conv"], "border: 77 is above the largest allowed, 4; using 0"),
        ({"net": "conv:6", "head": "rbf"}, ["conv"], "output layer: the radial basis output compares 84 values"),
        ({"net": "conv:6!-pool_max"}, ["dense"], "layers: 'conv:6!-pool_max' should be layers like conv:6,5:relu"),
        ({"net": "conv-"}, ["dense"], "layers: 'conv-' should be layers like"),
        ({"net": "-".join(["conv"] * 500)}, ["dense"], "layers: is far too long"),
        ({"net": "-".join(["norm"] * 30)}, ["norm"] * 16, "layers: there are more than 16; using the first 16"),
        ({"net": "conv", "distort": "shift"}, ["conv"], "distortions: 'shift' should be a distortion and how far it goes"),
        ({"net": "conv", "distort": "shift~99:shear~0.1"}, ["conv"], "distortions, shift: amount must lie between 0 and 4"),
        ({"net": "256relu", "border": "2"}, [256], "border: there is no such key in a link; ignored"),
        (
            {"net": "foo:3-bar"},
            [256],
            "layers: 'foo:3-bar' should be layers like 128relu-64relu.2 (dense) or conv:6,5:relu-",
        ),
        ({"net": "tanh"}, [256], "layers: 'tanh' should be layers like 128relu-64relu.2 (dense) or conv:6,5:relu-"),
    ],
)
def test_what_does_not_fit_is_named_and_the_rest_is_kept(link, layers, said):
    found, problems = from_query(link | {"seed": "5"}, DIGITS)
    assert [getattr(layer, "key", None) or layer.units for layer in found.net.layers] == layers
    assert found.seed == 5
    assert problems[0].startswith(said) if said else not problems


def test_amounts():
    assert write_amounts({}) == "none" and read_amounts("none") == {}
    assert read_amounts(write_amounts({"shift": 2.0, "shear": 0.15})) == {"shift": 2, "shear": 0.15}
    with pytest.raises(Unreadable):
        read_amounts("shift~far")


def test_a_hostile_value_is_read_in_no_time():
    began = time.perf_counter()
    for text in ("conv:" + "1," * 990, "conv:" + "1" * 1990, "a" * 2000, "-" * 2000, "conv" + ":1" * 900):
        from_query({"net": text[:LONGEST], "distort": text}, DIGITS)
    assert time.perf_counter() - began < 2


@settings(max_examples=120, deadline=None, derandomize=True)
@given(stacks(), distorted, st.sampled_from([DIGITS, MODERN, Experiment()]))
def test_every_stack_comes_back_exactly(net, amounts, default):
    experiment = DIGITS.change(net=net, data__distortions=amounts)
    query = to_query(experiment, default)
    assert all(0 < len(value) <= LONGEST for value in query.values())
    assert from_query(query, default) == (experiment, [])


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.lists(st.text(st.sampled_from("cov:69,.~-e_relup"), max_size=8).map(lambda t: f"conv{t}") | st.text(max_size=6), max_size=6),
    st.text(max_size=12),
)
def test_any_text_gives_an_experiment(parts, text):
    found, problems = from_query({"net": "-".join(parts), "distort": text, "head": text[:3]}, DIGITS)
    assert from_query(to_query(found, DIGITS), DIGITS) == (found, [])
    assert all(problem and len(problem) < 400 for problem in problems)
