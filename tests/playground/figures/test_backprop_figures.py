"""The figures of the Backprop page draw what they were given, and name their axes."""

import numpy as np
import pytest

from engines.trace.costs import compare
from engines.trace.effort import count
from engines.trace.gallery import gallery
from playground.figures.effort import effort_figure
from playground.figures.flow import WORDS, flow_figure
from playground.figures.lessons import lessons_figure
from playground.figures.picture import picture_figure
from playground.figures.portrait import portrait_figure
from playground.figures.updates import MOST_POINTS, places, updates_figure

THEMES = pytest.mark.parametrize("dark", [False, True])


def titled(figure):
    return figure.layout.xaxis.title.text, figure.layout.yaxis.title.text


@THEMES
def test_the_flow_has_a_line_a_net_and_kind(dark):
    sizes = {kind: np.array([1.0, 0.1, 0.0, np.inf]) for kind in WORDS}
    figure = flow_figure({"a": sizes, "b": sizes}, ["signal", "gradient"], dark=dark)
    assert [line.name for line in figure.data] == [f"{WORDS[k]}, {n}" for n in "ab" for k in ("signal", "gradient")]
    assert {line.line.dash for line in figure.data[:2]} == {"solid"} and {line.line.dash for line in figure.data[2:]} == {"dash"}
    np.testing.assert_array_equal(figure.data[0].y, [1, 0.1, np.nan, np.nan])
    assert titled(figure) == ("layer", "root mean square") and figure.layout.yaxis.type == "log"
    assert {line.mode for line in figure.data[:2]} == {"lines"} and figure.layout.xaxis.dtick == 1
    assert {(line.mode, line.marker.symbol) for line in figure.data[2:]} == {("lines+markers", "square-open")}


@THEMES
def test_the_cost_on_the_way_keeps_its_ends(dark):
    costs = np.geomspace(1, 1e-5, 10_001)
    figure = updates_figure(costs, dark=dark)
    assert len(figure.data[0].x) <= MOST_POINTS + 2
    assert figure.data[0].x[-1] == 10_000 and figure.data[0].y[-1] == costs[-1]
    assert titled(figure) == ("updates", "cost") and figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.dtick == 1 == figure.layout.xaxis.dtick
    assert updates_figure(costs[:2], dark=dark).layout.xaxis.type == "linear"
    assert places(5).tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(updates_figure(np.array([1.0, np.inf, np.nan]), dark=dark).data[0].y[1:]).all()


@pytest.mark.parametrize("seconds", [False, True])
def test_the_effort_has_three_lines(seconds):
    efforts = [count((n, n, n), 4) for n in (2, 4)]
    figure = effort_figure(efforts, seconds=seconds, dark=False)
    assert [line.name for line in figure.data] == ["forward", "backward", "finite differences"]
    assert list(figure.data[0].x) == [e.parameters for e in efforts]
    if not seconds:
        assert list(figure.data[2].y) == [e.differences for e in efforts]


@pytest.mark.parametrize("seen", gallery(), ids=lambda seen: seen.key)
def test_every_activation_has_a_portrait(seen):
    figure = portrait_figure(seen.z, seen.value, seen.slope, seen.flat, dark=False)
    np.testing.assert_array_equal(figure.data[0].y, seen.value)
    np.testing.assert_array_equal(figure.data[1].y, seen.slope)
    assert len(figure.layout.shapes) == len(seen.flat)
    low, high = figure.layout.yaxis.range
    assert low < high


@pytest.mark.parametrize("what", ["output", "gradient"])
def test_two_costs_side_by_side(what):
    lessons = compare(2.0, 0.15, 20)
    figure = lessons_figure(lessons, what, dark=True)
    assert [line.name for line in figure.data] == [lesson.label for lesson in lessons]
    np.testing.assert_array_equal(figure.data[1].y, getattr(lessons[1], what))
    assert all(titled(figure))


def test_a_picture_stands_upright_and_is_even_about_zero():
    figure = picture_figure(np.array([[0.0, -2.0], [1.0, 0.0]]), "change", dark=False)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-2, 2)
    assert figure.layout.yaxis.autorange == "reversed"
    assert picture_figure(np.zeros((2, 2)), "x", dark=True).data[0].zmax == 1
