"""What the panels make of clicks and results, apart from the page."""

from types import SimpleNamespace

import numpy as np
import pytest

from engines.descent.race import Race, Runner, race_on
from engines.descent.score import Score
from playground.descent.raced import raced
from playground.descent_panels import escape, landscape, scoreboard, start, surface, sweep, winners
from playground.descent_panels.files import svg_of
from playground.descent_panels.runners import with_optimizers

# ---- clicks


def picked(*points):
    return {"selection": {"points": list(points)}}


@pytest.mark.parametrize("event", [None, {}, {"selection": {}}, picked(), picked({"x": None}), picked({"x": "1", "y": "2"})])
def test_no_click_is_no_place(event):
    assert winners.first_point(event) is None


def test_the_first_place_clicked_counts():
    assert winners.first_point(picked({"curve": 1}, {"x": 1, "y": 2.5}, {"x": 3, "y": 4})) == (1.0, 2.5)


def test_a_clicked_cell_is_its_row_and_column():
    found = SimpleNamespace(momenta=np.zeros(3), rates=np.zeros(5))
    assert sweep.cell_in(picked({"customdata": ["text", "0.1", 2, 4]}), found) == (2, 4)
    for values in (None, [], ["a", "b", 3, 0], ["a", "b", -1, 0], ["a", "b", "2", "4"], ["a", "b", 0, 5]):
        assert sweep.cell_in(picked({"customdata": values}), found) is None
    assert sweep.cell_in(None, found) is None


# ---- what results depend on


def test_the_map_of_winners_does_not_depend_on_the_start():
    race = Race()
    assert winners.key_of(race, 40) == winners.key_of(race.change(start=(1.0, 1.0), ring=5), 40)
    assert winners.key_of(race, 40) != winners.key_of(race, 80)
    assert winners.key_of(race, 40) != winners.key_of(race.change(noise=0.1), 40)


def test_escape_depends_on_the_nearest_saddle_only():
    race = Race()
    assert escape.key_of(race, (0.0, 0.0)) == escape.key_of(race.change(start=(0.1, 1.0)), (0.0, 0.0))
    assert escape.key_of(race, (0.0, 0.0)) != escape.key_of(race, (1.0, 0.0))


def test_a_sweep_does_not_depend_on_what_it_sweeps():
    race = Race()
    changed = race.change(runners__1__learning_rate=0.5, runners__1__optimizer__settings__momentum=0.3)
    assert sweep.key_of(race, 1) == sweep.key_of(changed, 1)
    assert sweep.key_of(race, 1) != sweep.key_of(race, 2)
    assert sweep.key_of(race, 1) != sweep.key_of(race.change(runners__1__optimizer__settings__ramp=10.0), 1)
    assert sweep.key_of(race, 1) != sweep.key_of(race.change(start=(1.0, 1.0)), 1)


# ---- scoreboard


def done_with(race, runner, scores, saddle_distance=None):
    """A race on the saddle with these outcomes."""
    far = np.full((len(runner), 3), 9.0)
    paths = SimpleNamespace(
        runner=np.array(runner), origin=np.zeros((2, 2)), saddle_distance=far if saddle_distance is None else saddle_distance
    )
    return SimpleNamespace(race=race, terrain=raced(Race(steps=20)).terrain, paths=paths, scores=scores)


def scored(status, reached=None, left=None):
    return Score(status, status, left, reached, 0.0, 1.0, 0.0, 0.0)


def test_the_best_stand_first_and_a_saddle_is_not_a_goal():
    race = Race(runners=tuple(Runner(learning_rate=0.01 * (i + 1)) for i in range(4)))
    scores = (scored("saddle"), scored("thrown"), scored("goal", 90), scored("goal", 20))
    done = done_with(race, range(4), scores)
    assert [row["index"] for row in scoreboard.single_rows(done)] == [3, 2, 0, 1]


def test_over_a_ring_arrivals_are_counted():
    race = Race(runners=(Runner(), Runner(learning_rate=0.5)))
    scores = (scored("goal", 10), scored("thrown"), scored("goal", 30), scored("saddle"))
    done = done_with(race, [0, 1, 0, 1], scores)
    first, second = scoreboard.ring_rows(done)
    assert (first["arrived"], first["reached"], first["outcome"]) == (1.0, 20, "2 at the goal")
    assert (second["arrived"], second["reached"]) == (0.0, None)
    assert second["outcome"] == "1 stuck at a saddle, 1 thrown off the mountain"
    assert scoreboard.said_of(done) == ["100% arrived, median 20 steps", "0% arrived, median – steps"]


def test_who_never_came_near_a_saddle_is_told_from_who_is_still_there():
    race = Race(runners=tuple(Runner(learning_rate=0.01 * (i + 1)) for i in range(3)))
    distance = np.array([[2.0, 0.1, 3.0], [2.0, 0.1, 0.1], [2.0, 2.0, 2.0]])
    done = done_with(race, range(3), (scored("going", left=12), scored("going"), scored("going")), distance)
    assert {row["index"]: row["left"].strip() for row in scoreboard.single_rows(done)} == {
        0: "12",
        1: "still near",
        2: "never near",
    }


@pytest.mark.parametrize(
    ("surface", "goal", "hidden"),
    [("saddle", False, {"index", "overshoot"}), ("quadratic", True, {"index", "left"}), ("himmelblau", True, {"index"})],
)
def test_columns_that_would_say_nothing_are_hidden(surface, goal, hidden):
    done = raced(race_on(surface, steps=20))
    assert scoreboard.has_goal(done) is goal and scoreboard.hidden_columns(done) == hidden
    assert scoreboard._columns(goal)["reached"]["label"] == ("Goal after" if goal else "Off the map after")


def test_the_picture_tells_what_became_of_everybody():
    done = raced(Race(steps=20))
    text = svg_of(done, dark=True)
    assert "Saddle: 20 steps" in text
    for score in done.scores:
        assert score.words[:20] in text


# ---- runners and start


def test_runners_that_stay_keep_what_was_set():
    race = Race(runners=(Runner(learning_rate=0.7), Runner(optimizer={"key": "sgd"}, learning_rate=0.3)))
    kept = with_optimizers(race, ["adam", "lion"])
    assert [runner.optimizer.key for runner in kept] == ["adam", "lion"]
    assert kept[0].learning_rate == 0.7


def test_the_usual_start_of_a_formula_lies_in_its_window():
    race = race_on("formula", window=(10.0, 12.0, -1.0, 1.0))
    x, y = start.usual_start(race)
    assert 10 < x < 12 and -1 < y < 1 and (x, y) != (11, 0)


@pytest.mark.parametrize(
    ("formula", "begin", "place"),
    [
        ("x^2 + y^2", (-1.0, 0.5), (-1.0, 0.5)),
        ("sqrt(x) + y^2", (-1.0, 0.6), (0.06, 0.6)),
        ("log(1 - x^2 - y^2)", (0.0, 3.0), (0.0, 0.9)),
        ("1/(x-x)", (1.0, 1.0), (1.0, 1.0)),
        ("5", (1.0, 1.0), (1.0, 1.0)),
    ],
)
def test_a_start_without_height_moves_to_the_nearest_land(formula, begin, place):
    race = race_on("formula", formula=formula, start=begin)
    assert surface.footing(race) == pytest.approx(place, abs=1e-9)


# ---- the slice


def test_a_slice_says_what_it_is_and_how_good_the_map_is():
    made = SimpleNamespace(
        kind="path",
        epoch=12.5,
        centre_loss=0.0123,
        loss=np.zeros((41, 31)),
        used=4000,
        available=60_000,
        share=0.93,
        interpolation_error=0.004,
    )
    text = " ".join(landscape.sentences(made))
    assert "principal components" in text and "epoch 12.5" in text and "0.0123" in text
    assert "31 × 41 places, on 4,000 of 60,000" in text and "93%" in text and "by at most 0.4 %" in text
