"""The balance of the training digits and the confusion matrix: what they draw, and what a click carries."""

import numpy as np
import pytest

from playground.colours import INK
from playground.figures.digits_data import PLAIN, VERDICT, balance_figure, confusion_figure


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_bars_are_the_counts(dark):
    counts = np.array([3, 1, 0, 0, 0, 0, 0, 0, 0, 6])
    figure = balance_figure(counts, dark=dark)
    assert figure.data[0].y.tolist() == counts.tolist() and figure.data[0].customdata[9] == pytest.approx(60)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("digit", "training examples")
    balance_figure(np.zeros(10, int), dark=dark)


@pytest.fixture
def confusion():
    found = np.diag(np.arange(10, 110, 10))
    found[4, 9] = 50
    found[7] = 0
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_every_cell_of_the_matrix_can_be_clicked_and_says_its_count(confusion, dark):
    figure = confusion_figure(confusion, (4, 9), dark=dark)
    heat, marks = figure.data
    assert heat.z[4][9] == pytest.approx(-np.sqrt(0.5)) and heat.z[4][4] == pytest.approx(np.sqrt(0.5))
    assert np.abs(heat.z[7]).sum() == 0 and heat.z[0][0] == 1
    assert heat.text[4][9] == "50" and heat.text[0][1] == ""
    places = {(x, y): values for x, y, values in zip(marks.x, marks.y, marks.customdata, strict=True)}
    assert len(places) == 100 and list(places[9, 4]) == [4, 9, 50, "50 %"]
    assert all(type(value) is int for values in marks.customdata for value in values[:3])
    (ring,) = figure.layout.shapes
    assert (ring.x0, ring.y0, ring.line.color) == (8.5, 3.5, INK["dark" if dark else "light"])
    assert not confusion_figure(confusion, None, dark=dark).layout.shapes
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("answer of the net", "true digit")
    assert figure.layout.yaxis.range == (9.5, -0.5)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_right_and_wrong_can_be_read_as_text(theme):
    ground = {"light": "#FFFFFF", "dark": "#14171C"}[theme]
    assert all(contrast(colour, ground) > 4.5 for colour in VERDICT[theme])
    assert contrast(PLAIN[theme], VERDICT[theme][0]) > 3
