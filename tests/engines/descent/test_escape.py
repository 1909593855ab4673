"""Escape times against the theory of gradient descent, against single races, with noise and without."""

import numpy as np
import pytest

from engines.descent.escape import NoSaddle, escape, theory
from engines.descent.paths import run_race
from engines.descent.race import all_runners, race_on
from engines.descent.score import neighbourhood_radius, score
from engines.descent.starts import Cancelled
from engines.descent.terrain import terrain_of


def _race(surface="saddle", **changes):
    return race_on(surface, **{"runners": all_runners(surface), "steps": 1000} | changes)


def test_gradient_descent_keeps_to_the_theory():
    found = escape(_race())
    assert found.curvature == pytest.approx(-2)
    assert found.theory_rate == found.runners[0].learning_rate
    np.testing.assert_allclose(np.abs(found.direction), [0, 1], atol=1e-6)
    # the first whole step outside is the theory's number of steps, rounded up
    assert (np.abs(found.steps[0, :, 0] - np.floor(found.theory + 1)) <= 1).all()
    assert found.steps[0, 0, 0] > 10 * found.steps[0, -1, 0]


def test_theory_by_hand():
    assert theory(np.array([0.01]), 1.0, 0.05, -2.0)[0] == pytest.approx(np.log(100) / np.log(1.1))
    assert theory(np.array([0.0]), 1.0, 0.05, -2.0)[0] == np.inf
    assert np.isnan(theory(np.array([0.1]), 1.0, None, -2.0)).all()
    assert np.isnan(theory(np.array([0.1]), 1.0, 0.1, 0.0)).all()


@pytest.mark.parametrize("surface", ["saddle", "beale", "two_weights", "himmelblau"])
def test_agrees_with_the_scoreboard(surface):
    race = _race(surface, steps=200, noise=0.05, seed=7)
    terrain = terrain_of(race)
    distances = np.array([0.1, 0.6]) * neighbourhood_radius(terrain)
    found = escape(race, distances, seeds=2)
    same = []
    for d, distance in enumerate(distances):
        for s in range(2):
            start = np.array([found.saddle.x, found.saddle.y]) + distance * found.direction
            single = race.change(start=tuple(start.tolist()), seed=7 + s)
            left = [-1 if one.left_saddle is None else one.left_saddle for one in score(single, terrain, run_race(single, terrain))]
            same += (np.array(left) == found.steps[:, d, s]).tolist()
    assert np.mean(same) > 0.95


def test_exactly_on_the_saddle_only_noise_helps():
    """Gradient descent sees the whole set, so it stays; nobody moves without noise."""
    still = escape(_race(), [0.0], seeds=3)
    assert (still.steps == -1).all()
    assert still.steps.shape == (11, 1, 3)
    assert np.isinf(still.theory).all()
    shaken = escape(_race(noise=0.01), [0.0], seeds=8)
    assert (shaken.steps[0] == -1).all()
    assert (shaken.steps[1:] > 0).all()
    assert len(set(shaken.steps[1, 0].tolist())) > 1
    assert shaken.escaped[0, 0] == 0
    assert shaken.escaped[1, 0] == 1
    assert np.isinf(shaken.median[0, 0])


def test_mini_batches_differ_from_seed_to_seed():
    race = _race("two_weights", glance=5, steps=2000)
    terrain = terrain_of(race)
    found = escape(race, [0.3 * neighbourhood_radius(terrain)], seeds=4)
    assert len(set(found.steps[0, 0].tolist())) == 1
    assert len(set(found.steps[1, 0].tolist())) > 1


def test_a_saddle_without_curvature_has_a_way_down_but_no_theory():
    found = escape(_race("monkey_saddle", steps=300))
    assert found.curvature == 0
    assert np.isnan(found.theory).all()
    x, y = found.direction
    assert x**3 - 3 * x * y**2 == pytest.approx(-1, abs=0.01)


def test_no_saddle_is_told():
    with pytest.raises(NoSaddle, match="no saddle"):
        escape(_race("quadratic"))


@pytest.mark.parametrize(
    "arguments", [{"distances": [-1.0]}, {"distances": [100.0]}, {"seeds": 0}, {"seeds": 1000}, {"distances": []}]
)
def test_what_is_out_of_bounds_is_refused(arguments):
    with pytest.raises(ValueError, match="distances"):
        escape(_race(), **arguments)


def test_progress_and_cancelling():
    told = []
    escape(_race(), progress=told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)
    with pytest.raises(Cancelled):
        escape(_race(), cancelled=lambda: True)
