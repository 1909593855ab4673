"""Scores of paths made by hand, and of races whose end is known."""

import dataclasses

import numpy as np
import pytest

from engines.descent.paths import Paths, run_race
from engines.descent.race import all_runners, race_on
from engines.descent.score import goal_radius, neighbourhood_radius, score
from engines.descent.terrain import surface_terrain, terrain_of

SADDLE, BOWL, HILLS = (surface_terrain(key) for key in ("saddle", "quadratic", "himmelblau"))


def _hand(terrain, places, thrown=-1):
    """Paths of one runner that was at these places."""
    position = np.asarray(places, np.float32)[None]
    height = np.asarray(terrain.height(position[..., 0], position[..., 1], dict(terrain.params)), np.float32)

    def nearest(kind):
        points = np.array([(p.x, p.y) for p in terrain.stationary if p.kind == kind]).reshape(-1, 2)
        each = np.linalg.norm(position[:, :, None] - points, axis=-1)
        return each.min(-1) if len(points) else np.full(position.shape[:2], np.nan)

    one = np.zeros(1, np.int32)
    return Paths(
        runner=one,
        start=one,
        origin=position[:, 0],
        position=position,
        height=height,
        thrown=np.array([thrown]),
        saddle_distance=nearest("saddle"),
        minimum_distance=nearest("minimum"),
        runners=(),
    )


def _score(terrain, places, thrown=-1):
    return score(None, terrain, _hand(terrain, places, thrown))[0]


def _rest(place, count=40):
    return [place] * count


def test_radii_are_shares_of_the_diagonal():
    assert goal_radius(BOWL) == pytest.approx(0.02 * 72**0.5) and neighbourhood_radius(BOWL) == pytest.approx(0.05 * 72**0.5)


def test_a_runner_that_arrives():
    found = _score(BOWL, [(-2, 0), (-1, 0), (0.5, 0), *_rest((0.01, 0))])
    assert (found.status, found.reached) == ("goal", 3) and "step 3" in found.words
    assert found.path_length == pytest.approx(1 + 1.5 + 0.49)
    assert found.overshoot == pytest.approx(0.5) and found.left_saddle is None
    assert found.final_height == pytest.approx(5 * 0.01**2 / 50) and found.best_height == found.final_height


def test_overshoot_is_measured_across_the_valley_too():
    assert _score(BOWL, [(-2, 1), (-1, -0.7), (-0.5, 0.2), *_rest((0, 0))]).overshoot == pytest.approx(0.7, rel=1e-4)
    assert _score(BOWL, [(-2, 1), (-1, 0.5), *_rest((0, 0))]).overshoot == 0
    assert _score(BOWL, [(-2, 0), (-1, 0), *_rest((0, 0))]).overshoot == 0, "who starts on the valley line has no other side"


def test_overshoot_at_a_saddle_is_across_the_valley_line():
    found = _score(SADDLE, [(-1, 0.1), (0.4, 0.3), (-0.1, 1.0), (0, 5), (0, 8)])
    assert found.overshoot == pytest.approx(0.4)


def test_passing_the_goal_is_not_staying():
    found = _score(BOWL, [(-2, 0), (0, 0), *_rest((2, 0))])
    assert (found.status, found.reached) == ("going", 1) and "moved on" in found.words


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_standing_at_a_saddle_is_never_converging(share):
    found = _score(SADDLE, [(-1, 0), *_rest((share * neighbourhood_radius(SADDLE), 0))])
    assert found.status == "saddle" and found.reached is None and found.left_saddle is None
    assert "not a minimum" in found.words


@pytest.mark.parametrize("surface", ["saddle", "monkey_saddle", "himmelblau", "styblinski_tang", "rastrigin", "two_weights"])
def test_exactly_on_a_saddle_everybody_is_stuck(surface):
    terrain = surface_terrain(surface)
    for point in [p for p in terrain.stationary if p.kind == "saddle"][:3]:
        assert _score(terrain, _rest((point.x, point.y))).status == "saddle"


@pytest.mark.parametrize("surface", ["himmelblau", "styblinski_tang", "rastrigin", "ackley"])
def test_at_every_minimum_a_runner_has_converged(surface):
    terrain = surface_terrain(surface)
    for point in [p for p in terrain.stationary if p.kind == "minimum"][:8]:
        assert _score(terrain, _rest((point.x, point.y))).status == ("goal" if point.lowest else "side_valley")


def test_slowly_past_a_saddle():
    radius = neighbourhood_radius(SADDLE)
    found = _score(SADDLE, [(-1, 0), (-0.4, 0.01), *((0, share * radius) for share in (0.3, 0.9, 1.1, 2, 4))])
    assert (found.status, found.left_saddle) == ("going", 4)
    near = _score(SADDLE, [(-1, 0), (-0.4, 0.0), *((0, share * radius) for share in (0.1, 0.5, 0.9))])
    assert near.status == "going" and "near a saddle" in near.words


def test_over_the_edge_is_the_goal_where_there_is_no_minimum():
    found = _score(SADDLE, [(-1, 0.1), (0, 2), (0, 4), (0, 8)])
    assert (found.status, found.reached) == ("over_the_edge", 2) and "step 2" in found.words
    later = _score(SADDLE, [(-1, 0.1), (0, 2), (0, 4), (0, 8), (0, 8)], thrown=4)
    assert later.status == "over_the_edge", "leaving the world downhill is no accident"


def test_a_start_beside_the_map_has_left_it_only_after_it_was_on_it():
    stuck = _score(SADDLE, [(2.5, 0), (1, 0), *_rest((0, 0))])
    assert (stuck.status, stuck.reached) == ("saddle", None), "the first place lies outside, the last one is a saddle"
    never = _score(SADDLE, [(0, 2.1), (0, 3), (0, 5)])
    assert (never.status, never.reached) == ("going", None)
    through = _score(SADDLE, [(2.5, 0.1), (1, 0.5), (0.5, 1), (0.2, 2.5), (0.1, 5)])
    assert (through.status, through.reached) == ("over_the_edge", 3) and "step 3" in through.words


def test_only_who_is_outside_at_the_end_has_left():
    back = _score(SADDLE, [(-1, 0.1), (0, 2.5), *_rest((0, 0))])
    assert (back.status, back.reached) == ("saddle", None)
    again = _score(SADDLE, [(-1, 0.1), (0, 2.5), (0, 1), (0, 3), (0, 4)])
    assert (again.status, again.reached) == ("over_the_edge", 3), "from which step on it was gone for good"


def test_leaving_downhill_where_there_is_a_minimum():
    valley = dataclasses.replace(SADDLE, stationary=(*SADDLE.stationary, dataclasses.replace(HILLS.stationary[0], x=1.9, y=1.9)))
    found = _score(valley, [(-1, 0.1), (0, 1), (0, 2.5), (0, 4)])
    assert found.status == "over_the_edge" and found.reached is None and "step 2" in found.words
    assert _score(valley, [(0, 2.1), (0, 3), (0, 5)]).status == "going"


def test_climbing_is_told_from_being_on_its_way():
    up = _score(BOWL, [(-0.5, y) for y in np.linspace(0.5, 2, 30)])
    assert up.status == "going" and up.words == "Climbing: it is higher than it started, the steps are too big."
    assert "too big" not in _score(BOWL, [(-2.5, y) for y in np.linspace(2, 1, 30)]).words
    assert "too big" not in _score(BOWL, [(-0.5, 0.5), (-2, 2), *_rest((-2, 1.5))]).words, "high, but no longer rising"


def test_a_tiny_rate_on_a_slope_is_not_flat_ground():
    race = race_on("rosenbrock", start=(0, 0), runners=[{"optimizer": {"key": "sgd"}, "learning_rate": 1e-6}])
    found = score(race, terrain_of(race), run_race(race))[0]
    assert found.status == "going" and found.words == "Hardly moves: its steps are too short for this slope."


def test_uphill_out_of_the_map_is_no_goal():
    found = _score(SADDLE, [(-1, 0.1), (4, 0.1), *_rest((8, 0.1))])
    assert found.reached is None and found.status == "going"


def test_thrown_off():
    found = _score(BOWL, [(-2, 1), (3, -10), (3, -10)], thrown=2)
    assert found.status == "thrown" and "step 2" in found.words
    assert "start" in _score(BOWL, _rest((100, 100)), thrown=0).words


def test_level_ground_is_flat_and_a_slope_is_not():
    landing, cliff = surface_terrain("steps"), surface_terrain("cliff")
    assert _score(landing, _rest((-2.0, 0))).status == "flat"
    assert _score(cliff, _rest((0.9, 0))).status == "going", (
        "a runner that hardly moves on a slope has a small rate, not a flat place"
    )


def test_a_hilltop_is_no_valley():
    peak = next(p for p in HILLS.stationary if p.kind == "maximum")
    assert _score(HILLS, _rest((peak.x, peak.y))).status == "flat"


def test_unlisted_level_points_are_told_by_their_curvature():
    for terrain, place, status in ((BOWL, (0, 0), "side_valley"), (SADDLE, (0, 0), "saddle")):
        assert _score(dataclasses.replace(terrain, stationary=()), _rest(place)).status == status


# ---- races


def test_a_race_down_a_bowl():
    race = race_on("quadratic", runners=all_runners("quadratic"), steps=2000)
    terrain = terrain_of(race)
    paths = run_race(race, terrain)
    found = score(race, terrain, paths)
    assert len(found) == 11 and sum(one.status == "goal" for one in found) >= 9
    for k, one in enumerate(found):
        if one.reached is not None:
            inside = paths.minimum_distance[k] <= goal_radius(terrain)
            assert inside[one.reached] and not inside[: one.reached].any()


def test_momentum_overshoots_and_nesterov_less():
    race = race_on("quadratic")
    runners = {runner.optimizer.key: runner.model_dump() | {"learning_rate": 0.02} for runner in race.runners}
    race = race.change(runners=[runners[key] for key in ("sgd", "momentum", "nesterov")])
    sgd, momentum, nesterov = score(race, terrain_of(race), run_race(race))
    assert sgd.overshoot < nesterov.overshoot < momentum.overshoot


def test_too_big_a_rate_is_thrown_off_and_one_just_stable_is_not():
    race = race_on("quadratic", runners=all_runners("quadratic")[:1], start=(0, 1), steps=2000)
    words = [
        score(r, terrain_of(r), run_race(r))[0].status
        for r in (race.change(runners__0__learning_rate=rate) for rate in (0.21, 0.19))
    ]
    assert words == ["thrown", "goal"]


def test_exactly_on_the_saddle_without_noise():
    race = race_on("saddle", start=(0, 0))
    for one in score(race, terrain_of(race), run_race(race)):
        assert one.status == "saddle" and one.path_length == 0


def test_every_path_of_a_ring_has_a_score():
    race = race_on("himmelblau", ring=8, ring_radius=2)
    found = score(race, terrain_of(race), run_race(race))
    assert len(found) == 56 and {one.status for one in found} >= {"goal"}
