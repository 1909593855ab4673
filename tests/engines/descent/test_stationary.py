"""Level points found numerically: those the table states, kinks, lines, plains, and none where there are none."""

import numpy as np
import pytest

from engines.descent.stationary import MOST, find
from engines.descent.terrain import surface_terrain
from engines.formula import parse
from engines.surfaces import SURFACES

DOMAIN = (-3.0, 3.0, -3.0, 3.0)
STATED = [key for key, surface in SURFACES.items() if surface.minima or surface.saddles]


def _of(text, domain=DOMAIN):
    formula = parse(text)
    return find(lambda x, y, params: formula.evaluate(x, y), {}, domain)


@pytest.mark.parametrize("key", STATED)
def test_it_finds_what_the_table_states_and_nothing_else(key):
    terrain = surface_terrain(key)
    size = np.hypot(terrain.domain[1] - terrain.domain[0], terrain.domain[3] - terrain.domain[2])
    found = find(terrain.height, terrain.params, terrain.domain)
    assert len(found) == len(terrain.stationary)
    for stated in terrain.stationary:
        near = min(found, key=lambda point: np.hypot(point.x - stated.x, point.y - stated.y))
        assert np.hypot(near.x - stated.x, near.y - stated.y) < 1e-6 * size
        assert (near.kind, near.lowest) == (stated.kind, stated.lowest)
        assert near.height == pytest.approx(stated.height, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x^4 + y^4", "minimum"),
        ("-x^4 - y^6", "maximum"),
        ("x^4 - y^2", "saddle"),
        ("x^3 - 3x y^2", "saddle"),
        ("x^3 + y^2", "saddle"),
        ("x y", "saddle"),
        ("exp(x^2 + y^2)", "minimum"),
        ("abs(x) + abs(y)", "minimum"),
        ("sqrt(x^2 + y^2)", "minimum"),
    ],
)
def test_one_point_at_the_origin(text, kind):
    (point,) = _of(text)
    assert np.hypot(point.x, point.y) < 1e-5 and point.kind == kind and point.lowest == (kind == "minimum")


@pytest.mark.parametrize(
    "text", ["x", "x + y^2", "exp(x)", "1/x", "log(x^2 + y^2)", "tan(x) + y", "abs(x - 9) + y^2", "abs(x) - y^2"]
)
def test_no_level_point(text):
    assert _of(text) == ()


@pytest.mark.parametrize("text", ["5", "0", "sin(x)^2 + cos(x)^2", "3 + 0*x"])
def test_ground_that_is_level_all_over_has_no_points(text):
    assert _of(text) == ()


def test_a_ring_of_minima_is_given_by_a_few_points():
    found = _of("(x^2 + y^2 - 1)^2")
    ring = [point for point in found if point.kind == "minimum"]
    assert 8 <= len(ring) <= 30 and all(abs(np.hypot(p.x, p.y) - 1) < 1e-3 and p.lowest for p in ring)
    assert [(p.x, p.y) for p in found if p.kind == "maximum"] == [(0, 0)]


def test_a_valley_line_and_a_plain():
    assert {(p.x, p.kind) for p in _of("x^2")} == {(0.0, "minimum")}
    assert {p.kind for p in _of("tanh(10x)")} == {"flat"} and len(_of("tanh(10x)")) < 30


def test_the_lowest_of_several():
    found = _of("x^4 - 3x^2 + x + y^2")
    assert [p.kind for p in found] == ["minimum", "minimum", "saddle"]
    assert [p.lowest for p in found] == [True, False, False] and found[0].x < 0 < found[1].x


def test_bounded_and_sorted_where_there_are_hundreds():
    found = _of("sin(20x) + cos(20y)")
    assert len(found) == MOST
    heights = [p.height for p in found if p.kind == "minimum"]
    assert heights == sorted(heights, key=lambda h: round(h, 9))


def test_other_windows_and_large_ones():
    (point,) = _of("(x - 5000)^2 + 3(y + 70)^2", (-1e4, 1e4, -1e4, 1e4))
    assert (point.x, point.y) == (pytest.approx(5000, abs=1e-3), pytest.approx(-70, abs=1e-3))
    assert _of("x^2 + y^2", (1.0, 2.0, 1.0, 2.0)) == ()


def test_places_without_height_do_no_harm():
    (point,) = _of("x log(x) + y^2")
    assert (point.x, point.y) == (pytest.approx(1 / np.e, abs=1e-6), 0) and point.kind == "minimum"
