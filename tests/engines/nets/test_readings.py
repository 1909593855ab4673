"""Reading a net's answers: against float64, in slices, off a run that goes on training, and when there is nothing to read."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engines.data import digits
from engines.experiment import DigitsData, StackNet, digits_experiment
from engines.live import LiveRun, Pool
from engines.nets import readings, stack
from engines.nets.readings import NoAnswer, Reading, Stopped
from engines.training import make_trainer
from tests.engines.live.conftest import eventually

DENSE = digits_experiment(data=DigitsData(source="builtin", train_count=500), net__layers=[{"units": 12, "activation": "tanh"}])
CONV = StackNet(
    border=1,
    scaling="standard",
    layers=[
        {"key": "conv", "settings": {"filters": 3, "size": 5, "stride": 2}},
        {"key": "norm", "activation": "relu"},
        {"key": "dropout", "settings": {"rate": 0.9}},
    ],
)
STACK = DENSE.change(net=CONV)


@pytest.fixture(scope="module")
def found():
    return digits.load("builtin")


def weights_of(experiment, seed=0):
    rng = np.random.default_rng(seed)
    return [
        (w, rng.normal(0, 0.1, b.shape).astype(np.float32)) for w, b in stack.initial_weights(stack.as_stack(experiment.net), 1)
    ]


def part(found, count):
    return found._replace(test_images=found.test_images[:count], test_labels=found.test_labels[:count])


def dense_oracle(weights, images):
    (w1, b1), (w2, b2) = [(w.astype(np.float64), b.astype(np.float64)) for w, b in weights]
    z = np.tanh(images.reshape(len(images), -1) / 255 @ w1 + b1) @ w2 + b2
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def conv_oracle(weights, images):
    (w1, b1), (gamma, beta), (w2, b2) = [(w.astype(np.float64), b.astype(np.float64)) for w, b in weights]
    x = np.pad((images / 255 - 0.1307) / 0.3081, ((0, 0), (1, 1), (1, 1)), constant_values=-0.1307 / 0.3081)
    places = range(0, 26, 2)
    seen = np.stack([[x[:, i : i + 5, j : j + 5].reshape(len(x), -1) for j in places] for i in places])
    a = np.maximum(gamma[0] * (seen @ w1 + b1) + beta, 0).transpose(2, 3, 0, 1).reshape(len(x), -1)
    z = a @ w2 + b2
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


@pytest.mark.parametrize(("experiment", "oracle"), [(DENSE, dense_oracle), (STACK, conv_oracle)], ids=["dense", "stack"])
def test_answers_are_those_of_an_independent_net(experiment, oracle, found, monkeypatch):
    monkeypatch.setattr("engines.nets.programs.slice_for", lambda multiplies, backend: 64)
    some, shares = part(found, 200), []
    weights = weights_of(experiment)
    of = readings.taken(experiment, weights, 3, 0.5, some)
    got = readings.answers(of, some.test_images, shares.append)
    np.testing.assert_allclose(got, oracle(weights, some.test_images), atol=2e-6)
    assert shares == [0.32, 0.64, 0.96, 1.0]
    with pytest.raises(Stopped):
        readings.answers(of, some.test_images, cancelled=lambda: True)


def test_logistic_outputs_are_read_as_they_are(found):
    experiment = DENSE.change(cost="summed_squared")
    of = readings.taken(experiment, weights_of(experiment), 0, 0.0, part(found, 50))
    (w1, b1), (w2, b2) = of.weights
    z = np.tanh(of.digits.test_images.reshape(50, -1) / 255 @ w1 + b1) @ w2 + b2
    np.testing.assert_allclose(readings.read(of).probabilities, 1 / (1 + np.exp(-z)), atol=1e-5)


def test_what_a_reading_says(found):
    some = part(found, 6)._replace(test_labels=np.array([4, 4, 4, 9, 9, 0], np.uint8))
    probabilities = np.full((6, 10), 0.01, np.float32)
    for i, (answer, sure) in enumerate([(4, 0.9), (9, 0.5), (9, 0.8), (9, 0.7), (4, 0.95), (0, 0.6)]):
        probabilities[i, answer] = sure
    reading = Reading(readings.taken(DENSE, weights_of(DENSE), 0, 0.0, some), probabilities)
    assert reading.answers.tolist() == [4, 9, 9, 9, 4, 0]
    assert reading.worst().tolist() == [4, 2, 1] and reading.cell(4, 9).tolist() == [2, 1] and reading.cell(1, 1).size == 0
    assert reading.confusion.sum() == 6 and reading.confusion[4].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 2]


def test_the_same_weights_are_read_once(found, monkeypatch):
    some = part(found, 40)
    calls = []
    whole = readings.answers
    monkeypatch.setattr(readings, "answers", lambda *a: calls.append(1) or whole(*a))
    weights = weights_of(DENSE, seed=5)
    first = readings.read(readings.taken(DENSE, weights, 1, 0.1, some))
    again = readings.read(readings.taken(DENSE.change(learning_rate=0.5), weights, 2, 0.2, some))
    assert again.probabilities is first.probabilities and again.taken.step == 2 and len(calls) == 1
    weights[0][0][5, 5] += 1
    readings.read(readings.taken(DENSE, weights, 1, 0.1, some))
    readings.read(readings.taken(DENSE.change(cost="summed_squared"), weights, 1, 0.1, some))
    assert len(calls) == 3
    for seed in range(readings.MOST_KEPT + 3):
        readings.read(readings.taken(DENSE, weights_of(DENSE, seed=100 + seed), 0, 0.0, part(found, 10)))
    assert len(readings._kept) == readings.MOST_KEPT


def test_overflowed_weights_are_refused_in_words(found):
    weights = weights_of(DENSE)
    weights[1][0][0, 0] = np.inf
    with pytest.raises(NoAnswer, match="overflowed"):
        readings.taken(DENSE, weights, 0, 0.0, found)


# ---- off a live run


@pytest.fixture(scope="module")
def pool():
    made = Pool(workers=2)
    yield made
    made.stop()


def test_a_run_is_read_while_it_trains(pool):
    run = LiveRun(DENSE.change(epochs=0, batch_size=50), pool=pool, speed="max")
    run.watch(lambda: None)
    eventually(lambda: run.status == "ready", 120)
    untrained = readings.predictions(run)
    run.play()
    eventually(lambda: run.snapshot.metrics is not None and run.snapshot.metrics.epoch >= 3, 60)
    reading = readings.predictions(run)
    assert run.status == "playing" and reading.taken.step >= 30 and reading.taken.epoch >= 3
    assert reading.probabilities.shape == (1000, 10) and reading.taken.experiment == run.experiment
    right, before = ((r.answers == r.labels).mean() for r in (reading, untrained))
    assert right > 0.5 > before and not reading.taken.opened
    run.open_net(run.experiment, list(reading.taken.weights), "Opened.")
    eventually(lambda: run.snapshot.run.step == 0, 60)
    assert readings.capture(run).opened and readings.capture(run).step == 0
    run.close()
    with pytest.raises(NoAnswer, match="no net"):
        readings.predictions(run)


@dataclass
class Visited:
    """A run whose thread answers a little later, with this trainer."""

    ready: Any = None
    experiment: Any = None
    closed, status = False, "paused"
    step, epoch = 7, 0.5

    def visit(self, call):
        threading.Thread(target=lambda: (time.sleep(0.02), call(self))).start()


def test_layers_that_normalise_are_read_with_the_statistics_of_training_digits():
    trainer = make_trainer(STACK)
    reading = readings.predictions(Visited(trainer, STACK))
    assert (reading.taken.step, reading.taken.epoch) == (7, 0.5)
    first = reading.taken.digits.train_images[:500] / 255
    of = reading.taken
    # folded: over the training digits every map has mean 0 and spread 1 before its activation
    x = np.pad((first - 0.1307) / 0.3081, ((0, 0), (1, 1), (1, 1)), constant_values=-0.1307 / 0.3081)
    seen = np.stack([x[:, i : i + 5, j : j + 5].reshape(len(x), -1) for i in range(0, 26, 2) for j in range(0, 26, 2)])
    z = of.weights[1][0][0] * (seen @ of.weights[0][0] + of.weights[0][1]) + of.weights[1][1]
    np.testing.assert_allclose(z.mean((0, 1)), 0, atol=1e-3)
    np.testing.assert_allclose(z.std((0, 1)), 1, atol=1e-2)
    np.testing.assert_allclose(reading.probabilities[:50], conv_oracle(of.weights, of.digits.test_images[:50]), atol=1e-5)


class Silent:
    """A run that never has a turn."""

    closed, status = False, "compiling"

    def visit(self, call):
        pass


def test_waiting_ends_by_patience_or_when_nobody_waits():
    with pytest.raises(NoAnswer, match="busy"):
        readings.ask(Silent(), lambda driver: 1, patience_s=0.03)
    with pytest.raises(Stopped):
        readings.ask(Silent(), lambda driver: 1, cancelled=lambda: True)


def test_an_error_in_the_trainers_thread_comes_to_who_asked():
    assert readings.ask(Visited(), lambda driver: driver.status) == "paused"
    with pytest.raises(ZeroDivisionError):
        readings.ask(Visited(), lambda driver: 1 // 0)
