"""Each preset is run and shows what it says; those of other pages in `descent` and `trace`."""

import numpy as np
import pytest

from engines.experiment import Experiment
from engines.presets import PRESETS
from engines.tiny.trainer import TinyTrainer


def _run(experiment):
    """The curve (epochs, 5), why it stopped, and the trainer."""
    trainer, rows, stopped = TinyTrainer(experiment), [], None
    while stopped is None:
        advance = trainer.advance(1_000_000)
        rows.append(advance.rows)
        stopped = advance.stopped
    return np.concatenate(rows), stopped, trainer


def _end(key, **changes):
    """Last train loss, test loss, train accuracy, test accuracy."""
    return _run(PRESETS[key].experiment.change(**changes))[0][-1, 1:]


def _units(key, activation, units):
    return {"net__layers": [{"units": n, "activation": activation} for n in units]}


EXPERIMENTS = [key for key, preset in PRESETS.items() if preset.page in ("network", "digits")]


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_a_preset_ends_and_can_be_named_on_the_command_line(key):
    experiment = PRESETS[key].experiment
    assert experiment.epochs > 0 and Experiment.model_validate_json(experiment.to_json()) == experiment


def test_the_named_ones_are_there():
    assert {"xor", "spiral", "circle", "digits-mlp", "digits-classic", "digits-500-300"} <= set(PRESETS)
    assert {entry.page for entry in PRESETS.values()} == {"network", "digits", "shakespeare", "descent", "backprop"}


def test_xor():
    assert _end("xor")[3] > 0.95
    assert _end("xor", **_units("xor", "tanh", [1]))[3] < 0.8


def test_circle_with_and_without_hidden_units_or_the_right_inputs():
    assert _end("circle")[3] > 0.97
    assert _end("features")[3] > 0.97
    assert _end("features", net__inputs=["x", "y"])[3] < 0.75


def test_a_linear_net_cannot_and_one_tanh_layer_can():
    assert _end("linear")[3] < 0.75
    one = [{"units": 8, "activation": "tanh" if i == 0 else "linear"} for i in range(4)]
    assert _end("linear", net__layers=one, learning_rate=0.03)[3] > 0.95


def test_spiral():
    assert _end("spiral")[3] > 0.93


def test_depth():
    deep = _end("spiral_depth")[3]
    assert deep > 0.9
    assert _end("spiral_depth", **_units("", "tanh", [6]))[3] < 0.75
    assert _end("spiral_depth", **_units("", "tanh", [16]))[3] < deep


def test_vanishing_gradient():
    curve, _, trainer = _run(PRESETS["vanishing"].experiment)
    assert curve[-1, 1] > 0.48
    fresh = TinyTrainer(PRESETS["vanishing"].experiment)
    moved = [np.abs(a[0] - b[0]).max() for a, b in zip(trainer.weights(), fresh.weights(), strict=True)]
    assert moved[0] < 0.01 * moved[-1]
    assert _end("vanishing", **_units("", "tanh", [8] * 7))[3] > 0.95


def test_overfit_then_regularize():
    curve, _, _ = _run(PRESETS["overfit"].experiment)
    assert curve[-1, 1] < 0.01 and curve[-1, 2] > 2 * curve[:, 2].min()
    regular = _end("overfit", penalty={"key": "l2", "settings": {"rate": 0.03}})
    assert regular[1] < 0.6 * curve[-1, 2] and regular[3] > curve[-1, 4]


def test_dead_relus():
    assert _end("dead_relus")[3] < 0.6
    assert _end("dead_relus", **_units("", "leaky_relu", [8, 8]))[3] > 0.95


def test_too_big_a_step_and_one_that_holds():
    _, stopped, _ = _run(PRESETS["too_big"].experiment)
    assert stopped == "nan"
    assert _end("too_big", learning_rate=0.1)[0] < 0.01


def test_momentum_is_faster_than_sgd_from_the_same_weights():
    assert 10 * _end("momentum")[0] < _end("momentum", optimizer={"key": "sgd"})[0]


def test_a_step_does_not_learn_and_its_surrogate_does():
    _, _, trainer = _run(PRESETS["step"].experiment)
    np.testing.assert_array_equal(trainer.weights()[0][0], TinyTrainer(PRESETS["step"].experiment).weights()[0][0])
    assert _end("step")[3] < 0.7
    assert _end("step", **_units("", "step_surrogate", [4]))[3] > 0.8


def test_zeros_stay_at_chance():
    _, _, trainer = _run(PRESETS["zeros"].experiment)
    assert 0.4 < _end("zeros")[3] < 0.62
    first = trainer.weights()[0][0]
    np.testing.assert_allclose(first, np.repeat(first[:, :1], 4, 1), atol=1e-6)
    assert _end("zeros", net__initializer={"key": "xavier"})[3] > 0.9


def test_hills_and_bumps():
    assert _end("hills")[1] < 0.01
    assert _end("bumps")[3] > 0.85
