"""The map of the test digits, through AppTest with a real net: what lies where, what is said, what a click shows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engines.data import digits
from engines.nets.readings import capture
from playground.digits_panels import map as panel
from tests.engines.nets.numpy_stack import forward
from tests.playground.apps import awaited
from tests.playground.digits_panels.conftest import NET


def script():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.map import draw

    draw(st.session_state["run"])
    jobs.progress()


def drawn(run, **chosen):
    """The panel with a map of 250 digits."""
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["run"] = run
    for name, value in ({"count": 250} | chosen).items():
        app.session_state[f"digits.map_{name}"] = value
    app.run()
    app.button(key="digits.map_go").click().run()
    return awaited(app)


def said(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.info])


@pytest.fixture(scope="module")
def answered(trained):
    """What the last hidden layer makes of 250 digits, and the answers, by NumPy."""
    images = digits.load("builtin").test_images[:250]
    outputs = [a for _, a in forward(NET, capture(trained).weights, images.reshape(250, -1) / 255)]
    return outputs[-2], outputs[-1].argmax(1)


def test_the_map_is_of_the_last_hidden_layer(trained, answered):
    features, answers = answered
    app = drawn(trained)
    _, kept = app.session_state["job.found.digits_map"]
    np.testing.assert_array_equal(kept.answered, answers)
    centred = features - features.mean(0)
    _, sizes, rows = np.linalg.svd(centred, full_matrices=False)
    for i in range(2):
        own = centred @ rows[i]
        assert abs(np.corrcoef(kept.points[:, i], own)[0, 1]) == pytest.approx(1, abs=1e-4)
    share = 100 * sizes[0] ** 2 / (sizes**2).sum()
    figure = app.session_state[panel.FIGURE][1]
    assert figure.layout.xaxis.title.text == f"direction 1 ({share:.3g} % of the variance)"
    wrong = int((answers != digits.load("builtin").test_labels[:250]).sum())
    assert f"250 test digits by the 34 numbers of dense 1, after 1 epoch; {wrong} of them read wrongly." in said(app)
    assert len(figure.layout.images) == 1 and "Click a mark" in said(app)
    app.segmented_control(key="digits.map_marks").set_value("dots").run()
    assert not app.session_state[panel.FIGURE][1].layout.images


def test_neighbours_have_no_axes(trained):
    app = drawn(trained, way="tsne")
    figure = app.session_state[panel.FIGURE][1]
    assert "Even an untrained net shows crowds" in said(app)
    assert "t-SNE keeps neighbours together" in said(app) and not figure.layout.xaxis.visible
    assert app.session_state["job.found.digits_map"][1].shares is None


def test_what_is_picked_is_shown_mistakes_first(trained, answered, monkeypatch):
    _, answers = answered
    labels = digits.load("builtin").test_labels[:250]
    monkeypatch.setattr(panel, "chosen_in", lambda event, count: list(range(60)))
    app = drawn(trained)
    assert "**60 picked**, 48 of them here, mistakes first" in said(app)
    names = re.findall(r'alt="([^"]+)"', app.get("html")[0].proto.body)
    wrong = [i for i in range(60) if answers[i] != labels[i]]
    assert names[: len(wrong)] == [f"a {labels[i]}, read as {answers[i]}" for i in wrong][:48] and len(names) == 48


def test_a_selection_is_places_of_digits_on_the_map():
    event = lambda *values: {"selection": {"points": [{"customdata": value} for value in values]}}  # noqa: E731
    assert panel.chosen_in(event([3, 7], [9, 9], [3, 7]), 10) == [3, 9]
    for nothing in (None, {}, {"selection": {"points": []}}, event(None), event([]), event({"0": 3}), event([10, 1]), event(["3"])):
        assert panel.chosen_in(nothing, 10) == []
