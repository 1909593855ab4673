"""Bundles of lanes are cut and joined without mixing anything up; goals come from the terrain; errors come through."""

import threading

import numpy as np
import pytest

from engines.descent import starts
from engines.descent.lanes import END, GOAL, LEFT
from engines.descent.paths import run_race
from engines.descent.race import race_on
from engines.descent.terrain import surface_terrain, terrain_of


def test_goals_and_saddles_are_those_of_the_terrain():
    terrain = surface_terrain("himmelblau")
    assert len(starts.goals(terrain)) == len(starts.saddles(terrain)) == 4
    aim = starts.aim(terrain, GOAL, 10)
    assert aim.goals.shape == (4, 2)
    assert aim.saddles.shape == (1, 2)
    assert not aim.below
    assert starts.aim(terrain, LEFT, 10).saddles.shape == (4, 2)
    edge = starts.aim(surface_terrain("saddle"), GOAL, 10)
    assert edge.below
    assert np.isinf(edge.goals).all()
    assert edge.world.tolist() == [10 * bound for bound in edge.domain]


def test_one_bundle_of_any_length_has_each_lanes_own_numbers():
    race = race_on("quadratic", runners=[{"optimizer": {"key": "momentum"}, "learning_rate": 0.01}], steps=60)
    rng, terrain = np.random.default_rng(0), terrain_of(race)
    count = 2 * starts.SMALL + 7
    x, y = rng.uniform(-3, 3, (2, count))
    rates, momenta = rng.uniform(0.01, 0.1, count), rng.uniform(0, 0.9, count)
    bundle = starts.lanes(race, race.runners[0], x, y, learning_rate=rates, momentum=momenta)
    (found,) = starts.outcomes(terrain, [bundle], starts.aim(terrain, END, 60), False, starts.SMALL)
    assert found.x.shape == (count,)
    for lane in (0, 511, 512, count - 1):
        runner = {"optimizer": {"key": "momentum", "settings": {"momentum": momenta[lane]}}, "learning_rate": rates[lane]}
        place = run_race(race.change(start=(x[lane], y[lane]), runners=[runner])).position[0, -1]
        np.testing.assert_allclose([found.x[lane], found.y[lane]], place, atol=1e-4)


def test_noise_of_its_own_goes_with_the_lane():
    race = race_on("quadratic", runners=[{"optimizer": {"key": "sgd"}, "learning_rate": 0.05}], steps=60, noise=1.0)
    terrain, seeds = terrain_of(race), range(starts.SMALL + 3)
    bundle = starts.lanes(race, race.runners[0], np.ones(len(seeds)), np.ones(len(seeds)))
    bundle = bundle._replace(noise=np.concatenate([starts.noise(seed % 5, 1.0) for seed in seeds], 2))
    (found,) = starts.outcomes(terrain, [bundle], starts.aim(terrain, END, 60), False, starts.SMALL)
    for lane in (0, 4, starts.SMALL + 2):
        place = run_race(race.change(start=(1, 1), seed=lane % 5)).position[0, -1]
        np.testing.assert_allclose([found.x[lane], found.y[lane]], place, atol=1e-4)


def test_number_of_steps():
    race = race_on("saddle", steps=77)
    assert starts.checked_steps(race, None) == 77
    assert starts.checked_steps(race, 500) == 500
    with pytest.raises(ValueError, match="not 5000"):
        starts.checked_steps(race, 5000)


def test_what_goes_wrong_in_a_thread_is_raised():
    race = race_on("quadratic", steps=20)
    terrain = terrain_of(race)
    bundle = starts.lanes(race, race.runners[0], np.zeros(3), np.zeros(3))
    broken = bundle._replace(settings={})
    with pytest.raises(KeyError):
        starts.outcomes(terrain, [broken], starts.aim(terrain, GOAL, 20), False, starts.SMALL)


def test_two_visitors_at_once():
    race = race_on("long_valley", steps=100)
    terrain, found = terrain_of(race), []

    def visit():
        bundle = starts.lanes(race, race.runners[0], np.linspace(-3, 3, 50), np.ones(50))
        found.append(starts.outcomes(terrain, [bundle], starts.aim(terrain, GOAL, 100), False, starts.SMALL)[0].reached)

    threads = [threading.Thread(target=visit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
