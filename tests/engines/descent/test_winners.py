"""The map of winners against an independent float64 loop and against single races; progress and cancelling."""

import numpy as np
import pytest

from engines.descent.paths import run_race
from engines.descent.program import world_of
from engines.descent.race import all_runners, default_runners, race_on
from engines.descent.score import goal_radius, score
from engines.descent.starts import Cancelled, goals
from engines.descent.terrain import terrain_of
from engines.descent.winners import NOBODY, fewest, winners
from tests.engines.descent import oracle

COUNT, STEPS = 7, 120


def _race(surface, **changes):
    return race_on(surface, **{"runners": all_runners(surface), "steps": STEPS} | changes)


def _first(holds):
    return int(np.argmax(holds)) if np.any(holds) else -1


def _reached(terrain, places, height):
    """First step at the goal, from places (T + 1, 2) of a path that goes on wherever it leads; float64."""
    left, right, low, high = world_of(terrain.domain)
    x, y = places.T
    standing = (x >= left) & (x <= right) & (y >= low) & (y <= high)
    thrown = _first(~standing)
    if len(goals(terrain)):
        there = np.min([np.hypot(*(places - goal).T) for goal in goals(terrain)], 0) <= goal_radius(terrain)
    else:
        left, right, low, high = terrain.domain
        outside, last = (x < left) | (x > right) | (y < low) | (y > high), thrown if thrown >= 0 else len(x)
        entered = _first(~outside[:last])
        there = outside & (height(x, y) < height(x[entered], y[entered])) & (np.arange(len(x)) > entered) & (entered >= 0)
        if last == 0 or not there[last - 1]:
            return -1
        there[: last - _first(~there[last - 1 :: -1])] = False
    return _first(there[:thrown] if thrown >= 0 else there)


@pytest.mark.parametrize("surface", ["saddle", "quadratic", "long_valley"])
def test_agrees_with_an_independent_loop(surface):
    race = _race(surface)
    terrain, found = terrain_of(race), winners(race, COUNT)
    expected = np.zeros((len(race.runners), COUNT, COUNT), int)
    for r, runner in enumerate(race.runners):
        for row, column in np.ndindex(COUNT, COUNT):
            start, rates = (found.x[column], found.y[row]), np.full(STEPS, runner.learning_rate)
            with np.errstate(all="ignore"):
                places, _ = oracle.run(oracle.SLOPES[surface], runner.optimizer.key, runner.optimizer.settings, rates, start)
                expected[r, row, column] = _reached(terrain, places, lambda x, y: x * x - y * y)
    # a place that ends within rounding of the goal's edge may count a step sooner or later
    near = np.abs(found.steps - expected) <= 1
    assert near.mean() > 0.98
    assert (found.steps == expected).mean() > 0.95
    assert (found.winner == fewest(expected)).mean() > 0.95


@pytest.mark.parametrize("surface", ["beale", "saddle", "two_weights"])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_cell_is_a_race_from_there(surface, noise):
    """Also with noise: a map tells what a click on it will show."""
    race = _race(surface, noise=noise, seed=3)
    terrain, found = terrain_of(race), winners(race, COUNT)
    same = []
    for row, column in ((0, 1), (2, 5), (3, 3), (6, 2)):
        single = race.change(start=(float(found.x[column]), float(found.y[row])))
        steps = [one.reached for one in score(single, terrain, run_race(single, terrain))]
        same += [(-1 if a is None else a) == b for a, b in zip(steps, found.steps[:, row, column], strict=True)]
    assert np.mean(same) > 0.95


def test_mini_batches_are_those_of_a_race_from_there():
    race = race_on("two_weights", steps=STEPS, glance=20, seed=5)
    terrain, found = terrain_of(race), winners(race, COUNT)
    single = race.change(start=(float(found.x[5]), float(found.y[4])))
    steps = [one.reached for one in score(single, terrain, run_race(single, terrain))]
    assert [(-1 if a is None else a) for a in steps] == found.steps[:, 4, 5].tolist()
    assert any(step is not None for step in steps)


def test_schedules_and_ramps_are_raced():
    runner = {
        "optimizer": {"key": "momentum", "settings": {"ramp": 50, "start": 0.3, "momentum": 0.95}},
        "learning_rate": 0.02,
        "schedule": {"key": "exponential", "settings": {"half_life": 40}},
    }
    race = race_on("quadratic", runners=[runner], steps=STEPS)
    found = winners(race, COUNT)
    for row, column in ((1, 2), (3, 6)):
        single = race.change(start=(float(found.x[column]), float(found.y[row])))
        reached = score(single, terrain_of(single), run_race(single))[0].reached
        assert (-1 if reached is None else reached) == found.steps[0, row, column]


def test_who_needs_fewest_steps_wins_and_nobody_wins_where_nobody_arrives():
    steps = np.array([[[5, -1], [0, 7]], [[5, -1], [3, 4]]])
    np.testing.assert_array_equal(fewest(steps), [[0, NOBODY], [0, 1]])


def test_counts_agree_with_the_map():
    found = winners(_race("himmelblau"), 20)
    assert found.wins.sum() == (found.winner >= 0).sum()
    assert (found.arrivals >= found.wins).all()
    for row, column in np.ndindex(20, 20):
        best = found.winner[row, column]
        if best >= 0:
            assert found.steps[best, row, column] == min(s for s in found.steps[:, row, column] if s >= 0)


def test_a_lane_knows_nothing_of_its_neighbours():
    """Another number of places, hence other pieces and other neighbours: the same answer from the same place."""
    race = _race("beale")
    small, large = winners(race, 3), winners(race, 81)
    np.testing.assert_array_equal(small.steps, large.steps[:, ::40, ::40])


def test_progress_rises_to_one():
    told = []
    winners(_race("saddle", runners=default_runners("saddle")), 100, progress=told.append)
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    assert len(set(told)) > 3


def test_cancelling_raises_and_the_next_one_works():
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        winners(_race("beale"), 150, cancelled=cancelled)
    assert winners(_race("beale"), 5).winner.shape == (5, 5)


@pytest.mark.parametrize("arguments", [{"count": 1}, {"count": 201}, {"steps": 3}, {"steps": 100_000}])
def test_what_is_out_of_bounds_is_refused(arguments):
    with pytest.raises(ValueError, match=str(next(iter(arguments.values())))):
        winners(_race("saddle"), **arguments)


def test_another_rate_noise_or_start_compiles_nothing():
    from engines.descent.lanes import program

    race = _race("himmelblau")
    terrain = terrain_of(race)
    winners(race, COUNT)
    before = program(terrain)._cache_size()
    changed = {"runners__0__learning_rate": 0.02, "runners__2__optimizer": {"key": "adam"}, "noise": 0.1, "seed": 4, "steps": 50}
    winners(race.change(**changed), 9)
    assert program(terrain)._cache_size() == before
