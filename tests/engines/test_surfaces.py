"""The table of surfaces: heights, slopes, stated points, rates and exported code of every entry, against float64 NumPy."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.descent.stationary import local
from engines.descent.terrain import field, surface_terrain
from engines.descent.two_weights import data
from engines.optimizers import OPTIMIZERS
from engines.surfaces import SURFACES

OWN = [key for key, surface in SURFACES.items() if not surface.typed and not surface.sliced]


def _two_weights(x, y):
    net = y[..., None] * np.tanh(x[..., None] * np.arange(17) / 16)
    return 0.5 * (data()["zeros"] * net**2 + data()["ones"] * (net - 1) ** 2).sum(-1) / 1000


def _cliff(x, y):
    bowl = 1 / (1 + np.exp(3 - 6 * x))
    return (1 - bowl) * (3 - x / 50 + y**2 / 100) + bowl / 2 * ((x - 2) ** 2 + y**2)


def _steps(x, y):
    s = np.hypot(x - 3, 0.5) - 0.5
    return s + 0.95 * np.sin(2 * np.pi * s) / (2 * np.pi) + 2 * y**2


def _ackley(x, y):
    waves = np.exp((np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)) / 2)
    return 20 + np.e - 20 * np.exp(-0.2 * np.sqrt((x * x + y * y) / 2)) - waves


ORACLE = {
    "saddle": lambda x, y: x * x - y * y,
    "monkey_saddle": lambda x, y: ((x + 1j * y) ** 3).real,
    "long_valley": lambda x, y: 5 * y * y + (x * x - 4) ** 2 / 64,
    "beale": lambda x, y: sum((a - x * (1 - y**i)) ** 2 for i, a in ((1, 1.5), (2, 2.25), (3, 2.625))),
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    "rastrigin": lambda x, y: sum(10 + z * z - 10 * np.cos(2 * np.pi * z) for z in (x, y)),
    "ackley": _ackley,
    "styblinski_tang": lambda x, y: sum(np.polyval([1, 0, -16, 5, 0], z) for z in (x, y)) / 2,
    "cliff": _cliff,
    "steps": _steps,
    "quadratic": lambda x, y: 5 * (x * x / 50 + y * y),
    "two_weights": _two_weights,
}

# Heights that the functions' authors give.
KNOWN_HEIGHTS = {"beale": 0, "rosenbrock": 0, "himmelblau": 0, "rastrigin": 0, "ackley": 0, "styblinski_tang": -78.33233}


def _points(key, count=60):
    x_low, x_high, y_low, y_high = SURFACES[key].domain
    rng = np.random.default_rng(7)
    return rng.uniform(x_low, x_high, count), rng.uniform(y_low, y_high, count)


def _exact(key, x, y):
    """Height, gradient and Hessian by JAX in float64."""
    with jax.enable_x64(True):
        params = {name: np.asarray(v, np.float64) for name, v in SURFACES[key].params({}).items() if name != "example"}
        look = jax.jit(lambda x, y, params: local(SURFACES[key].height, x, y, params))
        return [np.asarray(v) for v in look(jnp.asarray(x), jnp.asarray(y), params)]


def _stated(key):
    surface = SURFACES[key]
    groups = [("minimum", (*surface.minima, *surface.valleys)), ("saddle", surface.saddles), ("maximum", surface.peaks)]
    return [(kind, *map(float, point)) for kind, points in groups for point in points]


@pytest.mark.parametrize("key", SURFACES)
def test_an_entry_is_complete(key):
    surface = SURFACES[key]
    x_low, x_high, y_low, y_high = surface.domain
    assert x_low < x_high and y_low < y_high
    assert x_low <= surface.start[0] <= x_high and y_low <= surface.start[1] <= y_high
    assert surface.help.endswith((".", "?")) and surface.source and surface.formula and len(surface.names) == 2
    assert set(surface.rates) == set(OPTIMIZERS) and all(1e-6 <= rate <= 100 for rate in surface.rates.values())
    assert all(x_low <= x <= x_high and y_low <= y <= y_high for _, x, y in _stated(key))
    assert bool(surface.code) == (key in OWN)


def test_every_height_has_an_independent_one():
    assert set(ORACLE) == set(OWN)


@pytest.mark.parametrize("key", OWN)
def test_heights_agree_with_numpy(key):
    x, y = _points(key)
    np.testing.assert_allclose(_exact(key, x, y)[0], ORACLE[key](x, y), rtol=1e-6)
    single = SURFACES[key].height(*(jnp.asarray(v, jnp.float32) for v in (x, y)), SURFACES[key].params({}))
    exact = ORACLE[key](x, y)
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, exact, rtol=2e-4, atol=2e-6 * np.abs(exact).max())


@pytest.mark.parametrize("key", OWN)
def test_any_shape(key):
    surface = SURFACES[key]
    for shape in [(), (2, 3), (2, 1, 2)]:
        assert surface.height(jnp.full(shape, 0.3), jnp.full(shape, 0.7), surface.params({})).shape == shape


@pytest.mark.parametrize("key", OWN)
def test_slopes_and_curvatures_agree_with_finite_differences(key):
    x, y = _points(key)
    height, by_x, by_y, xx, xy, yy = _exact(key, x, y)
    f, h = ORACLE[key], 1e-4
    differences = [
        (by_x, (f(x + h, y) - f(x - h, y)) / (2 * h)),
        (by_y, (f(x, y + h) - f(x, y - h)) / (2 * h)),
        (xx, (f(x + h, y) - 2 * f(x, y) + f(x - h, y)) / h**2),
        (yy, (f(x, y + h) - 2 * f(x, y) + f(x, y - h)) / h**2),
        (xy, (f(x + h, y + h) - f(x + h, y - h) - f(x - h, y + h) + f(x - h, y - h)) / (4 * h**2)),
    ]
    for ours, theirs in differences:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * (1 + np.abs(height).max() + np.abs(theirs).max()))


@pytest.mark.parametrize("key", [key for key in OWN if _stated(key)])
def test_stated_points_are_level_and_of_their_kind(key):
    kinds, x, y = zip(*_stated(key), strict=True)
    _, by_x, by_y, xx, xy, yy = _exact(key, np.array(x), np.array(y))
    for i, kind in enumerate(kinds):
        if (key, x[i], y[i]) == ("ackley", 0.0, 0.0):
            continue  # a sharp tip: see below
        hessian = np.array([[xx[i], xy[i]], [xy[i], yy[i]]])
        slope = np.hypot(by_x[i], by_y[i])
        if key == "monkey_saddle":
            assert slope == 0 and not hessian.any()  # no curvature at all: see below
            continue
        small, large = np.linalg.eigvalsh(hessian)
        assert kind == ("minimum" if small > 0 else "maximum" if large < 0 else "saddle")
        assert np.linalg.norm(np.linalg.solve(hessian, [by_x[i], by_y[i]])) < 1e-6, "Newton would move the point"


def test_the_monkey_saddle_has_three_ways_down_and_ackley_a_tip():
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ring = ORACLE["monkey_saddle"](np.cos(angles), np.sin(angles))
    assert (np.diff(np.sign(ring[np.abs(ring) > 1e-9])) != 0).sum() in (5, 6)
    tip = SURFACES["ackley"].height(*(jnp.asarray(1e-3 * f(angles), jnp.float32) for f in (np.cos, np.sin)), {})
    assert (tip > 2.5e-3).all()
    slopes = jax.jit(jax.grad(lambda x, y: SURFACES["ackley"].height(x, y, {}), argnums=(0, 1)))
    assert [float(slope) for slope in slopes(jnp.float32(0), jnp.float32(0))] == [0.0, 0.0]


@pytest.mark.parametrize("key", [key for key in OWN if SURFACES[key].minima])
def test_minima_are_the_lowest_of_the_domain_and_of_one_height(key):
    surface, terrain = SURFACES[key], surface_terrain(key)
    heights = ORACLE[key](*np.array(surface.minima, np.float64).T)
    assert np.ptp(heights) < 1e-9
    assert np.nanmin(field(terrain).height) >= heights[0] - 1e-5 * (1 + abs(heights[0]))
    assert heights[0] == pytest.approx(KNOWN_HEIGHTS.get(key, heights[0]), abs=1e-5)
    if surface.valleys:
        assert (ORACLE[key](*np.array(surface.valleys, np.float64).T) > heights[0] + 0.1).all()


@pytest.mark.parametrize("key", OWN)
def test_exported_code_is_the_same_height(key):
    terrain = surface_terrain(key)
    x, y = (jnp.asarray(v, jnp.float32) for v in _points(key))
    code = eval(terrain.code, {"__builtins__": {}, "jnp": jnp, "x": x, "y": y})
    np.testing.assert_allclose(code, terrain.height(x, y, terrain.params), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("condition", [1, 7.5, 1000])
def test_the_condition_number_is_the_ratio_of_the_curvatures(condition):
    surface = SURFACES["quadratic"]
    at = local(surface.height, jnp.float32(1), jnp.float32(1), surface.params({"condition": condition}))
    assert float(at.yy) == pytest.approx(10) and float(at.yy / at.xx) == pytest.approx(condition, rel=1e-5) and float(at.xy) == 0
    assert f"/ {condition}" in surface_terrain("quadratic", (("condition", condition),)).code


@pytest.mark.parametrize("key", ["formula", "landscape"])
def test_heights_that_come_from_elsewhere_say_so(key):
    with pytest.raises(ValueError, match="terrain_of"):
        SURFACES[key].height(jnp.float32(0), jnp.float32(0), {})


def test_the_table_neither_imports_jax_nor_reads_digits():
    code = (
        "import sys; import engines.surfaces, engines.descent.terrain; from engines.data import digits;"
        "sys.exit('jax' in sys.modules or digits.known('builtin') is not None)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
