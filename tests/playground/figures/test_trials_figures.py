"""A race's curves and a sweep's map: what is drawn, by the numbers in the figures."""

from __future__ import annotations

import numpy as np
import pytest

from playground.colours import OPTIMIZER_COLOURS
from playground.figures.trials import Curve, Side, map_figure, race_figure, strokes

MARKS = ("best", "as it is now", "chosen")


def curve(label, optimizer, mean, spread=0.0):
    mean = np.array(mean, float)
    return Curve(label, optimizer, np.arange(len(mean)) * 100.0, mean, mean - spread, mean + spread)


@pytest.mark.parametrize("dark", [False, True])
def test_optimizers_keep_their_colour_and_several_of_one_are_told_apart(dark):
    keys = ["adam", "sgd", *["adam"] * 7]
    drawn = strokes(keys, dark)
    assert (drawn[0].colour, drawn[1].colour) == tuple(OPTIMIZER_COLOURS[key][dark] for key in ("adam", "sgd"))
    assert drawn[0].dash == drawn[1].dash == "solid"
    assert len({(stroke.colour, stroke.dash) for stroke in drawn}) == len(keys)


def test_a_race_shows_a_line_and_a_band_for_each_contestant():
    figure = race_figure(
        [curve("a", "adam", [90, 10, 5], 1.0), curve("b", "sgd", [90, 0, 20])], "Digits seen", "Test error, %", dark=False
    )
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [line.name for line in lines] == ["a", "b"]
    assert list(lines[0].y) == [90, 10, 5] and np.isnan(lines[1].y[1]), "a logarithmic axis has no 0"
    assert lines[0].customdata[1] == "10 (9 to 11)" and lines[1].customdata[2] == "20"
    (band,) = [trace for trace in figure.data if trace.fill == "toself"]
    assert list(band.y) == [91, 11, 6, 4, 9, 89]
    assert figure.layout.yaxis.type == "log"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("Digits seen", "Test error, %")


def test_a_race_that_has_not_begun_is_drawn_empty():
    assert len(race_figure([curve("a", "adam", [])], "x", "y", dark=True).data) == 1
    assert len(race_figure([], "x", "y", dark=True).data) == 0


def drawn_map(**more):
    status = np.array([["done", "diverged"], ["impossible", "waiting"]])
    mean = np.array([[12.34, np.nan], [np.nan, np.nan]])
    said = np.array([["a", "b"], ["c", "d"]], dtype=object)
    marked = {"best": (0, 0), "now": None, "chosen": None, "dark": False} | more
    return map_figure(Side("Rate", ["0.1", "1"]), Side("Batch size", ["8", "16"]), mean, status, said, **marked)


def heatmaps(figure):
    return [trace for trace in figure.data if trace.type == "heatmap"]


@pytest.mark.parametrize("dark", [False, True])
def test_a_map_says_what_became_of_every_cell(dark):
    ground, heat = heatmaps(drawn_map(dark=dark))
    assert np.array(ground.text).tolist() == [["", "×"], ["–", ""]]
    assert np.array(ground.z).tolist() == [[0, 1], [2, 0]]
    (numbers,) = [trace for trace in drawn_map().data if getattr(trace, "mode", "") == "text"]
    assert (list(numbers.x), list(numbers.y), list(numbers.text)) == ([0], [0], ["12.3"])
    assert heat.z[0][0] == pytest.approx(np.log10(12.34)) and np.isnan(heat.z[1][1])
    names = {trace.name for trace in drawn_map().data if trace.name}
    assert names == {"× diverged", "– impossible", "best"}


def test_numbers_stand_out_from_their_cells():
    mean = np.array([[1.0, 90.0]])
    said = np.full((1, 2), "", dtype=object)
    figure = map_figure(
        Side("a", "12"), Side("b", "1"), mean, np.full((1, 2), "done"), said, best=None, now=None, chosen=None, dark=False
    )
    (numbers,) = [trace for trace in figure.data if getattr(trace, "mode", "") == "text"]
    assert list(numbers.textfont.color) == ["#000000", "#FFFFFF"], "small errors are yellow, large ones dark blue"
    for dark, ink in [(False, "#000000"), (True, "#000000")]:
        (star,) = [trace for trace in drawn_map(dark=dark).data if trace.name == "best" and not trace.showlegend]
        assert star.marker.color == ink


def test_a_maps_places_carry_row_and_column():
    figure = drawn_map(best=(0, 1), now=(1, 0), chosen=(1, 1))
    places = figure.data[-1]
    assert [list(values) for values in places.customdata] == [["a", 0, 0], ["b", 0, 1], ["c", 1, 0], ["d", 1, 1]]
    assert list(zip(places.x, places.y, strict=True)) == [(0, 0), (1, 0), (0, 1), (1, 1)]
    marks = {trace.name: (trace.x[0], round(trace.y[0])) for trace in figure.data if trace.name in MARKS and not trace.showlegend}
    assert marks == {"best": (1, 0), "as it is now": (0, 1), "chosen": (1, 1)}
    assert list(figure.layout.xaxis.ticktext) == ["0.1", "1"] and list(figure.layout.yaxis.ticktext) == ["8", "16"]


def test_a_map_without_any_result_can_be_drawn():
    empty = np.full((2, 2), np.nan)
    status, said = np.full((2, 2), "waiting"), np.full((2, 2), "", dtype=object)
    figure = map_figure(Side("a", "12"), Side("b", "12"), empty, status, said, best=None, now=None, chosen=None, dark=False)
    assert heatmaps(figure)[1].showscale is False
