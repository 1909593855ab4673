"""Links to studies: short, exact there and back, and nothing a link may hold breaks the page."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.presets import PRESETS
from engines.trace.study import MAX_TYPED, Study
from playground.study_links import STUDY_KEYS, from_query, to_query, to_text
from tests.strategies import studies

DEFAULT = Study()
OTHER = Study(examples="pixels", layers=[], outputs=3, batch=16, train_biases=True)


def _parsed(text):
    return {k: v[0] for k, v in parse_qs(text, keep_blank_values=True, strict_parsing=bool(text)).items()}


def test_the_default_is_an_empty_link():
    assert to_query(DEFAULT, DEFAULT) == {} and from_query({}, DEFAULT) == (DEFAULT, [])


def test_a_link_is_readable_and_holds_only_what_differs():
    study = Study(
        examples="pixels",
        layers=[{"units": 5, "activation": "tanh"}, {"units": 4, "activation": "relu"}],
        outputs=3,
        batch=128,
        train_biases=True,
        initializer={"key": "normal", "settings": {"scale": 0.1}},
        typed=[{"matrix": "W1", "row": 0, "column": 1, "value": 0.5}, {"matrix": "b2", "row": 0, "column": 3, "value": -1e-7}],
        step=7,
        example=-1,
    )
    text = to_text(study, DEFAULT)
    assert text == (
        "v=1&trace=pixels&net=5tanh-4relu&outputs=3&init=normal:scale~0.1&biases=1&batch=128"
        "&typed=W1.0.1~0.5,b2.0.3~-1e-07&step=7&example=-1"
    )
    assert from_query(_parsed(text), DEFAULT) == (study, [])


def test_what_the_examples_fix_is_not_written():
    assert to_text(DEFAULT.change(examples="xor"), DEFAULT) == "v=1&trace=xor"
    assert from_query({"trace": "xor"}, DEFAULT) == (DEFAULT.change(examples="xor"), [])


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "backprop"])
def test_presets_travel(key):
    study = PRESETS[key].experiment
    assert from_query(to_query(study, DEFAULT), DEFAULT) == (study, [])
    assert len(to_text(study, DEFAULT)) < 300


@settings(max_examples=250, deadline=None, derandomize=True)
@given(studies(), studies())
def test_every_study_comes_back_exactly(study, default):
    query = to_query(study, default)
    assert all(isinstance(value, str) for value in query.values())
    assert _parsed(to_text(study, default)) == query
    assert from_query(query, default) == (study, [])


def test_the_longest_list_of_typed_numbers_fits():
    typed = [{"matrix": "X", "row": 255, "column": 15, "value": -1 / 3e-3}] * MAX_TYPED
    study = Study(examples="random", inputs=16, batch=256, typed=typed)
    assert from_query(to_query(study, DEFAULT), DEFAULT) == (study, [])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("trace", "pears", "examples: there is no example called 'pears'"),
        ("net", "4tanh-", "layers: '4tanh-' should be layers like 8tanh-4relu, or none"),
        ("net", "99tanh", "layer 1, units: 99 is above the largest allowed, 16"),
        ("net", "4swoosh", "layer 1, activation: there is no activation called 'swoosh'"),
        ("net", "-".join(["4tanh"] * 7), "layers: there are more than 6"),
        ("inputs", "3", "inputs: 3 does not fit the examples, The worked example; using 2"),
        ("outputs", "many", "outputs: 'many' is not a number; using the default (outputs= in the link)"),
        ("biases", "yes", "train biases: 'yes' should be 1 for yes or 0 for no"),
        ("rate", "1e9", "learning rate: 1e9 is above the largest allowed, 100"),
        ("typed", "W1.0~1", "typed numbers: 'W1.0~1' should be a matrix, row, column and number like W1.0.1~0.5"),
        ("typed", "W1.0.0~nan", "typed numbers: 'W1.0.0~nan' should be"),
        ("typed", "W1.0.0~1e9", "typed number 1, value: 1e9 is above the largest allowed, 10000"),
        ("typed", "W1.9.0~1", "typed number 1: W1 has 2 rows and 2 columns; (9, 0) is outside; left out"),
        ("typed", "W" * 10_000, "typed numbers: is far too long"),
        ("step", "19", "step: there is no step 19 in this pass, which ends with 18; showing the last"),
        ("step", "-1", "step: -1 is below the smallest allowed, 0"),
        ("example", "3", "example: there is only one, number 0; showing it"),
        ("brought", "../../etc", "brought: it may hold letters, digits, - and _ only"),
        ("v", "2", "v: this link is of version '2', this playground reads 1; reading what fits"),
        ("hello", "1", "hello: there is no such key in a link; ignored"),
    ],
)
def test_what_does_not_fit_is_named(name, value, said):
    found, problems = from_query({name: value, "seed": "5"}, DEFAULT)
    assert problems[0].startswith(said)
    assert found.seed == 5, "the rest of the link still counts"


def test_names_are_unique_and_cover_every_field():
    names = [key.name for key in STUDY_KEYS]
    assert len(set(names)) == len(names) and not any(name.startswith(("ui_", "embed")) for name in names)
    assert {key.path[0] for key in STUDY_KEYS} == set(Study.model_fields) - {"kind", "version"}


values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "1", "-1", "1e9", "nan", "none", "4tanh", "W1.0.0~1,", "xor", "brought", "x" * 600, "\x00"]),
    st.floats().map(str),
    st.integers().map(str),
    st.lists(st.text(max_size=4), max_size=2),
    st.none(),
)
links = st.dictionaries(
    st.one_of(st.sampled_from([*(key.name for key in STUDY_KEYS), "v"]), st.text(max_size=8)), values, max_size=8
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(links, st.sampled_from([DEFAULT, OTHER]))
def test_any_link_gives_a_study(params, default):
    found, problems = from_query(params, default)
    assert from_query(to_query(found, default), default) == (found, [])
    assert len(problems) <= 13 and all(len(problem) < 400 for problem in problems)
