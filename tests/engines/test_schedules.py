"""Hand-worked points of each schedule, and the code for scripts."""

import jax.numpy as jnp
import numpy as np
import pytest

from engines.schedules import SCHEDULES

POINTS = {
    "constant": {0: 1, 500: 1},
    "step": {0: 1, 99.9: 1, 100: 0.5, 250: 0.25},
    "exponential": {0: 1, 200: 0.5, 400: 0.25, 100: 2**-0.5},
    "cosine": {0: 1, 250: 0.5, 500: 0, 900: 0},
    "warm_up": {0: 0.0005, 10: 0.5005, 20: 1, 1000: 1},
}


def test_every_schedule_has_points():
    assert set(POINTS) == set(SCHEDULES)


@pytest.mark.parametrize("key", SCHEDULES)
def test_points_and_code(key):
    entry = SCHEDULES[key]
    epochs = jnp.asarray(list(POINTS[key]), jnp.float32)
    settings = {name: jnp.float32(value) for name, value in entry.defaults().items()}
    np.testing.assert_allclose(entry.factor(epochs, settings), list(POINTS[key].values()), rtol=1e-5, atol=1e-6)
    for epoch in (0.0, 3.25, 77.0, 600.5):
        code = eval(entry.code.format(**entry.defaults()), {"jnp": jnp, "epoch": jnp.float32(epoch)})
        np.testing.assert_allclose(code, entry.factor(jnp.float32(epoch), settings), rtol=1e-5, atol=1e-6)


def test_the_floor_remains():
    settings = {"length": jnp.float32(10), "floor": jnp.float32(0.2)}
    assert float(SCHEDULES["cosine"].factor(jnp.float32(99), settings)) == pytest.approx(0.2)
