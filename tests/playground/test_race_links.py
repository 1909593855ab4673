"""Links to races: short, exact there and back, and nothing a link may hold breaks the page."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.descent.race import Race, Runner, all_runners, default_runners, moved, race_on
from engines.descriptions import Choice
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from playground.race_links import RACE_KEYS, from_query, to_query, to_text
from tests.strategies import races

DEFAULT = Race(runners=default_runners("saddle", ["sgd", "adam"]))


def _parsed(text):
    return {k: v[0] for k, v in parse_qs(text, keep_blank_values=True, strict_parsing=bool(text)).items()}


def test_the_default_is_an_empty_link():
    assert to_query(DEFAULT, DEFAULT) == {} and from_query({}, DEFAULT) == (DEFAULT, [])


def test_a_link_is_readable_and_holds_only_what_differs():
    runners = (
        Runner(),
        Runner(
            optimizer=Choice(key="momentum", settings={"momentum": 0.95}),
            learning_rate=2e-5,
            schedule=Choice(key="cosine", settings={"length": 300}),
        ),
        Runner(optimizer=Choice(key="adam", settings={"eps": 1e-7}), learning_rate=1.5),
    )
    race = race_on("quadratic", surface__settings__condition=100, runners=runners, start=(1.2, -0.3), noise=0.1)
    text = to_text(race, DEFAULT)
    assert text == (
        "v=1&surface=quadratic:condition~100"
        "&runners=adam@0.01-momentum:momentum~0.95@2e-05@cosine:length~300-adam:eps~1e-07@1.5&start=1.2,-0.3&noise=0.1"
    )
    assert from_query(_parsed(text), DEFAULT) == (race, [])


@pytest.mark.parametrize("key", SURFACES)
def test_another_surface_with_its_usual_runners_is_a_short_link(key):
    assert to_text(race_on(key), Race()) == ("" if key == "saddle" else f"v=1&surface={key}")
    assert from_query({"surface": key}, DEFAULT) == (moved(DEFAULT, key), [])


def test_runners_without_a_rate_take_the_usual_one_of_the_surface():
    found, problems = from_query({"surface": "beale", "runners": "lion-sgd@0.5"}, DEFAULT)
    assert not problems
    assert [r.learning_rate for r in found.runners] == [default_runners("beale", ["lion"])[0].learning_rate, 0.5]


@pytest.mark.parametrize("formula", ["x^2 + y^2", "sin(x)/y - 100% & more = # ? é", "1+1"])
def test_formulas_survive_every_character(formula):
    race = race_on("formula", formula=formula)
    assert from_query(_parsed(to_text(race, DEFAULT)), DEFAULT)[0].formula == formula


@pytest.mark.parametrize(
    ("link", "product"),
    [
        ("f=x^2+y^2", "x^2·y^2"),
        ("f=x^2+%2B+y+(x-1)", "x^2 + y·(x-1)"),
        ("f=sin(x)+cos(y)+1", "sin(x)·cos(y)·1"),
        ("f=x^2%20+%20y^2", "x^2·y^2"),
    ],
)
def test_a_plus_lost_on_the_way_is_pointed_out(link, product):
    _, problems = from_query(_parsed(f"surface=formula&{link}"), DEFAULT)
    assert problems == [f"formula: read as '{product}'; in a link write + as %2B"]


def test_products_written_here_are_no_lost_plus():
    race = race_on("formula", formula="2x y - sin(x) (y + 1)")
    assert from_query(_parsed(to_text(race, DEFAULT)), DEFAULT) == (race, [])
    for link in ("f=x^2-y^2", "f=x^2+-+y^2", "f=x^2+%2B+y^2", "f=sin+(x)"):
        assert from_query(_parsed(f"surface=formula&{link}"), DEFAULT)[1] == []


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "descent"])
def test_presets_travel(key):
    race = PRESETS[key].experiment
    assert from_query(to_query(race, DEFAULT), DEFAULT) == (race, [])
    assert len(to_text(race, Race())) < 600


@settings(max_examples=250, deadline=None, derandomize=True)
@given(races(), races())
def test_every_race_comes_back_exactly(race, default):
    query = to_query(race, default)
    assert all(isinstance(value, str) for value in query.values())
    assert _parsed(to_text(race, default)) == query
    assert from_query(query, default) == (race, [])


def test_the_longest_race_fits():
    def full(key):
        settings = {s.key: s.low if s.whole else s.low + (s.high - s.low) / 3 for s in OPTIMIZERS[key].settings}
        return Runner(optimizer=Choice(key=key, settings=settings), learning_rate=1 / 3, schedule=Choice(key="exponential"))

    longest = max((full(key) for key in OPTIMIZERS), key=lambda runner: len(str(runner)))
    race = Race(runners=(longest,) * 24)
    assert from_query(to_query(race, DEFAULT), DEFAULT) == (race, [])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("steps", "9999", "steps: 9999 is above the largest allowed, 2000; using 300"),
        ("steps", "many", "steps: 'many' is not a number; using the default (steps= in the link)"),
        ("surface", "alps", "surface, key: 'alps' is none of saddle"),
        ("surface", "quadratic:condition", "surface: 'condition' should be a setting and its number"),
        ("surface", "quadratic:condition~0", "surface, condition: condition must lie between 1 and 1000, not 0; using 50"),
        ("start", "1", "start, y: is missing"),
        ("start", "1,2,3", "start: is a list of more than 2"),
        ("start", "a,b", "start: 'a' is not a number"),
        ("start", "1e9,0", "start, x: 1e9 is above the largest allowed, 1e6"),
        ("window", "3,1,0,1", "window: x has to run from a lower to a clearly higher number"),
        ("runners", "", "runners: '' should be a runner like adam, adam@0.01 or adam@0.01@cosine:length~300"),
        ("runners", "adam@1@cosine@4", "runners: 'adam@1@cosine@4' should be a runner like"),
        ("runners", "adam@fast", "runners: 'fast' is not a number"),
        ("runners", "adam-best@1", "runner 2, optimizer, key: 'best' is none of"),
        ("runners", "adam@1e9", "runner 1, learning rate: 1e9 is above the largest allowed, 100"),
        ("runners", "adam@1@later", "runner 1, schedule, key: 'later' is none of constant"),
        ("runners", "-".join(["adam"] * 25), "runners: there are more than 24; using the first 24"),
        ("runners", "a" * 10_000, "runners: is far too long"),
        ("f", "x" * 400, "formula: 'xxx"),
        ("landscape", "../../etc", "landscape: it may hold letters, digits, - and _ only; using none"),
        ("v", "2", "v: this link is of version '2', this playground reads 1; reading what fits"),
        ("hello", "1", "hello: there is no such key in a link; ignored"),
    ],
)
def test_what_does_not_fit_is_named(name, value, said):
    found, problems = from_query({name: value, "seed": "5"}, DEFAULT)
    assert problems[0].startswith(said)
    assert found.seed == 5, "the rest of the link still counts"


def test_keys_of_the_page_itself_pass_in_silence():
    assert from_query({"ui_hide": "data", "ui_x": "1.5", "embed": "true"}, DEFAULT) == (DEFAULT, [])


def test_names_are_unique_and_never_the_page_s():
    names = [key.name for key in RACE_KEYS]
    assert len(set(names)) == len(names) and not any(name.startswith(("ui_", "embed")) for name in names)
    covered = {key.path[0] for key in RACE_KEYS}
    assert covered == set(Race.model_fields) - {"kind", "version"}


def test_no_name_in_a_runner_ends_like_a_number_with_an_exponent():
    tables = (OPTIMIZERS, SCHEDULES)
    names = {*OPTIMIZERS, *SCHEDULES} | {s.key for table in tables for entry in table.values() for s in entry.settings}
    assert not any(name[-2:-1].isdecimal() or set(name) & set("-@:~") for name in names)


values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "1", "-1", "1e9", "nan", "adam", "adam@1-sgd", "sgd@@", "1,2", "beale", "formula", "x" * 600, "\x00"]),
    st.floats().map(str),
    st.integers().map(str),
    st.lists(st.text(max_size=4), max_size=2),
    st.none(),
)
links = st.dictionaries(
    st.one_of(st.sampled_from([*(key.name for key in RACE_KEYS), "v"]), st.text(max_size=8)), values, max_size=8
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(links, st.sampled_from([DEFAULT, race_on("beale", runners=all_runners("beale"))]))
def test_any_link_gives_a_race(params, default):
    found, problems = from_query(params, default)
    assert from_query(to_query(found, default), default) == (found, [])
    assert len(problems) <= 13 and all(len(problem) < 400 for problem in problems)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(races(), st.data())
def test_a_link_with_one_value_damaged_keeps_the_rest(race, data):
    query = to_query(race, DEFAULT)
    names = sorted(set(query) - {"v", "surface", "seed"})
    if names:
        query[data.draw(st.sampled_from(names))] = data.draw(st.text(max_size=20))
    found, _ = from_query(query, DEFAULT)
    assert found.surface == race.surface and found.seed == race.seed
