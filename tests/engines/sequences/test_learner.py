"""A small net on a task: its answers, cost and gradient against float64 NumPy, and that it learns what can be learned."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engines.lazy import jax
from engines.sequences import learner as module
from engines.sequences.learner import AT_ONCE, Learner, Student, first_weights
from engines.sequences.practice import Practice
from engines.sequences.shapes import SHAPES
from engines.sequences.starts import STARTS
from engines.sequences.tasks import TASKS
from tests.engines.nets.recurrent.numpy_text import STEPS, log_softmax

CELLS = ["rnn", "gru", "lstm"]


def oracle(cell, weights, inputs, task):
    """(T, B, outputs), float64, step by step."""
    *layer, (w, b) = [(np.asarray(a, np.float64), np.asarray(c, np.float64)) for a, c in weights]
    x = np.eye(task.inputs)[inputs] if inputs.ndim == 2 else inputs.astype(np.float64)
    units = w.shape[0]
    state = tuple(np.zeros((x.shape[1], units)) for _ in range(2 if cell == "lstm" else 1))
    said = []
    for row in x:
        state, shown = STEPS[cell](layer, row, state)
        said.append(shown["h"] @ w + b)
    return np.array(said)


def oracle_cost(cell, weights, batch, task):
    said = oracle(cell, weights, batch.inputs, task)
    if task.classes:
        costs = -np.take_along_axis(log_softmax(said), batch.targets[..., None], -1)[..., 0]
    else:
        costs = (said[..., 0] - batch.targets) ** 2
    return (costs * batch.counted).sum() / batch.counted.sum()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", [TASKS["adding"], TASKS["copy"]], ids=["adding", "copy"])
def test_answers_and_cost_are_those_of_numpy(cell, task):
    learner = Learner(Student(task, cell, lag=5, units=4, seed=2))
    batch = task.draw(np.random.default_rng(7), 6, 5)
    said = oracle(cell, learner.weights, batch.inputs, task)
    wanted = said.argmax(-1) if task.classes else said[..., 0]
    np.testing.assert_allclose(learner.say(batch.inputs), wanted, atol=1e-5)
    learner.test()
    assert learner.rows[0].cost == pytest.approx(oracle_cost(cell, learner.weights, learner.tests, task), rel=1e-4)
    right = learner.say(learner.tests.inputs) - learner.tests.targets
    share = (np.abs(right) < (0.5 if task.classes else 0.1))[learner.tests.counted > 0].mean()
    assert learner.rows[0].share == pytest.approx(share, abs=1e-6)


def test_a_step_follows_the_gradient_of_the_mean_cost():
    """Adam's first step is the learning rate against the sign of each slope; slopes by differences of the oracle."""
    task, rate = TASKS["adding"], 1e-3
    student = Student(task, "rnn", lag=4, units=3, rate=rate, clip=0.0, batch=2, seed=1)
    learner, patch = Learner(student), pytest.MonkeyPatch()
    patch.setattr(module, "AT_ONCE", 1)
    before = [(np.asarray(w, np.float64), np.asarray(b, np.float64)) for w, b in learner.weights]
    batch = task.draw(np.random.default_rng([1, module._TRAIN_STREAM]), 2, 4)
    learner.train()
    patch.undo()
    for i, (w, b) in enumerate(learner.weights):
        for which, after in enumerate((w, b)):
            for place in np.ndindex(after.shape):
                moved = [[(a.copy(), c.copy()) for a, c in before] for _ in range(2)]
                for side, sign in zip(moved, (1, -1), strict=True):
                    side[i][which][place] += sign * 1e-5
                slope = (oracle_cost("rnn", moved[0], batch, task) - oracle_cost("rnn", moved[1], batch, task)) / 2e-5
                change = float(after[place]) - before[i][which][place]
                assert change == pytest.approx(-rate * np.sign(slope) if abs(slope) > 1e-4 else change, rel=0.05)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_solves_a_short_lag_and_says_so(cell):
    practice = Practice([Student(TASKS["first"], cell, lag=3, units=16, rate=0.02)], 1000, rest_s=lambda: 0.0)
    practice.run()
    (progress,) = practice.snapshot()
    assert practice.status == "done" and progress.status == "solved"
    assert progress.rows[-1, 3] >= 0.99 and progress.rows[-1, 2] < TASKS["first"].guess_cost / 3
    assert progress.rows[0, 3] < 0.6 and (np.diff(progress.rows[:, 1]) > 0).all()


def test_one_step_back_is_carried_and_examples_are_answered_before_and_after():
    shape = SHAPES["synced"]
    examples = shape.draw(np.random.default_rng(5), 3, 0)
    practice = Practice([Student(shape, "gru", units=16, rate=0.02)], 600, examples.inputs, rest_s=lambda: 0.0)
    practice.run()
    (progress,) = practice.snapshot()
    assert progress.before.shape == progress.after.shape == (shape.steps, 3)
    assert (progress.before != examples.targets).any()
    np.testing.assert_array_equal(progress.after, examples.targets)
    assert len(practice._said[0]) == 2  # what lies between nobody asks for


def test_the_same_seed_repeats_the_run_and_all_cells_get_the_same_examples():
    rows = []
    for _ in range(2):
        learner = Learner(Student(TASKS["copy"], "gru", lag=4, units=8, seed=3))
        learner.train()
        learner.test()
        rows.append(learner.rows[0]._replace(seconds=0))
    assert rows[0] == rows[1] and rows[0].steps == AT_ONCE
    tests = [Learner(Student(TASKS["copy"], cell, lag=4, units=8, seed=3)).tests.inputs for cell in CELLS]
    np.testing.assert_array_equal(tests[0], tests[2])


def test_rates_and_seeds_share_their_programs_and_every_lag_has_its_own():
    student = Student(TASKS["copy"], "gru", lag=4, units=8)
    plain, other, longer = (
        Learner(student._replace(**c))._programs for c in ({}, {"rate": 0.1, "seed": 5, "clip": 0.0}, {"lag": 5})
    )
    assert plain is other and plain is not longer


def test_first_weights_are_rotations_from_state_to_state():
    (_, _), (back, none), (out, _) = first_weights(Student(TASKS["first"], "rnn", units=6))
    np.testing.assert_allclose(back @ back.T, np.eye(6), atol=1e-5)
    assert none.shape == (0,) and out.shape == (6, 4)


def test_a_net_that_overflows_is_told_apart():
    learner = Learner(Student(TASKS["adding"], "rnn", lag=4, units=4))
    learner.weights = jax.tree.map(lambda a: a * np.float32(np.nan), learner.weights)
    learner.train()
    learner.test()
    assert learner.status == "diverged" and learner.over and not learner.rows


def test_practice_can_be_paused_taken_up_and_called_off():
    practice = Practice([Student(TASKS["copy"], cell, lag=20, units=8) for cell in ("rnn", "gru")], 20_000, rest_s=lambda: 0.0)
    seen = []

    def progress(share):
        seen.append(share)
        if len(seen) == 5:
            practice.pause()

    practice.run(progress)
    assert practice.status == "paused" and 0 < practice.share < 1
    at = practice.share
    practice.resume()
    practice.run(cancelled=lambda: practice.share > at)
    assert practice.status == "cancelled"
    found = practice.snapshot()
    assert [p.status for p in found] == ["stopped", "stopped"] and all(len(p.rows) for p in found)


@pytest.mark.parametrize("students, steps, told", [(0, 100, "not 0"), (5, 100, "not 5"), (1, 5, "not 5"), (1, 10**6, "1,000,000")])
def test_too_much_is_refused_in_words(students, steps, told):
    with pytest.raises(ValueError, match=told):
        Practice([SimpleNamespace()] * students, steps)


@pytest.mark.parametrize("cell, keep, write", [("lstm", 1, 0), ("gru", 1, None), ("rnn", None, None)])
def test_gates_set_for_the_lag_hold_for_times_up_to_it(cell, keep, write):
    """A gate with bias log(t) keeps t / (1 + t) of what is held a step: for about t steps."""
    (_, bias), (back, _), _ = first_weights(Student(TASKS["first"], cell, lag=50, units=200, start="long"))
    if keep is None:
        assert not bias.any()
    else:
        times = np.exp(bias.reshape(-1, 200)[keep])
        assert 1 <= times.min() < 5 and 45 < times.max() <= 50
    if write is not None:
        np.testing.assert_allclose(bias.reshape(-1, 200)[write], -np.log(times), rtol=1e-5)
        assert not bias.reshape(-1, 200)[2:].any()
    assert np.abs(back[:, :200] @ back[:, :200].T - np.eye(200)).max() > 0.05


@pytest.mark.parametrize("entry", STARTS.values(), ids=lambda entry: entry.key)
def test_every_start_says_what_it_is_and_gives_weights_of_one_shape(entry):
    assert entry.help.endswith(".") and len(entry.help) < 200 and entry.source
    found = first_weights(Student(TASKS["copy"], "gru", lag=9, units=4, start=entry.key))
    assert [w.shape for w, _ in found] == [(10, 12), (4, 12), (4, 8)] and [b.shape for _, b in found] == [(12,), (12,), (8,)]
