"""Directions: filter normalisation, principal components against NumPy's SVD, projection."""

import numpy as np
import pytest

from engines.landscape.directions import main_directions, projected, random_directions, share_in_plane
from engines.landscape.problems import NoLandscape
from engines.landscape.weights import unflatten
from tests.engines.landscape.nets import DIGITS, PLAIN, still, trained


@pytest.mark.parametrize("experiment", [PLAIN, DIGITS], ids=["plane", "digits"])
def test_each_units_direction_is_as_long_as_its_weights_and_biases_stay(experiment):
    net = still(experiment)
    found = random_directions(net.now, net.sizes, net.path, seed=3)
    for direction in found.both:
        for (d, bias), (w, _) in zip(unflatten(direction, net.sizes), unflatten(net.now, net.sizes), strict=True):
            np.testing.assert_allclose(np.linalg.norm(d, axis=0), np.linalg.norm(w, axis=0), rtol=1e-5)
            assert not bias.any()


def test_the_two_random_directions_are_at_right_angles():
    net = still(PLAIN)
    found = random_directions(net.now, net.sizes, net.path, seed=1)
    assert abs(found.first @ found.second) < 1e-5 * (found.first @ found.first)


def test_the_seed_decides():
    net = still(PLAIN)
    one, same, other = (random_directions(net.now, net.sizes, net.path, seed).both for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_a_net_of_zeros_has_no_random_direction():
    with pytest.raises(NoLandscape, match="Every weight of this net is 0"):
        random_directions(np.zeros(25, np.float32), (2, 4, 2, 1), np.zeros((1, 25), np.float32), 0)


def test_main_directions_agree_with_numpys_svd():
    path = trained(PLAIN).path
    found = main_directions(path)
    centred = path.astype(np.float64) - path.mean(0, dtype=np.float64)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    shares = singular**2 / (singular**2).sum()
    np.testing.assert_allclose(found.shares, shares[:2], rtol=1e-4)
    assert found.share == pytest.approx(shares[:2].sum(), rel=1e-5)
    np.testing.assert_allclose(np.abs(found.both @ rows[:2].T), np.eye(2), atol=1e-3)
    np.testing.assert_allclose(found.both @ found.both.T, np.eye(2), atol=1e-5)


def test_the_path_begins_at_the_left_and_below():
    path = trained(PLAIN).path
    assert (projected(path[:1], path[-1], main_directions(path).both) <= 1e-6).all()


def test_too_short_a_path_and_one_that_does_not_move_are_told():
    path = trained(PLAIN).path
    with pytest.raises(NoLandscape, match="at least three recorded moments"):
        main_directions(path[:2])
    with pytest.raises(NoLandscape, match="hardly moved"):
        main_directions(np.repeat(path[:1], 5, 0))


def test_a_straight_path_gets_a_second_direction_at_right_angles():
    way = np.linspace(0, 1, 5, dtype=np.float32)[:, None] * np.arange(1, 8, dtype=np.float32)
    found = main_directions(way)
    np.testing.assert_allclose(found.both @ found.both.T, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(found.first, np.arange(1, 8) / np.linalg.norm(np.arange(1, 8)), atol=1e-5)
    assert found.shares == (pytest.approx(1.0), 0.0)


def test_projection_finds_the_nearest_place_also_between_skew_directions():
    rng = np.random.default_rng(0)
    origin, directions = rng.normal(size=9).astype(np.float32), rng.normal(size=(2, 9)).astype(np.float32)
    places = np.array([[0.5, -2.0], [1.0, 0.25]], np.float32)
    np.testing.assert_allclose(projected(origin + places @ directions, origin, directions), places, atol=1e-5)
    weights = rng.normal(size=(4, 9)).astype(np.float32)
    expected = np.linalg.lstsq(directions.T.astype(np.float64), (weights - origin).T.astype(np.float64), rcond=None)[0].T
    np.testing.assert_allclose(projected(weights, origin, directions), expected, atol=1e-5)


def test_share_in_plane_counts_what_the_plane_holds():
    axes = np.eye(4, dtype=np.float32)
    path = np.array([[1, 0, 0, 0], [-1, 0, 0, 0], [0, 0, 2, 0], [0, 0, -2, 0]], np.float32)
    assert share_in_plane(path, 3 * axes[:2]) == pytest.approx(0.2)
    assert share_in_plane(path, axes[[0, 2]]) == pytest.approx(1.0)
    assert share_in_plane(path[:1], axes[:2]) is None
