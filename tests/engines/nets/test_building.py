"""Building a stack: every change gives a net that works or says why it cannot, and nothing in between."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.experiment import MAX_STACK_LAYERS, StackNet
from engines.nets import building
from engines.nets.catalogue import NETS
from engines.nets.layers import LAYERS
from engines.nets.presets_stack import STACKS
from engines.nets.stack import rows
from tests.strategies import stacks

LENET, MODERN = NETS["lenet5"].net, NETS["lenet5-modern"].net


def keys(net: StackNet) -> list[str]:
    return [layer.key for layer in net.layers]


def test_layers_move_double_and_go():
    assert keys(building.moved(MODERN, 0, 1))[:2] == ["pool_max", "conv"]
    assert keys(building.doubled(MODERN, 4)) == ["conv", "pool_max", "conv", "pool_max", "dense", "dense", "dense"]
    assert keys(building.removed(MODERN, 5)) == ["conv", "pool_max", "conv", "pool_max", "dense"]


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        (building.moved, (MODERN, 0, -1), "it is the first layer"),
        (building.moved, (MODERN, 5, 1), "it is the last layer"),
        (building.moved, (MODERN, 3, 1), "layer 5, max pool 2: it slides over maps, but a row of 120 numbers reaches it"),
        (building.removed, (LENET, 5), "the radial basis output compares 84 values with ten pictures, and 120 reach it"),
        (building.doubled, (LENET, 2), "layer 4, conv 3: LeNet-5's table connects 6 maps with 16 filters, and here are 16 and 16"),
        (building.inserted, (LENET, 6, "conv"), "layer 7, conv 4: it slides over maps, but a row of 84 numbers reaches it"),
        (building.inserted, (LENET, 4, "pool_max"), "layer 6, conv 3: its window of 5 x 5 does not fit into maps of 2 x 2"),
    ],
)
def test_what_cannot_be_done_says_why(change, arguments, said):
    assert building.why_not(change, *arguments).startswith(said)


def test_a_stack_does_not_grow_beyond_its_bound():
    full = StackNet(layers=[{"key": "norm"}] * MAX_STACK_LAYERS)
    assert building.why_not(building.inserted, full, 0, "norm") == "a stack has at most 16 layers besides its output"
    assert building.addable(full, 3)[0] == {}


def test_a_window_that_is_too_large_becomes_smaller():
    small = StackNet(layers=[{"key": "pool_max", "settings": {"size": 8, "stride": 8}}])
    added = building.inserted(small, 1, "conv").layers[1]
    assert added.settings["size"] == 3 and rows(building.inserted(small, 1, "conv"))[1].shape == (8, 1, 1)


def test_an_added_layer_has_the_activation_of_the_others():
    assert building.inserted(LENET, 0, "conv").layers[0].activation == "scaled_tanh"
    assert building.inserted(StackNet(), 0, "conv").layers[0].activation == "relu"
    assert building.inserted(MODERN, 1, "norm").layers[1].activation == "linear"


def test_values_that_fit():
    size, stride = (next(s for s in LAYERS["conv"].settings if s.key == key) for key in ("size", "stride"))
    last = StackNet(layers=[{"key": "pool_max", "settings": {"size": 4, "stride": 4}}, {"key": "conv"}])
    assert building.values_that_fit(last, 1, size) == [1, 2, 3, 4, 5, 6, 7]
    assert building.values_that_fit(last, 1, stride) == [1, 2, 3, 4]
    filters, connections = LAYERS["conv"].settings[0], LAYERS["conv"].settings[4]
    assert building.values_that_fit(last, 1, filters) is None
    assert building.values_that_fit(last, 1, connections) == [0]
    assert building.values_that_fit(LENET, 2, connections) == [0, 1]


def test_heads():
    assert building.wants_head(LENET, "dense") == "" and building.wants_head(MODERN, "rbf") == ""
    assert "and 1,024 reach it" in building.wants_head(StackNet(border=2), "rbf")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(stacks(), st.data())
def test_every_change_that_is_offered_can_be_made(net, data):
    place = data.draw(st.integers(0, len(net.layers)))
    fits, refused = building.addable(net, place)
    assert {*fits, *refused} == set(LAYERS) and not fits.keys() & refused.keys()
    assert all(refused.values())
    for key, changed in fits.items():
        assert StackNet.model_validate(changed.model_dump()) == changed
        assert changed.layers[place].key == key and building.removed(changed, place).layers == net.layers
    for index, layer in enumerate(net.layers):
        for setting in LAYERS[layer.key].settings:
            fits = building.values_that_fit(net, index, setting)
            assert fits is None or layer.settings[setting.key] in fits


def test_every_stack_stands_in_the_catalogue_and_works():
    assert {key for key, entry in NETS.items() if entry.net.kind == "stack"} == set(STACKS)
    for entry in NETS.values():
        assert entry.label and entry.help and entry.source
        assert type(entry.net).model_validate(entry.net.model_dump()) == entry.net


def test_what_cannot_be_added_is_worded_for_the_net_as_it_is():
    _, refused = building.addable(MODERN, 1)
    assert (
        refused["flatten"] == "layer 2, max pool 1, comes behind it and slides over maps, but a row of 4,704 numbers would reach it"
    )
    _, refused = building.addable(LENET, 1)
    assert refused["pool_max"] == "layer 5, conv 3, comes behind it: its window of 5 x 5 would not fit into maps of 1 x 1"
    _, refused = building.addable(MODERN, len(MODERN.layers))
    assert refused["conv"].startswith("it slides over maps, but a row of 84 numbers reaches it")
