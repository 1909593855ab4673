"""The shape of what `python -m bench` prints and writes."""

from __future__ import annotations

import json

import pytest

from bench.figures import FIGURES
from bench.report import Limit, Measured, short, table, told, write

KEYS = {"name", "value", "unit", "peer", "peer_value", "ratio", "machine", "target", "met", "samples", "note"}


def test_json_has_every_key_and_survives_a_round_trip():
    figure = FIGURES["tiny_step_4_2"]
    result = told(figure, Measured(1.23456, 60.0, 48.6, [1.2, 1.3]))
    assert set(result) == KEYS
    assert json.loads(json.dumps(result)) == result
    assert (result["value"], result["unit"], result["peer"], result["met"]) == (1.235, "us", figure.peer, True)
    assert {"cpu", "cores", "memory_gib", "gpu", "python", "jax"} <= set(result["machine"])


@pytest.mark.parametrize(
    ("value", "ratio", "met"),
    [(2.5, 30.0, True), (2.6, 30.0, False), (2.5, 29.9, False), (2.5, None, None), (None, None, None)],
)
def test_a_target_is_met_when_every_limit_is(value, ratio, met):
    assert told(FIGURES["tiny_step_4_2"], Measured(value, 75.0, ratio))["met"] is met


def test_a_peer_that_cannot_be_had_is_null_and_says_why():
    result = told(FIGURES["digits_images"], Measured(1000.0, note="no peer: no network."))
    assert (result["peer"], result["peer_value"], result["ratio"], result["note"]) == (None, None, None, "no peer: no network.")


def test_limits_read_as_words():
    assert Limit("value", "most", 2.5).said("us") == "at most 2.5 us"
    assert Limit("ratio", "least", 30).said("us") == "at least 30x the peer"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0"), (1.2345, "1.23"), (31130.0, "31,100"), (99.96, "100"), (0.00123, "0.00123")],
)
def test_three_significant_digits(value, text):
    assert short(value) == text


def test_table_has_a_row_a_figure_in_order_and_the_machine():
    results = {name: told(figure, Measured(1.0, note="why" if name == "live_play" else "")) for name, figure in FIGURES.items()}
    text = table(dict(reversed(results.items())), FIGURES)
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(FIGURES)
    assert {row.count("|") for row in rows} == {8}
    assert text.count("Machine: ") == 1
    assert "- `live_play`: why" in text


def test_unmeasured_figures_are_said_to_be_so():
    text = table({"live_play": told(FIGURES["live_play"], Measured(None, note="no browser"))}, FIGURES)
    assert "not measured" in text
    assert "no browser" in text


def test_write_keeps_what_was_not_measured_again(tmp_path):
    def measured(name, value):
        return {name: told(FIGURES[name], Measured(value))}

    write(measured("live_play", 50.0), FIGURES, tmp_path)
    write(measured("live_pause", 20.0), FIGURES, tmp_path)
    write(measured("live_play", 40.0), FIGURES, tmp_path)
    kept = json.loads((tmp_path / "benchmarks.json").read_text("utf-8"))
    assert {entry["name"]: entry["value"] for entry in kept} == {"live_play": 40.0, "live_pause": 20.0}
    assert (tmp_path / "BENCHMARKS.md").read_text("utf-8").count("| `live_") == 2
