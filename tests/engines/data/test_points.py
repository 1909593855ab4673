"""The generated point sets: in the picture, balanced, repeatable, and each of its own shape."""

import numpy as np
import pytest

from engines.data.inputs import INPUTS, featurize
from engines.data.points import DATASETS, DOMAIN


def _points(key, count=400, noise=0.0, seed=0):
    return DATASETS[key].generate(np.random.default_rng(seed), count, noise)


@pytest.mark.parametrize("key", DATASETS)
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_every_set_is_in_the_picture(key, noise):
    for count in (10, 11, 2000):
        xy, t = _points(key, count, noise)
        assert xy.shape == (count, 2) and t.shape == (count,)
        assert xy.dtype == t.dtype == np.float32
        assert np.abs(xy).max() <= DOMAIN and np.abs(t).max() <= 1


@pytest.mark.parametrize("key", DATASETS)
def test_classes_are_balanced_and_mixed(key):
    t = _points(key).t
    if DATASETS[key].task == "classification":
        assert set(t) == {-1, 1} and abs(t.mean()) < 0.15
        assert abs(t[:200].mean()) < 0.2
    else:
        assert len(set(t)) > 100


@pytest.mark.parametrize("key", DATASETS)
def test_the_same_seed_gives_the_same_points_and_another_gives_others(key):
    np.testing.assert_array_equal(_points(key, 50).xy, _points(key, 50).xy)
    assert not np.array_equal(_points(key, 50).xy, _points(key, 50, seed=1).xy)


@pytest.mark.parametrize("key", DATASETS)
def test_noise_shakes(key):
    calm, shaken = _points(key, 200), _points(key, 200, 0.5)
    assert not (np.array_equal(calm.xy, shaken.xy) and np.array_equal(calm.t, shaken.t))


def test_what_the_names_promise():
    xy, t = _points("circle")
    radius = np.linalg.norm(xy, axis=1)
    assert radius[t > 0].max() < 2.6 and radius[t < 0].min() > 3.4
    xy, t = _points("xor")
    np.testing.assert_array_equal(np.sign(xy[:, 0] * xy[:, 1]), t)
    xy, t = _points("plane")
    np.testing.assert_allclose(t, np.clip(xy.sum(1) / 10, -1, 1), atol=1e-6)
    xy, t = _points("gaussians")
    assert ((xy.sum(1) > 0) == (t > 0)).mean() > 0.98


def test_inputs():
    xy = np.array([[2.0, -3.0], [0.5, 1.0]], np.float32)
    expected = [[2, -3, 4, 9, -6, np.sin(2), np.sin(-3)], [0.5, 1, 0.25, 1, 0.5, np.sin(0.5), np.sin(1)]]
    np.testing.assert_allclose(featurize(xy, list(INPUTS)), expected, rtol=1e-6)
    assert featurize(xy, ["x"]).dtype == np.float32


@pytest.mark.parametrize("key", INPUTS)
def test_the_code_of_an_input_is_the_input(key):
    x, y = np.random.default_rng(0).normal(size=(2, 9))
    np.testing.assert_array_equal(eval(INPUTS[key].code, {"np": np, "x": x, "y": y}), INPUTS[key].compute(x, y))
