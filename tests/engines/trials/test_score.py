"""Curves and scoreboard from rows worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engines.trials.score import PLACES, QUANTITIES, band, bands, by_contestant, scores
from engines.trials.trials import Snapshot, Standing


def rows(*lines):
    """(digits, seconds, test accuracy) a row; the rest follows."""
    return np.array([[d / 100, d, s, 2 - a, 3 - a, a, a, 1] for d, s, a in lines], float).reshape(-1, 8)


def standing(contestant, seed, status, *lines, told=""):
    return Standing(contestant, seed, status, rows(*lines), told)


def race(*standings):
    return Snapshot("running", 0.5, "", standings)


def test_a_curve_is_the_mean_of_the_seeds_in_a_band():
    two = [standing(0, s, "training", (0, 0, 0.1), (100, 1 + s, 0.5 + s / 10)) for s in (0, 2)]
    curve = band(two, "test_error", "seconds")
    assert curve.x.tolist() == [0, 2]
    assert curve.mean == pytest.approx([90, 40]) and curve.low == pytest.approx([90, 30]) and curve.high == pytest.approx([90, 50])
    assert band(two, "test_loss", "epoch").mean == pytest.approx([2.9, 2.4]) and band(two, "test_loss", "epoch").x.tolist() == [
        0,
        1,
    ]
    assert band(two, "train_loss", "examples").mean == pytest.approx([1.9, 1.4])


def test_a_curve_ends_where_not_all_seeds_have_got_to():
    slow = [standing(0, 0, "training", (0, 0, 0.1), (100, 1, 0.5)), standing(0, 1, "training", (0, 0, 0.2))]
    assert band(slow, "test_error", "examples").x.tolist() == [0]


def test_who_is_over_no_longer_holds_the_curve_back():
    lost = [standing(0, 0, "done", (0, 0, 0.1), (100, 1, 0.5)), standing(0, 1, "diverged", (0, 0, 0.3))]
    curve = band(lost, "test_error", "examples")
    assert curve.x.tolist() == [0, 100] and curve.mean == pytest.approx([80, 50])


def test_of_two_rows_at_one_place_the_last_counts():
    twice = [standing(0, 0, "done", (0, 0, 0.1), (100, 1, 0.5), (100, 1, 0.6))]
    assert band(twice, "test_error", "examples").mean == pytest.approx([90, 40])


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("place", PLACES)
def test_without_rows_there_is_an_empty_curve(quantity, place):
    empty = race(standing(0, 0, "waiting"), standing(1, 0, "waiting"))
    assert [len(curve.x) for curve in bands(empty, quantity, place)] == [0, 0]


def test_the_scoreboard():
    line = scores(
        race(
            standing(0, 0, "done", (0, 0, 0.1), (100, 2, 0.95), (200, 4, 0.97)),
            standing(0, 1, "done", (0, 0, 0.1), (100, 3, 0.90), (200, 6, 0.95)),
            standing(0, 2, "diverged", (0, 0, 0.1)),
        ),
        level=5.0,
    )[0]
    assert (line.seeds, line.diverged, line.status) == (3, 1, "done")
    assert (line.error, line.least, line.greatest) == pytest.approx((4, 3, 5))
    assert (line.reached, line.seconds_to, line.digits_to, line.seconds) == (2, 4, 150, 5)


def test_a_scoreboard_without_anything_yet():
    line = scores(race(standing(0, 0, "waiting")), 5.0)[0]
    assert np.isnan([line.error, line.seconds, line.seconds_to]).all() and (line.reached, line.status) == (0, "waiting")


@pytest.mark.parametrize(
    ("each", "status"),
    [
        (["waiting", "waiting"], "waiting"),
        (["preparing", "preparing"], "training"),
        (["waiting", "training"], "training"),
        (["done", "diverged"], "done"),
        (["diverged", "diverged"], "diverged"),
        (["diverged", "training"], "training"),
        (["early", "done"], "early"),
        (["failed", "failed"], "failed"),
        (["stopped", "done"], "stopped"),
    ],
)
def test_the_status_of_several_seeds(each, status):
    found = scores(race(*(standing(0, i, s, (0, 0, 0.1), told="why" * (s == "failed")) for i, s in enumerate(each))), 5.0)[0]
    assert found.status == status and found.told == ("why" if status == "failed" else "")


def test_standings_are_grouped_by_contestant():
    groups = by_contestant(race(*(standing(i, s, "done") for i in range(2) for s in range(3))))
    assert [[s.seed for s in group] for group in groups] == [[0, 1, 2]] * 2
