"""The Published panel: three columns that are never mixed, and runs that can be started, watched and opened."""

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from engines.data.sources import DataProblem
from engines.experiment import digits_experiment
from engines.reproduce import PUBLISHED
from engines.reproduce.records import Number, Record, load
from playground.digits_panels import published

RECORD = Record.model_validate(
    {
        "name": "knn",
        "label": "k nearest neighbours",
        "published": 3.3,
        "published_source": "a tutorial",
        "measure": "test_error_percent",
        "unit": "%",
        "measured": 2.95,
        "seconds": 41.2,
        "cpu_seconds": 70.0,
        "seed": 0,
        "data": {"source": "full", "train": 60_000, "test": 10_000, "sentence": "The full MNIST."},
        "machine": {"platform": "cpu", "device": "A processor", "count": 1, "cores": 2},
        "versions": {"python": "3.11"},
        "experiment": {"rival": "knn", "settings": {"k": 3.0}, "train_count": 60_000},
        "date": "2026-11-21",
        "parts": [{"label": "3 nearest", "value": 2.95, "unit": "%", "seconds": 41.0}],
    }
)
HERE = RECORD.model_dump(mode="json") | {
    "measured": 6.1,
    "seed": 5,
    "seconds": 2.25,
    "data": {"source": "builtin", "train": 4000, "test": 1000, "sentence": "built in"},
}


class FakeRun:
    def __init__(self):
        self.experiment, self.resets = digits_experiment(), 0

    def apply(self, experiment):
        self.experiment = experiment

    def reset(self):
        self.resets += 1


def script():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.published import draw

    draw(st.session_state["run"])
    jobs.progress()


def opened(monkeypatch, records=(), full=True, **state):
    monkeypatch.setattr(published, "load", lambda: tuple(records))
    monkeypatch.setattr(published.digit_source, "has_full", lambda: full)
    at = AppTest.from_function(script, default_timeout=30)
    at.session_state["run"] = FakeRun()
    for name, value in state.items():
        at.session_state[name] = value
    return done(at)


def done(at):
    at.run()
    assert not at.exception, at.exception
    return at


def said(at):
    return "\n".join(element.value for element in [*at.markdown, *at.caption, *at.info])


def finished(at):
    """Rerun until the job has ended."""
    for _ in range(100):
        done(at)
        if "job.now" not in at.session_state or not at.session_state["job.now"].running:
            return done(at)
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def test_without_measurements_the_panel_says_so_and_shows_what_is_published(monkeypatch):
    at = opened(monkeypatch)
    text = said(at)
    assert "Nothing has been measured by us yet" in text and text.count("Not measured by us yet.") == len(PUBLISHED)
    for entry in PUBLISHED.values():
        assert entry.label in text and entry.source in text and entry.help in text
    assert "**3.3** % :gray[published]" in text and "**0.95** % :gray[published]" in text and "**6** times" in text


def test_ours_stands_with_how_it_was_made(monkeypatch):
    other = RECORD.model_copy(update={"seed": 1, "measured": 3.05})
    builtin = Record.model_validate(HERE)
    text = said(opened(monkeypatch, [RECORD, other, builtin]))
    assert "**2.95** % :gray[measured by us]" in text and "Nothing has been measured" not in text
    assert "Measured by us on 2026-11-21 on the full set: A processor, 2 cores; seed 0; 41 s; 60,000 + 10,000 digits" in text
    assert "2 seeds: 2.95 to 3.05 %" in text and "6.1" not in text


def test_a_run_here_stands_apart_with_its_data(monkeypatch):
    asked = []

    def reproduce(name, seed, data, progress, cancelled):
        asked.append((name, seed, data))
        progress(0.5)
        return HERE

    monkeypatch.setattr(published, "reproduce", reproduce)
    at = opened(monkeypatch, [RECORD], full=False)
    assert at.selectbox(key="published.source").options == [published.SOURCES["builtin"]]
    assert "does **not** compare" in said(at)
    at.number_input(key="published.seed").set_value(5)
    done(at)
    at.button(key="published.run.knn").click()
    text = said(finished(at))
    assert asked == [("knn", 5, "builtin")]
    assert "**6.1** % :gray[just now, here]" in text and "**2.95** % :gray[measured by us]" in text
    assert "Run here on **built-in digits only**, no comparison: A processor, 2 cores; seed 5; 2.2 s; 4,000 + 1,000 digits" in text
    assert not at.button(key="published.run.svm").disabled


def test_the_full_set_is_used_where_it_is(monkeypatch):
    asked = []
    monkeypatch.setattr(
        published, "reproduce", lambda name, seed, data, *rest: asked.append(data) or RECORD.model_dump(mode="json")
    )
    at = opened(monkeypatch)
    at.button(key="published.run.linear").click()
    assert "Run here on the full set" in said(finished(at)) and asked == ["full"]


def test_only_one_runs_at_a_time_and_it_can_be_cancelled(monkeypatch):
    def reproduce(name, seed, data, progress, cancelled):
        while not cancelled():
            time.sleep(0.005)

    monkeypatch.setattr(published, "reproduce", reproduce)
    at = opened(monkeypatch)
    at.button(key="published.run.svm").click()
    done(at)
    assert all(at.button(key=f"published.run.{key}").disabled for key in PUBLISHED)
    assert "Running; its bar is at the foot of the page." in said(at)
    at.session_state["job.now"].cancel()
    text = said(finished(at))
    assert "Stopped; nothing was computed." in text and not at.button(key="published.run.svm").disabled


@pytest.mark.parametrize("problem", [DataProblem("The full MNIST has gone."), ValueError("The net's numbers overflowed.")])
def test_what_went_wrong_is_told(problem, monkeypatch):
    def reproduce(*arguments):
        raise problem

    monkeypatch.setattr(published, "reproduce", reproduce)
    at = opened(monkeypatch)
    at.button(key="published.run.lenet5").click()
    assert [warning.value for warning in finished(at).warning] == [str(problem)]


def test_an_experiment_is_opened_from_its_beginning(monkeypatch):
    at = opened(monkeypatch)
    at.button(key="published.open.mlp-500-300").click()
    done(at)
    run = at.session_state["run"]
    assert [layer.units for layer in run.experiment.net.layers] == [500, 300] and run.resets == 1
    assert run.experiment.data.source == "auto"
    assert "published.open.knn" not in {button.key for button in at.button}


def test_damaged_measurements_do_not_take_the_panel_down(monkeypatch):
    def load():
        raise ValueError("measured.json: it should hold a list")

    at = opened(monkeypatch)
    monkeypatch.setattr(published, "load", load)
    assert "cannot be read" in done(at).warning[0].value


def test_all_numbers_of_a_result_are_there_to_open(monkeypatch):
    parts = [
        {
            "label": f"{name}, {n} digits",
            "value": value,
            "unit": "%",
            "seconds": 3.0,
            "series": name,
            "x": n,
            "of": "training digits",
        }
        for name, n, value in (("net", 100, 20.0), ("net", 1000, 5.0), ("rival", 100, 30.0))
    ]
    record = Record.model_validate(RECORD.model_dump() | {"name": "training-size", "parts": parts})
    at = opened(monkeypatch, [record, RECORD], **{"published.more.training-size": True})
    assert [expander.label for expander in at.expander] == ["All its numbers"]
    text = said(at)
    assert "| net, 1000 digits | 5 % | 3 s |" in text and "**Measured by us, on the full set**" in text
    assert "plotly_chart" in [element.type for element in at.expander[0]]


def test_the_race_of_two_activations_reads_as_it_went(monkeypatch):
    ours = next(record for record in load() if record.name == "relu-tanh")
    at = opened(monkeypatch, [ours], **{"published.more.relu-tanh": True})
    text = said(at)
    assert (
        "At the same learning rate: 2.54 at 0.02, 1.23 at 0.05." in text
        and "error of 1 % of one convolutional net: above 1, ReLU is faster" in text
    )
    assert "4 min; 10,000 of 60,000 + 10,000 digits" in text
    assert "| ReLU, learning rate 0.1 | its numbers overflowed in epoch 1 |" in text
    assert "Not on the chart, for it never got there: ReLU, learning rate 0.1." in text
    chart = next(element for element in at.expander[0] if element.type == "plotly_chart")
    assert json.loads(chart.proto.spec)["layout"]["yaxis"]["title"]["text"] == "steps"


def test_numbers_become_curves_by_series_in_one_unit():
    number = lambda series, x, value, unit="steps": Number(label="", value=value, unit=unit, series=series, x=x, of="rate")  # noqa: E731
    parts = (number("a", 2, 20.0), number("a", 1, 10.0), number("b", 1, 7.0), number("b", 2, 0.5, "% left"), number("", None, 1.0))
    curves = published.curves_of(parts)
    assert [(curve.name, tuple(curve.x), tuple(curve.y)) for curve in curves] == [("a", (1, 2), (10.0, 20.0)), ("b", (1,), (7.0,))]
    assert published.curves_of((number("", None, 1.0),)) == []


@pytest.mark.parametrize(("seconds", "words"), [(2.25, "2.2 s"), (41.2, "41 s"), (600, "10 min"), (9000, "2.5 h")])
def test_lengths_of_time_in_words(seconds, words):
    assert published.lasted(seconds) == words


def test_the_time_needed_comes_from_ours_or_from_an_estimate():
    entry = PUBLISHED["svm"]
    assert published._time_needed(entry, [RECORD], "full") == "It took 41 s on A processor, 2 cores."
    assert "Roughly" in published._time_needed(entry, [], "full") and "seconds" in published._time_needed(entry, [], "builtin")
