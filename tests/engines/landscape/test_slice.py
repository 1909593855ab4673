"""Whole slices: the map, the path on it, the curvature along it, how good the interpolation is, progress and cancel."""

import numpy as np
import pytest

from engines.landscape.capture import captured
from engines.landscape.problems import Cancelled, NoLandscape
from engines.landscape.slice import make_slice
from engines.landscape.weights import flatten
from tests.engines.landscape.nets import DIGITS, LINEAR, PLAIN, linear_cost, still, trained


def test_the_slice_of_a_linear_net_is_an_exact_quadratic():
    net = still(LINEAR)
    made = make_slice(net, "random", 21)
    a, b = np.meshgrid(made.alpha.astype(np.float64), made.beta.astype(np.float64))
    basis = np.stack([np.ones_like(a), a, b, a * a, a * b, b * b], -1).reshape(-1, 6)
    fitted = basis @ np.linalg.lstsq(basis, made.loss.ravel(), rcond=None)[0]
    np.testing.assert_allclose(fitted, made.loss.ravel(), rtol=2e-5, atol=2e-6)
    vectors = net.now + a.reshape(-1, 1) * made.directions[0] + b.reshape(-1, 1) * made.directions[1]
    np.testing.assert_allclose(made.loss.ravel(), [linear_cost(v) for v in vectors], rtol=2e-5)
    assert made.interpolation_error < 1e-4


def test_the_centre_is_the_net_as_it_is_now():
    made = make_slice(trained(PLAIN), "random", 11)
    assert made.alpha[5] == made.beta[5] == 0
    assert made.loss[5, 5] == pytest.approx(made.centre_loss, rel=1e-6)
    assert made.path_loss[-1] == pytest.approx(made.centre_loss, rel=1e-6)
    np.testing.assert_allclose(flatten(made.weights_at(0, 0)), trained(PLAIN).now)
    np.testing.assert_allclose(made.path[-1], 0, atol=1e-6)


@pytest.mark.parametrize("experiment", [PLAIN, DIGITS], ids=["plane", "digits"])
@pytest.mark.parametrize("kind", ["random", "path"])
def test_path_curvature_and_map_belong_together(experiment, kind):
    net = trained(experiment)
    made = make_slice(net, kind, 21)
    assert made.loss.shape == (21, 21) and np.isfinite(made.loss).all()
    assert made.path.shape == (len(net.path), 2) == made.path_curvature.shape
    np.testing.assert_allclose(made.path, made.project(net.path), atol=1e-5)
    assert (made.path_curvature[:, 0] >= made.path_curvature[:, 1]).all()
    assert made.path_loss[0] > made.path_loss[-1]
    assert made.interpolation_error < 0.02
    assert 0 <= made.share <= 1 + 1e-6 and (made.shares is None) == (kind == "random")
    assert (made.used, made.available, made.kind) == (made.available, made.used, kind)


def test_along_the_path_the_whole_path_is_on_the_map():
    made = make_slice(trained(PLAIN), "path", 21)
    low_a, high_a, low_b, high_b = made.domain
    for a, b in made.path:
        assert low_a < a < high_a and low_b < b < high_b
    np.testing.assert_allclose(made.path_height[-1], made.path_loss[-1], rtol=1e-6)
    assert made.share > 0.9


def test_weights_and_places_answer_each_other():
    made = make_slice(trained(PLAIN), "path", 11)
    np.testing.assert_allclose(made.project(made.weights_at(0.5, -0.25)), [[0.5, -0.25]], atol=1e-5)


def test_the_same_seed_gives_the_same_slice_and_another_another():
    one, same, other = (make_slice(trained(PLAIN), "random", 11, 100, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.loss, same.loss)
    np.testing.assert_array_equal(one.path_curvature, same.path_curvature)
    assert one.interpolation_error == same.interpolation_error
    assert not np.allclose(one.loss, other.loss)
    assert one.used == 100


def test_without_a_recording_there_is_a_random_slice_and_no_path():
    made = make_slice(still(PLAIN), "random", 11)
    assert made.path is None and made.path_curvature is None and made.share is None
    with pytest.raises(NoLandscape, match="at least three recorded moments"):
        make_slice(still(PLAIN), "path", 11)


def test_places_that_overflow_are_kept_as_such_and_filled_for_walking():
    experiment = PLAIN.change(net__layers=[{"units": 4, "activation": "relu"}] * 3)
    far = captured(experiment, still(experiment).now * np.float32(3e12), [], 0.0)
    made = make_slice(far, "random", 11)
    assert not np.isfinite(made.loss).all() and np.isfinite(made.filled()).all()
    assert made.filled().max() == made.loss[np.isfinite(made.loss)].max()


def test_where_everything_overflows_a_sentence_says_so():
    experiment = PLAIN.change(net__layers=[{"units": 4, "activation": "relu"}] * 3)
    with pytest.raises(NoLandscape, match="overflows everywhere"):
        make_slice(captured(experiment, still(experiment).now * np.float32(1e20), [], 0.0), "random", 11)


def test_progress_rises_to_one_and_cancel_stops():
    told = []
    make_slice(trained(PLAIN), "path", 21, progress=told.append)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 3
    with pytest.raises(Cancelled):
        make_slice(trained(PLAIN), "path", 21, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"kind": "up"}, "not 'up'"), ({"resolution": 7}, "11 to 101 places a side, not 7"), ({"examples": 0}, "1 to 20000")],
    ids=["kind", "resolution", "examples"],
)
def test_values_out_of_bounds_are_named(wrong, told):
    with pytest.raises(ValueError, match=told):
        make_slice(trained(PLAIN), **wrong)
