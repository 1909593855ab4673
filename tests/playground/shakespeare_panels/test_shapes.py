"""The five shapes through AppTest: drawn as boxes, wanted answers first, then those before and after learning."""

from __future__ import annotations

import html

import pytest

from engines.sequences.shapes import SHAPES
from playground.shakespeare_panels import shapes
from tests.playground.shakespeare_panels.labs import awaited, bodies, opened, plain, said


@pytest.mark.parametrize("key", SHAPES)
def test_a_shape_is_drawn_with_what_is_wanted(key):
    app = opened("shapes", None, text_shapes__shape=key)
    shape, batch = SHAPES[key], shapes.examples_of(SHAPES[key])
    (body,) = bodies(app)
    assert body.count("border:1.5px solid") == shape.steps and body.count("↑") == sum(shape.reads) + sum(shape.writes)
    assert f"{sum(shape.writes)} of {sum(shape.writes)} answers right" in body
    wanted = [shape.said[t] for t, out in zip(batch.targets[:, 0], shape.writes, strict=True) if out]
    assert "".join(wanted) in html.unescape(plain(body)) and shape.asks in said(app)


@pytest.mark.parametrize("key", SHAPES)
def test_no_two_examples_are_alike(key):
    batch = shapes.examples_of(SHAPES[key])
    assert len({tuple(column) for column in batch.inputs.T}) == batch.targets.shape[1] == shapes.EXAMPLES


def test_a_net_learns_and_its_answers_before_and_after_are_shown():
    app = opened("shapes", None, text_shapes__shape="one_to_one", text_shapes__cell="lstm")
    app.button(key="text_shapes.start").click().run()
    awaited(app)
    (progress,) = app.session_state["text_shapes.work"].snapshot()
    assert progress.status == "solved" and progress.student.cell == "lstm"
    before, after = bodies(app)
    assert "not " in before and "not " not in after
    assert f"{progress.rows[-1, 3]:.1%} right" in said(app) and len(app.get("plotly_chart")) == 1
    next(g for g in app.get("button_group") if g.label == "Cell").set_value("rnn").run()
    assert len(bodies(app)) == 1 and "What is wanted" in said(app)
