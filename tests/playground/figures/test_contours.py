"""Contour lines: levels that show both valley and wall, and lines that really lie at their level."""

import numpy as np
import pytest

from playground.figures.contours import contours, levels


def grid(height, half=3.0, count=101):
    line = np.linspace(-half, half, count)
    x, y = np.meshgrid(line, line)
    return line, height(x, y).astype(np.float32)


def test_the_line_of_a_saddle_is_among_them():
    _, height = grid(lambda x, y: x * x - y * y)
    at = levels(height, also=[0.0])
    assert 0.0 in at
    assert 18 <= len(at) <= 24
    assert np.all(np.diff(at) > 0.1)


def test_saddles_of_nearly_one_height_share_a_line():
    _, height = grid(lambda x, y: x * x - y * y)
    at = levels(height, also=[0.0, 0.01, 0.05, 0.3, 3.0])
    assert {0.0, 3.0} <= set(at) and not {0.01, 0.05} & set(at)
    assert np.all(np.diff(at) > 0.1)
    assert len(at) <= 24


def test_heights_that_do_not_occur_get_no_line():
    _, height = grid(lambda x, y: x * x + y * y)
    at = levels(height, also=[-5.0, 1e9])
    assert height.min() < at.min() and at.max() < height.max()


def test_a_deep_valley_gets_lines_of_its_own():
    _, height = grid(lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, 2.0)
    plain, deep = levels(height), levels(height, floor=0.0)
    assert len(deep) == len(plain) + 2
    assert deep[0] == pytest.approx(plain[0] / 16)


@pytest.mark.parametrize("height", [np.zeros((5, 5)), np.full((4, 4), np.nan), np.full((3, 3), 1e6) + 1e-3])
def test_level_ground_has_no_lines(height):
    at = levels(height)
    assert at.size == 0
    drawn = contours(np.arange(len(height)), np.arange(len(height)), height, at)
    assert drawn.points.shape == (0, 2) and drawn.starts.size == 0 and drawn.lines() == []


def test_points_lie_at_their_level():
    line, height = grid(lambda x, y: x + 2 * y)
    drawn = contours(line, line, height, np.array([-1.0, 0.5]))
    for points, level in zip(drawn.lines(), drawn.level, strict=True):
        assert points @ [1, 2] == pytest.approx(level, abs=1e-5)
    assert len(drawn.points) == sum(map(len, drawn.lines()))
    assert set(drawn.level) == {-1.0, 0.5}


def test_lines_stop_where_there_is_no_land():
    line, height = grid(lambda x, y: np.where(x < 0, np.nan, x + y))
    drawn = contours(line, line, height, levels(height))
    assert drawn.points[:, 0].min() >= 0
    assert np.isfinite(drawn.points).all()
