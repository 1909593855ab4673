"""Stacks in training: the program against float64 NumPy, statistics of normalising layers, what a change keeps."""

from __future__ import annotations

import numpy as np
import pytest

from engines.data import digits
from engines.experiment import StackNet, digits_experiment
from engines.live.warm import compiles, prepare_jax
from engines.nets import programs as compiled
from engines.nets import stack
from engines.nets.stack_trainer import StackTrainer
from engines.training import Look, make_trainer
from tests.engines.nets.numpy_stack import forward

CONV = {"key": "conv", "settings": {"filters": 3, "size": 5, "stride": 2}, "activation": "tanh"}
POOL = {"key": "pool_max", "settings": {"size": 2, "stride": 2}}
DENSE = {"key": "dense", "settings": {"units": 6}, "activation": "tanh"}
DROP = {"key": "dropout", "settings": {"rate": 0.3}}
NORMED = [CONV | {"activation": "linear"}, {"key": "norm", "activation": "relu"}, POOL]


def experiment(layers=(CONV, POOL, DENSE), **more):
    usual = {"data__source": "builtin", "data__train_count": 600, "optimizer": {"key": "sgd"}, "batch_size": 50}
    return digits_experiment(net=StackNet(layers=layers), **usual | more)


def to_the_end_of_the_epoch(trainer):
    while True:
        done = trainer.advance(10_000)
        if len(done.rows):
            return done


def numpy_gradient(net, weights, pixels, labels, h=1e-6):
    """By central differences of the mean softmax cross-entropy, for a few weights of each pair: {(pair, part, place): slope}."""
    rng, found = np.random.default_rng(0), {}

    def cost(weights):
        z = forward(net, weights, pixels)[-1][1]
        z = z - z.max(1, keepdims=True)
        return (np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]).mean()

    for pair, layer in enumerate(weights):
        for part in (0, 1):
            place = tuple(int(rng.integers(n)) for n in layer[part].shape)
            values = []
            for sign in (1, -1):
                moved = [[w.astype(float), b.astype(float)] for w, b in weights]
                moved[pair][part][place] += sign * h
                values.append(cost(moved))
            found[pair, part, place] = (values[0] - values[1]) / (2 * h)
    return found


@pytest.mark.parametrize("layers", [(CONV, POOL, DENSE), NORMED], ids=["plain", "norm"])
def test_a_step_against_numpy(layers):
    trainer = make_trainer(experiment(layers, learning_rate=0.5))
    assert isinstance(trainer, StackTrainer)
    before = trainer.weights()
    images, labels = trainer.batch_seen(50)
    trainer.advance(1)
    slopes = numpy_gradient(trainer.experiment.net, before, images.reshape(50, -1) / 255, labels)
    for (pair, part, place), slope in slopes.items():
        moved = trainer.weights()[pair][part][place] - before[pair][part][place]
        np.testing.assert_allclose(moved, -0.5 * slope, rtol=2e-3, atol=2e-5)


def test_test_figures_against_numpy():
    trainer = make_trainer(experiment(learning_rate=0.1))
    row = to_the_end_of_the_epoch(trainer).rows[0]
    found = digits.load("builtin")
    z = forward(trainer.experiment.net, trainer.weights(), found.test_images.reshape(-1, 784) / 255)[-1][1]
    np.testing.assert_allclose(row[4], (z.argmax(1) == found.test_labels).mean(), atol=1e-6)
    assert trainer.report.confusion.sum() == 1000


def test_normalising_layers_use_the_statistics_of_the_training_digits():
    trainer = make_trainer(experiment(NORMED, learning_rate=0.1))
    to_the_end_of_the_epoch(trainer)
    images = digits.load("builtin").train_images[:600].reshape(600, -1) / 255
    over_all = forward(trainer.experiment.net, trainer.weights(), images)
    with_settled = forward(trainer.experiment.net, trainer.settled(), images, statistics="folded")
    np.testing.assert_allclose(with_settled[-1][1], over_all[-1][1], rtol=1e-3, atol=1e-3)
    assert trainer.settled() is trainer.settled()


def test_dropout_rates_and_rates_compile_nothing():
    prepare_jax()
    trainer = make_trainer(experiment((CONV, POOL, DROP, DENSE)))
    trainer.advance(2)
    to_the_end_of_the_epoch(trainer)
    before = compiles()
    for rate in (0.0, 0.7):
        trainer.apply(experiment((CONV, POOL, DROP | {"settings": {"rate": rate}}, DENSE), learning_rate=0.02))
        trainer.advance(2)
    assert compiles() == before


def test_dropout_silences_in_training_only():
    still = make_trainer(experiment((DROP | {"settings": {"rate": 0.9}}, DENSE), learning_rate=1e-6))
    bars = [still.probe(Look()).sections["strip_bars"] for _ in range(2)]
    np.testing.assert_array_equal(*bars)
    plain = make_trainer(experiment((DENSE,), learning_rate=1e-6))
    np.testing.assert_allclose(bars[0], plain.probe(Look()).sections["strip_bars"], rtol=1e-5)


def test_same_seed_same_run():
    runs = []
    for _ in range(2):
        trainer = make_trainer(experiment((CONV, DROP, POOL, DENSE), seed=4))
        trainer.advance(3)
        runs.append(trainer.weights())
    for (w, b), (v, c) in zip(*runs, strict=True):
        np.testing.assert_array_equal(w, v)
        np.testing.assert_array_equal(b, c)


def test_save_and_restore():
    trainer = make_trainer(experiment(NORMED))
    trainer.advance(3)
    saved, then = trainer.save_state(), trainer.weights()
    trainer.advance(5)
    trainer.restore(saved)
    assert trainer.step == 3
    for (w, _), (v, _) in zip(trainer.weights(), then, strict=True):
        np.testing.assert_array_equal(w, v)
    trainer.apply(experiment((CONV, POOL)))
    with pytest.raises(ValueError, match="another shape"):
        trainer.restore(saved)


def test_a_layer_without_weights_changes_nothing_that_is_learned():
    trainer = make_trainer(experiment())
    trainer.advance(3)
    before = trainer.weights()
    assert not [note for note in trainer.apply(experiment((CONV, POOL, DROP, DENSE))) if "weights" in note]
    for (w, _), (v, _) in zip(trainer.weights(), before, strict=True):
        np.testing.assert_array_equal(w, v)
    notes = trainer.apply(experiment((CONV, POOL, DENSE | {"settings": {"units": 9}})))
    assert "Kept the weights that fit" in notes[0]
    np.testing.assert_array_equal(trainer.weights()[0][0], before[0][0])
    np.testing.assert_array_equal(trainer.weights()[1][0][:, :6], before[1][0])


def test_a_step_in_pieces_is_the_same_step(monkeypatch):
    cut = make_trainer(experiment(batch_size=192, learning_rate=0.2))
    assert cut.spec.pieces(192) == 3 and cut.spec.pieces(100) == 1
    assert make_trainer(experiment(NORMED, batch_size=192)).spec.pieces(192) == 1
    assert make_trainer(experiment((DENSE,), batch_size=192)).spec.pieces(192) == 1
    cut.advance(2)
    monkeypatch.setattr("engines.nets.stack_spec.PIECE", 1000)
    compiled.programs.cache_clear()
    whole = make_trainer(experiment(batch_size=192, learning_rate=0.2))
    whole.advance(2)
    for (w, _), (v, _) in zip(whole.weights(), cut.weights(), strict=True):
        np.testing.assert_allclose(w, v, atol=1e-5)


def test_a_step_longer_than_a_slice_is_the_same_step(monkeypatch):
    whole = make_trainer(experiment(batch_size=200, learning_rate=0.2))
    whole.advance(1)
    monkeypatch.setattr("engines.nets.programs.slice_for", lambda multiplies, backend: 64)
    cut = make_trainer(experiment(batch_size=200, learning_rate=0.2))
    while cut.step < 1:
        cut.advance(1)
    for (w, _), (v, _) in zip(whole.weights(), cut.weights(), strict=True):
        np.testing.assert_allclose(w, v, atol=1e-5)


def test_health_names_layers_and_counts_channels():
    trainer = make_trainer(experiment((*NORMED, DENSE)))
    facts = trainer.probe(Look()).layers
    assert [f["name"] for f in facts] == ["conv 1", "norm 1", "dense 1", "output"]
    assert [f["units"] for f in facts] == [3, 3, 6, 10] and all(f["gradient"] > 0 for f in facts)


@pytest.mark.parametrize("name", ["lenet1", "lenet5", "lenet5-modern"])
def test_known_stacks_learn(name):
    from engines.nets.presets_stack import STACKS

    cost = "map_criterion" if name == "lenet5" else "softmax_cross_entropy"
    trainer = make_trainer(
        digits_experiment(data__source="builtin", net=STACKS[name], cost=cost, learning_rate=0.002, batch_size=50)
    )
    assert to_the_end_of_the_epoch(trainer).rows[0][4] > 0.8
    assert stack.rows(STACKS[name])
