"""The Race panel through AppTest: who races, what is shown, what is refused."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from engines.presets import PRESETS
from engines.trials import Contestant, Trials, knobs
from engines.trials.trials import MOST_CONTESTANTS
from playground.digits_panels import race
from playground.digits_panels.race import as_it_is, contestant, from_preset, joined, usual_cast
from playground.held import Held
from playground.jobs import Job
from tests.engines.trials.conftest import folder, small_set  # noqa: F401
from tests.engines.trials.small import experiment

pytestmark = pytest.mark.usefixtures("small_set")
BASE = experiment()
KNOBS = {knob.key: knob for knob in knobs(BASE)}


def page():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.race import draw

    draw(st.session_state["run"])
    jobs.progress()


@pytest.fixture
def app():
    shown = AppTest.from_function(page, default_timeout=60)
    shown.session_state["run"] = Held(BASE)
    yield shown.run()
    if "job.now" in shown.session_state:
        shown.session_state["job.now"].cancel()


def labels(app):
    return app.get("button_group")[0].value


def take_out(app, label):
    app.get("button_group")[0].unselect(label).run()


def said(app):
    return " ".join(str(e.value) for e in [*app.caption, *app.warning, *app.markdown])


def awaited(app, condition=lambda app: "job.now" not in app.session_state):
    end = time.monotonic() + 60
    while not condition(app) and time.monotonic() < end:
        time.sleep(0.05)
        app.run()
    assert condition(app) and not app.exception
    return app


def add(app, what, which=None):
    app.selectbox(key="digits.race.what").set_value(what).run()
    if which is not None:
        widgets = app.number_input if isinstance(which, float) else app.selectbox
        widgets(key=f"digits.race.which.{what}").set_value(which).run()
    app.button(key="digits.race.add").click().run()
    assert not app.exception


def test_the_usual_race_is_between_optimizers(app):
    assert labels(app) == ["As it is: SGD, rate 0.1", "Momentum, rate 0.01", "Adam, rate 0.001", "RMSprop, rate 0.001"]


def test_contestants_differ_in_one_thing_each_and_can_be_taken_out(app):
    add(app, "optimizer", "lion")
    add(app, "learning_rate", 0.25)
    add(app, "activation", "relu")
    add(app, "preset", "digits-classic")
    assert labels(app)[4:] == ["Lion, rate 0.0003", "Learning rate: 0.25", "Activation: ReLU", PRESETS["digits-classic"].label]
    cast = app.session_state["digits.race.cast"]
    assert cast[5].experiment == BASE.change(learning_rate=0.25)
    assert [layer.activation for layer in cast[6].experiment.net.layers] == ["relu"]
    take_out(app, "Momentum, rate 0.01")
    assert "Momentum, rate 0.01" not in labels(app) and len(labels(app)) == 7
    app.button(key="digits.race.reset").click().run()
    assert len(labels(app)) == 4 and not app.exception


def test_a_contestant_that_cannot_be_is_refused_in_words(app):
    add(app, "learning_rate", 1e9)
    assert "above the largest allowed, 100" in said(app) and len(labels(app)) == 4
    add(app, "units.0", 2.5)
    assert "units" in said(app) and len(labels(app)) == 4
    add(app, "now")
    assert "That one races already, as *As it is: SGD, rate 0.1*" in said(app)


def test_nobody_cannot_race(app):
    for label in list(labels(app)):
        take_out(app, label)
    app.button(key="digits.race.start").click().run()
    assert "1 to 8 contestants, not 0" in said(app) and not app.exception


def test_a_race_is_run_and_scored(app):
    app.session_state["digits.race.cast"] = [as_it_is(BASE), contestant(BASE, KNOBS["learning_rate"], 0.5)]
    app.run()
    app.select_slider(key="digits.race.epochs").set_value(1).run()
    app.button(key="digits.race.start").click().run()
    awaited(app)
    trials = app.session_state["digits.race.trials"]
    assert trials.status == "done" and trials.seeds == (0, 1)
    scores = app.dataframe[0].value
    errors = {row["who"]: row["error"] for _, row in scores.iterrows()}
    for i, who in enumerate(trials.contestants):
        rows = [s.rows[-1] for s in trials.snapshot().standings if s.contestant == i]
        assert errors[who.label] == pytest.approx(sum(100 * (1 - row[6]) for row in rows) / 2)
    assert list(scores["error"]) == sorted(scores["error"])
    for quantity, place in [("test_loss", "seconds"), ("train_loss", "epoch")]:
        app.selectbox(key="digits.race.quantity").set_value(quantity)
        app.selectbox(key="digits.race.place").set_value(place).run()
        assert not app.exception and len(app.get("plotly_chart")) == 1
    app.select_slider(key="digits.race.level").set_value(50).run()
    assert app.dataframe[0].value["reached"].iloc[0] == "2 of 2"


def test_curves_of_a_net_that_has_been_changed_since_say_so(app):
    app.session_state["digits.race.trials"] = Trials(usual_cast(BASE), 1, 0.1)
    assert race.CHANGED not in said(app.run())
    app.session_state["run"].apply(BASE.change(batch_size=2 * BASE.batch_size))
    assert race.CHANGED in said(app.run()) and not app.exception


def test_a_race_can_be_paused_and_taken_up_again(app):
    app.select_slider(key="digits.race.epochs").set_value(100)
    app.session_state["digits.race.cast"] = [as_it_is(BASE)]
    app.run()
    app.button(key="digits.race.start").click().run()
    awaited(app, lambda app: len(app.get("plotly_chart")) == 1)
    assert app.get("progress")
    app.button(key="digits.race.pause").click().run()
    awaited(app)
    assert "Paused at" in said(app) and app.session_state["digits.race.trials"].status == "paused"
    app.button(key="digits.race.go_on").click().run()
    awaited(app, lambda app: app.session_state["digits.race.trials"].status in ("running", "done"))
    app.session_state["job.now"].cancel()
    awaited(app)
    assert "Stopped at" in said(app) and len(app.get("plotly_chart")) == 1


def test_a_preset_takes_the_pages_digits():
    few = BASE.change(data__source="builtin", data__train_count=100)
    data = from_preset(few, "digits-classic").experiment.data
    assert (data.source, data.train_count) == ("builtin", 100)


def test_labels_are_kept_apart_and_the_cast_is_bounded():
    cast = usual_cast(BASE)
    for seed in range(1, MOST_CONTESTANTS - 3):
        cast = joined(cast, Contestant(cast[0].label, BASE.change(seed=seed)))
    assert len({c.label for c in cast}) == len(cast) == MOST_CONTESTANTS
    with pytest.raises(ValueError, match="8 contestants are the most"):
        joined(cast, Contestant("one more", BASE.change(seed=99)))


def test_what_a_contestant_failed_for_is_shown_with_its_outcome():
    def make(described):
        raise ValueError("it has no room here")

    trials = Trials([as_it_is(BASE)], make=make)
    trials.run()
    (row,) = race.table(trials, trials.snapshot(), 5.0)
    assert (row["error"], row["status"]) == (None, "could not be built")


def test_nothing_is_started_while_another_job_of_this_visitor_runs(app):
    other = app.session_state["job.now"] = Job("digits.sweep", "digits.sweep", "Sweeping", lambda progress, cancelled: None)
    other.status = "working"
    app.run()
    start = app.button(key="digits.race.start")
    assert start.disabled and "Sweeping" in start.help and "*Cancel*" in start.help
    other.status = "cancelled"
    assert not app.run().button(key="digits.race.start").disabled
