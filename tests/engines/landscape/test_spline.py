"""The interpolated surface: exact for cubics, smooth, straight outside, one compile."""

import jax
import numpy as np
import pytest

from engines.landscape import spline

X, Y = np.linspace(-2, 3, 21), np.linspace(-1, 1, 15)


def cubic(x, y):
    return 1 + x - 2 * y + 0.5 * x * x - x * y + y * y + 0.2 * x**3 * y


def params_of(function):
    return spline.params_of(X, Y, function(*np.meshgrid(X, Y)))


def test_samples_and_a_cubic_between_them_are_met():
    params = params_of(cubic)
    x, y = np.meshgrid(np.linspace(-2, 3, 37), np.linspace(-1, 1, 29))
    np.testing.assert_allclose(spline.height(x.astype("f"), y.astype("f"), params), cubic(x, y), atol=2e-5)


@pytest.mark.parametrize("place", [(1.0, 0.3), (-2.0, -1.0), (3.0, 1.0), (0.5, -1.0)], ids=str)
def test_slope_and_curvature_are_exact_inside_and_on_the_edge(place):
    params, (x, y) = params_of(cubic), place
    at = np.array(place, np.float32)
    slope = jax.grad(lambda p: spline.height(p[0], p[1], params))(at)
    np.testing.assert_allclose(slope, [1 + x - y + 0.6 * x * x * y, -2 - x + 2 * y + 0.2 * x**3], atol=1e-3)
    curvature = jax.hessian(lambda p: spline.height(p[0], p[1], params))(at)
    mixed = -1 + 0.6 * x * x
    np.testing.assert_allclose(curvature, [[1 + 1.2 * x * y, mixed], [mixed, 2]], atol=5e-3)


def test_the_error_on_a_wavy_surface_falls_with_the_spacing():
    """Errors of a cubic spline fall with the fourth power of the spacing."""
    wavy = lambda x, y: np.sin(2 * x) * np.cos(3 * y)  # noqa: E731
    errors = []
    for count in (21, 41):
        x, y = np.linspace(-2, 2, count), np.linspace(-2, 2, count)
        params = spline.params_of(x, y, wavy(*np.meshgrid(x, y)))
        at = np.random.default_rng(0).uniform(-2, 2, (2, 500)).astype(np.float32)
        errors.append(np.abs(np.asarray(spline.height(*at, params)) - wavy(*at.astype(np.float64))).max())
    assert errors[0] < 0.02 and errors[1] < errors[0] / 8


def test_curvature_is_continuous_across_the_samples():
    params = params_of(lambda x, y: np.exp(-x * x - y * y))
    hessian = jax.hessian(lambda p: spline.height(p[0], p[1], params))
    left, right = (np.asarray(hessian(np.array([0.25 + d, 0.1], np.float32))) for d in (-1e-4, 1e-4))
    np.testing.assert_allclose(left, right, atol=5e-3)


def test_outside_it_goes_on_straight():
    params = params_of(cubic)
    inside, edge, one, ten = (float(spline.height(np.float32(x), np.float32(0.2), params)) for x in (2.999, 3, 4, 13))
    slope = (edge - inside) / 0.001
    assert one - edge == pytest.approx(slope, rel=1e-2)
    assert ten - edge == pytest.approx(10 * (one - edge), rel=1e-4)


def test_any_shape_and_other_samples_without_a_second_compile():
    run = jax.jit(lambda x, y, params: spline.height(x, y, params))
    x = np.zeros((2, 3, 4), np.float32)
    assert run(x, x, params_of(cubic)).shape == (2, 3, 4)
    assert run._cache_size() == 1
    run(x, x, spline.params_of(2 * X, Y - 3, np.ones((15, 21))))
    assert run._cache_size() == 1


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match=r"at least 5 samples a side, not \(4, 9\)"):
        spline.coefficients(np.zeros((4, 9)))
