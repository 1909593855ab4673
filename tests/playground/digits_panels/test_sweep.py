"""The Sweep panel through AppTest: sides, the map, and taking a cell over to the page."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engines.trials import Line, Span, Sweep, knobs
from engines.trials.sweep import Cells
from playground.digits_panels import sweep
from playground.held import Held
from tests.engines.trials.conftest import folder, small_set  # noqa: F401
from tests.engines.trials.small import experiment
from tests.playground.digits_panels.test_race import awaited, said

pytestmark = pytest.mark.usefixtures("small_set")
BASE = experiment()
KNOBS = {knob.key: knob for knob in knobs(BASE)}


def page():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.sweep import draw

    draw(st.session_state["run"])
    jobs.progress()


@pytest.fixture
def app():
    shown = AppTest.from_function(page, default_timeout=60)
    shown.session_state["run"] = Held(BASE)
    yield shown.run()
    if "job.now" in shown.session_state:
        shown.session_state["job.now"].cancel()


def choose(app, across, up, count=2, budget=500):
    app.select_slider(key="digits.sweep.count").set_value(count)
    app.select_slider(key="digits.sweep.budget").set_value(budget)
    app.selectbox(key="digits.sweep.across").set_value(across).run()
    app.selectbox(key="digits.sweep.up").set_value(up).run()
    assert not app.exception


def test_a_side_offers_what_fits_the_other(app):
    assert app.selectbox(key="digits.sweep.across").value == "learning_rate"
    assert app.selectbox(key="digits.sweep.up").value == "batch_size"
    assert "25 cells with 1 seed each: 100,000 digits in all." in said(app)
    choose(app, "optimizer", "l2")
    assert "Adam: β₁" not in app.selectbox(key="digits.sweep.up").options
    assert "SGD" in app.multiselect[0].options


def test_a_sweep_is_run_and_a_cell_taken_over(app):
    choose(app, "learning_rate", "l2")
    app.number_input(key="digits.sweep.across.learning_rate.low").set_value(0.05).run()
    app.number_input(key="digits.sweep.across.learning_rate.high").set_value(0.2).run()
    app.button(key="digits.sweep.start").click().run()
    awaited(app)
    done = app.session_state["digits.sweep.sweep"]
    assert done.status == "done" and done.across.values == (0.05, 0.1, 0.2)[::2]
    assert "4 of 4 cells done" in said(app) and "The best cell so far" in said(app)
    app.session_state["digits.sweep.cell"] = (1, 0)
    app.run()
    assert "The chosen cell" in said(app) or done.snapshot().best == (1, 0)
    app.button(key="digits.sweep.use").click().run()
    taken = app.session_state["run"].experiment
    assert taken == done.experiment_at(1, 0) and taken.learning_rate == 0.05 and taken.penalty.settings["rate"] == 0.1
    assert "Now on the page: Learning rate 0.05, l2 penalty 0.1" in [toast.value for toast in app.toast]


def test_rates_out_of_bounds_are_refused_in_words(app):
    choose(app, "learning_rate", "l2")
    app.number_input(key="digits.sweep.across.learning_rate.high").set_value(1e6).run()
    app.button(key="digits.sweep.start").click().run()
    assert "above the largest allowed, 100" in said(app) and "digits.sweep.sweep" not in app.session_state
    low = app.number_input(key="digits.sweep.across.learning_rate.low")
    assert (low.min, low.max) == (-1e9, 1e9)  # between the ends of all floats there is no step
    low.set_value(-1.0).run()
    app.button(key="digits.sweep.start").click().run()
    assert "learning rate" in said(app) and not app.exception


def test_a_side_without_values_is_refused_in_words(app):
    choose(app, "learning_rate", "cost")
    for value in list(app.multiselect[0].value):
        app.multiselect[0].unselect(value).run()
    assert "Choose at least one value." in said(app)
    app.button(key="digits.sweep.start").click().run()
    assert "1 to 8 values, not 0" in said(app)


def test_a_knob_that_is_gone_gives_way(app):
    choose(app, "units.0", "batch_size")
    app.session_state["run"].apply(BASE.change(net__layers=[], optimizer={"key": "gradient_descent"}))
    app.run()
    assert not app.exception
    assert app.selectbox(key="digits.sweep.across").value == "learning_rate"
    assert app.selectbox(key="digits.sweep.up").value not in ("units.0", "batch_size")


@pytest.mark.parametrize(
    ("span", "low", "high", "expected"),
    [
        (Span(1, 10, "log"), 2.0, 5.0, Span(2, 5, "log")),
        (Span(1, 10, "log"), 5.0, 2.0, Span(2, 5, "log")),
        (Span(1, 10, "log"), 0.0, 5.0, Span(0, 5, "even")),
        (Span(0.0, 0.9, "share"), None, 1.0, Span(0, 1, "even")),
        (Span(1, 10, "log"), None, None, Span(1, 10, "log")),
    ],
)
def test_other_ends_keep_the_scale_where_it_can_hold_them(span, low, high, expected):
    assert sweep._between(span, low, high) == expected


@pytest.mark.parametrize(
    ("event", "cell"),
    [
        (None, None),
        ({"selection": {"points": [{"customdata": ["text", 1, 2]}]}}, (1, 2)),
        ({"selection": {"points": [{"curve": 1}, {"customdata": ["text", 0, 0]}]}}, (0, 0)),
        ({"selection": {"points": [{"customdata": ["text", "1", 2]}]}}, None),
        ({"selection": {"points": [{"customdata": ["text", -1, 2]}]}}, None),
    ],
)
def test_a_clicked_cell_is_its_row_and_column(event, cell):
    assert sweep.clicked_cell(event) == cell


def test_the_pages_own_values_are_found_on_the_map():
    drawn = Sweep(BASE, Line(KNOBS["learning_rate"], (0.01, 0.1)), Line(KNOBS["batch_size"], (10, 50, 100)), 100)
    assert sweep.cell_of(BASE, drawn) == (1, 1)
    assert sweep.cell_of(BASE.change(learning_rate=0.3), drawn) is None
    deep = Sweep(experiment((4, 4)), Line(KNOBS["learning_rate"], (0.1,)), Line(knobs(experiment((4, 4)))[2], (4,)), 100)
    assert sweep.cell_of(BASE, deep) is None


def test_every_cell_is_told_in_words():
    status = np.array([["done", "diverged", "impossible", "waiting", "training"]])
    errors = np.full((1, 5, 3), np.nan)
    errors[0, 0, :2] = 0.1, 0.2
    told = np.array([["", "", "no room", "", ""]], dtype=object)
    cells = Cells(status, errors, errors, np.array([[1, 3, 0, 0, 0]]), told, None, 1.0)
    texts = [sweep.said_of(cells, 0, column) for column in range(5)]
    assert texts[0] == "test error 15 % (10 to 20), 1 of 3 seeds diverged"
    assert texts[1:] == ["diverged: its numbers overflowed", "no room", "not computed yet", "being trained now"]
