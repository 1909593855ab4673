"""Whatever comes in, a valid race goes out, and only the smallest wrong field has been replaced, by name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.descent.race import Race, default_runners, moved, race_on
from engines.descent.repair import repair_race
from tests.strategies import damaged, junk, races

DEFAULT = Race(runners=default_runners("saddle", ["sgd", "adam"]))


def _raw(**changes):
    return DEFAULT.model_dump(mode="json") | changes


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({"steps": 5}, {}, "steps: 5 is below the smallest allowed, 10; using 300"),
        ({"noise": float("inf")}, {}, "gradient noise: infinity is not a finite number; using 0"),
        ({"version": 2}, {}, "version: 2 is not 1, the version this playground reads; reading what fits"),
        ({"kind": "walk"}, {}, "kind: 'walk' is not 'race'; reading what fits"),
        ({"zz": 1}, {}, "zz: there is no such field; ignored"),
        ({"surface": "alps"}, {}, "surface, key: 'alps' is none of saddle"),
        (
            {"surface": {"key": "quadratic", "settings": {"condition": 1e9}}},
            {"surface": {"key": "quadratic"}},
            "surface, condition: condition must lie between 1 and 1000, not 1e+09; using 50",
        ),
        ({"formula": 7}, {}, "formula: 7 is not text; using x^2 - y^2"),
        ({"formula": "x" * 500}, {}, "formula: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is too long, at most 300 characters"),
        (
            {"window": [3, 1, 0, 1]},
            {},
            "window: x has to run from a lower to a clearly higher number, not from 3 to 1; using -3, 3",
        ),
        ({"start": [1e9, 0]}, {}, "start, x: 1e9 is above the largest allowed, 1e6; using -1.5, -0.01"),
        ({"start": [1]}, {}, "start, y: is missing; using"),
        ({"start": "here"}, {}, "start: 'here' should be a list; using"),
        ({"landscape": "a b"}, {}, "landscape: it may hold letters, digits, - and _ only; using none"),
        ({"runners": "adam"}, {}, "runners: 'adam' should be a list of runners; using the usual ones"),
        ({"runners": []}, {}, "runners: there has to be at least one; using the usual ones"),
        (
            {"runners": [{"optimizer": "sgd"}, 5]},
            {"runners": default_runners("saddle", ["sgd"])},
            "runner 2: 5 should be an object with named fields; this runner is left out",
        ),
        (
            {"runners": [{"optimizer": "adam", "learning_rate": 1e9}]},
            {"runners": default_runners("saddle", ["adam"])},
            "runner 1, learning rate: 1e9 is above the largest allowed, 100; using",
        ),
        (
            {"runners": [{"optimizer": {"key": "adam", "settings": {"b1": 2}}}]},
            {"runners": default_runners("saddle", ["adam"])},
            "runner 1, optimizer, b1: b1 must lie between 0 and 0.9999, not 2; using 0.9",
        ),
        (
            {"runners": [{"optimizer": "sgd"}] * 25},
            {"runners": default_runners("saddle", ["sgd"] * 24)},
            "runners: there are more than 24; using the first 24",
        ),
    ],
)
def test_only_the_smallest_wrong_field_is_replaced_and_named(changes, expected, said):
    repaired, problems = repair_race(_raw(**changes), DEFAULT)
    assert repaired == DEFAULT.change(**expected)
    assert len(problems) == 1 and problems[0].startswith(said)


def test_what_is_not_given_takes_the_default_s_value():
    page = DEFAULT.change(seed=9, noise=0.5)
    assert repair_race({"seed": 3}, page) == (page.change(seed=3), [])
    assert repair_race({}, page) == (page, [])


def test_another_surface_brings_its_own_start_and_rates():
    assert repair_race({"surface": "beale"}, DEFAULT) == (moved(DEFAULT, "beale"), [])
    assert repair_race({"surface": "beale", "steps": 50}, Race()) == (race_on("beale", steps=50), [])
    lone = repair_race({"surface": "beale", "runners": [{"optimizer": "sgd"}]}, DEFAULT)[0]
    assert lone.runners == default_runners("beale", ["sgd"])


@pytest.mark.parametrize("raw", [None, 5, "text", [], [[]], float("nan"), object(), {1, 2}])
def test_what_is_no_object_gives_the_default(raw):
    repaired, problems = repair_race(raw, DEFAULT)
    assert repaired == DEFAULT and len(problems) == 1 and problems[0].startswith("race: ") and "should be an object" in problems[0]


def test_huge_and_circular_input():
    loop: dict = {}
    loop["runners"] = [loop]
    for raw in (loop, {"runners": [{}] * 500_000}, {str(i): i for i in range(200_000)}, {"formula": "x" * 10**7}):
        repaired, problems = repair_race(raw, DEFAULT)
        assert isinstance(repaired, Race)
        assert problems and all(len(problem) < 400 for problem in problems)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(races(), races())
def test_a_valid_race_comes_back_as_it_was(race, default):
    assert repair_race(race.model_dump(), default) == (race, [])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(damaged(races()), st.sampled_from([DEFAULT, race_on("quadratic")]))
def test_damaged_descriptions(raw, default):
    repaired, problems = repair_race(raw, default)
    assert repair_race(repaired.model_dump(), default) == (repaired, [])
    assert len(problems) <= 13 and all(problem and len(problem) < 400 for problem in problems)
    "\n".join(problems).encode()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(junk)
def test_junk(raw):
    repaired, _ = repair_race(raw, DEFAULT)
    assert Race.model_validate(repaired.model_dump()) == repaired
