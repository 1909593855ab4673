"""A text net taken from a live run, and its characters in the plane against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from engines.live import LiveRun, Pool
from engines.nets.readings import NoAnswer, ask
from engines.nets.recurrent.taken import capture, character_map
from tests.engines.live.conftest import eventually
from tests.engines.nets.recurrent.plays import small


@pytest.fixture(scope="module")
def run():
    pool = Pool(workers=1)
    made = LiveRun(small(), pool=pool, speed="max")
    made.watch(lambda: None)
    eventually(lambda: made.status == "ready", 200)
    yield made
    pool.stop()


def test_the_net_is_the_one_the_run_holds(run):
    taken = capture(run)
    assert taken.step == 0 and taken.experiment == run.experiment and taken.corpus is run.driver.trainer.corpus
    for (w, b), (v, c) in zip(taken.weights, run.driver.trainer.weights(), strict=True):
        np.testing.assert_array_equal(w, v)
        np.testing.assert_array_equal(b, c)
    assert capture(run).key == taken.key
    run.step()
    eventually(lambda: run.snapshot.run.step == 1)
    assert capture(run).key != taken.key and capture(run).step == 1


def test_weights_that_have_overflowed_are_refused_in_words(run):
    before = run.driver.trainer.weights()
    ask(run, lambda driver: driver.ready.set_weights([(w + np.inf, b) for w, b in before]))
    with pytest.raises(NoAnswer, match="overflowed"):
        capture(run)
    ask(run, lambda driver: driver.ready.set_weights(before))


def test_the_map_is_that_of_principal_components():
    rows = np.random.default_rng(3).normal(size=(20, 6)) * [3, 2, 1, 1, 0.5, 0.5]
    found, oracle = character_map([(rows, np.zeros(0))]), PCA(2, svd_solver="full").fit(rows)
    np.testing.assert_allclose(np.abs(found.points), np.abs(oracle.transform(rows)), atol=1e-9)
    np.testing.assert_allclose(found.shares, oracle.explained_variance_ratio_, atol=1e-12)
    longest = found.points[np.abs(found.points).argmax(0), [0, 1]]
    assert (longest > 0).all()
    assert character_map([(np.ones((3, 1)), None)]).points.shape == (3, 2)
