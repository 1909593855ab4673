"""Steps on a text: against one that is worked out stream by stream, with derivatives by autodiff of a plain loss."""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.data.text import corpus
from engines.nets.recurrent.net import form, fresh_state, initial_weights, run
from engines.nets.recurrent.steps import (
    Moment,
    Stretch,
    Sums,
    TextSpec,
    chunk_program,
    costs,
    epoch_offset,
    evaluate_program,
    placed,
    rates_of,
)
from engines.nets.updating import fresh_memory
from tests.engines.nets.recurrent.plays import small

NOTHING = Sums(*np.zeros(3, np.float32))


def log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def start(experiment):
    alphabet = len(corpus(experiment.data).alphabet)
    weights = tuple(initial_weights(experiment.net, alphabet, experiment.seed))
    spec = TextSpec(form(experiment.net, alphabet), experiment.optimizer.key, experiment.batch_size, experiment.data.sequence)
    return spec, weights, fresh_memory(spec.optimizer, weights), fresh_state(spec.form, spec.batch)


@lru_cache
def slow_gradient(form):
    def cost(weights, ids, state):
        logits, after = run(form, weights, ids[:-1], state)
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits), ids[1:, :, None], -1)
        return -jnp.mean(picked), (logits, after)

    return jax.jit(jax.value_and_grad(cost, has_aux=True))


def slow_step(experiment, spec, weights, state, ids):
    """One step of plain gradient descent on ids (sequence + 1, batch): weights, state, mean cost, share guessed right."""

    (loss, (logits, after)), gradients = slow_gradient(spec.form)(weights, jnp.array(ids), state)
    gradients = [(np.array(w, np.float64), np.array(b, np.float64)) for w, b in gradients]
    flat = [part for pair in gradients for part in pair]
    norms = [np.sqrt((w**2).sum() + (b**2).sum()) for w, b in gradients]
    if experiment.clip_value:
        flat = [np.clip(part, -experiment.clip_value, experiment.clip_value) for part in flat]
    norm = np.sqrt(sum((part**2).sum() for part in flat))
    factor = min(1.0, experiment.clip_norm / norm) if experiment.clip_norm else 1.0
    moved = iter(part * factor * experiment.learning_rate for part in flat)
    new = tuple((np.float32(w - next(moved)), np.float32(b - next(moved))) for w, b in weights)
    right = float((np.asarray(logits).argmax(-1) == ids[1:]).mean())
    return new, after, float(loss), right, norms


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data__carry": False},
        {"clip_norm": 0.05},
        {"clip_value": 0.01},
        {"clip_value": 0.01, "clip_norm": 0.02},
    ],
    ids=str,
)
def test_a_chunk_is_steps_done_one_by_one(changes):
    experiment = small(**changes)
    text = corpus(experiment.data).train
    spec, weights, memory, state = start(experiment)
    stride, offset, many = len(text) // 4, 1234, 5
    numbers = Moment(*(np.int32(n) for n in (0, 0, 0, 0, offset, stride, len(text))))
    done = chunk_program(spec)(
        weights, memory, state, NOTHING, placed(text), rates_of(experiment, stride // 8), numbers, np.int32(many)
    )
    expected, total, right = weights, 0.0, 0.0
    for step in range(many):
        begins = [offset + stream * stride + step * 8 for stream in range(4)]
        ids = np.array([[text[(begin + t) % len(text)] for begin in begins] for t in range(9)], np.int32)
        carried = state if step and experiment.data.carry else fresh_state(spec.form, 4)
        expected, state, loss, share, norms = slow_step(experiment, spec, expected, carried, ids)
        total, right = total + loss, right + share
    assert int(done.steps) == many and float(done.loss) == pytest.approx(loss, rel=1e-4)
    assert float(done.sums.cost) == pytest.approx(32 * total, rel=1e-4)
    assert (float(done.sums.right), float(done.sums.count)) == (pytest.approx(32 * right), 32 * many)
    np.testing.assert_allclose(done.norms, norms, rtol=2e-3)
    for (w, b), (v, c) in zip(done.weights, expected, strict=True):
        np.testing.assert_allclose(w, v, atol=2e-5)
        np.testing.assert_allclose(b, c, atol=2e-5)
    for leaf, other in zip(jax.tree.leaves(done.carried), jax.tree.leaves(state), strict=True):
        np.testing.assert_allclose(leaf, other, atol=1e-4)


def test_an_overflow_stops_the_chunk():
    experiment = small(learning_rate=100.0, clip_norm=0.0)
    spec, weights, memory, state = start(experiment)
    weights = (*weights[:-1], (weights[-1][0] * np.float32(np.nan), weights[-1][1]))
    text = corpus(experiment.data).train
    numbers = Moment(*(np.int32(n) for n in (0, 0, 0, 0, 0, 300, len(text))))
    done = chunk_program(spec)(weights, memory, state, NOTHING, placed(text), rates_of(experiment, 40), numbers, np.int32(9))
    assert int(done.steps) == 1 and not np.isfinite(float(done.loss))


@pytest.mark.parametrize("many", [1, 100])
def test_an_evaluation_is_the_mean_over_all_that_is_read(many):
    """In pieces or at once, in streams that end at different places."""
    experiment = small()
    spec, weights, _, _ = start(experiment)
    text = corpus(experiment.data).train[:101]
    program, batch, stride = evaluate_program(spec.form, 3, 8), 3, 34
    state, sums, first = fresh_state(spec.form, batch), NOTHING, 0
    while first * 8 < stride:
        count = min(many, -(-stride // 8) - first)
        where = Stretch(np.int32(101), np.int32(stride)), np.int32(first), np.int32(count)
        state, sums = program(weights, state, sums, text, *where)
        first += count
    expected = np.zeros(3)
    for stream in range(batch):
        part = text[stream * stride : min((stream + 1) * stride, 100) + 1].astype(np.int32)
        logits, _ = run(spec.form, weights, jnp.array(part[:-1, None]), fresh_state(spec.form, 1))
        found = log_softmax(logits)[np.arange(len(part) - 1), 0, part[1:]]
        right = np.asarray(logits)[:, 0].argmax(-1) == part[1:]
        expected += [-found.sum(), right.sum(), len(part) - 1]
    assert expected[2] == 100
    np.testing.assert_allclose(sums, expected, rtol=1e-5)


def test_costs_and_their_gradient_are_those_of_softmax():
    rng = np.random.default_rng(0)
    logits, wanted = rng.normal(size=(5, 3, 7)).astype(np.float32) * 30, rng.integers(0, 7, (5, 3))
    picked = np.take_along_axis(log_softmax(logits), wanted[..., None], -1)[..., 0]
    np.testing.assert_allclose(jax.jit(costs)(jnp.array(logits), jnp.array(wanted)), -picked, rtol=1e-5, atol=1e-5)
    gradient = jax.jit(jax.grad(lambda z: jnp.sum(costs(z, jnp.array(wanted)))))(jnp.array(logits))
    np.testing.assert_allclose(gradient, np.exp(log_softmax(logits)) - np.eye(7)[wanted], atol=1e-5)


def test_texts_of_about_the_same_length_take_the_same_room():
    for count, room in ((2, 65_536), (65_536, 65_536), (65_537, 131_072), (131_072, 131_072)):
        ids = np.arange(count, dtype=np.uint16)
        found = placed(ids)
        assert found.shape == (room,) and found.dtype == np.uint16
        np.testing.assert_array_equal(found[:count], ids)


def test_every_epoch_begins_elsewhere():
    offsets = [int(epoch_offset(3, epoch, 1000)) for epoch in range(50)]
    assert len(set(offsets)) > 40 and all(0 <= offset < 1000 for offset in offsets)
    assert (
        offsets == [int(epoch_offset(3, epoch, 1000)) for epoch in range(50)] != [int(epoch_offset(4, e, 1000)) for e in range(50)]
    )
