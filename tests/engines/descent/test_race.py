"""The description of a race: defaults, bounds, starts, what belongs to a surface."""

import math

import pytest
from pydantic import ValidationError

from engines.descent.race import Race, Runner, all_runners, default_runners, moved, race_on, usual_radius
from engines.descriptions import Choice, describe_error
from engines.optimizers import OPTIMIZERS
from engines.surfaces import SURFACES


@pytest.mark.parametrize("key", SURFACES)
def test_every_surface_has_a_usual_race(key):
    race = race_on(key)
    assert race.surface.key == key and race.start == SURFACES[key].start
    assert [runner.optimizer.key for runner in race.runners] == [
        "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam",
    ]  # fmt: skip
    assert len(all_runners(key)) == len(OPTIMIZERS)
    for runner in all_runners(key):
        usual = OPTIMIZERS[runner.optimizer.key].learning_rate
        assert runner.learning_rate == SURFACES[key].rates.get(runner.optimizer.key, usual)


def test_a_choice_is_filled_with_its_entry_s_defaults():
    race = Race(surface=Choice(key="quadratic"))
    assert race.surface.settings == SURFACES["quadratic"].defaults()
    assert Runner().optimizer.settings == OPTIMIZERS["adam"].defaults()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"formula": " \n "}, "formula: there is nothing yet; type a formula of x and y, such as x^2 - y^2"),
        ({"formula": "x" * 301}, "is too long, at most 300 characters"),
        ({"window": (1, 1, 0, 2)}, "window: x has to run from a lower to a clearly higher number, not from 1 to 1"),
        ({"window": (0, 2, 5000, 5001)}, "window: y has to run"),
        ({"window": (0, 2, 0, 1e9)}, "window, upper edge: 1e9 is above the largest allowed, 10000"),
        ({"start": (float("nan"), 0)}, "start, x: NaN is not a finite number"),
        ({"start": (1,)}, "start, y: is missing"),
        ({"landscape": "../x"}, "landscape: it may hold letters, digits, - and _ only"),
        ({"landscape": "é"}, "landscape: it may hold"),
        ({"runners": []}, "runners: is a list of fewer than 1"),
        ({"runners": [{}] * 25}, "runners: is a list of more than 24"),
        ({"runners": [{"learning_rate": 0}]}, "runner 1, learning rate: 0 is below the smallest allowed, 1e-6"),
        ({"runners": [{"optimizer": {"key": "best"}}]}, "there is no optimizer called 'best'"),
        ({"ring": 33}, "number of starts on the ring: 33 is above the largest allowed, 32"),
        ({"ring_radius": 0}, "radius of the ring: 0 is below the smallest allowed, 1e-6"),
        ({"noise": 11}, "gradient noise: 11 is above"),
        ({"glance": 501}, "digits in a glance: 501 is above"),
        ({"steps": 5}, "steps: 5 is below the smallest allowed, 10"),
        ({"surface": {"key": "quadratic", "settings": {"condition": 0}}}, "condition must lie between 1 and 1000"),
        ({"kind": "experiment"}, "kind: 'experiment' is none of 'race'"),
        ({"zz": 1}, "zz: there is no such field"),
    ],
)
def test_what_is_wrong_is_named(changes, said):
    with pytest.raises(ValidationError) as caught:
        Race().change(**changes)
    assert said in "\n".join(describe_error(caught.value))


def test_places_have_six_digits_and_no_negative_zero():
    race = Race(start=(1.23456789, -0.0), window=(-1.00000001, 1, 0, 2))
    assert race.start == (1.23457, 0.0) and math.copysign(1, race.start[1]) == 1 and race.window[0] == -1.0


def test_a_formula_is_one_line():
    assert Race(formula=" x^2\n +  y ").formula == "x^2 + y"


def test_a_ring_of_starts():
    assert Race(start=(1, 2)).starts == ((1, 2),)
    starts = Race(start=(1, 2), ring=4, ring_radius=0.5).starts
    assert starts[0] == (1.5, 2) and starts[1] == pytest.approx((1, 2.5)) and len(starts) == 4
    assert all(math.dist(start, (1, 2)) == pytest.approx(0.5) for start in starts)


@pytest.mark.parametrize("key", SURFACES)
def test_the_usual_ring_lies_on_the_map(key):
    race = race_on(key, ring=32)
    left, right, low, high = SURFACES[key].domain
    size = math.hypot(right - left, high - low)
    assert size / 25 < race.ring_radius <= size / 10 and len(f"{race.ring_radius:g}") <= 4
    assert all(left <= x <= right and low <= y <= high for x, y in race.starts)
    assert usual_radius((-3e4, 3e4, 0, 1)) == 5000 and usual_radius((0, 1e-3, 0, 1e-3)) == 1e-4


def test_moving_to_another_surface_keeps_runners_and_takes_its_start_and_rates():
    race = Race(steps=77, runners=(Runner(optimizer=Choice(key="adam", settings={"b1": 0.5})), Runner(optimizer=Choice(key="sgd"))))
    other = moved(race, "beale")
    assert other.start == SURFACES["beale"].start and other.steps == 77
    assert [runner.optimizer for runner in other.runners] == [runner.optimizer for runner in race.runners]
    assert [r.learning_rate for r in other.runners] == [r.learning_rate for r in default_runners("beale", ["adam", "sgd"])]
    assert moved(race, race.surface.key) is race


def test_what_is_looked_at():
    typed = Race(surface=Choice(key="formula"), formula="x y")
    assert typed.subject != typed.change(formula="x + y").subject
    assert Race().subject == Race(formula="x y", steps=10).subject != race_on("beale").subject
    assert Race().page == "descent"
