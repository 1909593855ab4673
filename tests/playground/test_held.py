"""A page's holder of a description, and the controls on it."""

import pytest
from streamlit.testing.v1 import AppTest

from engines.descent.race import Race
from playground.held import Held


def test_it_holds_what_was_applied_last_and_counts_changes():
    held = Held(Race())
    assert held.experiment == Race() and held.revision == 0
    held.apply(Race())
    assert held.revision == 0
    held.apply(Race(seed=3))
    assert held.experiment.seed == 3 and held.revision == 1
    held.reset()
    assert held.experiment.seed == 3 and held.revision == 2


def _page():
    from engines.descent.race import Race
    from engines.optimizers import OPTIMIZERS
    from engines.schedules import SCHEDULES
    from engines.surfaces import SURFACES
    from playground.controls import Editor
    from playground.held import held_for

    held = held_for("descent", Race())
    editor = Editor(held, "descent", units={"epochs": "steps"})
    editor.refusals()
    editor.entry("surface", "Surface", SURFACES)
    editor.entry("runners__1__optimizer", "Optimizer", OPTIMIZERS)
    editor.entry("runners__1__schedule", "Schedule", SCHEDULES)
    editor.pick("runners__1__learning_rate", "Learning rate", [0.01, 0.1, 1.0])
    editor.number("steps", "Steps", 10, 2000, 10)


def _race(app):
    return app.session_state["held.descent"].experiment


def _widget(app, kind, label):
    return next(w for w in getattr(app, kind) if w.label == label)


@pytest.fixture
def app():
    return AppTest.from_function(_page, default_timeout=30).run()


def test_controls_reach_into_the_list_of_runners(app):
    _widget(app, "select_slider", "Learning rate").set_value(1.0)
    app.run()
    _widget(app, "selectbox", "Optimizer").set_value("adam")
    app.run()
    _widget(app, "number_input", "β₁").set_value(0.5)
    app.run()
    assert not app.exception
    runner = _race(app).runners[1]
    assert (runner.learning_rate, runner.optimizer.key, runner.optimizer.settings["b1"]) == (1.0, "adam", 0.5)
    assert _race(app).runners[0] == Race().runners[0]


def test_epochs_are_called_steps_here(app):
    _widget(app, "selectbox", "Schedule").set_value("step")
    app.run()
    ramp = _widget(app, "number_input", "Ramp (steps)")
    assert ramp.help == "Steps until momentum is full; 0 is at once."
    assert _widget(app, "select_slider", "Every (steps)")


def test_a_change_of_what_is_gone_is_told_and_changes_nothing(app):
    from playground.controls import Editor

    held = app.session_state["held.descent"]

    def page():
        import streamlit as st

        from playground.controls import Editor

        editor = Editor(st.session_state["given"], "descent")
        editor.change(runners__20__learning_rate=0.1)
        editor.refusals()

    other = AppTest.from_function(page, default_timeout=30)
    other.session_state["given"] = held
    other.run()
    assert not other.exception and "there is no such field" in other.warning[0].value
    assert Editor(held, "descent").experiment == Race()
