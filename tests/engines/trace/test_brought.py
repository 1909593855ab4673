"""Nets brought from the pages: the same outputs and costs as there, kept by token, never changed by what is typed."""

import numpy as np
import pytest

from engines.data.own import materialize
from engines.experiment import Experiment, digits_experiment
from engines.keeping import Store
from engines.live import LiveRun, Pool
from engines.trace.bring import NothingToBring, bring, example, examples_of, picture, study_of
from engines.trace.brought import Brought, find, keep
from engines.trace.net import Net
from engines.trace.passes import trace
from engines.trace.study import material, settled
from engines.training import Look, make_trainer
from tests.engines.live.conftest import eventually

PLANE = Experiment().change(
    net__inputs=["x", "y", "x2", "sinx"],
    net__layers=[{"units": 5, "activation": "relu", "dropout": 0.5}, {"units": 3, "activation": "tanh"}],
    data__count=40,
)
DIGITS = digits_experiment(net__layers=[{"units": 12, "activation": "relu"}], data__source="builtin", data__train_count=500)


def _net(size=2):
    return Brought(
        Net((np.zeros((size, size)),), (np.zeros(size),), ("relu",)), np.zeros((1, size)), np.zeros((1, size)), "", "", 0.1
    )


@pytest.mark.parametrize("changes", [{}, {"cost": "cross_entropy"}, {"cost": "hinge", "net__output": "tanh"}])
def test_all_points_together_cost_what_the_run_says(changes):
    trainer = make_trainer(PLANE.change(**changes))
    trainer.advance(200)
    figures, totals = trainer.figures(), []
    train, test = materialize(PLANE.data)
    for index in range(examples_of(PLANE)):
        net, x, t = material(study_of(trainer.experiment, trainer.weights(), index))
        totals.append(trace(net, x, t, dtype=np.float64).total)
    count = len(train.t)
    assert len(totals) == count + len(test.t)
    np.testing.assert_allclose([np.mean(totals[:count]), np.mean(totals[count:])], figures[1:3], rtol=1e-4)


def test_a_digit_s_outputs_are_those_of_the_page():
    trainer = make_trainer(DIGITS)
    trainer.advance(20)
    bars = trainer.probe(Look()).sections["strip_bars"]
    for index in (0, 5):
        study = study_of(DIGITS, trainer.weights(), index)
        net, x, t = material(study)
        y = trace(net, x, t, dtype=np.float64).values["Y"][0]
        np.testing.assert_allclose(np.exp(y) / np.exp(y).sum(), bars[index], atol=1e-4)
        image, label = picture(DIGITS, index)
        assert t[0].argmax() == label and find(study.brought).side == 28
        np.testing.assert_allclose(x.reshape(28, 28) * 255, image, atol=1e-4)
        assert find(study.brought).said.endswith(f"with test digit {index + 1}, a {label}.")


def test_points_say_where_they_are_and_inputs_have_names():
    x, t, said, names = example(PLANE, 0)
    assert x.shape == (1, 4) and t.shape == (1, 1) and names == ("x", "y", "x²", "sin x")
    assert said.startswith("training point 1 at x = ") and example(PLANE, examples_of(PLANE) - 1)[2].startswith("test point")
    np.testing.assert_allclose(x[0, 2], x[0, 0] ** 2, rtol=1e-6)
    with pytest.raises(NothingToBring, match="There is no example 41; choose from 1 to 40"):
        example(PLANE, 40)


def test_a_run_is_brought_while_it_trains():
    pool = Pool(workers=1)
    run = LiveRun(PLANE, pool=pool, speed="max")
    run.watch(lambda: None)
    eventually(lambda: run.status == "ready", 120)
    run.play()
    eventually(lambda: run.snapshot.run.step > 50, 60)
    study = bring(run, 3)
    net, x, _ = material(study)
    assert study.train_biases and study.cost == PLANE.cost and study.learning_rate == PLANE.learning_rate
    assert study.widths == net.widths == (4, 5, 3, 1) and x.shape == (1, 4) and settled(study) == (study, [])
    assert "Network page after" in find(study.brought).said
    run.close()
    with pytest.raises(NothingToBring, match="no weights to look at"):
        bring(run, 3, patience_s=0.2)
    pool.stop()


def test_weights_that_overflowed_are_not_brought():
    class Run:
        closed, status = False, "ready"

        def visit(self, call):
            weights = [(np.full((4, 1), np.nan), np.zeros(1))]
            ready = type("Ready", (), {"weights": lambda self: weights})()
            call(type("Driver", (), {"experiment": PLANE, "ready": ready, "epoch": 1.0})())

    with pytest.raises(NothingToBring, match="overflowed"):
        bring(Run(), 0)


def test_what_is_typed_does_not_change_what_is_kept():
    study = study_of(PLANE, make_trainer(PLANE).weights(), 0)
    before = find(study.brought).net.weights[0].copy()
    typed = study.change(
        typed=[{"matrix": "W1", "row": 0, "column": 0, "value": 9}, {"matrix": "X", "row": 0, "column": 3, "value": 1}]
    )
    net, x, _ = material(typed)
    assert net.weights[0][0, 0] == 9 and x[0, 3] == 1
    np.testing.assert_array_equal(find(study.brought).net.weights[0], before)


def test_a_net_that_is_gone_is_said_and_its_study_left_as_it_is():
    study = study_of(PLANE, make_trainer(PLANE).weights(), 0).change(brought="gone", step=50)
    assert study.widths == () and study.operations == 0 and settled(study) == (study, [])
    with pytest.raises(ValueError, match="no longer in memory; bring it again"):
        material(study)


def test_the_store_is_bounded_and_forgets_the_one_not_asked_for_longest():
    store = Store(2, 2**20)
    first, second = store.keep(_net()), store.keep(_net())
    assert store.find(first) is not None
    third = store.keep(_net())
    assert store.find(second) is None and store.find(first) is not None and store.find(third) is not None
    small = Store(64, 1000)
    tokens = [small.keep(_net(8)) for _ in range(3)]
    assert len(small) == 1 and small.find(tokens[-1]) is not None
    assert find(keep(_net())) is not None and find("never") is None
