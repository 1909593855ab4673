"""The loop of many lanes: what it waits for, who is thrown off, and that it stops early."""

import time

import numpy as np
import pytest

from engines.descent import starts
from engines.descent.lanes import END, GOAL, LEFT, NEVER
from engines.descent.paths import run_race
from engines.descent.race import all_runners, race_on
from engines.descent.score import score
from engines.descent.terrain import formula_terrain, terrain_of


def _outcomes(race, x, y, wait_for, steps, terrain=None):
    terrain = terrain or terrain_of(race)
    bundles = [starts.lanes(race, runner, np.asarray(x, np.float32), np.asarray(y, np.float32)) for runner in race.runners]
    return starts.outcomes(terrain, bundles, starts.aim(terrain, wait_for, steps), False, starts.SMALL)


@pytest.mark.parametrize("surface", ["beale", "saddle", "rosenbrock"])
def test_who_is_thrown_and_where_everybody_ends_is_as_in_a_race(surface):
    """Rates ten times the usual: many fly off, each at the step at which the race says so."""
    runners = [runner.model_dump() for runner in all_runners(surface)]
    for runner in runners:
        runner["learning_rate"] = min(10 * runner["learning_rate"], 100)
    race = race_on(surface, runners=runners, steps=100)
    paths = run_race(race)
    found = _outcomes(race, *np.array(race.start)[:, None], END, 100)
    assert [int(one.thrown[0]) for one in found] == paths.thrown.tolist()
    assert (paths.thrown >= 0).any()
    for k, one in enumerate(found):
        if paths.thrown[k] < 0:
            np.testing.assert_allclose([one.x[0], one.y[0]], paths.position[k, -1], rtol=2e-3, atol=2e-3)


def test_a_start_off_the_world_or_without_a_height_is_thrown_at_once():
    race = race_on("saddle", runners=all_runners("saddle")[:1], steps=50)
    (found,) = _outcomes(race, [1000.0, np.nan, 1.0], [0.0, 0.0, 0.0], GOAL, 50)
    assert found.thrown.tolist() == [0, 0, NEVER]
    cliff = formula_terrain("log(x) + y^2", (-1.0, 3.0, -2.0, 2.0))
    falls = race_on("formula", formula="log(x) + y^2", window=(-1, 3, -2, 2), runners=all_runners("saddle")[:1], steps=2000)
    (found,) = _outcomes(falls, [-0.5, 0.5], [0.0, 0.0], GOAL, 2000, cliff)
    assert found.thrown[0] == 0
    assert found.thrown[1] > 0


def test_a_start_at_the_goal_is_there_at_step_0_and_the_last_step_counts():
    race = race_on("quadratic", runners=[{"optimizer": {"key": "sgd"}, "learning_rate": 0.1}], steps=50)
    # across the bowl, curvature 10: one step of rate 0.1 leads straight to the valley floor
    (found,) = _outcomes(race, [0.0, 0.0, 2.5], [0.01, 2.0, 0.0], GOAL, 1)
    assert found.reached.tolist() == [0, 1, NEVER]


def test_lanes_that_start_beside_the_map_have_not_left_it():
    """From right of the saddle's map, from below it, and from its middle: on the saddle, gone, never on the map, gone."""
    race = race_on("saddle", runners=[{"optimizer": {"key": "sgd"}, "learning_rate": 0.1}], steps=50)
    x, y = [2.5, 2.5, 0.0, 0.0], [0.0, 0.5, -2.1, 0.5]
    (found,) = _outcomes(race, x, y, GOAL, 50)
    singles = [race.change(start=start) for start in zip(x, y, strict=True)]
    steps = [score(one, terrain_of(one), run_race(one))[0].reached for one in singles]
    assert found.reached.tolist() == [NEVER if step is None else step for step in steps]
    assert [step is None for step in steps] == [True, False, True, False]


def test_lanes_leave_the_saddle_once():
    race = race_on("saddle", runners=[{"optimizer": {"key": "sgd"}, "learning_rate": 0.1}], steps=100)
    radius = float(starts.aim(terrain_of(race), LEFT, 10).neighbourhood)
    (found,) = _outcomes(race, [0.0, 0.0], [radius / 1.1, 0.0], LEFT, 100)
    assert found.left.tolist() == [1, NEVER]


def test_it_stops_when_all_lanes_are_settled():
    """Two thousand steps take no longer than fifty where everybody arrives within fifty."""
    race = race_on("quadratic", runners=[{"optimizer": {"key": "sgd"}, "learning_rate": 0.1}] * 12, steps=50)
    race = race.change(surface={"key": "quadratic", "settings": {"condition": 1}})
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, starts.SMALL))

    def seconds(wait_for):
        begin = time.process_time()
        found = _outcomes(race, x, y, wait_for, 2000)
        assert all((one.reached >= 0).all() for one in found)
        return time.process_time() - begin

    seconds(GOAL)
    assert min(seconds(GOAL) for _ in range(3)) < 0.5 * min(seconds(END) for _ in range(3))
