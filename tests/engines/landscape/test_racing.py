"""The race that opens on a slice: every runner gets down."""

import numpy as np
import pytest

from engines.descent.ground import ground
from engines.descent.paths import run_race
from engines.descent.race import MAX_RUNNERS, USUAL
from engines.descent.terrain import terrain_of
from engines.landscape import keep
from engines.landscape.racing import race_on, rates_to_try, stable_rates
from engines.landscape.slice import make_slice
from engines.landscape.terrain import start_of
from tests.engines.landscape.nets import DIGITS, PLAIN, trained


@pytest.mark.parametrize("experiment", [PLAIN, DIGITS], ids=["plane", "digits"])
@pytest.mark.parametrize("kind", ["random", "path"])
def test_every_runner_gets_down(experiment, kind):
    made = make_slice(trained(experiment), kind, 21)
    race = race_on(made, keep(made))
    assert [runner.optimizer.key for runner in race.runners] == list(USUAL)
    paths = run_race(race, terrain_of(race))
    low = made.loss.min()
    assert (paths.height.min(1) - low < 0.35 * (paths.height[:, 0] - low)).all()
    np.testing.assert_allclose(race.start, start_of(made), rtol=1e-4)
    stable = ground(terrain_of(race), *race.start).largest_stable_rate
    plain = next(runner for runner in race.runners if runner.optimizer.key == "sgd")
    assert stable is None or plain.learning_rate < stable
    assert 0.03 < race.ring_radius / np.hypot(np.ptp(made.alpha), np.ptp(made.beta)) <= 0.1


def test_rates_are_many_in_order_and_within_bounds():
    made = make_slice(trained(PLAIN), "path", 21)
    rates = rates_to_try(made, start_of(made))
    assert len(rates) == MAX_RUNNERS and list(rates) == sorted(rates)
    assert 1e-6 <= rates[0] < rates[-1] <= 100
    assert set(stable_rates(made, start_of(made))) <= set(rates)
