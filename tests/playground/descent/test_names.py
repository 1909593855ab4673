"""Names of runners: short, and always enough to tell two of one optimizer apart."""

import pytest

from engines.descent.race import Race, Runner, all_runners
from engines.descriptions import Choice
from engines.presets import PRESETS
from playground.descent.names import full_names


def momentum(value, rate=0.01, **settings):
    return Runner(optimizer=Choice(key="momentum", settings={"momentum": value} | settings), learning_rate=rate)


def test_single_runners_have_the_optimizers_names():
    assert full_names(all_runners("saddle"))[:3] == ("Gradient descent", "SGD", "Momentum")


def test_momentum_is_told_by_its_value_and_its_rise():
    runners = [momentum(0.9), momentum(0.99), momentum(0.99, start=0.5, ramp=100), Runner()]
    assert full_names(runners) == ("Momentum 0.9", "Momentum 0.99", "Momentum 0.5 → 0.99", "Adam")
    slow, fast = (momentum(0.99, ramp=steps) for steps in (50, 100))
    assert full_names([slow, fast]) == ("Momentum 0.5 → 0.99 in 50 steps", "Momentum 0.5 → 0.99 in 100 steps")


def test_where_a_ramp_starts_means_nothing_without_one():
    assert full_names([momentum(0.9, start=0.1), momentum(0.9, start=0.5)]) == ("Momentum", "Momentum (2)")


def test_rates_are_told_only_where_they_are_needed():
    assert full_names([momentum(0.5), momentum(0.5, 0.1), Runner()]) == ("Momentum, rate 0.01", "Momentum, rate 0.1", "Adam")
    assert full_names([momentum(0.5), momentum(0.9, 0.1)]) == ("Momentum 0.5", "Momentum 0.9")
    assert full_names([momentum(0.5), momentum(0.9), momentum(0.9, 0.1)]) == (
        "Momentum 0.5",
        "Momentum 0.9, rate 0.01",
        "Momentum 0.9, rate 0.1",
    )


def test_other_settings_are_told_by_name():
    runners = [Runner(optimizer=Choice(key="adam", settings={"b1": b1})) for b1 in (0.9, 0.5)]
    assert full_names(runners) == ("Adam, β₁ 0.9", "Adam, β₁ 0.5")


def test_twins_are_numbered():
    race = Race(runners=(Runner(), Runner(), Runner()))
    assert full_names(race.runners) == ("Adam", "Adam (2)", "Adam (3)")


def test_schedules_tell_runners_apart():
    runners = [Runner(), Runner(schedule=Choice(key="cosine"))]
    assert full_names(runners) == ("Adam, constant", "Adam, cosine")


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "descent"])
def test_names_in_ready_made_races_are_short_and_all_different(key):
    names = full_names(PRESETS[key].experiment.runners)
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 24
