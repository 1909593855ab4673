"""The Rivals panel: who competes, on how much, and what stands on the board beside the net."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engines.data import digits
from engines.experiment import digits_experiment
from engines.rivals import RIVALS, Result
from engines.rivals.watch import Cancelled
from engines.training import Metrics
from playground.digits_panels import rivals
from playground.digits_panels.rivals import Row, board_with, contest, net_bar

EXPERIMENT = digits_experiment(data__source="builtin", data__train_count=500)


def row(rival="knn", count=300, error=5.0, **settings):
    result = Result(error, int(error * 10), 0.5, 1.5, count, 1000, np.zeros(1000, np.uint8))
    return Row(rival, RIVALS[rival].defaults() | settings, "builtin", result)


def fake_run(accuracy=0.97, step=24, facts=None, **sections):
    metrics = None if accuracy is None else Metrics(2.0, 0.1, 0.1, 0.99, accuracy)
    state = SimpleNamespace(seconds=12.5, step=step)
    snapshot = SimpleNamespace(metrics=metrics, run=state, facts=facts or {}, sections=sections)
    return SimpleNamespace(experiment=EXPERIMENT, snapshot=snapshot)


def script():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.rivals import draw

    draw(st.session_state["run"])
    jobs.progress()


def opened(run=None, **state):
    at = AppTest.from_function(script, default_timeout=30)
    at.session_state["run"] = run or fake_run()
    for name, value in state.items():
        at.session_state[name] = value
    return done(at)


def done(at):
    at.run()
    assert not at.exception, at.exception
    return at


def finished(at):
    for _ in range(200):
        done(at)
        if "job.now" not in at.session_state or not at.session_state["job.now"].running:
            return done(at)
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def table(at):
    return at.dataframe[0].value.to_dict("records")


def test_an_empty_board_says_what_to_do():
    at = opened()
    assert "Nobody has competed yet" in at.info[0].value and not at.dataframe
    assert at.button(key="rivals.go").disabled is False
    assert at.select_slider(key="rivals.count.widget").options == ["100", "300", "500", "1,000", "3,000", "4,000"]
    assert at.select_slider(key="rivals.count.widget").value == 500, "as many as the net"


def test_rivals_compete_on_real_digits_and_stand_beside_the_net():
    at = opened(**{"rivals.chosen": ["knn"], "rivals.count": 300})
    at.number_input(key="rivals.settings.knn.k").set_value(1.0)
    done(at)
    at.button(key="rivals.go").click()
    rows = table(finished(at))
    expected = digits.load("builtin")
    images = expected.train_images[:300].reshape(300, -1).astype(float)
    near = [expected.train_labels[((images - one.ravel()) ** 2).sum(1).argmin()] for one in expected.test_images]
    assert [entry["who"] for entry in rows] == ["The net on this page, epoch 2", "k nearest neighbours (neighbours 1)"]
    assert rows[1]["error"] == pytest.approx(100 * (np.array(near) != expected.test_labels).mean())
    assert rows[1]["train"] == 300 and rows[1]["wrong"].endswith("of 1,000")
    assert rows[0]["error"] == pytest.approx(3.0) and rows[0]["fit"] == 12.5 and rows[0]["train"] == 500


def test_settings_and_choice_outlive_a_closed_tab():
    at = opened(**{"rivals.chosen": ["svm"], "rivals.settings.svm": {"c": 2.0, "gamma": 0.01}})
    assert at.select_slider(key="rivals.settings.svm.c").value == 2.0
    assert "rivals.settings.knn.k" not in {widget.key for widget in at.number_input}


def test_the_board_can_be_cleared():
    at = opened(**{"rivals.board": [row(error=4.0), row("linear", error=9.0)]})
    assert [entry["error"] for entry in table(at)] == pytest.approx([3.0, 4.0, 9.0])
    at.button(key="rivals.clear").click()
    assert "Nobody has competed yet" in done(at).info[0].value


def test_a_net_that_has_not_been_measured_is_left_out():
    at = opened(fake_run(None), **{"rivals.board": [row()]})
    assert len(table(at)) == 1 and any("has not been measured yet" in caption.value for caption in at.caption)
    assert net_bar(fake_run(float("nan"))) is None and net_bar(fake_run(0.5)).error_percent == 50


def test_a_newcomer_takes_its_own_earlier_place():
    board = [row(error=5.0), row(error=6.0, k=5.0), row(count=1000, error=4.0)]
    found = board_with(board, [row(error=5.5)])
    assert [entry.result.error_percent for entry in found] == [6.0, 4.0, 5.5]
    assert len(board_with([row(count=n) for n in range(1, 40)], [])) == rivals.MOST_ROWS
    assert row(k=5.0).name == "k nearest neighbours (neighbours 5)" and row().name == "k nearest neighbours"


def test_those_who_are_done_stay_when_the_contest_is_cancelled():
    finished_rows, shares = [], []
    work = contest({"knn": {}, "linear": {}}, "builtin", 100, finished_rows)
    with pytest.raises(Cancelled):
        work(shares.append, lambda: len(finished_rows) == 1)
    assert [entry.rival for entry in finished_rows] == ["knn"] and finished_rows[0].result.train_count == 100
    assert shares == sorted(shares) and 0 < shares[-1] < 1


def test_an_opened_net_stands_on_the_board_as_it_was_saved_and_an_untrained_one_does_not():
    counts = np.full((10, 10), 1.0) + np.diag(np.full(10, 90.0))
    saved = fake_run(None, 0, {"opened": True}, confusion=counts)
    assert net_bar(saved).error_percent == pytest.approx(9.0) and net_bar(saved).name.endswith("as saved")
    at = opened(saved, **{"rivals.board": [row()]})
    assert [entry["who"] for entry in table(at)] == ["k nearest neighbours", "The net on this page, as saved"]
    at = opened(fake_run(None, 0, confusion=counts), **{"rivals.board": [row()]})
    assert len(table(at)) == 1 and any("has not been trained yet" in caption.value for caption in at.caption)


def test_a_difference_in_digits_is_said():
    at = opened(**{"rivals.count": 300})
    assert "The net on this page learns from 500." in [caption.value for caption in at.caption]
    at = opened()
    assert not any("learns from" in caption.value for caption in at.caption)


def test_what_is_said_during_and_after_a_contest_agrees_with_the_board(monkeypatch):
    go = threading.Event()

    def slow(settings, source, count, done):
        def work(progress, cancelled):
            go.wait(10)
            done.append(row("linear", error=9.0))
            while not cancelled():
                time.sleep(0.005)

        return work

    monkeypatch.setattr(rivals, "contest", slow)
    at = opened()
    at.button(key="rivals.go").click()
    done(at)
    assert "Nobody has finished yet" in at.info[0].value and at.button(key="rivals.go").disabled
    assert "Competing" in at.button(key="rivals.go").help
    waited = [wait() for wait in (lambda: at.session_state["rivals.coming"],)]
    go.set()
    while not waited[0]:
        time.sleep(0.01)
    assert "Linear" in str(table(done(at)))
    at.session_state["job.now"].cancel()
    said = [caption.value for caption in finished(at).caption]
    assert "Stopped. Who had finished, 1, stands below." in said and "Stopped; nothing was computed." not in said


def test_digits_are_counted_in_the_table_as_everywhere():
    assert rivals._columns()["train"]["type_config"]["format"] == "localized"
