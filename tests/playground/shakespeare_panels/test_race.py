"""A race of two text nets through AppTest: who races, curves, samples side by side, refusals."""

from __future__ import annotations

import json

import pytest

from playground.held import Held
from playground.shakespeare_panels import race
from tests.engines.nets.recurrent.plays import PLAY, small
from tests.playground.shakespeare_panels.labs import awaited, opened, said

BASE = small(net__cell="rnn")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(race, "CHARACTERS", (2000, 200_000, 5_000_000))


def started(characters=2000):
    app = opened("race", Held(BASE), text_race__characters=characters)
    app.button(key="text_race.start").click().run()
    return app


def test_the_pages_net_races_an_lstm_of_its_size():
    app = awaited(started())
    work = app.session_state["text_race.work"]
    assert work.status == "done" and [r.experiment.net.cell for r in work.racers] == ["rnn", "lstm"]
    assert work.racers[0].experiment.learning_rate == BASE.learning_rate and work.racers[1].experiment.learning_rate == 0.01
    table, now = app.dataframe[0].value, work.snapshot()
    assert list(table["nats"]) == pytest.approx([s.rows[-1, 2] for s in now]) and list(table["status"]) == ["arrived"] * 2
    assert app.code[0].value == now[0].samples[-1] and app.code[1].value == now[1].samples[-1]
    app.slider(key="text_race.moment").set_value(1).run()
    assert [code.value for code in app.code] == [s.samples[0] for s in now]
    next(g for g in app.get("button_group") if g.label == "Against").set_value("Seconds").run()
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert len(figure["data"]) == 2 and "seconds" in figure["layout"]["xaxis"]["title"]["text"] and not app.exception


def test_weights_are_counted_with_the_texts_alphabet():
    work = race.TextRace([race.Racer("a", BASE), race.Racer("b", BASE.change(net__units=32))], 2000)
    rows, size = race.table(work, work.snapshot()), len(set(PLAY))
    assert [row["weights"] for row in rows] == [size * u + u + u * u + (u + 1) * size for u in (16, 32)]
    assert rows[0]["status"] == "waiting" and rows[0]["speed"] is None
    now = tuple(standing._replace(speed=210_822.704) for standing in work.snapshot())
    assert [row["speed"] for row in race.table(work, now)] == [211_000, 211_000]


def test_a_change_of_cell_takes_its_usual_rate():
    app = opened("race", Held(BASE))
    app.selectbox(key="text_race.b.cell").set_value("transformer").run()
    assert app.session_state["text_race.b.rate"] == race.RATES["transformer"] and not app.exception


def test_a_net_cannot_race_itself():
    app = opened("race", Held(BASE), text_race__b__cell="rnn", text_race__b__rate=BASE.learning_rate)
    app.button(key="text_race.start").click().run()
    assert "the same net" in app.warning[0].value


def test_it_can_be_stopped_and_keeps_what_there_is():
    app = started(characters=5_000_000)
    awaited(app, lambda app: app.session_state["text_race.work"].share > 0.05)
    app.session_state["job.now"].cancel()
    awaited(app)
    assert "Stopped at" in said(app) and len(app.get("plotly_chart")) == 1
