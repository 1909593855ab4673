"""A race of text nets: as far for all, measured alike, the same as each would do alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engines.nets.recurrent import trainer as trainer_module
from engines.nets.recurrent.trainer import TextTrainer
from engines.sequences import text_race
from engines.sequences.text_race import Racer, TextRace, alike, stops
from tests.engines.nets.recurrent.numpy_text import forward, log_softmax
from tests.engines.nets.recurrent.plays import small

CHARACTERS = 4000


@pytest.fixture(scope="module")
def raced():
    patch = pytest.MonkeyPatch()
    patch.setattr(trainer_module, "ROW_FLOPS", 1.0)
    patch.setattr(text_race, "WRITTEN", 20)
    race = TextRace([Racer("RNN", small()), Racer("GRU", small(net__cell="gru", batch_size=8))], CHARACTERS, rest_s=lambda: 0.0)
    race.run()
    patch.undo()
    return race


def test_all_go_as_far_and_are_measured_at_the_same_places(raced):
    first, second = raced.snapshot()
    assert raced.status == "done" and raced.share == 1 and (first.status, second.status) == ("done", "done")
    for standing, each in ((first, 32), (second, 64)):
        wanted = sorted({round(stop / each) * each for stop in stops(CHARACTERS)})
        assert standing.rows[:, 0].tolist() == wanted
        assert (np.diff(standing.rows[:, 1]) > 0).all() and len(standing.samples) == len(standing.rows)
        assert {len(text) for text in standing.samples} == {20} and standing.speed > 0


def test_a_racer_does_what_it_would_do_alone(raced):
    trainer = TextTrainer(alike(small(), small()))
    while trainer.step < CHARACTERS // 32:
        trainer.advance(CHARACTERS // 32 - trainer.step)
    assert raced.snapshot()[0].rows[-1, 2] == pytest.approx(trainer.validation().nats, rel=0.02)


def test_the_first_row_is_the_loss_of_the_first_weights(raced):
    """By the oracle, one stream at a time, each from a fresh start."""
    trainer = TextTrainer(small())
    net, ids = trainer.experiment.net, trainer.corpus.validation.astype(np.int64)
    weights = [(np.asarray(w, np.float64), np.asarray(b, np.float64)) for w, b in trainer.weights()]
    streams = len(ids) // 64
    stride = -(-(len(ids) - 1) // streams)
    total = 0.0
    for first in range(0, len(ids) - 1, stride):
        part = ids[first : first + stride + 1]
        logs = log_softmax(forward(net, weights, part[:-1, None])[0][:, 0])
        total -= logs[np.arange(len(part) - 1), part[1:]].sum()
    assert raced.snapshot()[0].rows[0, 2] == pytest.approx(total / (len(ids) - 1), rel=1e-4)


def test_they_learn_and_write_with_the_same_luck(raced):
    for standing in raced.snapshot():
        assert standing.rows[-1, 2] < standing.rows[0, 2] - 0.5
    assert raced.racers[1].experiment.seed == raced.racers[0].experiment.seed


def test_everyone_reads_the_first_ones_text_with_its_seed_and_no_end():
    mine = small(seed=5, net__units=32, data__sequence=16, epochs=3, patience=2)
    other = alike(mine, small(seed=7, data__validation=0.2))
    assert (other.seed, other.epochs, other.patience) == (7, 0, 0)
    assert (other.data.validation, other.data.sequence, other.net.units) == (0.2, 16, 32)


def test_one_that_cannot_start_or_overflows_is_marked_and_the_rest_go_on():
    def make(experiment):
        if experiment.net.cell == "lstm":
            raise ValueError("it has no room here")
        return TextTrainer(experiment)

    wild = small(learning_rate=100.0, optimizer={"key": "momentum"}, net__units=17)
    race = TextRace([Racer("a", small()), Racer("b", small(net__cell="lstm")), Racer("c", wild)], 1000, make, lambda: 0.0)
    race.run()
    good, failed, third = race.snapshot()
    assert good.status == "done" and (failed.status, failed.told) == ("failed", "it has no room here")
    assert third.status in ("diverged", "done") and len(failed.rows) == 0


def test_it_can_be_called_off_and_keeps_what_there_is():
    race = TextRace([Racer("a", small()), Racer("b", small(seed=2))], 1_000_000, rest_s=lambda: 0.0)
    race.run(cancelled=lambda: race.share > 0)
    assert race.status == "cancelled" and race.doing == ""
    first, second = race.snapshot()
    assert first.status == second.status == "stopped" and len(first.rows) == 1


@pytest.mark.parametrize(
    "count, characters, kind, units, told",
    [
        (1, 5000, "text", 16, "not 1"),
        (2, 10, "text", 16, "not 10"),
        (2, 5000, "digits", 16, "learn a text"),
        (4, 5000, "text", 512, "million"),
    ],
)
def test_too_much_is_refused_in_words(count, characters, kind, units, told):
    experiment = (
        small(net__units=units, net__layers=3, net__cell="lstm")
        if kind == "text"
        else SimpleNamespace(data=SimpleNamespace(kind=kind))
    )
    with pytest.raises(ValueError, match=told):
        TextRace([Racer("x", experiment)] * count, characters)
