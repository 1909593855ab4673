"""Each cost against NumPy in float64, its slope against finite differences, its code against itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.losses import CLASS_LOSSES, LOSSES

Y, T = (a.ravel() for a in np.meshgrid(np.linspace(-3, 3, 25) + 0.017, [-1.0, 1.0]))
RNG = np.random.default_rng(0)
LOGITS, ONE_HOT = RNG.normal(0, 3, (20, 10)), np.eye(10)[RNG.integers(0, 10, 20)]

ORACLES = {
    "half_squared": lambda y, t: (y - t) ** 2 / 2,
    "absolute": lambda y, t: abs(y - t),
    "cross_entropy": lambda y, t: -np.log(1 / (1 + np.exp(-t * y))),
    "hinge": lambda y, t: np.clip(1 - t * y, 0, None),
    "huber": lambda y, t: np.where(abs(y - t) < 1, (y - t) ** 2 / 2, abs(y - t) - 0.5),
}


def _softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


CLASS_ORACLES = {
    "softmax_cross_entropy": lambda z, t: -np.log((_softmax(z) * t).sum(-1)),
    "summed_squared": lambda z, t: ((1 / (1 + np.exp(-z)) - t) ** 2).sum(-1) / 2,
    "map_criterion": lambda z, t: np.log(np.exp(-0.1) + np.exp(z).sum(-1)) - (z * t).sum(-1),
}


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("key", LOSSES)
def test_value_slope_and_code(key):
    entry, h = LOSSES[key], 1e-6
    y, t = jnp.asarray(Y), jnp.asarray(T)
    np.testing.assert_allclose(entry.value(y, t), ORACLES[key](Y, T), rtol=1e-12)
    np.testing.assert_allclose(entry.slope(y, t), (ORACLES[key](Y + h, T) - ORACLES[key](Y - h, T)) / (2 * h), rtol=1e-6, atol=1e-9)
    code = eval(f"lambda y, t: {entry.code}", {"jax": jax, "jnp": jnp})
    np.testing.assert_allclose(code(y, t), entry.value(y, t), rtol=1e-12)
    np.testing.assert_allclose(jax.vmap(jax.grad(code))(y, t), entry.slope(y, t), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("key", CLASS_LOSSES)
def test_class_value_slope_and_code(key):
    entry, z, t, h = CLASS_LOSSES[key], jnp.asarray(LOGITS), jnp.asarray(ONE_HOT), 1e-6
    np.testing.assert_allclose(entry.value(z, t), CLASS_ORACLES[key](LOGITS, ONE_HOT), rtol=1e-9)
    moved = np.eye(10)[:, None, :] * h
    slope = (CLASS_ORACLES[key](LOGITS + moved, ONE_HOT) - CLASS_ORACLES[key](LOGITS - moved, ONE_HOT)).T / (2 * h)
    np.testing.assert_allclose(entry.slope(z, t), slope, rtol=1e-6, atol=1e-8)
    code = eval(f"lambda z, t: {entry.code}", {"jax": jax, "jnp": jnp})
    np.testing.assert_allclose(code(z, t), entry.value(z, t), rtol=1e-12)
    bars = np.asarray(entry.probability(z))
    assert bars.min() >= 0 and bars.max() <= 1


@pytest.mark.parametrize("key", LOSSES)
def test_badly_wrong_outputs_stay_finite(key):
    for y in (-1e4, 1e4):
        for function in (LOSSES[key].value, LOSSES[key].slope):
            assert np.isfinite(function(jnp.float32(y), jnp.float32(1)))


def test_cross_entropy_keeps_its_slope_where_the_square_on_a_saturated_output_loses_it():
    z = jnp.asarray(-8.0)
    square = jax.grad(lambda z: LOSSES["half_squared"].value(jnp.tanh(z), 1.0))(z)
    assert abs(float(LOSSES["cross_entropy"].slope(z, 1.0))) > 0.99 and abs(float(square)) < 1e-5


@pytest.mark.parametrize("targets", [ONE_HOT, np.zeros_like(ONE_HOT), RNG.integers(0, 2, ONE_HOT.shape).astype(float)])
@pytest.mark.parametrize("key", CLASS_LOSSES)
def test_a_cost_shared_out_over_classes_sums_to_it(key, targets):
    with jax.enable_x64(True):
        entry, z, t = CLASS_LOSSES[key], jnp.asarray(LOGITS), jnp.asarray(targets)
        each = entry.each(z, t)
        assert each.shape == LOGITS.shape
        np.testing.assert_allclose(each.sum(-1), entry.value(z, t), rtol=1e-12)
