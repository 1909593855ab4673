import jax
import numpy as np
import pytest

from engines.data import digits
from engines.data.digits import Digits
from engines.experiment import digits_experiment
from engines.nets.dense_state import State, from_arrays, to_arrays
from engines.nets.evaluate import Report
from engines.nets.updating import fresh_memory
from engines.training import Look, Metrics, make_trainer


def moment(optimizer, seed=0, hidden=5):
    random = np.random.default_rng(seed)
    shapes = [((4, hidden), (hidden,)), ((hidden, 3), (3,))]
    weights = jax.device_put(tuple(tuple(random.normal(size=size).astype(np.float32) for size in pair) for pair in shapes))
    memory = jax.tree.map(lambda slot: random.normal(size=slot.shape).astype(slot.dtype), fresh_memory(optimizer, weights))
    return State(weights, memory, age=11, step=42, epoch=3, position=7, best=0.25, waited=2)


def report():
    random = np.random.default_rng(5)
    filled = {name: random.integers(0, 9, 6) for name in Report._fields[1:]}
    return Report(Metrics(3.0, 0.5, 0.6, 0.9, 0.8), **filled)


def same(one, other):
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("last", [None, report()], ids=["no report", "with a report"])
def test_a_moment_comes_back_as_it_was(last):
    kept = to_arrays(moment("adam"), "adam", last)
    assert all(isinstance(array, np.ndarray) for array in kept)
    state, found = from_arrays(kept, moment("adam", seed=1), "adam")
    assert same(state, moment("adam"))
    assert [type(number) for number in state[2:]] == [int, int, int, int, float, int]
    assert found is None if last is None else np.allclose(found.metrics, last.metrics) and same(found[1:], last[1:])


def test_slots_of_another_optimizer_start_at_0_and_the_weights_stay():
    kept = to_arrays(moment("adam"), "adam", None)
    state, _ = from_arrays(kept, moment("rmsprop", seed=1), "rmsprop")
    assert same(state.weights, moment("adam").weights)
    assert same(state.memory, fresh_memory("rmsprop", state.weights))
    assert (state.age, state.step, state.epoch) == (0, 42, 3)


def test_a_net_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="another shape"):
        from_arrays(to_arrays(moment("adam"), "adam", None), moment("adam", hidden=6), "adam")


def test_a_report_of_another_measure_is_left_out():
    kept = to_arrays(moment("adam"), "adam", report(), measure=2**32 - 1)
    state, found = from_arrays(kept, moment("adam", seed=1), "adam", measure=2**32 - 1)
    assert found is not None and (state.best, state.waited) == (0.25, 2)
    state, found = from_arrays(kept, moment("adam", seed=1), "adam", measure=7)
    assert found is None and (state.best, state.waited, state.epoch) == (float("inf"), 0, 3)


def test_a_moment_can_be_gone_back_to_after_other_digits_have_come(monkeypatch):
    """The digits got wrong then are not among those of now."""

    def load(source):
        random, count = np.random.default_rng(3), {"full": 90, "builtin": 30}[source]
        images, labels = random.integers(0, 256, (count, 28, 28)).astype(np.uint8), (np.arange(count) % 10).astype(np.uint8)
        return Digits(images, labels, images, labels, source, f"{source} digits.")

    monkeypatch.setattr(digits, "load", load)
    digits.forget()
    many = digits_experiment(data__source="full", data__train_count=20, batch_size=10, net__layers=[{"units": 3}])
    trainer = make_trainer(many)
    while trainer.report is None:
        trainer.advance(2)
    assert trainer.report.worst.max() >= 30
    kept = trainer.save_state()
    trainer.apply(many.change(data__source="builtin"))
    trainer.restore(kept)
    shown = trainer.probe(Look()).sections
    assert trainer.report is None and len(shown["worst"]) == 0 and trainer.step == 2
    trainer.apply(many)
    trainer.restore(kept)
    assert len(trainer.probe(Look()).sections["worst"]) > 0
    monkeypatch.undo()
    digits.forget()
