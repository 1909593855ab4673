"""Plain data of any origin become a description of a text and its net; whatever does not fit is named."""

from __future__ import annotations

import json

import pytest

from engines.experiment import MAX_OWN_CHARACTERS, Experiment, TextData, digits_experiment, repair, text_experiment
from engines.files import load_json, load_strict
from engines.nets.recurrent.cells import CELLS

DEFAULTS = {"network": Experiment(), "digits": digits_experiment(), "shakespeare": text_experiment()}
OWN = "To be, or not to be.\n" * 40_000


def raw(**changes):
    return text_experiment(**changes).model_dump(mode="json")


@pytest.mark.parametrize("default", DEFAULTS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data__source": "sonnets", "data__carry": False, "data__sequence": 8},
        {"data__own": OWN, "data__source": "own", "data__name": "ü.txt"},
        *({"net__cell": cell, "net__layers": 3, "net__dropout": 0.5} for cell in CELLS),
        {"clip_value": 3.0, "clip_norm": 0.0, "net__embedding": 0},
    ],
    ids=lambda changes: ",".join(changes),
)
def test_what_is_whole_comes_back_whatever_the_default(default, changes):
    wanted = text_experiment(**changes)
    assert repair(wanted.model_dump(mode="json"), DEFAULTS[default]) == (wanted, [])
    assert load_strict(wanted.to_json()) == wanted


@pytest.mark.parametrize("name", DEFAULTS)
def test_other_kinds_stay_what_they_are(name):
    for default in DEFAULTS.values():
        assert repair(DEFAULTS[name].model_dump(mode="json"), default) == (DEFAULTS[name], [])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"data": {"source": "sonnets"}}, {"data__source": "sonnets"}),
        ({"data": {"sequence": 20}}, {"data__sequence": 20}),
        ({"net": {"cell": "gru"}}, {"net__cell": "gru"}),
        ({"net": {"kind": "recurrent"}}, {}),
        ({"data": {"kind": "text"}, "net": {"units": 64}}, {"net__units": 64}),
        (
            {"data": {"source": "own", "own": "abc", "validation": 0.2}},
            {"data__source": "own", "data__own": "abc", "data__validation": 0.2},
        ),
    ],
    ids=str,
)
def test_little_is_enough_to_tell_a_text(given, expected):
    assert repair(given, Experiment()) == (text_experiment(**expected), [])


def test_the_page_s_own_default_reads_what_names_no_kind():
    assert repair({"learning_rate": 0.5}, text_experiment())[0] == text_experiment(learning_rate=0.5)
    assert repair({"data": {"source": "own", "own": "abc"}}, text_experiment())[0].data == TextData(source="own", own="abc")
    assert repair({"data": {"source": "own", "own": [{"x": 1, "y": 1, "t": 1}]}}, text_experiment())[0].data.kind == "points"
    assert repair({"data": {"source": "circle"}}, text_experiment())[0].data.kind == "points"
    assert repair({"net": {"kind": "stack"}}, text_experiment())[0].data.kind == "digits"


@pytest.mark.parametrize(
    ("path", "value", "expected", "said"),
    [
        (("data", "sequence"), 3, {}, "sequence length: 3 is below the smallest allowed, 8"),
        (("data", "validation"), 0.9, {}, "share of validation text: 0.9 is above the largest allowed, 0.5"),
        (("data", "source"), "pear", {}, "data: 'pear' is none of"),
        (("data", "own"), 7, {}, "own points: 7 is not text; left out"),
        (("data", "source"), "own", {}, "own points: there has to be some text; using the text that is found"),
        (("data", "zz"), 7, {}, "data, zz: there is no such field"),
        (("net", "cell"), "brain", {}, "cell: there is no cell called 'brain'"),
        (("net", "embedding"), 2, {}, "embedding: must be 0 (one-hot) or at least 4"),
        (("net", "units"), 4096, {}, "units: 4096 is above the largest allowed, 512"),
        (("net", "layers"), [{}], {}, "layers: a list"),
        (("net", "kind"), "dense", {}, "net, kind: 'dense' is not the kind of net that learns text"),
        (("cost",), "half_squared", {}, "cost: 'half_squared' is none of softmax_cross_entropy"),
        (("clip_value",), -1, {}, "gradient clipping by value: -1 is below the smallest allowed, 0"),
        (("clip_value",), 2.0, {"clip_value": 2.0}, None),
    ],
    ids=str,
)
def test_only_the_smallest_wrong_field_is_replaced_and_named(path, value, expected, said):
    given = raw()
    place = given
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    experiment, problems = repair(given, text_experiment())
    assert experiment == text_experiment(**expected)
    assert len(problems) == (said is not None) and all(problem.startswith(said) for problem in problems), problems


def test_too_long_a_text_is_cut_and_half_characters_are_mended():
    given = raw(data__source="own", data__own="x")
    given["data"]["own"] = "ab" * MAX_OWN_CHARACTERS
    experiment, problems = repair(given, Experiment())
    assert len(experiment.data.own) == MAX_OWN_CHARACTERS and "using the first 2,000,000" in problems[0]
    given["data"]["own"] = "a\ud800b"
    assert repair(given, Experiment())[0].data.own == "a?b"


def test_clipping_by_value_is_for_text_only():
    experiment, problems = repair(Experiment().model_dump(mode="json") | {"clip_value": 1.0}, Experiment())
    assert experiment == Experiment() and problems == ["gradient clipping by value: is for text only; off"]


def test_a_file_may_hold_a_long_text():
    wanted = text_experiment(data__source="own", data__own="日本語\n" * 400_000)
    assert load_json(json.dumps(wanted.model_dump(mode="json"), ensure_ascii=False).encode())[0] == wanted


@pytest.mark.parametrize("own", [None, 1, [], {}, [[]], "x" * 10, float("nan")], ids=str)
@pytest.mark.parametrize("source", ["own", "auto", "sonnets", None, 3, []], ids=str)
def test_no_data_is_bad_enough_to_raise(own, source):
    for default in DEFAULTS.values():
        repair({"data": {"own": own, "source": source, "kind": "text"}, "net": {"cell": own, "layers": source}}, default)
        repair({"data": {"own": own, "source": source}, "net": {"cell": own, "layers": source}}, default)
