"""Gradients against the lag, net beside net: the same as one net alone, and the length that clipping goes by."""

from __future__ import annotations

import numpy as np
import pytest

from engines.experiment import RecurrentNet
from engines.nets.recurrent.net import initial_weights, weight_shapes
from engines.nets.recurrent.reach import COMPARED, compare, reaching, texts, untrained
from tests.engines.nets.recurrent.numpy_text import ALPHABET, described, forward, log_softmax, random_weights, single, text

LAGS = 4
NET = RecurrentNet(cell="gru", units=16, layers=1, embedding=0)


def test_curves_are_those_of_each_net_alone():
    ids = text(LAGS + 2, 3)
    weights = initial_weights(NET, ALPHABET, 9)
    shares = []
    present, *others = compare(NET, weights, ALPHABET, ids, 1.5, 9, shares.append)
    assert (present.cell, present.trained) == ("gru", True) and [c.cell for c in others] == list(COMPARED)
    np.testing.assert_allclose(present.norms, reaching("gru", NET, weights, ids, True).norms, rtol=1e-5)
    lstm = NET.model_copy(update={"cell": "lstm"})
    drawn = untrained(lstm, ALPHABET, 9, 1.5)
    np.testing.assert_allclose(others[2].norms, reaching("lstm", lstm, drawn, ids, False).norms, rtol=1e-5)
    assert shares == [0.25, 0.5, 0.75] and present.norms.shape == (1, LAGS + 1)


def test_the_length_is_that_of_the_gradient_by_all_weights():
    net = described("rnn", 1, 3)
    weights, ids = random_weights(net), text(5, 2)

    def cost(pairs):
        logs = log_softmax(forward(net, pairs, ids[:-1])[0][-1])
        return -logs[np.arange(2), ids[-1]].mean()

    total = 0.0
    for i, pair in enumerate(weights):
        for which in (0, 1):
            for place in np.ndindex(pair[which].shape):
                ends = []
                for sign in (1, -1):
                    moved = [(w.copy(), b.copy()) for w, b in weights]
                    moved[i][which][place] += sign * 1e-5
                    ends.append(cost(moved))
                total += ((ends[0] - ends[1]) / 2e-5) ** 2
    curve = reaching("rnn", net, single(weights), ids, True)
    assert curve.length == pytest.approx(np.sqrt(total), rel=1e-3)
    assert curve.factor(0) == 1 and curve.factor(2 * curve.length) == 1
    assert curve.factor(curve.length / 4) == pytest.approx(0.25, rel=1e-6)


def test_only_what_leads_from_state_to_state_is_made_larger():
    plain, larger = untrained(NET, ALPHABET, 1), untrained(NET, ALPHABET, 1, 2.0)
    for matrix, (w, _), (v, _) in zip(weight_shapes(NET, ALPHABET), plain, larger, strict=True):
        np.testing.assert_allclose(v, w * (2 if "recurrent" in matrix.name else 1))


def test_pieces_lie_within_the_text_and_follow_one_another():
    ids = np.arange(30, dtype=np.uint16)
    found = texts(ids, 6, 5, seed=2)
    assert found.shape == (8, 5) and found.dtype == np.int32 and found.max() < 30
    assert (np.diff(found, axis=0) == 1).all() and len(set(found[0])) > 1
    with pytest.raises(ValueError, match="Only 30 characters are kept for validation; choose a lag below 29"):
        texts(ids, 29, 1, 0)


def test_it_can_be_called_off_and_too_much_is_refused():
    weights, ids = initial_weights(NET, ALPHABET, 0), text(LAGS + 2, 3)
    assert compare(NET, weights, ALPHABET, ids, 1.0, 0, cancelled=lambda: True) is None
    wide = RecurrentNet(cell="lstm", units=512, layers=3)
    with pytest.raises(ValueError, match="300 characters are too many"):
        reaching("lstm", wide, [], np.zeros((301, 100)), True)
