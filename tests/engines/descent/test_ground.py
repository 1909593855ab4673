"""Height, slope and curvature at a place against finite differences and hand-worked numbers; what they predict."""

import json
import math

import numpy as np
import pytest

from engines.descent.ground import Ground, eigen, ground, ground_along
from engines.descent.race import race_on
from engines.descent.terrain import formula_terrain, surface_terrain, terrain_of
from engines.surfaces import SURFACES

OWN = [key for key, entry in SURFACES.items() if not entry.typed and not entry.sliced]
STEP = 2e-3


def _beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _differences(height, x, y):
    """Gradient and Hessian in float64 by central differences."""
    h, n = STEP, height
    gradient = (n(x + h, y) - n(x - h, y)) / (2 * h), (n(x, y + h) - n(x, y - h)) / (2 * h)
    xx = (n(x + h, y) - 2 * n(x, y) + n(x - h, y)) / h**2
    yy = (n(x, y + h) - 2 * n(x, y) + n(x, y - h)) / h**2
    xy = (n(x + h, y + h) - n(x + h, y - h) - n(x - h, y + h) + n(x - h, y - h)) / (4 * h * h)
    return np.array(gradient), np.array([xx, xy, yy])


def test_derivatives_agree_with_finite_differences():
    rng = np.random.default_rng(0)
    terrain = surface_terrain("beale")
    for x, y in rng.uniform(-2, 2, (20, 2)):
        here = ground(terrain, x, y)
        gradient, hessian = _differences(_beale, x, y)
        assert here.height == pytest.approx(_beale(x, y), rel=1e-4, abs=1e-4)
        np.testing.assert_allclose(here.gradient, gradient, rtol=2e-3, atol=2e-2)
        np.testing.assert_allclose(here.hessian, hessian, rtol=5e-3, atol=5e-2)


def test_eigenvalues_and_directions_are_those_of_the_hessian():
    rng = np.random.default_rng(1)
    for xx, xy, yy in rng.normal(size=(50, 3)):
        values, angle = eigen(np.array([xx]), np.array([xy]), np.array([yy]))
        matrix = np.array([[xx, xy], [xy, yy]])
        np.testing.assert_allclose(values[0], np.linalg.eigvalsh(matrix)[::-1], atol=1e-12)
        larger = np.array([math.cos(angle[0]), math.sin(angle[0])])
        np.testing.assert_allclose(matrix @ larger, values[0, 0] * larger, atol=1e-12)


@pytest.mark.parametrize("key", OWN)
def test_stated_points_have_the_kind_they_state(key):
    terrain = surface_terrain(key)
    for point in terrain.stationary[:12]:
        assert ground(terrain, point.x, point.y).kind == point.kind


def test_kinds_are_found_without_being_stated():
    """Points that the terrain does not list are judged by their slope and curvature."""
    from dataclasses import replace

    for text, place, kind in (
        ("x^2 + 3 y^2", (0, 0), "minimum"),
        ("x^2 - y^2", (0, 0), "saddle"),
        ("-x^2 - y^2", (0, 0), "maximum"),
        ("x^2 + y^2", (1, 0.5), "slope"),
        ("x^2 + y^2/1000", (0, 1), "slope"),
        ("x^3 - 3 x y^2", (0, 0), "flat"),
    ):
        bare = replace(formula_terrain(text, (-3.0, 3.0, -3.0, 3.0)), stationary=())
        assert ground(bare, *place).kind == kind, text


@pytest.mark.parametrize(
    ("text", "place", "shape"),
    [("x^2", (1, 1), "trough"), ("-(x^2)", (1, 1), "ridge"), ("x + y", (0, 0), "plane"), ("-x^2-y^2", (1, 0), "dome")],
)
def test_shapes(text, place, shape):
    assert ground(formula_terrain(text, (-3.0, 3.0, -3.0, 3.0)), *place).shape == shape


def _bowl(larger, smaller):
    return Ground(0, 0, 0, (0, 0), (larger, 0, smaller), (larger, smaller), ((1, 0), (0, 1)), "minimum", "bowl")


def test_the_largest_stable_rate_and_what_a_rate_predicts():
    bowl = _bowl(10.0, 0.1)
    assert bowl.largest_stable_rate == pytest.approx(0.2)
    assert "Too big a step" in bowl.words(0.25)
    assert "1.5 times" in bowl.words(0.25)
    assert "Zigzag" in bowl.words(0.15)
    assert "50%" in bowl.words(0.15)
    assert "No zigzag" in bowl.words(0.05)
    assert "460 steps" in bowl.words(0.05)  # log(0.1) / log(1 - 0.05 * 0.1) is 459.4
    saddle = Ground(0, 0, 0, (0, 0), (2, 0, -2), (2.0, -2.0), ((1, 0), (0, 1)), "saddle", "saddle")
    assert "1.02 times a step, ten times in 117 steps" in saddle.words(0.01)
    assert "exactly on the point nothing moves" in saddle.words(0.01)
    assert ground(formula_terrain("-x^2-y^2", (-3.0, 3.0, -3.0, 3.0)), 1, 0).largest_stable_rate is None


def test_the_prediction_holds_in_a_race():
    """Just under 2 / λmax gradient descent stays, just over it is thrown."""
    from engines.descent.paths import run_race

    race = race_on("quadratic", steps=500)
    limit = ground(terrain_of(race), *race.start).largest_stable_rate
    assert limit == pytest.approx(0.2, rel=1e-4)
    for factor, thrown in ((0.99, False), (1.05, True)):
        runner = {"optimizer": {"key": "gradient_descent"}, "learning_rate": factor * limit}
        paths = run_race(race.change(runners=[runner]))
        assert (paths.thrown[0] >= 0) == thrown


def test_where_there_is_no_height_nothing_is_predicted_and_the_json_is_valid():
    here = ground(formula_terrain("log(x)", (-3.0, 3.0, -3.0, 3.0)), -1, 0)
    assert here.shape == "unknown"
    assert "nothing can be predicted" in here.words(0.1)
    plain = json.loads(json.dumps(here.plain(), allow_nan=False))
    assert plain["height"] is None
    assert plain["kind"] == "slope"


def test_many_places_are_one_place_after_the_other():
    terrain = surface_terrain("himmelblau")
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-5, 5, (2, 2500))
    found = ground_along(terrain, x, y)
    for index in (0, 1023, 1024, 2499):
        assert found.at(index) == ground(terrain, x[index], y[index])
    assert found.kind.shape == found.shape.shape == (2500,)


def test_the_spread_follows_domain_and_settings():
    """Equality of terrains leaves these out, what counts as flat must not."""
    from engines.descent.ground import _spread

    assert _spread(surface_terrain("quadratic", (("condition", 1.0),))) > _spread(
        surface_terrain("quadratic", (("condition", 1000.0),))
    )
    narrow, wide = (formula_terrain("x^2+y^2", (-size, size, -size, size)) for size in (1.0, 10.0))
    assert _spread(wide) == pytest.approx(100 * _spread(narrow), rel=1e-3)
