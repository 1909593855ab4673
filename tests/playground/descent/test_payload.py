"""What the component is sent: complete, plain JSON beside float32 sections, and exactly what the race was."""

import json

import numpy as np
import pytest

from engines.descent.paths import lines_of
from engines.descent.race import Race, Runner, race_on
from engines.landscape import keep, make_slice
from engines.optimizers import OPTIMIZERS
from playground.colours import OPTIMIZER_COLOURS
from playground.descent.payload import DETAILS, payload, preview
from playground.descent.raced import raced
from tests.engines.landscape.nets import PLAIN, trained
from tests.playground.descent.decoding import preview_of, sections_of


@pytest.fixture(scope="module")
def race():
    return Race(steps=50)


def test_the_header_is_plain_json_and_says_who_runs(race):
    data = payload(raced(race), "v=1&steps=50")
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again == data
    assert data["query"] == "v=1&steps=50"
    assert data["editable"] is True
    assert data["race"] == {"steps": 50, "start": list(race.start), "ring": 0, "ring_radius": race.ring_radius, "noise": 0.0}
    assert [runner["key"] for runner in data["runners"]] == [runner.optimizer.key for runner in race.runners]
    adam = next(runner for runner in data["runners"] if runner["key"] == "adam")
    assert adam["colour"] == dict(zip(("light", "dark"), OPTIMIZER_COLOURS["adam"], strict=True))
    assert adam["settings"]["b1"] == 0.9
    assert [line["symbol"] for line in adam["lines"]] == [line.symbol for line in OPTIMIZERS["adam"].lines]
    assert data["terrain"]["stationary"] == [{"x": 0.0, "y": 0.0, "height": 0.0, "kind": "saddle", "lowest": False}]
    assert data["terrain"]["domain"] == list(raced(race).terrain.domain)
    assert 0.0 in data["terrain"]["levels"]


def test_every_section_is_what_the_race_was(race):
    done = raced(race)
    found = sections_of(payload(done, ""))
    for name in ("position", "height", *DETAILS):
        np.testing.assert_array_equal(found[name], getattr(done.paths, name))
    np.testing.assert_array_equal(found["field"], done.field.height)
    for k in range(len(race.runners)):
        np.testing.assert_array_equal(found[f"lines_{k}"], lines_of(done.paths, k)[1])
    assert found["position"].shape == (7, 51, 2)
    assert found["contour_starts"].shape == found["contour_level"].shape
    assert found["contour_points"].shape[1] == 2
    assert found["contour_starts"][0] == 0


def test_each_path_says_what_became_of_it(race):
    done = raced(race)
    paths = payload(done, "")["paths"]
    assert [path["runner"] for path in paths] == list(range(7))
    assert {path["start"] for path in paths} == {0}
    for path, score in zip(paths, done.scores, strict=True):
        assert (path["status"], path["words"], path["reached"]) == (score.status, score.words, score.reached)
        assert path["path_length"] == pytest.approx(score.path_length)


def test_the_revision_follows_the_content(race):
    one, same = payload(raced(race), ""), payload(raced(Race(steps=50)), "")
    other = payload(raced(race.change(start=(0.5, 0.5))), "")
    assert one["revision"] == same["revision"] != other["revision"]


def test_many_paths_come_without_details():
    done = raced(Race(steps=20, ring=8))
    data = payload(done, "")
    found = sections_of(data)
    assert found["position"].shape == (56, 21, 2)
    assert not set(DETAILS) & set(found)
    assert not any(name.startswith("lines") for name in found)
    assert [(path["runner"], path["start"]) for path in data["paths"][6:9]] == [(6, 0), (0, 1), (1, 1)]


def test_who_is_thrown_off_is_told_and_the_json_stays_finite():
    race = Race(steps=50, runners=(Runner(optimizer={"key": "sgd"}, learning_rate=100.0), Runner()))
    data = payload(raced(race), "")
    assert data["paths"][0]["thrown"] >= 1 and data["paths"][0]["status"] in ("thrown", "over_the_edge")
    assert data["paths"][1]["thrown"] == -1
    json.dumps(data, allow_nan=False)


def test_two_of_one_optimizer_differ_in_name_and_dash():
    race = Race(steps=10, runners=(Runner(), Runner(learning_rate=0.5)))
    first, second = payload(raced(race), "")["runners"]
    assert first["label"] == "Adam, rate 0.01" and second["label"] == "Adam, rate 0.5"
    assert (first["dash"], second["dash"]) == (False, True)


def test_a_surface_without_saddle_or_minimum_sends_no_number_for_it():
    race = race_on("formula", formula="x + 2 y", steps=10)
    data = payload(raced(race), "")
    assert data["terrain"]["stationary"] == []
    assert np.isnan(sections_of(data)["saddle_distance"]).all()


def test_a_slice_comes_with_the_way_of_the_net_itself():
    made = make_slice(trained(PLAIN), "path", 11, 50)
    race = race_on("landscape", landscape=keep(made), steps=10)
    np.testing.assert_array_equal(sections_of(payload(raced(race), ""))["own_path"], made.path)
    assert "own_path" not in sections_of(payload(raced(Race(steps=10)), ""))


def test_a_preview_holds_places_and_heights(race):
    done = raced(race)
    header, found = preview_of(preview(done))
    assert set(found) == {"position", "height"}
    np.testing.assert_array_equal(found["position"], done.paths.position)
    assert header["paths"] == payload(done, "")["paths"]


def test_the_textbook_pair_is_what_rmsprop_s_own_lines_make_of_it():
    race = race_on("saddle", steps=10)
    pairs = {runner["key"]: runner["textbook"] for runner in payload(raced(race), "")["runners"]}
    assert pairs["rmsprop"] == [[0.00001, 0.00005, 0.2], [100.0, 25.0, 4.0]]
    assert not pairs["adam"]
