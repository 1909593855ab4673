"""Races: rows that a lone trainer would give, fair turns, pauses, divergence, and what is refused."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engines.data.sources import DataProblem
from engines.training import make_trainer
from engines.trials import COLUMNS, Contestant, Trials, turns
from engines.trials.trials import MOST_ROWS, check, stretches
from tests.engines.live.conftest import eventually
from tests.engines.trials.small import contestants, experiment

AT = {name: i for i, name in enumerate(COLUMNS)}
METRICS = [AT[name] for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")]
PAIR = {"plain": {}, "momentum": {"optimizer": {"key": "momentum"}, "learning_rate": 0.02}}


def raced(cast, seeds=1, epochs=2.0, **more):
    race = Trials(cast, seeds, epochs, rest_s=lambda: 0.0, **more)
    race.run()
    return race


def rows_of(race):
    """Rows without seconds, which differ from run to run."""
    return [np.delete(standing.rows, AT["seconds"], 1) for standing in race.snapshot().standings]


def alone(described, seed, epochs):
    """Metrics at the ends of epochs of a trainer that nobody interrupts."""
    trainer = make_trainer(described.change(seed=seed, epochs=0))
    rows = []
    while len(rows) < epochs:
        rows.extend(trainer.advance(1000).rows)
    return np.array(rows, np.float64)


# ---- what is measured


def test_rows_at_the_ends_of_epochs_are_those_of_a_lone_trainer():
    cast = contestants(**PAIR)
    race = raced(cast, seeds=2, epochs=3)
    assert race.seeds == (0, 1)
    for standing in race.snapshot().standings:
        whole = standing.rows[standing.rows[:, AT["whole"]] == 1]
        expected = alone(cast[standing.contestant].experiment, standing.seed, 3)
        assert whole[:, AT["epoch"]].tolist() == [1, 2, 3]
        assert np.array_equal(whole[:, METRICS], expected[:, 1:])
        assert standing.status == "done"


def test_a_convolutional_net_races_too_and_a_point_between_is_measured_with_settled_weights():
    layers = [{"key": "conv", "settings": {"filters": 2, "size": 2, "stride": 4}}, {"key": "norm", "activation": "relu"}]
    conv = experiment(net={"kind": "stack", "layers": layers})
    standing = raced([Contestant("conv", conv)], epochs=1).snapshot().standings[0]
    assert np.array_equal(standing.rows[-1, METRICS], alone(conv, 0, 1)[0, 1:])
    trainer = make_trainer(conv)
    trainer.advance(2)
    images = trainer.digits.test_images.reshape(-1, 784)
    logits = np.asarray(trainer.spec.logits(trainer.settled(), np.float32(images) / 255))
    accuracy = np.mean(logits.argmax(1) == trainer.digits.test_labels)
    between = standing.rows[standing.rows[:, AT["examples"]] == 100]
    assert between[0, AT["test_accuracy"]] == pytest.approx(accuracy) and between[0, AT["whole"]] == 0


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    cast = contestants(**PAIR)
    first, second, other = raced(cast), raced(cast), raced(cast, first_seed=7)
    for a, b, c in zip(rows_of(first), rows_of(second), rows_of(other), strict=True):
        assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_all_start_from_the_same_weights():
    cast = contestants(**PAIR)
    starts = [standing.rows[0] for standing in raced(cast, seeds=2, epochs=0.5).snapshot().standings]
    assert np.array_equal(starts[0], starts[2]) and np.array_equal(starts[1], starts[3])
    assert not np.array_equal(starts[0], starts[1])


def test_seconds_are_of_training_alone_and_only_grow():
    rows = raced(contestants(**PAIR)).snapshot().standings[0].rows
    assert rows[0, AT["seconds"]] == 0
    assert (np.diff(rows[:, AT["seconds"]]) > 0).all()


# ---- fairness


def test_everybody_has_seen_as_many_digits_at_every_row():
    tables = rows_of(
        raced(contestants(plain={}, small={"batch_size": 10}, whole={"optimizer": {"key": "gradient_descent"}}), epochs=3)
    )
    plain, small, whole = (table[:, AT["examples"]] for table in tables)
    assert plain.tolist() == [0, 100, 200, 300, 400, 500, 600]
    assert set(plain) <= set(small)
    assert set(small) - set(plain) <= {230, 460}, "a contestant's own epochs are extra rows"
    assert abs(whole[-1] - plain[-1]) <= 230 / 2 and (np.diff(whole) > 0).all()


def test_few_digits_are_seen_more_often():
    few, many = rows_of(raced(contestants(few={"data__train_count": 60}, many={}), epochs=1))
    assert few[-1, AT["examples"]] == many[-1, AT["examples"]] == 200
    assert (few[-1, AT["epoch"]], many[-1, AT["epoch"]]) == (4, 1)


def test_nobody_is_more_than_a_row_ahead():
    race = Trials(contestants(**PAIR), 2, 2, rest_s=lambda: 0.0)
    seen = []

    def look(share):
        seen.append([len(standing.rows) for standing in race.snapshot().standings])

    race.run(look)
    assert max(max(counts) - min(counts) for counts in seen) == 1
    assert [len(standing.rows) for standing in race.snapshot().standings] == [5] * 4


@pytest.mark.parametrize("epochs", [0.1, 0.25, 1, 3, 7, 20, 99, 100])
@pytest.mark.parametrize("size", [10, 230, 3968, 60_000])
def test_rows_are_bounded_and_meet_the_ends_of_epochs(epochs, size):
    stops = np.array(stretches(epochs, size))
    assert stops[0] == 0 and stops[-1] == pytest.approx(epochs * size)
    assert (np.diff(stops) > 0).all() and 2 * len(stops) - 1 <= MOST_ROWS
    if epochs >= 1 and epochs < 100:
        ends = np.arange(1, epochs + 1) * size
        assert np.abs(stops[:, None] - ends).min(0).max() < 1e-6 * size * epochs


# ---- who does not arrive


def test_who_diverges_is_marked_and_the_others_go_on():
    wild = {"learning_rate": 100.0, "penalty": {"key": "l2", "settings": {"rate": 10.0}}}
    race = raced(contestants(plain={}, wild=wild), epochs=5)
    plain, lost = race.snapshot().standings
    assert (plain.status, lost.status) == ("done", "diverged")
    assert len(lost.rows) < len(plain.rows) and np.isfinite(lost.rows).all()
    assert race.status == "done" and race.snapshot().share == 1


def test_who_cannot_be_built_is_told_and_the_others_go_on():
    def make(described):
        if described.batch_size == 10:
            raise ValueError("this one has no room")
        if described.batch_size == 20:
            raise DataProblem("the digits are gone")
        return make_trainer(described)

    race = raced(contestants(plain={}, no={"batch_size": 10}, gone={"batch_size": 20}), make=make)
    standings = race.snapshot().standings
    assert [s.status for s in standings] == ["done", "failed", "failed"]
    assert [s.told for s in standings] == ["", "this one has no room", "the digits are gone"]


def test_where_nobody_comes_to_the_start_the_race_is_over():
    def make(described):
        raise ValueError("no")

    race = raced(contestants(plain={}), make=make)
    assert race.status == "done" and race.snapshot().standings[0].status == "failed"


def test_patience_ends_a_contestant_and_its_last_row_is_an_epochs_end():
    race = raced(contestants(plain={}, hasty={"patience": 1, "learning_rate": 30.0}), epochs=9)
    plain, hasty = race.snapshot().standings
    assert (plain.status, hasty.status) == ("done", "early")
    assert hasty.rows[-1, AT["whole"]] == 1 and hasty.rows[-1, AT["epoch"]] < 9


# ---- pause, cancel


def test_a_paused_race_goes_on_where_it_was():
    cast = contestants(**PAIR)
    race = Trials(cast, 1, 2, rest_s=lambda: 0.0)
    race.run(lambda share: race.pause() if share >= 0.4 else None)
    middle = race.snapshot()
    assert (race.status, middle.status) == ("paused", "paused") and 0.4 <= middle.share < 0.7
    assert race.run().status == "paused", "until it is resumed"
    race.resume()
    race.run()
    for a, b in zip(rows_of(race), rows_of(raced(cast)), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("stop", ["cancel", "asked"])
def test_cancel_is_seen_after_one_turn_and_what_there_is_stays(stop):
    race = Trials(contestants(**PAIR), 1, 2, rest_s=lambda: 0.0)
    calls = []

    def look(share):
        calls.append(share)
        if share >= 0.4 and stop == "cancel":
            race.cancel()

    race.run(look, lambda: stop == "asked" and calls[-1] >= 0.4)
    assert race.status == "cancelled" and sum(share >= 0.4 for share in calls) == 1
    assert all(len(standing.rows) >= 2 and standing.status == "stopped" for standing in race.snapshot().standings)
    assert race.run().status == "cancelled", "for good"


def test_another_thread_sees_and_stops_a_race():
    race = Trials(contestants(**PAIR), 1, 100)
    thread = threading.Thread(target=race.run)
    thread.start()
    try:
        eventually(lambda: all(len(standing.rows) > 2 for standing in race.snapshot().standings))
        assert race.snapshot().doing.startswith("training")
        assert race.run() is race, "only one thread works at it"
        race.pause()
        thread.join(10)
        assert race.status == "paused"
    finally:
        race.cancel()
        thread.join(10)
    assert race.status == "cancelled"


def test_only_a_few_paused_races_are_kept(monkeypatch):
    monkeypatch.setattr(turns, "MOST_PAUSED", 1)
    first, second = (Trials(contestants(plain={}), 1, 1, rest_s=lambda: 0.0) for _ in range(2))
    for race in (first, second):
        race.pause()
        race.run()
    assert (first.status, second.status) == ("cancelled", "paused")
    assert "cannot go on" in first.told
    second.resume()
    assert second.run().status == "done"


def test_a_fault_is_not_told_to_visitors_but_raised():
    def make(described):
        raise ZeroDivisionError("secret")

    race = Trials(contestants(plain={}), make=make)
    with pytest.raises(ZeroDivisionError):
        race.run()
    assert race.status == "failed" and "secret" not in race.told


# ---- what is refused

LARGE = {"units": (1024,) * 5}


@pytest.mark.parametrize(
    ("cast", "seeds", "epochs", "told"),
    [
        ({}, 1, 1, "1 to 8 contestants, not 0"),
        ({f"c{i}": {} for i in range(9)}, 1, 1, "1 to 8 contestants, not 9"),
        ({"a": {}}, 6, 1, "1 to 5 seeds, not 6"),
        ({"a": {}}, 0, 1, "1 to 5 seeds, not 0"),
        ({"a": {}}, 1, 0, "more than 0 and at most 100 epochs, not 0"),
        ({"a": {}}, 1, 101, "at most 100 epochs, not 101"),
        ({"a": {}}, 1, float("nan"), "at most 100 epochs, not nan"),
        ({"a": LARGE}, 5, 1, "25 million weights together"),
    ],
)
def test_too_much_is_refused_in_words(cast, seeds, epochs, told):
    with pytest.raises(ValueError, match=told):
        check(contestants(**cast), seeds, epochs)


def test_nets_of_the_plane_are_refused():
    from engines.experiment import Experiment

    with pytest.raises(ValueError, match="Plane does not learn digits"):
        Trials([Contestant("Plane", Experiment())])


def test_digits_seen_far_too_often_are_refused_when_the_race_begins(monkeypatch):
    race = Trials(contestants(few={"data__train_count": 10}, many={}), 1, 100)
    with pytest.raises(ValueError, match="each of the few would be seen 2,300 times"):
        race.run()
    assert race.status == "failed" and "2,300" in race.told
