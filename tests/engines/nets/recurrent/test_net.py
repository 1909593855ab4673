"""The whole net: shapes and counts, first weights, dropout, what programs are compiled for."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from engines.experiment import RecurrentNet
from engines.nets.recurrent import net as nets
from engines.nets.recurrent.cells import CELLS
from tests.engines.nets.recurrent.numpy_text import described, single, text


def test_names_and_shapes_of_an_lstm_with_an_embedding():
    net = RecurrentNet(cell="lstm", layers=2, units=16, embedding=8)
    assert [tuple(row) for row in nets.weight_shapes(net, 65)] == [
        ("embedding", 65, 8, False),
        ("layer 1 input", 8, 64, True),
        ("layer 1 recurrent", 16, 64, False),
        ("layer 2 input", 16, 64, True),
        ("layer 2 recurrent", 16, 64, False),
        ("output", 16, 65, True),
    ]


@pytest.mark.parametrize(
    "cell, layers, units, count",
    [
        ("rnn", 1, 128, 128 * (65 + 128 + 1) + 129 * 65),
        ("gru", 1, 128, 3 * 128 * (65 + 128 + 2) + 129 * 65),
        ("lstm", 1, 128, 4 * 128 * (65 + 128 + 1) + 129 * 65),
        ("lstm", 3, 512, 4 * 512 * (65 + 512 + 1) + 2 * 4 * 512 * (2 * 512 + 1) + 513 * 65),
    ],
)
def test_parameters_are_those_of_the_formula(cell, layers, units, count):
    assert nets.parameter_count(RecurrentNet(cell=cell, layers=layers, units=units), 65) == count


def test_a_transformer_has_about_as_many_parameters_as_an_lstm():
    counts = [nets.parameter_count(RecurrentNet(cell=cell, layers=3, units=256), 65) for cell in ("transformer", "lstm")]
    assert counts[0] / counts[1] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("embedding", [0, 6])
@pytest.mark.parametrize("cell", CELLS)
def test_first_weights_have_the_shapes_and_follow_the_seed(cell, embedding):
    net = RecurrentNet(cell=cell, layers=2, units=16, embedding=embedding)
    pairs = nets.initial_weights(net, 11, 4)
    wanted = [((m.fan_in, m.fan_out), (m.fan_out * m.bias,)) for m in nets.weight_shapes(net, 11)]
    assert [(w.shape, b.shape) for w, b in pairs] == wanted
    assert all(array.dtype == np.float32 for pair in pairs for array in pair)
    again, other = nets.initial_weights(net, 11, 4), nets.initial_weights(net, 11, 5)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(pairs, again, strict=True))
    assert not np.array_equal(pairs[-1][0], other[-1][0])


@pytest.mark.parametrize("cell", [key for key in CELLS if CELLS[key].carried])
def test_recurrent_weights_start_as_rotations_and_forget_gates_open(cell):
    (_, b), (u, _) = nets.initial_weights(RecurrentNet(cell=cell, units=32), 9, 0)[:2]
    for block in np.split(u.astype(np.float64), u.shape[1] // 32, 1):
        np.testing.assert_allclose(block.T @ block, np.eye(32), atol=1e-5)
    wanted = np.zeros_like(b)
    if cell == "lstm":
        wanted[32:64] = 1
    np.testing.assert_array_equal(b, wanted)


def test_the_chosen_initializer_draws_what_reads_inputs():
    zeros = described("lstm", 1, 4, initializer="zeros")
    pairs = nets.initial_weights(zeros, 5, 0)
    assert not pairs[0][0].any() and not pairs[2][0].any() and pairs[1][0].any()


def test_dropout_of_0_changes_nothing_and_of_a_half_keeps_the_mean():
    net = RecurrentNet(cell="rnn", layers=2, units=16)
    weights, ids, state = single(nets.initial_weights(net, 5, 0)), text(4, 2), nets.fresh_state(net, 2)
    plain = jax.jit(lambda: nets.run(net, weights, ids, state)[0])()
    chanced = jax.jit(lambda rate: nets.run(net, weights, ids, state, (rate, lambda: jax.random.key(1)))[0])
    np.testing.assert_allclose(chanced(np.float32(0)), plain, atol=1e-6)
    assert (np.abs(chanced(np.float32(0.5)) - plain) > 1e-3).any()
    drop = jax.jit(lambda ones: [nets.dropped(ones, (np.float32(0.4), lambda: jax.random.key(2)), place) for place in (0, 1)])
    thinned, other = (np.asarray(layer) for layer in drop(np.ones((50, 20, 30), np.float32)))
    assert set(np.unique(thinned).round(4)) == {0.0, np.float32(1 / 0.6).round(4)}
    assert thinned.mean() == pytest.approx(1, abs=0.03)
    assert (thinned != other).any()


def test_programs_are_compiled_for_the_form_alone():
    a, b = (RecurrentNet(dropout=d, initializer={"key": key}) for d, key in ((0, "xavier"), (0.5, "he")))
    assert nets.form(a, 9) == nets.form(b, 9) == nets.form(nets.form(a, 9), 9) and hash(nets.form(a, 9)) == hash(nets.form(b, 9))
    assert nets.form(a, 9) != nets.form(a, 10)


def test_too_few_pairs_are_named():
    net = RecurrentNet(layers=2, units=16)
    with pytest.raises(ValueError, match="5 pairs of weights, not 4"):
        nets.parts(net, nets.initial_weights(net, 9, 0)[:-1])
