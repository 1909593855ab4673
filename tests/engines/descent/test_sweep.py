"""The sweep against the theory's boundary, against single races and their scores."""

import numpy as np
import pytest

from engines.descent.paths import run_race
from engines.descent.race import race_on
from engines.descent.score import score
from engines.descent.starts import Cancelled
from engines.descent.sweep import HIGHEST_RATE, LOWEST_RATE, RATES, VALUES, quadratic_curvature, sweep
from engines.descent.terrain import formula_terrain, surface_terrain, terrain_of

WINDOW = (-3.0, 3.0, -3.0, 3.0)


def _race(key, surface="quadratic", **changes):
    runner = {"optimizer": {"key": key}, "learning_rate": 0.05}
    return race_on(surface, **{"runners": [runner], "steps": 300} | changes)


def _radius(key, rate, momentum, curvature):
    """Spectral radius of one step, the matrix written out by hand."""
    if key == "momentum":
        matrix = [[1 - rate * curvature, -rate * momentum], [curvature, momentum]]
    else:
        matrix = [[1 - rate * (1 + momentum) * curvature, -rate * momentum**2], [curvature, momentum]]
    return np.abs(np.linalg.eigvals(matrix)).max()


@pytest.mark.parametrize("key", ["momentum", "nesterov"])
def test_the_boundary_is_where_the_spectral_radius_is_one(key):
    found = sweep(_race(key))
    assert found.curvature == pytest.approx(10, rel=1e-4)
    assert found.steps.shape == found.status.shape == (VALUES, RATES)
    for momentum, limit in zip(found.momenta, found.boundary, strict=True):
        assert _radius(key, 0.999 * limit, momentum, 10) < 1 < _radius(key, 1.001 * limit, momentum, 10)


@pytest.mark.parametrize("formula", ["1e-9*(x^2+y^2)", "1e8*x^2+y^2"])
def test_ground_for_rates_that_no_runner_may_have_is_swept_around_its_own(formula):
    race = race_on("formula", formula=formula, start=(0.5, 0.3), steps=20)
    own = race.runners[0].learning_rate
    rates = sweep(race, 0).rates
    assert rates[0] == pytest.approx(max(own / 100, LOWEST_RATE)) and rates[-1] == pytest.approx(min(own * 100, HIGHEST_RATE))


@pytest.mark.parametrize("key", ["momentum", "nesterov"])
def test_who_is_thrown_stands_beyond_the_boundary(key):
    found = sweep(_race(key, steps=2000))
    rates, limits = np.meshgrid(found.rates, found.boundary)
    thrown = found.status == "thrown"
    assert thrown[rates > 1.1 * limits].all()
    # short of it momentum may swing far, but on this bowl not off the world
    assert not thrown[rates < 0.9 * limits].any()
    assert (found.status[(rates < 0.5 * limits) & (rates > 0.05 * limits)] == "goal").mean() > 0.9


@pytest.mark.parametrize("surface", ["quadratic", "saddle", "himmelblau", "two_weights"])
def test_a_cell_is_a_race_with_these_settings(surface):
    race = _race("momentum", surface, noise=0.02)
    terrain = terrain_of(race)
    found = sweep(race, rates=np.geomspace(1e-3, 1, 6), momenta=[0, 0.5, 0.9, 0.97])
    steps, status = [], []
    for row, column in np.ndindex(4, 6):
        single = race.change(**found.changes(row, column))
        one = score(single, terrain, run_race(single, terrain))[0]
        steps.append((-1 if one.reached is None else one.reached) == found.steps[row, column])
        status.append(one.status == found.status[row, column])
    assert np.mean(steps) > 0.95
    assert np.mean(status) > 0.9


def test_stuck_at_a_saddle_is_not_the_goal():
    race = _race("momentum", "saddle", start=(1.0, 0.0))
    found = sweep(race, rates=[0.05], momenta=[0.5])
    assert found.status[0, 0] == "saddle"
    assert found.steps[0, 0] == -1


@pytest.mark.parametrize("start", [(2.5, 0.0), (2.5, 0.5), (0.0, 2.1)])
@pytest.mark.parametrize("surface", ["saddle", "beale"])
def test_starts_beside_the_map_end_as_in_a_race(surface, start):
    race = _race("sgd", surface, start=start if surface == "saddle" else (4.6, 1.4 + start[1]))
    found = sweep(race, rates=[0.001, 0.05], momenta=[0.9])
    for column in range(2):
        single = race.change(**found.changes(0, column))
        one = score(single, terrain_of(single), run_race(single))[0]
        assert (one.status, -1 if one.reached is None else one.reached) == (found.status[0, column], found.steps[0, column])


def test_optimizers_without_momentum_have_another_axis_or_none():
    assert sweep(_race("adam"), rates=[0.1]).setting.key == "b1"
    assert sweep(_race("rmsprop"), rates=[0.1]).setting.key == "decay"
    assert sweep(_race("adadelta"), rates=[0.1]).setting.key == "rho"
    assert sweep(_race("adam"), rates=[0.1]).boundary is None
    plain = sweep(_race("sgd"), steps=2000)
    assert plain.setting is None
    assert plain.steps.shape == (1, RATES)
    np.testing.assert_allclose(plain.boundary, [0.2], rtol=1e-4)
    assert (plain.status[0, plain.rates > 0.21] == "thrown").all()
    assert plain.changes(0, 3) == {"runners__0__learning_rate": plain.rates[3]}


def test_what_counts_as_a_quadratic():
    assert quadratic_curvature(formula_terrain("x^2 + 3 y^2 + x y", WINDOW)) == pytest.approx(4 + np.sqrt(5), rel=1e-4)
    assert quadratic_curvature(surface_terrain("saddle")) == pytest.approx(2)
    assert quadratic_curvature(formula_terrain("-x^2 - y^2", WINDOW)) is None
    assert quadratic_curvature(formula_terrain("x + y", WINDOW)) is None
    assert quadratic_curvature(surface_terrain("beale")) is None


def test_a_runner_in_the_middle_keeps_its_other_settings():
    runners = [
        {"optimizer": {"key": "sgd"}},
        {"optimizer": {"key": "nesterov", "settings": {"ramp": 100, "start": 0.2}}, "learning_rate": 0.02},
    ]
    race = race_on("quadratic", runners=runners, steps=300)
    found = sweep(race, 1, rates=[0.02], momenta=[0.9])
    single = race.change(**found.changes(0, 0))
    assert score(single, terrain_of(single), run_race(single))[1].reached == found.steps[0, 0]


@pytest.mark.parametrize(
    "arguments", [{"rates": [1e9]}, {"rates": []}, {"momenta": [1.5]}, {"rates": np.ones(500), "momenta": np.ones(500)}]
)
def test_what_is_out_of_bounds_is_refused(arguments):
    with pytest.raises(ValueError, match=r"rates|cells|momentum"):
        sweep(_race("momentum"), **arguments)


def test_progress_and_cancelling():
    told = []
    sweep(_race("momentum"), progress=told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)
    with pytest.raises(Cancelled):
        sweep(_race("momentum"), cancelled=lambda: True)
