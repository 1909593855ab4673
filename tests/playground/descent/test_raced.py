"""A race is run once, whoever asks; what is kept is bounded."""

import pytest

from engines.descent.race import Race, race_on
from engines.formula import FormulaError
from playground.descent import raced as module
from playground.descent.raced import describe, ground_of, is_known, raced
from playground.kept import Kept


def test_the_same_race_is_not_run_again(monkeypatch):
    module.forget()
    one = raced(Race(steps=12))
    monkeypatch.setattr(module, "run_race", None)
    assert raced(Race(steps=12)) is one


def test_races_on_one_ground_share_it():
    assert raced(Race(steps=11)).field is raced(Race(steps=12, start=(1.0, 1.0))).field
    assert (
        raced(race_on("quadratic", steps=10)).field
        is not raced(race_on("quadratic", steps=10, surface__settings__condition=500)).field
    )


def test_a_ground_is_known_once_it_has_been_raced_on():
    module.forget()
    race = race_on("formula", formula="x^4 + y^2", steps=10)
    assert not is_known(race)
    raced(race)
    assert is_known(race.change(start=(2.0, 2.0), steps=20))
    assert not is_known(race.change(window=(-1.0, 1.0, -1.0, 1.0)))
    assert not is_known(race.change(formula="x^4 + 2 y^2"))


def test_a_formula_of_another_surface_matters_not():
    assert ground_of(Race(formula="x")) is ground_of(Race(formula="y"))


def test_what_cannot_be_run_says_so_and_is_not_kept():
    race = race_on("formula", formula="log(-1 - x^2)", steps=10)
    for _ in range(2):
        with pytest.raises(FormulaError):
            raced(race)
    assert not is_known(race)


def test_what_is_kept_is_bounded_and_the_oldest_goes():
    kept = Kept(10, len)
    for key in "abc":
        assert kept.get(key, lambda: "xxxx") == "xxxx"
    assert "a" not in kept and "b" in kept and "c" in kept
    kept.get("b", lambda: "never made")
    kept.get("d", lambda: "xxxx")
    assert "b" in kept and "c" not in kept
    assert kept.get("huge", lambda: "x" * 50) == "x" * 50
    assert "huge" in kept and "d" not in kept


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (float("nan"), "–"), (3.14159, "3.14"), (0, "0")])
def test_numbers_in_words(value, text):
    assert describe(value) == text
