"""What is measured on runs, on nets small enough to wait for."""

from types import SimpleNamespace

import numpy as np
import pytest

from engines.experiment import Choice, DigitsData
from engines.nets.count import parameters
from engines.reproduce import measures, training
from engines.reproduce.measures import Bench, correlation, hidden, steps_to
from engines.reproduce.parts import NetPart, RivalPart
from engines.reproduce.records import Number
from engines.reproduce.training import train
from engines.rivals.watch import Cancelled, Watch
from engines.training import Advance, make_trainer


@pytest.fixture
def bench(here):
    return Bench(0, "full", here)


def part(label, recipe, **more):
    return NetPart(label=label, recipe=recipe, train_count=400, **more)


def test_the_error_is_that_after_the_last_epoch(tiny, bench):
    experiment = part("a", tiny).experiment(0, "full")
    told, shares = [], []
    trained = train(experiment, Watch(shares.append), told.append)
    trainer = make_trainer(experiment)
    rows = []
    while len(rows) < 3:
        rows += list(trainer.advance(7).rows)
    assert [row.test_accuracy for row in trained.rows] == [float(row[4]) for row in rows]
    assert trained.error_percent == pytest.approx(100 * (1 - float(rows[-1][4])), abs=1e-3) and trained.steps == 60
    assert len(told) == 3 and told[-1] == f"epoch 3 of 3: test error {trained.error_percent:.2f} %"
    assert shares == sorted(shares) and shares[0] == 0
    for (w, b), (v, c) in zip(trained.weights, trainer.weights(), strict=True):
        assert np.array_equal(w, v) and np.array_equal(b, c)


def test_training_stops_early_when_it_has_enough_and_when_it_is_told(tiny, bench):
    experiment = part("a", tiny).experiment(0, "full")
    assert len(train(experiment, Watch(), enough=lambda row: row.epoch >= 2).rows) == 2
    with pytest.raises(Cancelled):
        train(experiment, Watch(cancelled=lambda: True))


def test_a_net_that_overflows_is_no_result(tiny, monkeypatch):
    fake = SimpleNamespace(step=0, steps_per_epoch=5, advance=lambda steps: Advance(None, np.zeros((0, 5), np.float32), 1, "nan"))
    monkeypatch.setattr(training, "make_trainer", lambda experiment: fake)
    with pytest.raises(ValueError, match="overflowed in epoch 1"):
        train(part("a", tiny).experiment(0, "full"), Watch())


def test_errors_are_measured_part_by_part(tiny, bench):
    shares = []
    parts = [RivalPart(label="k", rival="knn", train_count=400), part("n", tiny, headline=True), part("m", tiny, epochs=1)]
    found = measures.errors(parts, Bench(0, "full", bench.digits, Watch(shares.append)))
    assert [entry["label"] for entry in found.parts] == ["k", "n", "m"] and {entry["unit"] for entry in found.parts} == {"%"}
    assert found.value == found.parts[1]["value"] == train(parts[1].experiment(0, "full"), Watch()).error_percent
    assert found.parts[1]["how"] == {} and found.parts[2]["how"] == {"epochs": 1, "schedule.settings.length": 1}
    assert found.parts[0]["how"]["rival"] == "knn" and 0 < found.parts[0]["value"] < 30
    assert shares == sorted(shares) and shares[-1] <= 1


def test_counts_come_with_errors(tiny, bench):
    found = measures.with_counts([part("a", tiny)], bench)
    net = part("a", tiny).experiment(0, "full").net
    assert [entry["value"] for entry in found.parts[1:]] == [parameters(net), 784 * 16 + 160] and parameters(net) == 12_730


def test_units_that_repeat_each_other_are_told(tiny, bench):
    found = measures.with_correlation([part("a", tiny)], bench)
    outputs = hidden(train(part("a", tiny).experiment(0, "full"), Watch()).weights, bench.digits.test_images)
    live = outputs[:, outputs.std(0) > 1e-6]
    matrix = np.abs(np.corrcoef(live.astype(np.float64).T))
    expected = (matrix.sum() - len(matrix)) / (len(matrix) * (len(matrix) - 1))
    assert found.parts[1]["value"] == pytest.approx(expected, abs=1e-4) and 0 < expected < 1
    x = np.arange(9.0)[:, None]
    assert correlation(np.hstack([x, 2 - x, x * 0])) == pytest.approx(1) and np.isnan(correlation(x))


def test_untrained_nets_guess(tiny, bench, monkeypatch):
    monkeypatch.setattr(measures, "UNTRAINED_SEEDS", 3)
    found = measures.untrained([part("a", tiny)], bench)
    mean, low, high = (entry["value"] for entry in found.parts)
    assert low <= mean <= high and found.value == pytest.approx(mean, abs=1e-3) and 2 < mean < 25 and low < high


def test_the_faster_of_two_series_is_told(tiny, bench, monkeypatch):
    monkeypatch.setattr(measures, "SPEED_ERROR_PERCENT", 30.0)
    parts = [part("fast", tiny, series="A", epochs=10), part("slow", tiny, series="B", epochs=20, changes={"learning_rate": 0.04})]
    found = measures.speed_up(parts, bench)
    assert [entry["unit"] for entry in found.parts] == ["steps", "steps"]
    fast, slow = (entry["value"] for entry in found.parts)
    assert found.value == pytest.approx(slow / fast, rel=0.05) and found.value > 1
    with pytest.raises(ValueError, match="C did not come down to 30"):
        measures.speed_up([parts[0], part("never", tiny, series="C", epochs=1, changes={"learning_rate": 1e-6})], bench)


def test_a_run_that_overflows_is_told_and_the_others_count(tiny, bench, monkeypatch):
    monkeypatch.setattr(measures, "SPEED_ERROR_PERCENT", 30.0)
    wild = part("wild", tiny, series="A", changes={"learning_rate": 100.0, "penalty": Choice(key="l2", settings={"rate": 1.0})})
    found = measures.speed_up([part("A", tiny, series="A", epochs=9), wild, part("B", tiny, series="B", epochs=9)], bench)
    assert found.value == pytest.approx(1, abs=1e-3)
    assert (found.parts[1]["value"], found.parts[1]["unit"]) == (0, "full epochs, then its numbers overflowed")


def test_what_a_ratio_of_steps_leaves_out_is_told_at_equal_rates():
    def number(series, rate, value, unit=measures.STEPS):
        return Number(label="", value=value, unit=unit, series=series, x=rate)

    lost = number("ReLU", 0.1, 0, measures.OVERFLOWED)
    relu, tanh = [number("ReLU", 0.02, 1000), number("ReLU", 0.05, 800)], [number("tanh", 0.02, 2500), number("tanh", 0.05, 1000)]
    found = measures.speeds_told([*relu, lost, *tanh, number("tanh", 0.1, 700)])
    assert found == (
        "At the same learning rate: 2.5 at 0.02, 1.25 at 0.05. "
        "tanh did best at 0.1, the largest tried, at which ReLU's numbers overflowed."
    )
    slower = number("tanh", 0.1, 30.0, "% training error at the end")
    assert measures.speeds_told([*relu, lost, *tanh, slower]) == "At the same learning rate: 2.5 at 0.02, 1.25 at 0.05."


def test_steps_between_two_epochs_lie_on_a_line():
    assert steps_to(0.5, [0.5, 0.9]) == 1
    assert steps_to(0.5, [0.1, 0.3, 0.7, 0.2]) == pytest.approx(2.5)
    assert steps_to(0.5, [0.1, 0.2]) == float("inf") == steps_to(0.5, [])


def test_distorted_runs_say_so(tiny):
    how = part("a", tiny, changes={"data__distortions": {"shift": 2.0}}).how(0, "full", None)
    assert how["data"]["distortions"] == {"shift": 2.0} and DigitsData.model_validate(how["data"])
