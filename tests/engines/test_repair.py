"""Whatever comes in, a valid experiment goes out, and only the smallest wrong field has been replaced, by name."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.experiment import Experiment, digits_experiment, repair
from engines.files import DescriptionError, load_json, load_strict
from tests.strategies import damaged, experiments, junk

DEFAULT = Experiment()


def _raw(**changes):
    raw = Experiment().model_dump(mode="json")
    for path, value in changes.items():
        *parents, leaf = path.split("__")
        target = raw
        for parent in parents:
            target = target[int(parent)] if parent.isdigit() else target[parent]
        target[int(leaf) if leaf.isdigit() else leaf] = value
    return raw


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({"learning_rate": 1e9}, {}, "learning rate: 1e9 is above the largest allowed, 100; using 0.03"),
        ({"learning_rate": float("inf")}, {}, "learning rate: infinity is not a finite number; using 0.03"),
        ({"seed": 10**5000}, {}, "seed: infinity is not a finite number; using 0"),
        ({"epochs": [1]}, {}, "epochs: a list is not a whole number; using 0"),
        ({"version": 2}, {}, "version: 2 is not 1, the version this playground reads; reading what fits"),
        ({"zz": 1}, {}, "zz: there is no such field; ignored"),
        ({"data": 7}, {}, "data: 7 should be an object with named fields; using the default's"),
        ({"data__kind": "dots"}, {}, "data, kind: 'dots' is none of 'points', 'digits' and 'text'; using 'points'"),
        ({"data__noise": "much"}, {}, "noise: 'much' is not a number; using 0"),
        ({"data__own": 5}, {}, "own points: 5 should be a list of points; left out"),
        (
            {"data__own": [{"x": 1, "y": 1, "t": 1}, {"x": 99, "y": 1, "t": 1}]},
            {"data__own": [{"x": 1, "y": 1, "t": 1}]},
            "point 2, x: 99 is above the largest allowed, 6; this point is left out",
        ),
        ({"data__source": "own"}, {}, "own points: there has to be at least one training point that can be read; using Circle"),
        (
            {"data__axes": [{"name": "a"}, {"name": 5}]},
            {"data__axes": [{"name": "a"}, {"name": "y"}]},
            "axis 2, name: 5 is not text; using y",
        ),
        (
            {"net__kind": "dense"},
            {},
            "net, kind: 'dense' is not the kind of net that learns points in the plane; using the default net",
        ),
        (
            {"net__layers__1__units": 17},
            {"net__layers": [{"units": 4}, {"units": 4}]},
            "layer 2, units: 17 is above the largest allowed, 16; using 4",
        ),
        (
            {"net__layers__0": "big"},
            {"net__layers": [{"units": 2}]},
            "layer 1: 'big' should be an object with named fields; this layer is left out",
        ),
        (
            {"net__layers": [{"units": 3}] * 9},
            {"net__layers": [{"units": 3}] * 8},
            "layers: there are more than 8; using the first 8",
        ),
        ({"net__inputs": ["x", "z", "y"]}, {}, "input 2: there is no input called 'z'"),
        ({"net__inputs": []}, {}, "inputs: there has to be at least one; using x, y"),
        (
            {"net__initializer": {"key": "normal", "settings": {"scale": 99}}},
            {"net__initializer": {"key": "normal"}},
            "initialisation, scale: scale must lie between 0 and 5, not 99; using 0.5",
        ),
        (
            {"optimizer": {"key": "adam", "settings": {"b1": 0.5, "q": 1}}},
            {"optimizer": {"key": "adam", "settings": {"b1": 0.5}}},
            "optimizer, q: Adam has no such setting; ignored",
        ),
        ({"optimizer__key": "best"}, {}, "optimizer, key: 'best' is none of gradient_descent, sgd"),
        (
            {"cost": "nope"},
            {},
            "cost: 'nope' is none of half_squared, absolute, cross_entropy, hinge, huber; using Half squared error",
        ),
        (
            {"cost": "hinge", "data__source": "plane"},
            {"data__source": "plane"},
            "cost: Hinge needs two classes, and these targets are numbers; using Half squared error",
        ),
    ],
)
def test_only_the_smallest_wrong_field_is_replaced_and_named(changes, expected, said):
    repaired, problems = repair(_raw(**changes), DEFAULT)
    assert repaired == DEFAULT.change(**expected)
    assert len(problems) == 1 and problems[0].startswith(said)


def test_what_is_not_given_takes_the_default_s_value():
    page = Experiment(seed=9, learning_rate=0.5)
    assert repair({"seed": 3}, page) == (page.change(seed=3), [])
    assert repair({}, page) == (page, [])
    assert repair({"optimizer": "adam"}, page) == (page.change(optimizer={"key": "adam"}), [])


def test_the_other_kind_takes_its_own_standard():
    assert repair({"data": {"kind": "digits"}}, DEFAULT) == (digits_experiment(), [])
    assert repair({"data": {"source": "spiral"}}, digits_experiment()) == (DEFAULT.change(data__source="spiral"), [])
    assert repair({"net": {"kind": "dense"}}, DEFAULT) == (digits_experiment(), [])


@pytest.mark.parametrize("raw", [None, 5, "text", [], [[]], float("nan"), object(), {1, 2}])
def test_what_is_no_object_gives_the_default(raw):
    repaired, problems = repair(raw, DEFAULT)
    assert repaired == DEFAULT and len(problems) == 1 and "should be an object" in problems[0]


def test_many_problems_are_counted():
    _, problems = repair({f"field {i}": i for i in range(40)}, DEFAULT)
    assert len(problems) == 13 and problems[-1] == "and 28 more"


def test_huge_and_deep_and_circular_input():
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    loop: dict = {}
    loop["data"] = loop
    for raw in (
        {"net": {"layers": deep}},
        loop,
        {"data": {"own": [{}] * 500_000}},
        {str(i): i for i in range(200_000)},
        {"cost": "x" * 10**7},
    ):
        repaired, problems = repair(raw, DEFAULT)
        assert repaired.change(net__layers=[x.model_dump() for x in DEFAULT.net.layers]) == DEFAULT
        assert problems and all(len(problem) < 400 for problem in problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ('{"seed": 1', "is not JSON"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        ("[" * 400_000, "beyond all bounds"),
        ('{"seed": ' + "9" * 5000 + "}", "beyond all bounds"),
        (b" " * 16_000_001, "larger than 16 MB"),
        ("x" * 20_000_000, "larger than 16 MB"),
        ("[]", "should be an object"),
        ('{"a": 1}', "should be an object"),
    ],
)
def test_files_that_hold_no_experiment(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        load_json(text)
    with pytest.raises(ValueError):
        load_strict(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"learning_rate": NaN}', "learning rate: NaN is not a finite number"),
        ('{"learning_rate": 1e999}', "learning rate: infinity is not a finite number"),
        ('{"seed": ' + "9" * 400 + "}", "seed: infinity is not a finite number"),
    ],
)
def test_files_that_do_not_fit(text, said):
    loaded, problems = load_json(text)
    assert loaded == DEFAULT and len(problems) == 1 and said in problems[0]
    with pytest.raises(ValueError):
        load_strict(text)


def test_a_file_with_a_byte_order_mark():
    text = "\ufeff" + DEFAULT.change(seed=4).to_json()
    assert load_json(text) == load_json(text.encode()) == (DEFAULT.change(seed=4), [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"learning_rate": 1e9}', "learning_rate: 1e9 is above the largest allowed, 100"),
        ('{"net": {"layers": [{"units": 99}]}}', "net.layers.0.units: 99 is above the largest allowed, 16"),
        ('{"optimizer": {"key": "adam", "settings": {"b1": 3}}}', "optimizer.settings.b1: b1 must lie between 0 and 0.9999, not 3"),
        ('{"zz": 1, "yy": 2}', "zz: there is no such field (and 1 more)"),
    ],
)
def test_strict_names_the_field_as_the_file_spells_it(text, said):
    with pytest.raises(DescriptionError) as caught:
        load_strict(text)
    assert str(caught.value) == said


@settings(max_examples=200, deadline=None, derandomize=True)
@given(experiments())
def test_a_valid_experiment_comes_back_as_it_was(experiment):
    assert repair(experiment.model_dump(), DEFAULT) == (experiment, [])
    assert load_json(experiment.to_json()) == (experiment, [])
    assert load_strict(experiment.to_json()) == experiment


@settings(max_examples=300, deadline=None, derandomize=True)
@given(damaged(), st.sampled_from([DEFAULT, digits_experiment()]))
def test_damaged_descriptions(raw, default):
    repaired, problems = repair(raw, default)
    assert repair(repaired.model_dump(), default) == (repaired, [])
    assert len(problems) <= 13 and all(problem and len(problem) < 400 for problem in problems)
    "\n".join(problems).encode()


@settings(max_examples=400, deadline=None, derandomize=True)
@given(junk)
def test_junk(raw):
    repaired, _ = repair(raw, DEFAULT)
    assert Experiment.model_validate(repaired.model_dump()) == repaired


file_texts = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60),
    damaged().map(lambda raw: json.dumps(raw, default=str)),
    st.tuples(experiments(), st.integers(0, 3000)).map(lambda pair: pair[0].to_json()[: pair[1]]),
    experiments().map(lambda e: e.to_json().encode("utf-16")),
)


@settings(max_examples=700, deadline=None, derandomize=True)
@given(file_texts)
def test_files(text):
    try:
        loaded, problems = load_json(text)
    except ValueError as error:
        assert str(error) and "\n" not in str(error) and len(str(error)) < 400
        return
    assert isinstance(loaded, Experiment)
    try:
        assert load_strict(text) == loaded and not problems
    except ValueError as error:
        assert problems and str(error) and "\n" not in str(error)
