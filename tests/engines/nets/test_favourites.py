"""What units like best: against float64 NumPy over all digits at once, slices, cancelling."""

from __future__ import annotations

import numpy as np
import pytest

from engines.experiment import StackNet
from engines.nets import favourites as module
from engines.nets import stack
from engines.nets.favourites import favourites
from tests.engines.nets.numpy_stack import forward

NET = StackNet(
    layers=[
        {"key": "conv", "settings": {"filters": 3, "size": 5, "stride": 4}, "activation": "tanh"},
        {"key": "pool_max"},
        {"key": "dense", "settings": {"units": 7}, "activation": "scaled_tanh"},
    ]
)
COUNT = 23


@pytest.fixture(scope="module")
def given():
    """Weights, digits, and every layer's outputs by NumPy."""
    rng = np.random.default_rng(0)
    images = (rng.random((COUNT, 28, 28)) ** 2 * 255).astype(np.uint8)
    weights = stack.initial_weights(NET, 1)
    return weights, images, [a for _, a in forward(NET, weights, images.reshape(COUNT, -1) / 255)]


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    monkeypatch.setattr(module, "SLICE", 10)


@pytest.mark.parametrize("layer", range(4))
def test_against_numpy(given, layer):
    weights, images, outputs = given
    found = favourites(NET, weights, images, layer, k=5)
    a = outputs[layer]
    strongest = a.reshape(COUNT, a.shape[1], -1).max(2)
    assert found.indices.shape == found.values.shape == (a.shape[1], 5)
    assert found.places.shape == (a.shape[1], 5, 2) and found.indices.dtype == found.places.dtype == np.int32
    for unit in range(a.shape[1]):
        np.testing.assert_array_equal(found.indices[unit], np.argsort(-strongest[:, unit], kind="stable")[:5])
        np.testing.assert_allclose(found.values[unit], np.sort(strongest[:, unit])[::-1][:5], rtol=1e-4, atol=1e-5)
        for index, value, place in zip(found.indices[unit], found.values[unit], found.places[unit], strict=True):
            here = a[index, unit] if a.ndim == 2 else a[(index, unit, *place)]
            np.testing.assert_allclose(here, value, rtol=1e-4, atol=1e-5)
            assert a.ndim == 4 or not place.any()


def test_no_more_favourites_than_digits(given):
    weights, images, _ = given
    assert favourites(NET, weights, images[:4], 0, k=9).indices.shape == (3, 4)


def test_progress_and_cancelling(given):
    weights, images, _ = given
    shares = []
    favourites(NET, weights, images, 0, progress=shares.append)
    np.testing.assert_allclose(shares, [10 / 23, 20 / 23, 1])
    shares.clear()
    assert favourites(NET, weights, images, 0, progress=shares.append, cancelled=lambda: len(shares) == 2) is None
    assert len(shares) == 2


@pytest.mark.parametrize("layer", [-1, 4])
def test_a_layer_that_does_not_exist(given, layer):
    with pytest.raises(ValueError, match=f"no layer {layer}; this net has 4"):
        favourites(NET, *given[:2], layer)
