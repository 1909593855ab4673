"""The sliders of the distortions, through AppTest: what they change, the preview, another draw."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engines.data.distortions import DISTORTIONS
from engines.experiment import DigitsData, digits_experiment
from playground.digits_panels.distortion_controls import MIXED, one_of_each, step_of
from playground.held import Held


def script():
    import streamlit as st

    from playground.controls import Editor
    from playground.digits_panels.distortion_controls import distortion_controls

    editor = Editor(st.session_state["run"], "digits")
    distortion_controls(editor)
    editor.refusals()


@pytest.fixture
def held(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    return Held(digits_experiment(data=DigitsData(source="builtin")))


@pytest.fixture
def app(held):
    made = AppTest.from_function(script, default_timeout=60)
    made.session_state["run"] = held
    made.run()
    assert not made.exception
    return made


def pictures(app):
    return [re.findall(r'src="([^"]+)"', element.proto.body) for element in app.get("html")]


def test_every_entry_has_a_slider_that_changes_its_amount(app, held):
    assert [slider.label.split(" (")[0] for slider in app.slider] == [entry.label for entry in DISTORTIONS.values()]
    (before,) = pictures(app)
    assert len(before) == 10
    app.slider(key="digits.distortion.rotation").set_value(20.0).run()
    app.slider(key="digits.distortion.shift").set_value(1.5).run()
    assert not app.exception and held.experiment.data.distortions == {"shift": 1.5, "rotation": 20.0}
    assert app.slider(key="digits.distortion.shift").value == 1.5
    (after,) = pictures(app)
    assert len(after) == 20 and after[::2] == before and after[1::2] != before
    app.slider(key="digits.distortion.shift").set_value(0.0).run()
    assert held.experiment.data.distortions == {"rotation": 20.0}


def test_another_draw_is_another_picture_of_the_same_digits(app, held):
    app.button(key="digits.distort_mix").click().run()
    assert held.experiment.data.distortions == MIXED and app.button(key="digits.distort_mix").disabled
    (first,) = pictures(app)
    app.button(key="digits.distort_again").click().run()
    (second,) = pictures(app)
    assert not app.exception and first[::2] == second[::2] and first[1::2] != second[1::2]
    app.button(key="digits.distort_none").click().run()
    assert held.experiment.data.distortions == {} and app.button(key="digits.distort_none").disabled
    assert not app.exception and "as they are" in app.caption[0].value


def test_amounts_that_came_with_a_link_are_shown(held):
    held.apply(held.experiment.change(data__distortions={"elastic": 1.37}))
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["run"] = held
    app.run()
    assert not app.exception and app.slider(key="digits.distortion.elastic").value == 1.37


def test_steps_are_even_and_every_mixed_amount_lies_on_one():
    assert [step_of(high) for high in (4.0, 45.0, 0.4, 0.5)] == [0.1, 1.0, 0.01, 0.01]
    for key, amount in MIXED.items():
        setting = DISTORTIONS[key].settings[0]
        assert setting.check(amount) and amount / step_of(setting.high) == pytest.approx(round(amount / step_of(setting.high)))


def test_one_of_each_takes_the_first_of_what_there_is():
    labels = np.array([7, 3, 7, 0], np.uint8)
    images = np.arange(4)[:, None, None] * np.ones((1, 28, 28), int)
    chosen, kinds = one_of_each(images, labels)
    assert kinds.tolist() == [0, 3, 7] and chosen[:, 0, 0].tolist() == [3, 1, 0]
