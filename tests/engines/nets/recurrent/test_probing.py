"""Looking inside: every unit and gate of every layer, the surprise and the favourites, against float64 NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets.recurrent import probing
from engines.nets.recurrent.cells import CELLS
from tests.engines.nets.recurrent.numpy_text import ALPHABET, described, forward, log_softmax, random_weights, single, text

T = 21


@pytest.fixture(scope="module", params=list(CELLS))
def studied(request):
    """21 characters in pieces of 8, so that two seams lie between them."""
    patch = pytest.MonkeyPatch()
    patch.setattr(probing, "SHORT", 4)
    patch.setattr(probing, "LONG", 8)
    net = described(request.param, 2, 4)
    weights, ids = random_weights(net), text(T, 1)
    study = probing.study(net, single(weights), ids[:, 0], sequence=5)
    patch.undo()
    return net, ids[:, 0], study, forward(net, weights, ids, window=5)


def test_every_layer_shows_the_oracles_units_and_gates(studied):
    net, _, study, (_, _, shown) = studied
    assert tuple(study.hidden) == CELLS[net.cell].gates
    for name, found in study.hidden.items():
        wanted = np.stack([layer[name][:, 0] for layer in shown])
        np.testing.assert_allclose(found, wanted, atol=2e-3, rtol=2e-3)


def test_surprise_is_the_cost_of_each_character(studied):
    _, ids, study, (logits, _, _) = studied
    costs = -log_softmax(logits[:-1, 0])[np.arange(T - 1), ids[1:]]
    np.testing.assert_allclose(study.surprise, np.concatenate([[np.log(ALPHABET)], costs]), atol=1e-4)


def test_favourites_come_best_first_with_their_chances(studied):
    _, _, study, (logits, _, _) = studied
    chances = np.exp(log_softmax(logits[:, 0]))
    np.testing.assert_allclose(study.chances, -np.sort(-chances)[:, :5], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(chances, study.top, 1), study.chances, atol=1e-5)


def test_only_what_is_asked_for_is_kept():
    net = described("lstm", 1, 4)
    study = probing.study(net, single(random_weights(net)), text(9, 1)[:, 0], names=["c"])
    assert list(study.hidden) == ["c"] and study.hidden["c"].shape == (1, 9, 4)


@pytest.mark.parametrize("length, message", [(0, "not 0"), (20_001, "not 20,001"), (15_000, "choose fewer")])
def test_too_much_is_refused_in_words(length, message):
    net = described("lstm", 3, 512)
    with pytest.raises(ValueError, match=message):
        probing.study(net, [], np.zeros(length))
