"""Terrains: from table entries, formulas and slices; fields; what is compiled again and what is not."""

import dataclasses
from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from engines.descent import terrain as module
from engines.descent.terrain import (
    FIELD_COUNT,
    Terrain,
    UnknownLandscape,
    check,
    field,
    formula_terrain,
    heights_at,
    surface_terrain,
    terrain_of,
)
from engines.formula import FormulaError
from engines.surfaces import SURFACES

WINDOW = (-3.0, 3.0, -2.0, 2.0)


def _race(surface, formula="x^2 - y^2", landscape="", **settings):
    choice = SimpleNamespace(key=surface, settings=settings)
    return SimpleNamespace(surface=choice, formula=formula, window=WINDOW, landscape=landscape)


@pytest.mark.parametrize("key", [key for key, surface in SURFACES.items() if not surface.typed and not surface.sliced])
def test_every_entry_becomes_a_terrain(key):
    terrain, surface = terrain_of(_race(key)), SURFACES[key]
    assert terrain.key == key and terrain.label == surface.label and terrain.latex == surface.formula
    assert terrain.domain == surface.domain and terrain.names == surface.names and "{" not in terrain.code
    stated = [*surface.minima, *surface.valleys, *surface.saddles, *surface.peaks]
    assert [(p.x, p.y) for p in terrain.stationary] == stated
    assert sum(p.lowest for p in terrain.stationary) == len(surface.minima)
    for point in terrain.stationary[:5]:
        at = terrain.height(jnp.float32(point.x), jnp.float32(point.y), terrain.params)
        assert point.height == pytest.approx(float(at), abs=1e-4)
    assert (terrain.glance is not None) == (key == "two_weights")
    assert check(terrain) == []


def test_equal_by_key_alone():
    terrain = surface_terrain("quadratic")
    steeper = surface_terrain("quadratic", (("condition", 500.0),))
    assert terrain == steeper and hash(terrain) == hash(steeper) and terrain.params != steeper.params
    assert terrain != surface_terrain("saddle") and terrain != "quadratic"
    assert surface_terrain("quadratic") is terrain


def test_settings_reach_the_height():
    low, high = (terrain_of(_race("quadratic", condition=c)) for c in (1.0, 1000.0))
    ends = [float(t.height(jnp.float32(3), jnp.float32(0), t.params)) for t in (low, high)]
    assert ends == [pytest.approx(45), pytest.approx(0.045)]


def test_a_formula_becomes_a_terrain():
    terrain = terrain_of(_race("formula", "2x² − y"))
    assert terrain.key == "formula:2*x^2 - y" and terrain.domain == WINDOW and terrain.latex == "2\\,x^{2} - y"
    assert eval(terrain.code, {"x": 3.0, "y": 1.0}) == 17
    assert terrain_of(_race("formula", "x^2 - y^2")).stationary[0].kind == "saddle"


def test_formulas_that_cannot_be_raced_on():
    with pytest.raises(FormulaError, match="not known"):
        terrain_of(_race("formula", "x + q"))
    with pytest.raises(FormulaError, match="no height anywhere"):
        terrain_of(_race("formula", "log(-1 - x^2)"))
    assert "divides by 0" in check(terrain_of(_race("formula", "1/x")))[0]


def test_a_slice_that_is_gone():
    pytest.importorskip("engines.landscape", reason="slices are not there")
    with pytest.raises(UnknownLandscape, match="no longer in memory"):
        terrain_of(_race("landscape", landscape="nothing-of-this-name"))


def test_a_field_covers_the_domain():
    ground = field(surface_terrain("long_valley"))
    assert ground.x.shape == ground.y.shape == (FIELD_COUNT,) and ground.height.shape == (FIELD_COUNT, FIELD_COUNT)
    assert all(array.dtype == np.float32 for array in ground)
    assert (ground.x[0], ground.x[-1], ground.y[0], ground.y[-1]) == SURFACES["long_valley"].domain
    assert ground.height[0, 50] == pytest.approx(5 * 4 + 0.25)  # a row is a y
    assert field(surface_terrain("saddle"), 11).height.shape == (11, 11)


def test_a_field_has_nan_where_there_is_no_height():
    height = field(formula_terrain("1/x + log(y)", WINDOW)).height
    assert np.isnan(height[:, 50]).all() and np.isnan(height[:50]).all()
    assert np.isfinite(height[60:, 60:]).all() and not np.isinf(height).any()


def test_heights_at_any_number_of_points():
    terrain = surface_terrain("himmelblau")
    for count in (0, 1, 12_000):
        x, y = np.random.default_rng(count).uniform(-5, 5, (2, count))
        np.testing.assert_allclose(heights_at(terrain, x, y), (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, rtol=1e-4, atol=1e-3)


def test_another_window_or_setting_compiles_nothing():
    for terrain in (formula_terrain("x^2 - 3y^2", WINDOW), surface_terrain("quadratic")):
        field(terrain)
    sizes = [module._program(t)._cache_size() for t in (formula_terrain("x^2 - 3y^2", WINDOW), surface_terrain("quadratic"))]
    wider = formula_terrain("x^2 - 3 y^2", (-9.0, 9.0, -9.0, 9.0))
    harder = surface_terrain("quadratic", (("condition", 123.0),))
    assert field(wider).height.max() == 81 and field(harder).height.max() == pytest.approx(45 * (1 + 1 / 123))
    assert [module._program(t)._cache_size() for t in (wider, harder)] == sizes


def test_bare_terrains_need_little():
    bare = Terrain("flat", "Flat", lambda x, y, params: params["level"] + 0 * x, {"level": np.float32(2)}, WINDOW)
    assert (field(bare).height == 2).all() and check(bare) == [] and bare.names == ("x", "y")
    raised = dataclasses.replace(bare, params={"level": np.float32(5)})
    assert (field(raised).height == 5).all()
