"""The map of digits: what is drawn where, what a click and the pointer learn, colours that stay apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from playground.colours import PAGE
from playground.figures.digits_map import CANVAS, LARGEST, SMALLEST, TEN, drawn, map_figure
from tests.playground.test_colours import VISION, contrast, oklab

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(40, 2)) * [3, 1]
LABELS = np.arange(40) % 9  # no 9
ANSWERED = np.where(np.arange(40) % 7, LABELS, 9)
IMAGES = RNG.integers(0, 256, (40, 28, 28)).astype(np.uint8)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("images", [None, IMAGES], ids=["dots", "digits"])
def test_every_digit_is_a_mark_that_knows_its_place(images, dark):
    figure = map_figure(POINTS, LABELS, ANSWERED, ("one", "two"), dark=dark, images=images)
    assert len(figure.data) == 10 and len(figure.data[9].x) == 0 and len(figure.layout.annotations) == 9
    for digit, trace in enumerate(figure.data):
        for x, y, (place, answer), text, width in zip(
            trace.x, trace.y, trace.customdata, trace.text, trace.marker.line.width, strict=True
        ):
            assert LABELS[place] == digit and (x, y) == tuple(POINTS[place]) and answer == ANSWERED[place]
            right = answer == digit
            assert text == ("read rightly" if right else f"read as {answer}") and bool(width == 0) == right
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("one", "two")
    for axis, column in ((figure.layout.xaxis, 0), (figure.layout.yaxis, 1)):
        assert axis.range[0] < POINTS[:, column].min() and POINTS[:, column].max() < axis.range[1] and axis.visible
    assert bool(figure.layout.images) == (images is not None)


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.array([[0.0, 0], [1, 0], [2, 0], [3, 0], [4, 0]])])
def test_a_map_without_extent_is_still_a_map(points):
    figure = map_figure(points, np.zeros(5, int), np.zeros(5, int), ("", ""), dark=False, images=IMAGES[:5])
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.range[1] > axis.range[0] and not axis.visible


@pytest.mark.parametrize(("count", "side"), [(1, LARGEST), (1600, 28), (5000, SMALLEST)])
def test_digits_are_drawn_in_their_colour_at_their_place(count, side):
    points = np.array([[1.0, 3.0]] + [[9.0, 9.0]] * (count - 1))
    labels = np.array([2] + [5] * (count - 1))
    images = np.zeros((count, 28, 28), np.uint8)
    images[0, :14] = 255
    picture = drawn(points, labels, images, (np.zeros(2), np.array([10.0, 5.0])), TEN["light"])
    assert picture.shape == (CANVAS // 2, CANVAS, 4)
    rows, columns = np.nonzero(picture[..., 3])
    assert (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1) == (side // 2, side)
    assert abs((columns.max() + columns.min()) / 2 - 0.1 * CANVAS) <= 1.5
    assert abs(rows.max() + 1 - 0.4 * CANVAS / 2) <= 1.5  # the upper half of the digit, above its middle
    inked = picture[rows, columns]
    assert (inked == [*(int(TEN["light"][2][i : i + 2], 16) for i in (1, 3, 5)), 255]).all()


def test_of_two_digits_at_one_place_the_later_lies_above():
    images = np.stack([np.full((28, 28), 255), np.full((28, 28), 128)]).astype(np.uint8)
    picture = drawn(np.zeros((2, 2)), np.array([0, 1]), images, (-np.ones(2), np.ones(2)), ("#FF0000", "#0000FF"))
    middle = picture[CANVAS // 2, CANVAS // 2].astype(int)
    np.testing.assert_allclose(middle, [127, 0, 128, 255], atol=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ten_colours_stay_apart_and_stand_out(theme):
    assert min(contrast(colour, PAGE[theme]) for colour in TEN[theme]) >= 3
    for vision in VISION:
        seen = [oklab(colour, vision) for colour in TEN[theme]]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 0.055
