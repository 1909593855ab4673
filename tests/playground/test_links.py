"""Links: short, exact there and back, and nothing a link may hold breaks the page."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.data.own import as_own
from engines.experiment import Experiment, OwnPoint, PointsData, digits_experiment
from engines.presets import PRESETS
from playground.links import COMMON_KEYS, DIGIT_KEYS, POINT_KEYS, STACK_KEYS, from_query, to_query, to_text
from playground.packing import MAX_PACKED, Unreadable, pack, unpack
from tests.strategies import experiments

DEFAULT, DIGITS = Experiment(), digits_experiment()


def test_the_default_is_an_empty_link():
    assert to_query(DEFAULT, DEFAULT) == {} and to_query(DIGITS, DIGITS) == {}
    assert from_query({}, DEFAULT) == (DEFAULT, []) and from_query({}, DIGITS) == (DIGITS, [])


def test_a_link_is_readable_and_holds_only_what_differs():
    experiment = DEFAULT.change(
        data__source="spiral",
        data__noise=0.1,
        net__inputs=["x", "y", "sinx"],
        net__layers=[{"units": 8}, {"units": 8, "activation": "relu", "dropout": 0.2}, {"units": 2}],
        optimizer={"key": "adam", "settings": {"b1": 0.95}},
        penalty={"key": "l2", "settings": {"rate": 0.01}},
        learning_rate=0.01,
        seed=7,
    )
    text = to_text(experiment, DEFAULT)
    assert text == (
        "v=1&data=spiral&noise=0.1&in=x.y.sinx&net=8tanh-8relu.2-2tanh&opt=adam:b1~0.95&rate=0.01&penalty=l2:rate~0.01&seed=7"
    )
    assert from_query({k: v[0] for k, v in parse_qs(text).items()}, DEFAULT) == (experiment, [])


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page in ("network", "digits")])
@pytest.mark.parametrize("default", [DEFAULT, DIGITS], ids=["network", "digits"])
def test_presets_travel(key, default):
    experiment = PRESETS[key].experiment
    assert from_query(to_query(experiment, default), default) == (experiment, [])
    assert len(to_text(experiment, default)) < 300


@settings(max_examples=350, deadline=None, derandomize=True)
@given(experiments(), experiments())
def test_every_experiment_comes_back_exactly(experiment, default):
    query = to_query(experiment, default)
    assert all(isinstance(value, str) and value for value in query.values())
    text = parse_qs(to_text(experiment, default), keep_blank_values=True, strict_parsing=bool(query))
    assert {k: v[0] for k, v in text.items()} == query
    assert from_query(query, default) == (experiment, [])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("rate", "1e99", "learning rate: 1e99 is above the largest allowed, 100; using 0.03"),
        ("rate", "fast", "learning rate: 'fast' is not a number; using the default (rate= in the link)"),
        ("rate", "nan", "learning rate: 'nan' is not a number"),
        ("rate", "", "learning rate: '' is not a number"),
        ("n", "5", "number of points: 5 is below the smallest allowed, 10; using 400"),
        ("n", "12.5", "number of points: 12.5 is not a whole number; using 400"),
        ("data", "pear", "data: there is no data set called 'pear'"),
        ("net", "8tanh-", "layers: '8tanh-' should be layers like 8tanh-4relu.2, or none"),
        ("net", "tanh", "layers: 'tanh' should be layers"),
        ("net", "", "layers: '' should be layers"),
        ("net", "1tanh" * 200, "layers: is far too long"),
        ("opt", "adam:b1", "optimizer: 'b1' should be a setting and its number, like rate~0.01"),
        ("opt", "adam:b1~9", "optimizer, b1: b1 must lie between 0 and 0.9999, not 9; using 0.9"),
        ("opt", "best", "optimizer, key: 'best' is none of"),
        ("in", "z", "input 1: there is no input called 'z'"),
        ("points", "@@@", "own points: the points in the link are damaged"),
        ("ax", "1~2", "axis 1: '1~2' should be low~high~name"),
        ("v", "2", "v: this link is of version '2', this playground reads 1; reading what fits"),
        ("hello", "1", "hello: there is no such key in a link; ignored"),
        ("digits", "huge", "data: 'huge' is none of 'auto', 'builtin' or 'full'; using auto"),
    ],
)
def test_what_does_not_fit_is_named(name, value, said):
    found, problems = from_query({name: value, "seed": "5"}, DEFAULT)
    assert problems[0].startswith(said)
    assert found.seed == 5, "the rest of the link still counts"


def test_keys_of_the_page_itself_pass_in_silence():
    assert from_query({"ui_hide": "data", "ui_": "", "embed": "true", "embed_options": "x"}, DEFAULT) == (DEFAULT, [])


def test_the_last_of_repeated_keys_counts():
    assert from_query({"seed": ["1", "2"], "n": []}, DEFAULT)[0].seed == 2


def test_names_are_unique_and_never_the_page_s():
    for keys in (POINT_KEYS + COMMON_KEYS, DIGIT_KEYS + STACK_KEYS + COMMON_KEYS):
        names = [key.name for key in keys]
        assert len(set(names)) == len(names) and not any(name.startswith(("ui_", "embed")) for name in names)


def test_two_thousand_points_fit_into_a_link():
    for source in ("spiral", "plane"):
        experiment = DEFAULT.change(data=as_own(PointsData(source=source, count=2000)))
        query = to_query(experiment, DEFAULT)
        assert len(query["points"]) < MAX_PACKED
        assert from_query(query, DEFAULT) == (experiment, [])


def test_packed_points_are_bounded():
    many = pack(tuple([OwnPoint(x=0, y=0, t=1)] * 2001))
    assert len(many) < 200
    with pytest.raises(Unreadable, match="more than 2,000"):
        unpack(many)
    bomb = pack(tuple([OwnPoint(x=0, y=0, t=1)] * 500_000))
    with pytest.raises(Unreadable, match="more than 2,000"):
        unpack(bomb)
    with pytest.raises(Unreadable, match=r"damaged|cut off"):
        unpack(pack((OwnPoint(x=1, y=2, t=1),))[:-6])
    assert "own points: is far too long" in from_query({"points": "A" * 30_000}, DEFAULT)[1][0]


known = [key.name for key in POINT_KEYS + DIGIT_KEYS + STACK_KEYS + COMMON_KEYS]
values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "1", "-1", "1e9", "nan", "none", "8tanh", "adam:b1~0.5", "spiral", "own", "x.y", "full", "1" * 600, "\x00"]
    ),
    st.floats().map(str),
    st.integers().map(str),
    st.lists(st.text(max_size=4), max_size=2),
    st.none(),
)
links = st.dictionaries(st.one_of(st.sampled_from([*known, "v", "ax", "ay"]), st.text(max_size=8)), values, max_size=8)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(links, st.sampled_from([DEFAULT, DIGITS]))
def test_any_link_gives_an_experiment(params, default):
    found, problems = from_query(params, default)
    assert from_query(to_query(found, default), default) == (found, [])
    assert len(problems) <= 13 and all(len(problem) < 400 for problem in problems)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(experiments(), st.data())
def test_a_link_with_one_value_damaged_keeps_the_rest(experiment, data):
    query = to_query(experiment, DEFAULT)
    names = sorted(set(query) - {"v", "data", "digits", "points", "task"})
    if names:
        query[data.draw(st.sampled_from(names))] = data.draw(st.text(max_size=20))
    found, _ = from_query(query, DEFAULT)
    assert found.data.kind == experiment.data.kind
