"""How a net arranges digits: features against NumPy, the plane against an SVD, neighbours that stay neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from engines.experiment import StackNet
from engines.nets import stack
from engines.nets.embedding import last_layer, pca, tsne
from tests.engines.nets.numpy_stack import forward

POOLED = {"key": "pool_average", "settings": {"size": 7, "stride": 7}}
NET = StackNet(layers=[POOLED, {"key": "dense", "settings": {"units": 6}, "activation": "tanh"}, {"key": "dropout"}])


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(0)
    return stack.initial_weights(NET, 1), (rng.random((9, 28, 28)) * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def heaps():
    """Three heaps in 8 dimensions, 12 digits each, and which heap each is of."""
    rng = np.random.default_rng(0)
    label = np.repeat(range(3), 12)
    return (10 * rng.standard_normal((3, 8))[label] + rng.standard_normal((36, 8))).astype(np.float32), label


@pytest.mark.parametrize(("layer", "number"), [(None, 2), (0, 0), (3, 3)])
def test_features_against_numpy(given, layer, number):
    weights, images = given
    shares = []
    found = last_layer(NET, weights, images, layer, shares.append)
    true = forward(NET, weights, images.reshape(9, -1) / 255)[number][1]
    np.testing.assert_allclose(found, true.reshape(9, -1), rtol=1e-4, atol=1e-5)
    assert found.dtype == np.float32 and shares == [1.0]


def test_features_of_a_net_without_hidden_layers(given):
    net = StackNet()
    assert last_layer(net, stack.initial_weights(net, 0), given[1]).shape == (9, 10)


def test_cancelling_and_layers_that_do_not_exist(given):
    assert last_layer(NET, *given, cancelled=lambda: True) is None
    with pytest.raises(ValueError, match="no layer 7; this net has 4"):
        last_layer(NET, *given, layer=7)


def test_the_plane_against_svd(heaps):
    features, _ = heaps
    centred = features.astype(float) - features.mean(0, dtype=float)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    found = pca(features)
    for axis in range(2):
        true = centred @ axes[axis]
        np.testing.assert_allclose(found.points[:, axis] * np.sign(found.points[:, axis] @ true), true, atol=1e-4)
    np.testing.assert_allclose(found.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-6)


def test_features_that_are_all_the_same_lie_in_one_point():
    found = pca(np.ones((7, 4), np.float32))
    assert not found.points.any() and not found.shares.any()


def test_neighbours_stay_neighbours(heaps):
    features, label = heaps
    shares = []
    found = tsne(features, 3, shares.append, perplexity=5)
    assert found.shape == (36, 2) and found.dtype == np.float32 and shares == [1 / 3, 2 / 3, 1]
    distance = np.linalg.norm(found[:, None] - found[None], axis=2) + 1e9 * np.eye(36)
    assert (label[distance.argmin(1)] == label).all()


def test_the_same_seed_gives_the_same_map():
    features = np.random.default_rng(1).standard_normal((8, 3))
    np.testing.assert_array_equal(tsne(features, 5), tsne(features, 5))


def test_tsne_stops_between_stages(heaps):
    shares = []
    assert tsne(heaps[0], 0, shares.append, lambda: len(shares) == 1) is None
    assert len(shares) == 1


@pytest.mark.parametrize("lay_out", [pca, tsne])
def test_what_cannot_be_laid_out(lay_out):
    with pytest.raises(ValueError, match="at least 5 digits, and here are 3"):
        lay_out(np.zeros((3, 4), np.float32))
    with pytest.raises(ValueError, match="overflowed"):
        lay_out(np.full((9, 4), np.nan, np.float32))
