"""Each activation against finite differences in float64, and against its own code for scripts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.activations import ACTIVATIONS

Z = np.concatenate([np.linspace(-4, 4, 41) + 0.013, [-30.0, 30.0]])
KEYS = list(ACTIVATIONS)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("key", [key for key in KEYS if key != "step_surrogate"])
def test_the_derivative_is_the_slope(key):
    entry, h = ACTIVATIONS[key], 1e-6
    slope = (np.asarray(entry.apply(jnp.asarray(Z + h))) - np.asarray(entry.apply(jnp.asarray(Z - h)))) / (2 * h)
    np.testing.assert_allclose(np.asarray(entry.derivative(jnp.asarray(Z))), slope, rtol=2e-7, atol=2e-8)


@pytest.mark.parametrize("key", KEYS)
def test_the_code_is_the_same_function_with_the_same_derivative(key):
    entry, z = ACTIVATIONS[key], jnp.asarray(np.append(Z, 0.0))
    function = eval(f"lambda z: {entry.code}", {"jax": jax, "jnp": jnp})
    np.testing.assert_allclose(function(z), entry.apply(z), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(jax.vmap(jax.grad(function))(z), entry.derivative(z), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("key", KEYS)
def test_shapes_and_types_are_kept_and_large_input_stays_finite(key):
    entry = ACTIVATIONS[key]
    for dtype in (jnp.float32, jnp.float64):
        z = jnp.asarray([[-1e4, -1.0, 0.0], [1.0, 1e4, 0.5]], dtype)
        for function in (entry.apply, entry.derivative):
            assert function(z).shape == z.shape and function(z).dtype == dtype
            assert np.isfinite(function(z)).all()


def test_the_surrogate_steps_forward_and_bends_backward():
    entry, z = ACTIVATIONS["step_surrogate"], jnp.asarray([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(entry.apply(z), [0, 0, 1])
    np.testing.assert_allclose(entry.derivative(z), [0.196611933, 0.25, 0.104993585], rtol=1e-7)


def test_known_values():
    values = {"sigmoid": 0.7310585786, "tanh": 0.7615941560, "gelu": 0.8413447461, "silu": 0.7310585786, "softplus": 1.3132616875}
    for key, value in values.items():
        assert float(ACTIVATIONS[key].apply(jnp.asarray(1.0))) == pytest.approx(value, rel=1e-9)
