"""Paths as CSV, and what became of each path as plain data."""

import csv
import io
import json

import numpy as np
import pytest

from engines.descent import table
from engines.descent.paths import run_race
from engines.descent.race import Runner, default_runners, race_on
from engines.descent.score import score
from engines.descent.terrain import terrain_of
from engines.descriptions import Choice

RACE = race_on("beale", steps=30, ring=2, ring_radius=0.2, runners=default_runners("beale", ["adam", "momentum"]))


@pytest.fixture(scope="module")
def paths():
    return run_race(RACE)


def _csv(race, paths):
    return table.to_csv(race, paths, score(race, terrain_of(race), paths))


def _rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_every_step_to_the_last_bit(paths):
    rows = _rows(_csv(RACE, paths))
    assert tuple(rows[0]) == table.COLUMNS + table.MORE_COLUMNS
    for k in range(4):
        mine = [r for r in rows if (int(r["runner"]), int(r["start"])) == (paths.runner[k] + 1, paths.start[k] + 1)]
        end = paths.thrown[k] if paths.thrown[k] >= 0 else 31
        assert [int(r["step"]) for r in mine] == list(range(end))
        assert {r["optimizer"] for r in mine} == {RACE.runners[paths.runner[k]].optimizer.key}
        np.testing.assert_array_equal(np.array([[r["x"], r["y"]] for r in mine], np.float32), paths.position[k, :end])
        np.testing.assert_array_equal(np.array([r["height"] for r in mine], np.float32), paths.height[k, :end])
        np.testing.assert_array_equal(np.array([r["gradient_y"] for r in mine], np.float32), paths.gradient[k, :end, 1])


def test_there_is_no_rate_after_the_last_step(paths):
    rows = _rows(_csv(RACE, paths))
    lasting = [k for k in range(4) if paths.thrown[k] < 0]
    assert lasting and [r["learning_rate"] for r in rows if r["step"] == "30"] == [""] * len(lasting)


def test_who_is_thrown_off_at_once_leaves_its_start():
    race = RACE.change(ring=0, start=(1e5, 0))
    rows = _rows(_csv(race, run_race(race)))
    assert [row["step"] for row in rows] == ["0", "0"] and {row["status"] for row in rows} == {"thrown"}


def test_every_row_says_how_its_path_ended():
    race = race_on("quadratic", steps=40, runners=[{"optimizer": {"key": "sgd"}, "learning_rate": rate} for rate in (0.1, 0.3)])
    paths = run_race(race)
    ends = [one.status for one in score(race, terrain_of(race), paths)]
    found = {row["runner"]: set() for row in _rows(_csv(race, paths))}
    for row in _rows(_csv(race, paths)):
        found[row["runner"]].add(row["status"])
    assert found == {"1": {ends[0]}, "2": {ends[1]}} and ends[1] == "thrown" != ends[0]


def test_large_races_are_thinned_and_have_no_details(monkeypatch):
    monkeypatch.setattr(table, "MAX_ROWS", 500)
    race = RACE.change(ring=30, ring_radius=0.1)
    rows = _rows(_csv(race, run_race(race)))
    assert tuple(rows[0]) == table.COLUMNS and len(rows) < 700
    first = [int(row["step"]) for row in rows if row["runner"] == "1" and row["start"] == "1"]
    assert first == [0, 4, 8, 12, 16, 20, 24, 28, 30]


def test_results_are_strict_json(paths):
    race = race_on("saddle", steps=20, runners=(Runner(optimizer=Choice(key="sgd"), learning_rate=100),))
    for given, run in ((RACE, paths), (race, run_race(race))):
        terrain = terrain_of(given)
        rows = list(table.results(given, run, score(given, terrain, run)))
        json.dumps(rows, allow_nan=False)
        assert len(rows) == len(run.runner)
        assert {"runner", "optimizer", "learning_rate", "start", "end", "status", "words", "path_length"} <= set(rows[0])
    assert rows[0]["status"] == "thrown" and rows[0]["thrown"] is not None
