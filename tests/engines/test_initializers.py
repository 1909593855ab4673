"""Moments of the first weights, and the code for scripts."""

import numpy as np
import pytest

from engines import initializers
from engines.initializers import INITIALIZERS

VARIANCE = {"xavier": 2 / 700, "he": 2 / 400, "lecun": 1 / 400, "uniform": 0.5**2 / 3, "normal": 0.5**2, "zeros": 0, "constant": 0}


@pytest.mark.parametrize("key", INITIALIZERS)
def test_shape_repeatability_and_code(key):
    entry = INITIALIZERS[key]
    for shape in ((3, 5), (7, 2), (1, 1)):
        drawn = entry.draw(np.random.default_rng(3), *shape, entry.defaults())
        assert drawn.shape == shape and drawn.dtype == np.float64
        names = {"np": np, "orthogonal": initializers._orthogonal, "rng": np.random.default_rng(3)}
        code = eval(entry.code.format(**entry.defaults()), names | dict(zip(("fan_in", "fan_out"), shape, strict=True)))
        np.testing.assert_array_equal(drawn, code)


@pytest.mark.parametrize("key", VARIANCE)
def test_variance(key):
    drawn = INITIALIZERS[key].draw(np.random.default_rng(0), 400, 300, INITIALIZERS[key].defaults())
    assert drawn.var() == pytest.approx(VARIANCE[key], rel=0.02, abs=1e-12)
    assert abs(drawn.mean() - (0.5 if key == "constant" else 0)) < 0.01


@pytest.mark.parametrize("shape", [(16, 16), (20, 5), (5, 20)])
def test_orthogonal_keeps_lengths(shape):
    w = INITIALIZERS["orthogonal"].draw(np.random.default_rng(1), *shape, {})
    small = w.T @ w if shape[0] >= shape[1] else w @ w.T
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-12)


def test_xavier_stays_inside_its_bound():
    drawn = INITIALIZERS["xavier"].draw(np.random.default_rng(0), 40, 20, {})
    assert np.abs(drawn).max() <= np.sqrt(6 / 60)
