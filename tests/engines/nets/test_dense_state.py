import jax
import numpy as np
import pytest

from engines.nets.dense_state import State, from_arrays, to_arrays
from engines.nets.evaluate import Report
from engines.nets.updating import fresh_memory
from engines.training import Metrics


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
