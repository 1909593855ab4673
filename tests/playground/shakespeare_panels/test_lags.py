"""Long lags through AppTest: who learns, the curves and the table, pausing and refusing."""

from __future__ import annotations

import json

import pytest

from playground.shakespeare_panels import lags
from tests.playground.shakespeare_panels.labs import awaited, opened, said

QUICK = {"text_lags__lag": 3, "text_lags__steps": 500, "text_lags__units": 16, "text_lags__rate": 0.03}


def start(app):
    app.button(key="text_lags.start").click().run()
    return app


def stop(app):
    if "job.now" in app.session_state:
        app.session_state["job.now"].cancel()


def test_three_cells_learn_the_first_symbol_and_are_shown_beside_chance():
    app = awaited(start(opened("lags", None, **QUICK)))
    work = app.session_state["text_lags.work"]
    table = app.dataframe[0].value
    assert list(table["who"]) == ["Simple RNN", "GRU", "LSTM"] and work.status == "done"
    for progress, (_, row) in zip(work.snapshot(), table.iterrows(), strict=True):
        assert row["right"] == pytest.approx(100 * progress.rows[-1, 3]) and row["status"] == lags.WORDS[progress.status]
    assert table["right"].max() > 90
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert len(figure["data"]) == 3 and "guessing: 25 %" in json.dumps(figure["layout"], ensure_ascii=False)
    next(g for g in app.get("button_group") if g.label == "Against").set_value("Seconds").run()
    assert "seconds" in app.get("plotly_chart")[0].proto.spec and not app.exception


def test_nobody_cannot_learn():
    app = start(opened("lags", None, text_lags__cells=[]))
    assert "not 0" in app.warning[0].value and "job.now" not in app.session_state


def test_it_can_be_paused_and_taken_up_again():
    app = start(opened("lags", None, **QUICK | {"text_lags__lag": 60, "text_lags__steps": 20_000, "text_lags__task": "copy"}))
    awaited(app, lambda app: app.session_state["text_lags.work"].share > 0)
    app.button(key="text_lags.pause").click().run()
    awaited(app)
    assert "Paused at" in said(app) and app.get("plotly_chart")
    app.button(key="text_lags.go_on").click().run()
    awaited(app, lambda app: app.session_state["text_lags.work"].status == "running")
    stop(app)
    awaited(app)
    assert "Stopped at" in said(app) and set(app.dataframe[0].value["status"]) == {"stopped on its way"}


@pytest.mark.parametrize("task", list(lags.TASKS))
def test_each_task_says_what_is_asked(task):
    assert lags.TASKS[task].help in said(opened("lags", None, text_lags__task=task))
