"""Files are told apart: experiment or race, repaired or refused, always in one sentence."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.descent.race import Race, race_on
from engines.experiment import Experiment, digits_experiment
from engines.files import DescriptionError, WrongKind, kind_of, load_json, load_strict
from engines.trace.study import Study
from tests.strategies import damaged, experiments, races, studies


@settings(max_examples=80, deadline=None, derandomize=True)
@given(races(), races())
def test_a_race_comes_back_as_it_was(race, default):
    assert load_json(race.to_json(), default) == load_json(race.to_json()) == (race, [])
    assert load_strict(race.to_json(), Race) == race


@settings(max_examples=60, deadline=None, derandomize=True)
@given(studies(), studies())
def test_a_study_comes_back_as_it_was(study, default):
    assert load_json(study.to_json(), default) == load_json(study.to_json()) == (study, [])
    assert load_strict(study.to_json(), Study) == study


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({"kind": "race"}, Race),
        ({"surface": "beale"}, Race),
        ({"start": [0, 0], "seed": 1}, Race),
        ({"data": {}}, Experiment),
        ({"learning_rate": 1, "steps": 3}, Experiment),
        ({"kind": "study"}, Study),
        ({"examples": "xor", "seed": 1}, Study),
        ({"seed": 1}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_the_fields_tell_what_it_is(raw, kind):
    assert kind_of(raw) is kind


def test_what_is_wanted_decides_where_the_fields_do_not():
    assert load_json('{"seed": 3}', race_on("beale")) == (race_on("beale", seed=3), [])
    assert load_json('{"seed": 3}') == (Experiment(seed=3), [])
    assert load_json('{"learning_rate": 3}', Study()) == (Study(learning_rate=3), [])
    assert load_json('{"learning_rate": 3}', Experiment()) == (Experiment(learning_rate=3), [])


@pytest.mark.parametrize(
    ("description", "default", "said"),
    [
        (Race(), Experiment(), "it holds a race for the Descent page"),
        (Experiment(), Race(), "it holds an experiment for the Network page"),
        (digits_experiment(), Race(), "it holds an experiment for the Digits page"),
        (Study(), Race(), "it holds a study for the Backprop page"),
        (Race(), Study(), "it holds a race for the Descent page"),
    ],
)
def test_a_file_for_another_page_is_told(description, default, said):
    with pytest.raises(WrongKind) as caught:
        load_json(description.to_json(), default)
    assert str(caught.value) == said and caught.value.found == description
    with pytest.raises(WrongKind):
        load_strict(description.to_json(), type(default))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        (b"\xff\xfe\x00", "is not text in UTF-8, so it is no race"),
        ("[" * 400_000, "is not a race: it holds a number or a nesting beyond all bounds"),
        (b" " * 1_000_001, "larger than 1 MB; a race is at most"),
        ('{"a": 1}', "no race: it should be an object with fields such as surface, runners and start"),
    ],
)
def test_files_that_hold_no_race(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        load_json(text, Race())
    with pytest.raises(ValueError):
        load_strict(text, Race)


def test_strict_names_the_field_as_the_file_spells_it():
    raw = Race().model_dump(mode="json")
    raw["runners"][1]["learning_rate"] = 1e9
    with pytest.raises(DescriptionError, match=re.escape("runners.1.learning_rate: 1e9 is above the largest allowed, 100")):
        load_strict(json.dumps(raw), Race)
    with pytest.raises(DescriptionError, match=r"^race: "):
        load_strict("[]", Race)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60),
        damaged(races()).map(lambda raw: json.dumps(raw, default=str)),
        st.tuples(races(), st.integers(0, 3000)).map(lambda pair: pair[0].to_json()[: pair[1]]),
        experiments().map(lambda e: e.to_json()),
    )
)
def test_any_file(text):
    try:
        loaded, problems = load_json(text, Race())
    except ValueError as error:
        assert str(error) and "\n" not in str(error) and len(str(error)) < 400
        return
    assert isinstance(loaded, Race)
    try:
        assert load_strict(text, Race) == loaded and not problems
    except ValueError as error:
        assert problems and "\n" not in str(error)
