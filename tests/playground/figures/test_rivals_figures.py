"""Bars of nets and rivals, and curves of a published result."""

import pytest

from playground.figures.rivals import NET, Bar, Curve, curves_figure, rivals_figure

BARS = [Bar("net\nepoch 2", 1.5, 60.0, None, True), Bar("knn", 3.25, 0.1, 12.0), Bar("linear", 8.0, 5.0, 0.5)]


@pytest.mark.parametrize("dark", [True, False])
def test_error_and_time_stand_side_by_side(dark):
    figure = rivals_figure(BARS, dark=dark)
    errors, learning, answering = figure.data
    assert (
        list(errors.x) == [1.5, 3.25, 8.0]
        and list(errors.y) == ["net<br>epoch 2", "knn", "linear"]
        and list(errors.text)[1] == "3.25 %"
    )
    assert list(learning.x) == [60.0, 0.1, 5.0] and list(answering.x) == [None, 12.0, 0.5]
    assert (errors.xaxis, learning.xaxis) == ("x", "x2") and figure.layout.barmode == "stack"
    assert [colour == NET for colour in errors.marker.color] == [True, False, False]
    assert figure.layout.xaxis.title.text == "test error (%)" and figure.layout.xaxis2.title.text == "seconds"
    assert figure.layout.yaxis.autorange == "reversed"


def test_curves_are_drawn_on_logarithmic_axes():
    curves = [Curve("net", (100, 1000, 10_000), (10.0, 4.0, 1.0)), Curve("knn", (100, 1000), (30.0, 12.0))]
    figure = curves_figure(curves, "training digits", "test error (%)", dark=False)
    assert [trace.name for trace in figure.data] == ["net", "knn"] and list(figure.data[1].y) == [30.0, 12.0]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.title.text == "training digits" and figure.layout.yaxis.title.text == "test error (%)"
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 2


def test_thousands_on_a_short_axis_are_written_in_full():
    figure = curves_figure([Curve("tanh", (0.02, 0.1), (2570.0, 751.0))], "learning rate", "steps", dark=False)
    assert {"1,000", "2,000"} <= set(figure.layout.yaxis.ticktext) and "0.05" in figure.layout.xaxis.ticktext
