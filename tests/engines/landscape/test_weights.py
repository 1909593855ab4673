"""Weights as one vector, and found again in what a trainer saves."""

import numpy as np
import pytest

from engines.landscape.weights import flatten, parameters, sizes_of, unflatten, weights_of_saved
from engines.training import make_trainer
from tests.engines.landscape.nets import DIGITS, LINEAR, PLAIN, wide


@pytest.mark.parametrize("experiment", [PLAIN, LINEAR, wide(16), DIGITS], ids=["plane", "linear", "wide", "digits"])
def test_saved_weights_are_the_trainers_and_come_back_from_a_vector(experiment):
    trainer = make_trainer(experiment)
    trainer.advance(3)
    weights = trainer.weights()
    saved = weights_of_saved(experiment, trainer.save_state())
    vector = flatten(saved)
    assert vector.shape == (parameters(experiment),)
    for (w, b), (w2, b2), (w3, b3) in zip(weights, saved, unflatten(vector, sizes_of(experiment)), strict=True):
        np.testing.assert_array_equal(w, w2)
        np.testing.assert_array_equal(b, b2)
        np.testing.assert_array_equal(w, w3)
        np.testing.assert_array_equal(b, b3)


def test_weights_of_another_net_are_told_apart():
    saved = make_trainer(wide(16)).save_state()
    assert weights_of_saved(PLAIN, saved) is None
    smaller = DIGITS.change(net__layers=[{"units": 8, "activation": "tanh"}])
    assert weights_of_saved(DIGITS, make_trainer(smaller).save_state()) is None
    deeper = DIGITS.change(net__layers=[{"units": 16}, {"units": 16}])
    assert weights_of_saved(deeper, make_trainer(DIGITS).save_state()) is None
    assert weights_of_saved(DIGITS, make_trainer(deeper).save_state()) is None


def test_a_vector_of_another_length_is_refused_with_both_lengths():
    with pytest.raises(ValueError, match=r"\(2, 4, 2, 1\) has 25 weights and biases, not \(7,\)"):
        unflatten(np.zeros(7, np.float32), sizes_of(PLAIN))
