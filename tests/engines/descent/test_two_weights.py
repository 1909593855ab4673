"""The net of two weights, against a float64 loop over the 1,000 digits themselves."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.data import digits
from engines.descent import two_weights
from engines.descent.two_weights import LEVELS, MAX_GLANCE, data, glance, height

WEIGHTS = np.array([(0.0, 0.0), (1.3689887, 1.2796003), (-1.5, 1.82), (2.5, -0.7), (-0.3, -2.9)])


def _examples():
    """Ink (n,) and digit (n,) of every zero and one of the built-in set, counted pixel by pixel."""
    found = digits.load("builtin")
    pixels = np.concatenate([found.train_images, found.test_images])
    labels = np.concatenate([found.train_labels, found.test_labels])
    pixels, labels = pixels[labels <= 1], labels[labels <= 1]
    ink = np.array([sum(image[row, column] > 127 for row in range(12, 16) for column in range(12, 16)) for image in pixels])
    return ink / 16, labels.astype(np.float64)


def test_the_loss_is_the_mean_over_all_digits():
    ink, target = _examples()
    assert len(ink) == 1000 and target.sum() == 500
    params = data()
    for w1, w2 in WEIGHTS:
        expected = np.mean((w2 * np.tanh(w1 * ink) - target) ** 2) / 2
        assert float(height(jnp.float32(w1), jnp.float32(w2), params)) == pytest.approx(expected, rel=1e-5)


def test_digits_are_counted_once_and_kept():
    params = data()
    assert params is data()
    assert params["zeros"].sum() == params["ones"].sum() == 500 and len(params["ink"]) == LEVELS
    cells = np.bincount(params["example"], minlength=2 * LEVELS)
    np.testing.assert_array_equal(cells, np.concatenate([params["zeros"], params["ones"]]))


def test_the_origin_is_a_saddle_and_the_landscape_the_same_upside_down():
    curve = np.asarray(jax.jit(jax.hessian(lambda w: height(w[0], w[1], data())))(jnp.zeros(2)))
    ink, target = _examples()
    np.testing.assert_allclose(curve, -np.mean(ink * target) * np.array([[0, 1], [1, 0]]), rtol=1e-5)
    x, y = (jnp.asarray(WEIGHTS[:, i], jnp.float32) for i in (0, 1))
    np.testing.assert_allclose(height(x, y, data()), height(-x, -y, data()), rtol=1e-6)


@pytest.mark.parametrize("count", [1, 32, MAX_GLANCE])
def test_a_glance_is_the_loss_of_the_digits_it_drew(count):
    key = jax.random.key(5)
    params = data()
    drawn = params["example"][np.asarray(jax.random.randint(key, (MAX_GLANCE,), 0, 1000))[:count]]
    ink, target = drawn % LEVELS / 16, drawn // LEVELS
    look = jax.jit(lambda x, y: glance(x, y, params, key, count))
    for w1, w2 in WEIGHTS:
        expected = np.mean((w2 * np.tanh(w1 * ink) - target) ** 2) / 2
        seen = look(jnp.float32(w1), jnp.float32(w2))
        assert float(seen) == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_glances_average_to_the_whole_and_the_key_decides():
    x, y = jnp.float32(-1.5), jnp.float32(1.82)
    look = jax.jit(jax.vmap(lambda key: glance(x, y, data(), key, 10)))
    seen = np.asarray(look(jax.random.split(jax.random.key(0), 3000)))
    whole = float(height(x, y, data()))
    assert abs(seen.mean() - whole) < 4 * seen.std() / np.sqrt(len(seen)) and seen.std() > 0.05 * whole
    np.testing.assert_array_equal(seen, look(jax.random.split(jax.random.key(0), 3000)))


def test_one_program_serves_every_count():
    look = jax.jit(lambda key, count: glance(jnp.float32(1), jnp.float32(1), data(), key, count))
    for count in (1, 7, 500):
        plain = glance(jnp.float32(1), jnp.float32(1), data(), jax.random.key(3), count)
        assert float(look(jax.random.key(3), count)) == pytest.approx(float(plain), rel=1e-5)
    assert look._cache_size() == 1


def test_slopes_agree_with_finite_differences():
    ink, target = _examples()

    def loss(w1, w2):
        return np.mean((w2 * np.tanh(w1 * ink) - target) ** 2) / 2

    slopes = jax.jit(jax.grad(lambda w: height(w[0], w[1], data())))
    for w1, w2 in WEIGHTS:
        slope = slopes(jnp.asarray([w1, w2], jnp.float32))
        h = 1e-6
        by = [(loss(w1 + h, w2) - loss(w1 - h, w2)) / (2 * h), (loss(w1, w2 + h) - loss(w1, w2 - h)) / (2 * h)]
        np.testing.assert_allclose(slope, by, rtol=1e-4, atol=1e-6)


def test_any_shape():
    assert height(jnp.ones((2, 3)), jnp.ones((2, 3)), data()).shape == (2, 3)
    assert glance(jnp.ones((2, 3)), jnp.ones((2, 3)), data(), jax.random.key(0), 5).shape == (2, 3)
    assert two_weights.FORMULA
