"""How far back an error reaches: against differences of the float64 oracle with its states nudged."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.reach import reaching
from tests.engines.nets.recurrent.numpy_text import described, forward, log_softmax, random_weights, single, text

T, UNITS, STEP = 6, 3, 1e-5


def slope_norm(net, weights, ids, layer, t):
    """Of the last character's cost by what `layer` puts out after character t."""

    def cost(nudge):
        logits = forward(net, weights, ids[:-1], nudge=nudge)[0]
        return -log_softmax(logits[-1, 0])[ids[-1, 0]]

    def at(unit, size):
        return lambda *where: size * np.eye(UNITS)[unit] if where == (layer, 0, t) else 0.0

    return np.linalg.norm([(cost(at(u, STEP)) - cost(at(u, -STEP))) / (2 * STEP) for u in range(UNITS)])


@pytest.mark.parametrize("cell", CELLS)
def test_norms_are_those_of_differences_at_every_lag(cell):
    net = described(cell, 2, UNITS)
    weights, ids = random_weights(net), text(T + 1, 2)
    found = reaching(cell, net, single(weights), ids, True)
    wanted = [
        [np.mean([slope_norm(net, weights, ids[:, [b]], layer, T - 1 - k) for b in range(2)]) for k in range(T)]
        for layer in range(2)
    ]
    np.testing.assert_allclose(found.norms, wanted, atol=1e-5, rtol=1e-3)


def test_a_simple_net_forgets_by_the_factor_of_its_weight():
    """One tanh unit near 0 with recurrent weight w: each step back multiplies the gradient by w."""
    net = described("rnn", 1, 1)
    weights = [(np.zeros((2, 1)), np.zeros(1)), (np.array([[0.5]]), np.zeros(0)), (np.array([[1.0, -1.0]]), np.zeros(2))]
    found = reaching("rnn", net, single(weights), np.zeros((10, 1), np.int32), True)
    np.testing.assert_allclose(found.norms[0], 0.5 ** np.arange(9), rtol=1e-5)
