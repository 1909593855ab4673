"""The trainer of texts: it learns, goes on, comes back, and takes what it is given."""

from __future__ import annotations

import time

import jax
import numpy as np
import pytest

from engines.nets.recurrent import trainer as module
from engines.training import Look, Metrics, make_trainer
from tests.engines.nets.recurrent.plays import LINES, PLAY, small


def play(trainer, steps, piece=10_000):
    """At least `steps` steps more; every row, and why it stopped."""
    rows, goal = [], trainer.step + steps
    while trainer.step < goal:
        done = trainer.advance(min(piece, goal - trainer.step))
        rows += [Metrics(*map(float, row)) for row in done.rows]
        if done.stopped:
            return rows, done.stopped
    return rows, None


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


@pytest.fixture
def often(monkeypatch):
    """Rows every ten steps."""
    monkeypatch.setattr(module, "ROW_FLOPS", 3 * 2 * (16 * 16 + 16 * 23) * 32 * 10.0)


def test_it_learns_and_says_how_well(often):
    trainer = make_trainer(small(optimizer={"key": "adam"}, learning_rate=0.01))
    rows, stopped = play(trainer, 300)
    assert stopped is None and rows[0].epoch == 0 and np.isnan(rows[0].train_loss)
    uniform = np.log(len(trainer.corpus.alphabet))
    assert abs(rows[0].test_loss - uniform) < 0.5
    assert rows[-1].train_loss < 1.2 and rows[-1].test_loss < 1.2 < trainer.corpus.baselines.unigram
    assert rows[-1].train_accuracy > 0.6 and rows[-1].test_accuracy > 0.6
    steps = [round(row.epoch * trainer.steps_per_epoch) for row in rows]
    assert steps[:3] == [0, 4, 12] and set(np.diff(steps[2:-1])) == {trainer._row_every} and trainer._row_every < 20
    whole = trainer.validation()
    assert whole.count == len(trainer.corpus.validation) - 1 and abs(whole.nats - rows[-1].test_loss) < 0.3


def test_the_length_of_pieces_changes_nothing(often):
    one, other = make_trainer(small()), make_trainer(small())
    rows, _ = play(one, 60)
    again, _ = play(other, 60, piece=7)
    np.testing.assert_array_equal(np.array(rows), np.array(again))
    assert same(one.weights(), other.weights())
    other.reset()
    assert other.step == 0 and other.epoch == 0
    play(other, 60)
    assert same(one.weights(), other.weights())


def test_the_number_of_pieces_changes_no_digit_of_an_evaluation():
    trainer = make_trainer(small(data__own=PLAY * 20))
    whole = trainer.assessment(30_000).run(float("inf"))
    piecewise, found = trainer.assessment(30_000), None
    while found is None:
        found = piecewise.run(0.0)
    assert found == whole and found.count > 3000


def test_epochs_are_counted_and_end_a_run():
    trainer = make_trainer(small(epochs=2))
    rows, stopped = play(trainer, 10_000)
    assert stopped == "budget" and trainer.epochs_done == 2 and trainer.into_epoch == 0
    assert trainer.step == 2 * trainer.steps_per_epoch and rows[-1].epoch == 2
    assert trainer.steps_per_epoch == len(trainer.corpus.train) // 4 // 8
    assert trainer.advance(5).stopped == "budget" and trainer.train_count <= trainer.counts[0]


def test_patience_ends_a_run_that_gets_no_better(often):
    trainer = make_trainer(small(learning_rate=1e-6, patience=1))
    trainer.state = trainer.state._replace(best=0.0)
    rows, stopped = play(trainer, 10_000)
    assert stopped == "early" and 1 <= rows[-1].epoch < 1.5
    assert trainer.advance(5).stopped is None


def test_an_explosion_ends_a_run():
    trainer = make_trainer(small())
    trainer.set_weights([(w * np.float32(1e38), b) for w, b in trainer.weights()])
    assert play(trainer, 500)[1] == "nan"


def test_back_to_a_kept_moment_and_on_again():
    trainer = make_trainer(small(optimizer={"key": "adam"}, learning_rate=0.01))
    play(trainer, 37)
    saved, epoch = trainer.save_state(), trainer.epoch
    assert all(isinstance(part, np.ndarray) for part in saved)
    play(trainer, 40)
    ahead = trainer.weights()
    trainer.restore(saved)
    assert trainer.step == 37 and trainer.epoch == epoch
    play(trainer, 40)
    assert same(trainer.weights(), ahead)
    other = make_trainer(small(net__units=20))
    with pytest.raises(ValueError, match="another shape"):
        other.restore(saved)
    plain = make_trainer(small(batch_size=3))
    plain.restore(saved)
    assert plain.step == 37 and play(plain, 5)[1] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 0.1},
        {"clip_norm": 0.5, "clip_value": 0.1},
        {"net__dropout": 0.3},
        {"optimizer": {"key": "adam"}, "learning_rate": 0.01},
        {"batch_size": 3},
        {"data__carry": False},
        {"schedule": {"key": "cosine"}},
        {"seed": 5},
        {"penalty": {"key": "l2"}},
    ],
    ids=str,
)
def test_what_can_change_in_mid_run_keeps_the_weights(changes):
    trainer = make_trainer(small())
    play(trainer, 20)
    before, epoch = trainer.weights(), trainer.epoch
    trainer.apply(small(**changes))
    assert same(trainer.weights(), before) and trainer.step == 20 and abs(trainer.epoch - epoch) < 0.1
    assert play(trainer, 3)[1] is None and not same(trainer.weights(), before)


def test_rates_compile_nothing():
    trainer = make_trainer(small())
    play(trainer, 12)
    program, before = trainer._chunk, trainer._chunk._cache_size()
    rates = ({"learning_rate": 0.1}, {"clip_value": 0.2}, {"clip_norm": 0.5}, {"data__carry": False}, {"max_norm": 1.0})
    for changes in (*rates, {"data__validation": 0.3}, {"data__own": PLAY + LINES[0]}):
        trainer.apply(small(**changes))
        play(trainer, 2)
    assert trainer._chunk is program and program._cache_size() == before


def test_a_text_that_becomes_shorter_underneath_is_gone_on_with(monkeypatch):
    """The same description finds another text once one has been downloaded, or a file is gone."""
    trainer = make_trainer(small())
    play(trainer, trainer.steps_per_epoch - 3)
    shorter = module.text.corpus(small(data__own=PLAY[:1500]).data)
    assert shorter.alphabet == trainer.corpus.alphabet
    monkeypatch.setattr(module.text, "corpus", lambda data: shorter)
    trainer.apply(small())
    assert trainer.state.position < trainer.steps_per_epoch
    assert trainer.advance(1).steps + trainer.advance(1).steps > 0


def test_the_whole_validation_text_is_measured_once_a_moment():
    trainer = make_trainer(small())
    first = trainer.validation()
    assert trainer.validation() is first
    play(trainer, 3)
    later = trainer.validation()
    trainer.apply(small(data__validation=0.3))
    assert len({first.nats, later.nats, trainer.validation().nats}) == 3


def test_another_text_is_told_only_to_a_run_that_has_learned():
    trainer = make_trainer(small())
    assert trainer.apply(small(data__validation=0.2)) == []
    while not trainer.advance(1).steps:
        pass
    assert trainer.apply(small(data__validation=0.3)) == [trainer.source]


@pytest.mark.parametrize("changes", [{"net__units": 20}, {"net__embedding": 4}, {"data__own": PLAY.upper()}], ids=str)
def test_another_net_or_alphabet_begins_anew(changes):
    trainer = make_trainer(small())
    play(trainer, 20)
    notes = trainer.apply(small(**changes))
    assert module.ANEW in notes
    assert same(trainer.weights(), make_trainer(small(**changes)).weights()) and trainer.step == 0 and trainer.epoch == 0


def test_an_untouched_net_starts_as_the_new_experiment_says():
    trainer = make_trainer(small())
    assert trainer.apply(small(net__units=20, seed=3)) == []
    assert same(trainer.weights(), make_trainer(small(net__units=20, seed=3)).weights())


@pytest.mark.parametrize(
    ("changes", "batch", "sequence"),
    [
        ({}, 4, 8),
        ({"batch_size": 4096, "data__sequence": 256}, 6, 256),
        ({"data__own": "ab" * 100, "batch_size": 32, "data__sequence": 64}, 2, 64),
        ({"data__own": "ab" * 100, "data__validation": 0.5, "data__sequence": 256}, 1, 100),
    ],
    ids=str,
)
def test_a_short_text_takes_smaller_steps(changes, batch, sequence):
    trainer = make_trainer(small(**changes))
    assert trainer.spec.batch == batch and trainer.spec.sequence == sequence and trainer.steps_per_epoch >= 1


def test_a_batch_larger_than_the_memory_is_made_smaller(monkeypatch):
    alphabet = len(make_trainer(small()).corpus.alphabet)
    monkeypatch.setattr("engines.nets.recurrent.sizes.MOST_BYTES", 4 * (16 * 8 + 4 * alphabet) * 8 * 2)
    trainer = make_trainer(small())
    assert trainer.batch == 2
    assert "batch is 2 here" in trainer.apply(small(batch_size=5))[0]


@pytest.mark.parametrize("text", ["", "hello", "a" * 500])
def test_a_text_that_cannot_be_learned_is_refused(text):
    with pytest.raises(ValueError):
        make_trainer(small(data__own=text))


@pytest.mark.parametrize("place", [(5, 0, 0), (0, 99, 0), (0, 0, 16), (1, 16, 0), (-1, 0, 0)])
def test_a_weight_that_does_not_exist_cannot_be_set(place):
    with pytest.raises(ValueError, match="layer"):
        make_trainer(small()).set_weight(*place, 1.0)


def test_weights_are_set_one_by_one():
    trainer = make_trainer(small())
    trainer.set_weight(0, len(trainer.corpus.alphabet), 3, 2.5)
    trainer.set_weight(1, 15, 15, -2.5)
    assert trainer.weights()[0][1][3] == 2.5 and trainer.weights()[1][0][15, 15] == -2.5
    with pytest.raises(ValueError, match="another shape"):
        trainer.set_weights(trainer.weights()[:-1])


def test_a_viewer_sees_baselines_samples_and_layers():
    trainer = make_trainer(small())
    first = trainer.probe(Look())
    assert first.layers == [] and first.histogram["counts"]
    np.testing.assert_allclose(first.sections["baselines"], trainer.corpus.baselines, rtol=1e-6)
    play(trainer, 20)
    probe = trainer.probe(Look())
    assert [layer["name"] for layer in probe.layers] == trainer._names and all(layer["gradient"] > 0 for layer in probe.layers)
    assert probe.facts["text"]["alphabet"] == trainer.corpus.alphabet.characters
    while probe.again_s is not None:
        probe = trainer.probe(Look())
    sample = probe.facts["sample"]
    assert sample["done"] and len(sample["text"]) == 300 == len(probe.sections["sample_chances"])
    assert (probe.sections["sample_chances"] > 0).all() and probe.sections["sample_chances"].dtype == np.float32
    assert trainer.probe(Look(writing=None)).again_s is None
    assert set(probe.sections) == {"baselines", "sample_chances"}


def test_a_net_is_measured_before_its_first_step():
    """While nothing trains: what a viewer is told then is the first row of the curve, and an opened net has figures at once."""

    def told(trainer):
        probe = trainer.probe(Look(writing=None))
        while probe.again_s is not None:
            probe = trainer.probe(Look(writing=None))
        return probe.facts["first"]

    trainer, other = make_trainer(small()), make_trainer(small(seed=5))
    nats, right = told(trainer)
    trainer.set_weights(other.weights())
    assert told(trainer) == told(other) != (nats, right)
    trainer.reset()
    assert told(trainer) == (nats, right)
    (row,) = trainer.advance(1).rows
    assert row[2] == np.float32(nats) and row[4] == np.float32(right)
    play(trainer, 5)
    assert told(trainer) is None


def test_writing_never_holds_training_up():
    """After compiling, a turn of writing between two chunks of training takes no longer than a frame may."""
    trainer = make_trainer(small())
    trainer.prepare()
    assert trainer.prepared
    play(trainer, 10)
    took = []
    for _ in range(30):
        trainer.advance(2)
        began = time.perf_counter()
        trainer.probe(Look())
        took.append(time.perf_counter() - began)
    assert np.median(took) < 0.03
