"""The way in: a look-up is the product with one-hot rows, in value and gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.nets.recurrent.shapes import column_sums, project


@pytest.mark.parametrize("bias", [True, False])
def test_a_look_up_and_a_product_are_the_plain_affine_map(bias):
    rng = np.random.default_rng(0)
    ids = jnp.asarray(rng.integers(0, 6, (5, 3)))
    w, b = rng.normal(size=(6, 4)).astype(np.float32), rng.normal(size=4 * bias).astype(np.float32)
    shares = rng.normal(size=(5, 3, 4)).astype(np.float32)
    hot = jax.nn.one_hot(ids, 6)

    def plain(pair, x):
        return x @ pair[0] + (pair[1] if bias else 0)

    want, slopes = jax.jit(jax.value_and_grad(lambda pair, x: jnp.sum(plain(pair, x) * shares), (0, 1)))((w, b), hot)
    for x in (ids, hot):
        found, gradient = jax.jit(jax.value_and_grad(lambda pair, x=x: jnp.sum(project(pair, x) * shares)))((w, b))
        np.testing.assert_allclose(found, want, rtol=1e-5)
        for mine, theirs in zip(gradient, slopes[0], strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5)
    by_x = jax.jit(jax.grad(lambda x: jnp.sum(project((w, b), x) * shares)))(hot)
    np.testing.assert_allclose(by_x, slopes[1], rtol=1e-5, atol=1e-5)


def test_column_sums():
    rows = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    np.testing.assert_allclose(column_sums(jnp.asarray(rows)), rows.sum(0), rtol=1e-5)
