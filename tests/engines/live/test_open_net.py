"""A net from a file in a run: its weights arrive, the curve begins anew, and what does not fit changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from engines.data.sources import DataProblem
from engines.experiment import DigitsData, Experiment, StackLayer, StackNet, digits_experiment
from engines.live import LiveRun
from engines.nets.net_file import shapes
from engines.nets.stack_trainer import StackTrainer
from engines.training import Look
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer

DENSE = digits_experiment(net__layers=[{"units": 3}], data__source="builtin")
NUMBER = [(np.full((1, 1), 42.0, np.float32), np.zeros(1, np.float32))]


class Settable(FakeTrainer):
    nan_at = None

    def set_weights(self, weights):
        ((w, _),) = weights
        if w.shape != (1, 1):
            raise ValueError("these weights are of a net of another shape")
        self.w = float(w[0, 0])


class Overflowing(Settable):
    nan_at = 25


def shown(run: LiveRun):
    return run.snapshot.run


def weight(run: LiveRun) -> float:
    return float(run.snapshot.sections["theta"][0])


def trained(start, trainer=Settable) -> LiveRun:
    run = start(DENSE.change(epochs=0), trainer=trainer)
    run.play()
    eventually(lambda: shown(run).step > 40 or run.status == "stopped")
    return run


def test_weights_arrive_in_a_run_that_begins_anew(start) -> None:
    run = trained(start)
    other = DENSE.change(learning_rate=0.5, epochs=0)
    run.open_net(other, NUMBER, "Opened it.")
    eventually(lambda: run.status == "ready" and weight(run) == 42)
    assert run.experiment == other and run.snapshot.experiment == other
    assert (shown(run).step, shown(run).epoch, shown(run).message) == (0, 0, "Opened it.")
    assert len(run.snapshot.curve.table()) == 0 and run.snapshot.recording.count == 0
    run.step()
    eventually(lambda: shown(run).step == 1)
    assert weight(run) == 21


def test_a_recorded_moment_and_the_end_of_a_run_are_left_behind(start) -> None:
    run = trained(start)
    run.seek(0)
    eventually(lambda: run.snapshot.recording.position == 0)
    run.open_net(DENSE, NUMBER, "Opened it.")
    eventually(lambda: weight(run) == 42)
    assert run.snapshot.recording.position is None


def test_weights_of_another_shape_are_told_and_nothing_is_lost(start) -> None:
    run = trained(start)
    run.pause()
    eventually(lambda: run.status == "paused")
    before = run.snapshot
    run.open_net(run.experiment, [(np.zeros((2, 2)), np.zeros(2))], "Opened it.")
    eventually(lambda: shown(run).message == "these weights are of a net of another shape")
    assert (shown(run).step, weight(run)) == (before.run.step, float(before.sections["theta"][0]))
    assert run.snapshot.recording.count == before.recording.count > 0


def test_a_run_that_overflowed_gets_a_net_again(start) -> None:
    run = trained(start, Overflowing)
    eventually(lambda: run.snapshot.diagnosis and run.snapshot.diagnosis[0].key == "nan")
    run.open_net(run.experiment, NUMBER, "Opened it.")
    eventually(lambda: weight(run) == 42)
    assert not any(finding.key == "nan" for finding in run.snapshot.diagnosis)
    run.step()
    eventually(lambda: shown(run).step == 1)


def test_a_run_that_could_not_begin_is_mended_by_a_net(start) -> None:
    made = []

    def make(experiment: Experiment):
        made.append(experiment)
        if len(made) == 1:
            raise DataProblem("no digits")
        return Settable(experiment)

    run = start(DENSE, trainer=make, watched=False)
    run.watch(lambda: None)
    eventually(lambda: run.status == "failed")
    run.open_net(DENSE, NUMBER, "Opened it.")
    eventually(lambda: run.status == "ready" and weight(run) == 42)
    assert shown(run).message == "Opened it."


def test_a_real_trainer_takes_weights_of_its_shapes_only() -> None:
    layers = [StackLayer(key="dense", settings={"units": 3}, activation="tanh"), StackLayer(key="norm")]
    experiment = DENSE.model_copy(update={"net": StackNet(layers=layers), "data": DigitsData(source="builtin", train_count=20)})
    rng = np.random.default_rng(1)
    weights = [tuple(rng.normal(size=shape).astype(np.float32) for shape in pair) for pair in shapes(experiment)]
    trainer = StackTrainer(experiment)
    trainer.set_weights(weights)
    for pair, expected in zip(trainer.weights(), weights, strict=True):
        for array, other in zip(pair, expected, strict=True):
            np.testing.assert_array_equal(array, other)
    with pytest.raises(ValueError, match="a net of another shape"):
        trainer.set_weights(weights[:-1])
    assert trainer.report is None
    assert trainer.probe(Look()).facts["opened"]
    trainer.reset()
    assert "opened" not in trainer.probe(Look()).facts
    assert abs(trainer.weights()[0][0] - weights[0][0]).max() > 0.1
