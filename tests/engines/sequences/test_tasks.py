"""The tasks and the shapes: what is asked is what is answered, worked out another way; and what those get who only guess."""

from __future__ import annotations

import string

import numpy as np
import pytest

from engines.sequences import shapes
from engines.sequences.shapes import SHAPES
from engines.sequences.task import WITHIN
from engines.sequences.tasks import COPIED, KEYS, SYMBOLS, TASKS

TABLES = [TASKS, SHAPES]
ALL = [pytest.param(task, id=f"{table.name}-{task.key}") for table in TABLES for task in table.values()]
LAGS = [2, 3, 17]


def drawn(task, lag, count=40, seed=1):
    return task.draw(np.random.default_rng(seed), count, lag)


@pytest.mark.parametrize("task", ALL)
def test_an_entry_says_what_it_is(task):
    assert set(task.key) <= set(string.ascii_lowercase + "_") and task.label and task.source
    assert task.help.endswith((".", "?")) and len(task.help) < 200


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("task", ALL)
def test_examples_have_the_shape_they_should(task, lag):
    batch, steps = drawn(task, lag), task.length(lag)
    assert batch.targets.shape == batch.counted.shape == (steps, 40) and batch.counted.dtype == np.float32
    assert batch.targets.dtype == (np.int32 if task.classes else np.float32)
    if batch.inputs.ndim == 2:
        assert batch.inputs.dtype == np.int32 and batch.inputs.shape == (steps, 40)
        assert batch.inputs.min() >= 0 and batch.inputs.max() < task.inputs
    else:
        assert batch.inputs.dtype == np.float32 and batch.inputs.shape == (steps, 40, task.inputs)
    if task.classes:
        assert batch.targets.min() >= 0 and batch.targets.max() < task.outputs
    assert set(np.unique(batch.counted)) <= {0.0, 1.0} and batch.counted.sum(0).min() > 0


@pytest.mark.parametrize("task", ALL)
def test_the_same_seed_draws_the_same_examples_and_another_does_not(task):
    one, same, other = drawn(task, 9), drawn(task, 9), drawn(task, 9, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one.inputs, other.inputs)


@pytest.mark.parametrize("lag", LAGS)
def test_first_symbol_is_the_first_and_never_comes_again(lag):
    inputs, targets, counted = drawn(TASKS["first"], lag)
    assert (inputs[1:] >= KEYS).all() and (inputs[-1] == inputs.max()).all()
    np.testing.assert_array_equal(targets[-1], inputs[0])
    np.testing.assert_array_equal(counted.nonzero()[0], [lag] * 40)


@pytest.mark.parametrize("lag", LAGS)
def test_adding_wants_the_sum_of_the_two_marked_numbers(lag):
    inputs, targets, counted = drawn(TASKS["adding"], lag)
    values, marks = inputs[..., 0], inputs[..., 1]
    for b in range(40):
        first, second = np.flatnonzero(marks[:, b])
        assert first < lag // 2 <= second and counted[:, b].nonzero()[0].tolist() == [lag - 1]
        assert targets[-1, b] == pytest.approx(values[first, b] + values[second, b], rel=1e-6)


@pytest.mark.parametrize("lag", LAGS)
def test_copy_wants_the_word_after_the_sign(lag):
    inputs, targets, counted = drawn(TASKS["copy"], lag)
    np.testing.assert_array_equal(targets[-COPIED:], inputs[:COPIED])
    assert (inputs[COPIED:-COPIED] == SYMBOLS).all() and (inputs[-COPIED] == SYMBOLS + 1).all()
    assert (counted.sum(0) == COPIED).all() and counted[-COPIED:].all()


def spelled(shape, batch, b):
    return "".join(shape.shown[i] for i in batch.inputs[:, b]), "".join(
        shape.said[t] for t, c in zip(batch.targets[:, b], batch.counted[:, b], strict=True) if c
    )


def reference(key, read):
    """The right answer to what is read, from the words of the question."""
    if key == "one_to_one":
        return chr((ord(read) - ord("a") + 1) % 26 + ord("a"))
    if key == shapes.ONE_TO_MANY:
        names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        return names[int(read.strip())].ljust(6, "·")
    if key == "many_to_one":
        return max("AB", key=read.count)
    if key == "many_to_many":
        return read.strip()[::-1]
    columns = [read[i : i + 3].split("+") for i in range(0, len(read), 3)]
    a, b = (int("".join(column[which] for column in reversed(columns)), 2) for which in (0, 1))
    return format(a + b, f"0{len(columns)}b")[::-1]


@pytest.mark.parametrize("key", SHAPES)
def test_the_answer_wanted_of_a_shape_is_the_right_one(key):
    shape, batch = SHAPES[key], drawn(SHAPES[key], 0)
    assert len(shape.shown) == shape.inputs and len(shape.said) == shape.outputs
    assert shape.steps == shape.length(0) == len(shape.writes)
    np.testing.assert_array_equal(batch.counted, np.repeat(np.array(shape.writes, np.float32)[:, None], 40, 1))
    for b in range(40):
        read, wanted = spelled(shape, batch, b)
        assert wanted == reference(key, read)
    if shapes.BLANK in shape.shown:
        np.testing.assert_array_equal(batch.inputs != shape.shown.index(shapes.BLANK), np.array(shape.reads)[:, None] * np.ones(40))
    else:
        assert all(shape.reads)


def guessed(task, lag=20, count=20_000):
    """Cost and share of the best constant answer at each step, estimated."""
    batch = drawn(task, lag, count)
    counted = batch.counted > 0
    if not task.classes:
        wanted = batch.targets[counted].astype(np.float64)
        return np.mean((wanted - 1) ** 2), np.mean(np.abs(wanted - 1) < WITHIN)
    rows = [np.bincount(t[c], minlength=task.outputs) / c.sum() for t, c in zip(batch.targets, counted, strict=True) if c.any()]
    chances = np.array(rows)
    return -np.mean(np.sum(chances * np.log(np.maximum(chances, 1e-12)), 1)), chances.max(1).mean()


@pytest.mark.parametrize("key", TASKS)
def test_the_level_of_chance_is_that_of_the_best_constant_answer(key):
    cost, share = guessed(TASKS[key])
    assert TASKS[key].guess_cost == pytest.approx(cost, rel=0.03) and TASKS[key].guess_share == pytest.approx(share, rel=0.05)
