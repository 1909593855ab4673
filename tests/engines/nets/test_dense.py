"""The trainer of dense nets: runs, interventions, pictures, recordings, on a small made-up set in MNIST's format."""

from __future__ import annotations

import gzip
import struct
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from engines.data import digits
from engines.experiment import Choice, digits_experiment
from engines.nets import dense, evaluate, glance, programs
from engines.nets.dense import DenseTrainer
from engines.training import Look, make_trainer

TRAIN, TEST = 230, 90


def _idx(array):
    return gzip.compress(
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes(), 1
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten patterns of ink on paper, three pixels in ten replaced by noise: easy, but not at once."""
    root, rng = tmp_path_factory.mktemp("digits"), np.random.default_rng(0)
    (root / "mnist").mkdir()
    patterns = 200 * (rng.random((10, 28, 28)) < 0.15)
    for part, count in (("train", TRAIN), ("test", TEST)):
        labels = rng.integers(0, 10, count)
        images = np.where(rng.random((count, 28, 28)) < 0.3, 200 * (rng.random((count, 28, 28)) < 0.15), patterns[labels])
        (root / digits.FILES[f"{part}_images"].path).write_bytes(_idx(images))
        (root / digits.FILES[f"{part}_labels"].path).write_bytes(_idx(labels))
    return root


@pytest.fixture(autouse=True)
def small_set(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folder))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("PLAYGROUND_PRECISION", raising=False)
    monkeypatch.setattr(programs, "slice_size", lambda sizes, backend: 64)
    digits.forget()
    yield
    digits.forget()


def experiment(units=(12,), activation="tanh", **changes):
    layers = [{"units": n, "activation": activation} for n in units]
    plain = {"optimizer": Choice(key="sgd"), "learning_rate": 0.1, "batch_size": 50, "epochs": 0, "net__layers": layers}
    return digits_experiment(**(plain | changes))


def train(trainer, epochs=1, chunk=1000):
    """Rows of `epochs` epochs, or fewer when the run stops."""
    rows = []
    for _ in range(10_000):
        advance = trainer.advance(chunk)
        rows.extend(advance.rows)
        if advance.stopped or len(rows) >= epochs:
            return np.array(rows), advance.stopped
    raise AssertionError("the run does not get on")


def same(a, b):
    return all(np.array_equal(x, y) for one, two in zip(a, b, strict=True) for x, y in zip(one, two, strict=True))


def numpy_step(weights, x, t, rate):
    """One step of plain SGD on a tanh net with softmax cross-entropy, float64."""
    hs = [x]
    for w, b in weights[:-1]:
        hs.append(np.tanh(hs[-1] @ w + b))
    z = hs[-1] @ weights[-1][0] + weights[-1][1]
    p = np.exp(z - z.max(1, keepdims=True))
    delta = (p / p.sum(1, keepdims=True) - t) / len(x)
    moved = []
    for h, (w, b) in zip(reversed(hs), reversed(weights), strict=True):
        moved.insert(0, (w - rate * h.T @ delta, b - rate * delta.sum(0)))
        delta = (delta @ w.T) * (1 - h**2)
    return moved


def test_an_epoch_against_numpy():
    """Every step of an epoch, in the order drawn, the remainder of the data left out; then the metrics."""
    trainer = make_trainer(experiment())
    weights = [(w.astype(np.float64), b.astype(np.float64)) for w, b in trainer.weights()]
    order = np.asarray(programs.shuffle_program()(np.uint32(0), np.int32(0), TRAIN))
    d = digits.load()
    x, t = d.train_images.reshape(TRAIN, 784) / 255, np.eye(10)[d.train_labels]
    assert trainer.steps_per_epoch == TRAIN // 50 == 4
    for step in range(4):
        chosen = order[step * 50 : (step + 1) * 50]
        weights = numpy_step(weights, x[chosen], t[chosen], 0.1)
    rows, _ = train(trainer)
    for (w, b), (our_w, our_b) in zip(weights, trainer.weights(), strict=True):
        np.testing.assert_allclose(our_w, w, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(our_b, b, rtol=1e-3, atol=1e-5)
    expected = [1.0]
    for images, labels in ((d.train_images[:TEST], d.train_labels[:TEST]), (d.test_images, d.test_labels)):
        h = np.tanh(images.reshape(-1, 784) / 255 @ weights[0][0] + weights[0][1])
        z = h @ weights[1][0] + weights[1][1]
        logs = z - np.log(np.exp(z).sum(1, keepdims=True))
        expected += [-logs[np.arange(len(labels)), labels].mean(), (z.argmax(1) == labels).mean()]
    np.testing.assert_allclose(rows[0], [expected[i] for i in (0, 1, 3, 2, 4)], rtol=1e-3)


def test_it_learns_and_confusion_counts_the_test_set():
    trainer = DenseTrainer(experiment(learning_rate=0.02))
    rows, stopped = train(trainer, 12)
    assert stopped is None and rows[-1, 4] > 0.9 > 0.6 > rows[0, 4] and rows[-1, 2] < rows[0, 2]
    assert rows[:, 0].tolist() == list(range(1, 13)) and rows.dtype == np.float32
    confusion = trainer.probe(Look()).sections["confusion"]
    truth = digits.load().test_labels
    assert confusion.sum() == TEST and np.trace(confusion) / TEST == pytest.approx(rows[-1, 4])
    assert np.array_equal(confusion.sum(1), np.bincount(truth, minlength=10))


def test_same_seed_same_run_however_it_is_cut():
    dropout = {"net__layers": [{"units": 12, "activation": "relu", "dropout": 0.3}]}
    first, second = DenseTrainer(experiment(**dropout)), DenseTrainer(experiment(**dropout))
    assert np.array_equal(train(first, 2)[0], train(second, 2, chunk=1)[0]) and same(first.weights(), second.weights())
    first.reset()
    assert first.step == 0 and same(first.weights(), DenseTrainer(experiment(**dropout)).weights())
    train(first, 2)
    assert same(first.weights(), second.weights())
    other = DenseTrainer(experiment(seed=1, **dropout))
    assert not same(other.weights(), DenseTrainer(experiment(**dropout)).weights())


def test_changing_rates_compiles_nothing():
    trainer = DenseTrainer(experiment(optimizer=Choice(key="momentum")))
    train(trainer, 2)
    trainer.probe(Look())
    compiles = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda name, *_, **__: compiles.append(name) if "backend_compile" in name else None
    )
    layers = [{"units": 12, "activation": "tanh", "dropout": 0.2}]
    changed = trainer.experiment.change(
        learning_rate=0.02,
        net__layers=layers,
        clip_norm=1.0,
        max_norm=2.0,
        seed=7,
        patience=50,
        penalty=Choice(key="l1", settings={"rate": 0.01}),
        schedule=Choice(key="cosine"),
        optimizer=Choice(key="momentum", settings={"momentum": 0.8}),
    )
    before = trainer.weights()
    trainer.apply(changed)
    assert same(before, trainer.weights())
    train(trainer, 2)
    trainer.probe(Look())
    jax.monitoring.clear_event_listeners()
    assert compiles == [] and trainer._programs.chunk._cache_size() == 1
    assert not same(before, trainer.weights())


def test_a_long_batch_in_slices_is_one_step(monkeypatch):
    """Four slices, the last with only 38 examples of its own, against NumPy on the whole training set."""
    monkeypatch.setattr(dense, "PATIENCE_S", 0.0)
    trainer = DenseTrainer(experiment(optimizer=Choice(key="gradient_descent")))
    assert (trainer.spec.batch, trainer.spec.slice, trainer.steps_per_epoch) == (TRAIN, 64, 1)
    d, weights = digits.load(), [(w.astype(np.float64), b.astype(np.float64)) for w, b in trainer.weights()]
    assert [trainer.advance(5).steps for _ in range(4)] == [0, 0, 0, 1]
    moved = numpy_step(weights, d.train_images.reshape(TRAIN, 784) / 255, np.eye(10)[d.train_labels], 0.1)
    for layer, other in zip(moved, trainer.weights(), strict=True):
        for a, b in zip(layer, other, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-3, atol=1e-6)
    rows, _ = train(trainer)
    assert rows[0, 0] == 1 and trainer.step == 1


def test_an_evaluation_can_be_interrupted(monkeypatch):
    rows, _ = train(DenseTrainer(experiment()))
    monkeypatch.setattr(dense, "PATIENCE_S", 0.0)
    trainer = DenseTrainer(experiment())
    answers = [trainer.advance(1000) for _ in range(4)]
    assert [a.steps for a in answers] == [4, 0, 0, 0] and [len(a.rows) for a in answers] == [0, 0, 0, 1]
    assert np.array_equal(answers[-1].rows, rows)
    assert trainer.state.epoch == 1 and trainer.advance(1).steps == 1


def test_budget_and_patience():
    trainer = DenseTrainer(experiment(epochs=2))
    assert train(trainer, 9)[1] == "budget" and trainer.advance(5) == (trainer.state, pytest.approx(np.zeros((0, 5))), 0, "budget")
    trainer.apply(trainer.experiment.change(epochs=3))
    assert train(trainer, 9)[1] == "budget" and trainer.state.epoch == 3
    trainer.reset(experiment(learning_rate=1e-6, patience=2, seed=3))
    trainer.state = trainer.state._replace(best=0.0)
    rows, stopped = train(trainer, 9)
    assert stopped == "early" and len(rows) == 2
    assert trainer.advance(1).stopped is None


def test_overflow_stops_the_run_at_its_step():
    trainer = DenseTrainer(experiment(activation="quadratic", learning_rate=100.0))
    rows, stopped = train(trainer, 9)
    assert stopped == "nan" and len(rows) == 0 and 0 < trainer.step < 8
    probe = trainer.probe(Look())
    assert probe.sections["filters"].dtype == np.uint8 and np.isfinite(probe.histogram["high"])


def test_width_and_depth_keep_what_fits():
    trainer = DenseTrainer(experiment((12, 8)))
    train(trainer)
    (w0, b0), (w1, _), (w2, _) = trainer.weights()
    steps = trainer.step
    notes = trainer.apply(experiment((15, 6)))
    (v0, c0), (v1, _), (v2, _) = trainer.weights()
    fresh = dense.initial_weights(experiment((15, 6)))
    assert "Kept the weights that fit" in notes[0] and trainer.step == steps
    assert np.array_equal(v0[:, :12], w0) and np.array_equal(c0[:12], b0) and np.array_equal(v0[:, 12:], fresh[0][0][:, 12:])
    assert np.array_equal(v1[:12], w1[:, :6]) and np.array_equal(v2, w2[:6])
    trainer.apply(experiment((15,)))
    assert [w.shape for w, _ in trainer.weights()] == [(784, 15), (15, 10)] and np.array_equal(trainer.weights()[1][0][:6], v2)
    trainer.apply(experiment(()))
    assert [w.shape for w, _ in trainer.weights()] == [(784, 10)]
    assert train(trainer)[1] is None


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": Choice(key="adam"), "learning_rate": 0.001},
        {"cost": "summed_squared"},
        {"net__layers": [{"units": 12, "activation": "relu"}]},
        {"batch_size": 23},
    ],
)
def test_other_changes_keep_the_weights_and_the_run(change):
    trainer = DenseTrainer(experiment())
    trainer.advance(2)
    before = trainer.weights()
    trainer.apply(trainer.experiment.change(**change))
    assert same(before, trainer.weights()) and trainer.step == 2
    assert trainer.state.position == (2 if "batch_size" not in change else 5)
    rows, stopped = train(trainer)
    assert stopped is None and rows[0, 0] == 1 and np.isfinite(rows).all()


def test_new_data_in_a_running_net():
    trainer = DenseTrainer(experiment())
    trainer.advance(2)
    notes = trainer.apply(experiment(data__train_count=100))
    assert any("230 training" in note for note in notes) and trainer.steps_per_epoch == 2 and trainer.state.position == 1
    rows, _ = train(trainer)
    assert np.isfinite(rows).all()


def test_save_and_restore():
    trainer = DenseTrainer(experiment(optimizer=Choice(key="adam"), learning_rate=0.01))
    train(trainer)
    trainer.advance(2)
    saved, confusion = trainer.save_state(), trainer.probe(Look()).sections["confusion"]
    assert all(isinstance(a, np.ndarray) for a in saved)
    later, _ = train(trainer, 2)
    trainer.restore(saved)
    assert trainer.step == 6 and np.array_equal(trainer.probe(Look()).sections["confusion"], confusion)
    assert np.array_equal(train(trainer, 2)[0], later)
    trainer.apply(experiment())
    trainer.restore(saved)
    assert trainer.state.age == 0 and train(trainer)[1] is None
    trainer.apply(experiment((11,)))
    with pytest.raises(ValueError, match="another shape"):
        trainer.restore(saved)


def test_set_weight():
    trainer = DenseTrainer(experiment())
    trainer.set_weight(0, 783, 11, 2.5)
    trainer.set_weight(1, 12, 9, -1.5)
    assert trainer.weights()[0][0][783, 11] == 2.5 and trainer.weights()[1][1][9] == -1.5
    for place in ((2, 0, 0), (-1, 0, 0), (0, 785, 0), (0, 0, 12), (1, 0, -1)):
        with pytest.raises(ValueError, match="layer"):
            trainer.set_weight(*place, 1.0)


def test_probe_has_the_sections_of_the_page():
    trainer = DenseTrainer(experiment((70,), learning_rate=0.001))
    before = trainer.probe(Look()).sections
    assert before["confusion"].sum() == TEST and trainer.step == 0
    train(trainer)
    probe = trainer.probe(Look())
    shapes = {name: (array.dtype.name, array.shape) for name, array in probe.sections.items()}
    assert shapes == {
        "filters": ("uint8", (64, 28, 28)),
        "strip": ("uint8", (12, 28, 28)),
        "strip_labels": ("uint8", (12,)),
        "strip_bars": ("float32", (12, 10)),
        "confusion": ("float32", (10, 10)),
        "worst": ("uint8", (12, 28, 28)),
        "worst_info": ("float32", (12, 3)),
        "worst_index": ("float32", (12,)),
        "untrained": ("float32", (5,)),
        "glance": ("float32", (0,)),
    }
    info = probe.sections["worst_info"]
    assert (info[:, 0] != info[:, 1]).all() and (np.diff(info[:, 2]) <= 0).all()
    np.testing.assert_allclose(probe.sections["strip_bars"].sum(1), 1, rtol=1e-5)
    assert [layer["name"] for layer in probe.layers] == ["hidden 1", "output"] and probe.layers[0]["gradient"] > 0
    assert sum(probe.histogram["counts"]) == 784 * 70 + 700


def test_a_glance_in_a_long_epoch_is_a_sample_apart_from_the_rows(monkeypatch):
    monkeypatch.setattr(glance, "SAMPLE", 70)
    monkeypatch.setattr(glance, "EVERY_S", 0.0)
    trainer, plain = DenseTrainer(experiment(patience=2)), DenseTrainer(experiment(patience=2))
    assert trainer.probe(Look()).sections["glance"].shape == (0,)
    rows = [trainer.advance(2).rows, plain.advance(2).rows]
    for _ in range(10):
        seen = trainer.probe(Look()).sections["glance"]
    assert seen.shape == (glance.COLUMNS,) and seen[0] == 0.5 and seen[5:].tolist() == [70, 70]
    (w, b), (v, c) = trainer.weights()
    d = digits.load()
    for images, labels, loss, share in ((d.train_images, d.train_labels, 1, 3), (d.test_images, d.test_labels, 2, 4)):
        z = np.tanh(images[:70].reshape(-1, 784) / 255 @ w + b) @ v + c
        logs = z - np.log(np.exp(z).sum(1, keepdims=True))
        assert seen[loss] == pytest.approx(-logs[np.arange(70), labels[:70]].mean(), rel=1e-3)
        assert seen[share] == pytest.approx((z.argmax(1) == labels[:70]).mean())
    rows[0], rows[1] = train(trainer)[0], train(plain)[0]
    assert np.array_equal(*rows) and rows[0][0, 0] == 1 and trainer.state.best == plain.state.best
    assert trainer.probe(Look()).sections["glance"].shape == (0,)


def test_no_glance_before_its_time_and_none_of_other_weights():
    trainer = DenseTrainer(experiment())
    trainer.advance(2)
    assert trainer.probe(Look()).sections["glance"].shape == (0,)
    trainer._glances.trained(100)
    assert trainer.probe(Look()).sections["glance"][0] == 0.5
    trainer.set_weight(0, 3, 3, 1.0)
    assert trainer.probe(Look()).sections["glance"].shape == (0,)


def test_the_untrained_net_has_its_own_row():
    trainer = DenseTrainer(experiment())
    row = trainer.probe(Look()).sections["untrained"]
    assert row[0] == 0 and np.isfinite(row).all() and row[4] < 0.5
    trainer.reset(experiment(cost="summed_squared"))
    assert trainer.probe(Look()).sections["untrained"][2] != row[2]


def test_filters_and_histogram_by_hand():
    w = np.zeros((784, 2), np.float32)
    w[3, 0], w[4, 1], w[5, 1] = 0.5, -1.0, 0.0005
    pictures = evaluate.filters(w).reshape(2, 784)
    assert (pictures[0, 3], pictures[0, 0], pictures[1, 4]) == (192, 128, 1)
    assert (evaluate.filters(np.zeros((784, 2), np.float32)) == 128).all()
    found = evaluate.histogram([w])
    assert found["near_zero"] == pytest.approx(1566 / 1568) and found["low"] == -1 and found["high"] == 1
    assert found["counts"][20] == 1566 and found["counts"][0] == 1 and sum(found["counts"]) == 1568


def test_mistakes_by_hand():
    outputs = np.eye(10)[[3, 1, 7]] * [[0.6], [0.9], [0.8]]
    confusion, worst, info = evaluate.mistakes(outputs, np.array([2, 1, 5]))
    assert confusion[2, 3] == confusion[1, 1] == confusion[5, 7] == 1 and confusion.sum() == 3
    assert worst.tolist() == [2, 0]
    np.testing.assert_allclose(info, [[5, 7, 0.8], [2, 3, 0.6]], rtol=1e-6)


def test_bfloat16_trains_or_falls_back():
    trainer = DenseTrainer(experiment((64, 32)), precision="bfloat16")
    rows, stopped = train(trainer, 2)
    assert stopped is None and np.isfinite(rows).all()


def test_a_refused_precision_falls_back_to_float32(monkeypatch):
    trainer = DenseTrainer(experiment(), precision="bfloat16")

    def refuse(*arguments):
        raise jax.errors.JaxRuntimeError("UNIMPLEMENTED: BF16 x BF16")

    monkeypatch.setattr(trainer, "_programs", replace(trainer._programs, chunk=refuse))
    assert train(trainer)[1] is None and trainer.spec.precision == "float32"


def test_layers_follow_once_their_program_is_compiled(monkeypatch):
    trainer = DenseTrainer(experiment())
    held = Future()
    monkeypatch.setattr(dense, "_aside", SimpleNamespace(submit=lambda program, *arguments: held))
    trainer.prepare()
    early = trainer.probe(Look())
    assert early.layers == [] and early.histogram == {} and early.again_s and "filters" in early.sections
    held.set_result(None)
    late = trainer.probe(Look())
    assert [layer["name"] for layer in late.layers] == ["hidden 1", "output"] and late.again_s is None


def test_what_measures_a_net_that_was_changed_again_is_left_until_it_comes_back(monkeypatch):
    monkeypatch.setattr(dense, "HEAD_START_S", 0.0)
    later = []
    monkeypatch.setattr(dense, "_aside", SimpleNamespace(submit=lambda *work: later.append(work)))
    trainer = DenseTrainer(experiment((21,)))
    measured = []
    for name in ("study", "evaluate"):
        told = replace(trainer._programs, **{name: lambda *arguments, name=name: measured.append(name)})
        monkeypatch.setattr(trainer, "_programs", told)
    trainer.prepare()
    ((work, *arguments),) = later
    work(*arguments)
    assert measured == ["study", "evaluate", "evaluate"] and trainer.prepared
    trainer.apply(experiment((22,)))
    work(*arguments)
    assert len(measured) == 3
    trainer.apply(experiment((21,)))
    assert not trainer.prepared
