"""The contract of the table of axes, over experiments of every kind; and spans of values."""

from __future__ import annotations

import numpy as np
import pytest

from engines.experiment import Experiment, digits_experiment
from engines.nets.presets_stack import STACKS
from engines.training import make_trainer
from engines.trials import AXES, Span, changed, knobs
from tests.engines.trials.small import experiment

KINDS = {
    "dense": digits_experiment(),
    "deep": digits_experiment(
        net__layers=[{"units": 20, "activation": "linear"}, {"units": 10, "activation": "tanh"}],
        optimizer={"key": "momentum"},
        schedule={"key": "cosine"},
        penalty={"key": "l2"},
        net__initializer={"key": "normal"},
        data__distortions={"shift": 1.0},
    ),
    "flat": digits_experiment(net__layers=[], optimizer={"key": "gradient_descent"}),
    "lenet5": digits_experiment(net=STACKS["lenet5"]),
    "modern": digits_experiment(net=STACKS["cnn-modern"]),
}
KNOBS = [(name, knob) for name, e in KINDS.items() for knob in knobs(e)]
IDS = [f"{name}-{knob.key}" for name, knob in KNOBS]
SHAPES = ("window", "stride", "padding", "filters", "units")
USUAL = {"optimizer", "schedule"}


@pytest.mark.parametrize("name", KINDS)
def test_keys_and_labels_are_unique(name):
    found = knobs(KINDS[name])
    assert len({knob.key for knob in found}) == len({knob.label for knob in found}) == len(found)
    assert [AXES.index(knob.axis.key) for knob in found] == sorted(AXES.index(knob.axis.key) for knob in found)


def test_every_axis_suits_some_experiment():
    assert {knob.axis.key for _, knob in KNOBS} == set(AXES)


@pytest.mark.parametrize(("name", "knob"), KNOBS, ids=IDS)
def test_values_are_taken_or_refused_in_words(name, knob):
    e = KINDS[name]
    assert (knob.axis.span is None) != (knob.axis.options is None)
    values = knob.values(e, 8)
    assert 1 <= len(values) <= 8 and len(set(values)) == len(values)
    taken = 0
    for value in values:
        assert knob.text(value)
        try:
            other = knob.change(e, value)
        except ValueError as refusal:
            assert knob.axis.key in SHAPES and "\n" not in str(refusal)
            continue
        taken += 1
        assert isinstance(other, Experiment) and knob.read(other) == pytest.approx(value)
    assert taken >= (1 if knob.axis.key in SHAPES else 2)


@pytest.mark.parametrize(("name", "knob"), KNOBS, ids=IDS)
def test_a_value_changes_nothing_else(name, knob):
    e = KINDS[name]
    now = knob.read(e)
    if now is None or knob.axis.key in ("activation", "depth"):
        return
    other = next(value for value in knob.values(e, 8) if value != now and not refused(knob, e, value))
    moved = knob.change(e, other)
    assert moved != e and knob.change(e, now) == e
    if knob.axis.key not in (*USUAL, "initializer"):
        assert knob.change(moved, now) == e


def refused(knob, e, value):
    try:
        knob.change(e, value)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(("name", "knob"), KNOBS, ids=IDS)
def test_the_present_value_is_among_those_offered(name, knob):
    e = KINDS[name]
    now, span = knob.read(e), knob.span(e)
    if now is not None and (span is None or span.low <= now <= span.high):
        assert now in knob.values(e, 5)


SMALL = {
    "dense": experiment(data__train_count=60, optimizer={"key": "momentum"}, schedule={"key": "cosine"}),
    "stack": experiment(
        data__train_count=60,
        net={"kind": "stack", "layers": [{"key": "conv", "settings": {"filters": 2}, "activation": "relu"}, {"key": "dropout"}]},
    ),
}
SMALL_KNOBS = [(name, knob) for name, e in SMALL.items() for knob in knobs(e) if knob.axis.key not in SHAPES]


@pytest.mark.parametrize(("name", "knob"), SMALL_KNOBS, ids=[f"{name}-{knob.key}" for name, knob in SMALL_KNOBS])
def test_axes_say_truly_whether_their_values_share_a_program(name, knob):
    e, programs = SMALL[name], set()
    for value in knob.values(e, 4):
        trainer = make_trainer(knob.change(e, value))
        programs.add((trainer.spec, trainer.train_count, trainer.examples.train_sample.labels.shape))
    assert (len(programs) == 1) == knob.axis.shared


def test_what_cannot_be_is_refused_in_a_sentence():
    e = KINDS["dense"]
    by_key = {knob.key: knob for knob in knobs(e)}
    for key, value, told in [
        ("learning_rate", 1e9, "above the largest allowed, 100"),
        ("learning_rate", 0.0, "below the smallest allowed"),
        ("learning_rate", float("nan"), "learning rate"),
        ("units.0", 2.5, "units"),
        ("depth", 1.5, "whole number of layers"),
        ("depth", 9, "0 to 5 hidden layers"),
        ("depth", 1e12, "0 to 5 hidden layers"),  # as many as would fill the memory
        ("depth", -1.0, "0 to 5 hidden layers"),
        ("optimizer", "nobody", "cannot be nobody"),
        ("batch_size", None, "batch size"),
        ("optimizer_setting.b1", 2.0, "between 0 and 0.9999"),
    ]:
        with pytest.raises(ValueError, match=told) as caught:
            by_key[key].change(e, value)
        assert "\n" not in str(caught.value)


def test_ends_are_kept_as_they_are():
    assert Span(8, 512, "log", True).values(5)[-1] == 512
    assert Span(0.00123456, 0.9, "even").values(4)[0] == 0.00123456


def test_a_rate_is_set_after_the_optimizer_that_brings_its_own():
    e = KINDS["dense"]
    by_key = {knob.key: knob for knob in knobs(e)}
    pairs = [(by_key["learning_rate"], 0.5), (by_key["optimizer"], "sgd")]
    for settings in (pairs, pairs[::-1]):
        both = changed(e, settings)
        assert (both.optimizer.key, both.learning_rate) == ("sgd", 0.5)
    assert by_key["optimizer"].change(e, "sgd").learning_rate == 0.03
    assert by_key["optimizer"].change(e, "adam") == e


def test_what_nothing_but_its_present_value_fits_is_left_out():
    """The pictures of LeNet-5's output layer have 84 pixels, and its table of connections 6 maps."""
    assert not {"units.5", "filters.0", "filters.2"} & {knob.key for knob in knobs(KINDS["lenet5"])}
    assert "filters.4" in {knob.key for knob in knobs(KINDS["lenet5"])}


def test_what_overrides_each_other_cannot_be_combined():
    by_key = {knob.key: knob for knob in knobs(KINDS["deep"])}
    for a, b in [("optimizer", "optimizer_setting.momentum"), ("l1", "l2"), ("depth", "units.1"), ("initializer", "spread")]:
        assert not by_key[a].fits(by_key[b]) and not by_key[b].fits(by_key[a])
    assert not by_key["l2"].fits(by_key["l2"])
    assert by_key["units.0"].fits(by_key["units.1"]) and by_key["learning_rate"].fits(by_key["optimizer"])


def test_without_a_bend_every_layer_takes_the_activation():
    linear = digits_experiment(net__layers=[{"units": 4, "activation": "linear"}] * 2)
    knob = next(knob for knob in knobs(linear) if knob.key == "activation")
    assert [layer.activation for layer in knob.change(linear, "tanh").net.layers] == ["tanh", "tanh"]
    mixed = linear.change(net__layers__1__activation="relu")
    assert [layer.activation for layer in knob.change(mixed, "tanh").net.layers] == ["linear", "tanh"]


@pytest.mark.parametrize(
    ("span", "count", "near", "expected"),
    [
        (Span(1, 100, "log"), 3, None, (1, 10, 100)),
        (Span(1, 100, "log"), 3, 12.5, (1, 12.5, 100)),
        (Span(0.0, 0.99, "share"), 3, None, (0, 0.9, 0.99)),
        (Span(0.0, 1.0), 5, 0.4, (0, 0.25, 0.4, 0.75, 1)),
        (Span(0.0, 1.0), 5, 4.0, (0, 0.25, 0.5, 0.75, 1)),
        (Span(1, 3, "log", True), 8, None, (1, 2, 3)),
        (Span(7, 7), 5, None, (7,)),
        (Span(2, 8, "log"), 1, None, (8,)),
    ],
)
def test_spans_are_spaced_by_their_scale(span, count, near, expected):
    values = span.values(count, near)
    assert values == pytest.approx(expected)
    assert all(isinstance(value, int) for value in values) == span.whole


@pytest.mark.parametrize("count", range(2, 9))
def test_shares_crowd_towards_one(count):
    values = np.array(Span(0.0, 0.999, "share").values(count))
    assert values[0] == 0 and values[-1] == 0.999 and (np.diff(values) > 0).all() and (np.diff(1 - values, 2) > 0).all()
