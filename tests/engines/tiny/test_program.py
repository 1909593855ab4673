"""The compiled program against float64 NumPy, finite differences and optax."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from engines.activations import ACTIVATIONS
from engines.data.inputs import featurize
from engines.experiment import Choice, Experiment, Layer, PlaneNet
from engines.losses import LOSSES
from engines.optimizers import OPTIMIZERS
from engines.tiny import compiled, layout, program
from engines.tiny.order import order
from engines.tiny.trainer import TinyTrainer
from tests.engines.tiny import oracle

SMOOTH = [key for key in ACTIVATIONS if key not in ("step", "step_surrogate")]


def trainer(**changes) -> TinyTrainer:
    """A trainer on 40 points with a net of 3 + 2 units, fields replaced as by Experiment.change."""
    return TinyTrainer(Experiment().change(**{"data__count": 40, "net__layers": [{"units": 3}, {"units": 2}]} | changes))


def keys_of(t: TinyTrainer) -> list[str]:
    return [layer.activation for layer in t.experiment.net.layers] + [t.experiment.output]


def inputs_of(t: TinyTrainer) -> np.ndarray:
    return featurize(t.train.xy, t.experiment.net.inputs)


def gradient_of(t: TinyTrainer) -> list[tuple[np.ndarray, np.ndarray]]:
    flat = compiled.programs_for(t.width).health(t.state.theta, t._description, t._data)[0]
    return layout.unpack(np.asarray(flat).ravel(), layout.sizes(t.experiment), t.width)


def shaken(t: TinyTrainer, seed: int) -> TinyTrainer:
    """The trainer with random weights and biases, so that nothing is at a special place."""
    rng = np.random.default_rng(seed)
    for layer, (w, b) in enumerate(t.weights()):
        for row in range(w.shape[0] + 1):
            for column in range(len(b)):
                t.set_weight(layer, row, column, float(rng.normal(0, 0.6)))
    return t


@pytest.mark.parametrize("activation", SMOOTH)
def test_gradient_agrees_with_finite_differences(activation):
    layers = [{"units": 3, "activation": activation}, {"units": 2, "activation": "tanh"}]
    t = shaken(trainer(net__layers=layers, net__inputs=("x", "y", "sinx")), seed=SMOOTH.index(activation))
    expected = oracle.finite_difference(t.weights(), keys_of(t), t.experiment.cost, inputs_of(t), t.train.t)
    for (w, b), (ew, eb) in zip(gradient_of(t), expected, strict=True):
        np.testing.assert_allclose(w, ew, rtol=2e-3, atol=2e-5)
        np.testing.assert_allclose(b, eb, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize("cost", list(LOSSES))
def test_gradient_of_every_cost(cost):
    t = shaken(trainer(cost=cost), seed=7)
    expected = oracle.finite_difference(t.weights(), keys_of(t), cost, inputs_of(t), t.train.t)
    for (w, b), (ew, eb) in zip(gradient_of(t), expected, strict=True):
        np.testing.assert_allclose(w, ew, rtol=2e-3, atol=2e-5)
        np.testing.assert_allclose(b, eb, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_losses_and_accuracy_agree_with_numpy(activation):
    t = shaken(trainer(net__layers=[{"units": 4, "activation": activation}] * 3), seed=3)
    row = t.figures()
    x, test_x = inputs_of(t), featurize(t.test.xy, t.experiment.net.inputs)
    assert row[1] == pytest.approx(oracle.mean_cost(t.weights(), keys_of(t), "half_squared", x, t.train.t), rel=1e-4)
    assert row[2] == pytest.approx(oracle.mean_cost(t.weights(), keys_of(t), "half_squared", test_x, t.test.t), rel=1e-4)
    right = np.where(oracle.forward(t.weights(), keys_of(t), test_x) > 0, 1, -1) == t.test.t
    assert row[4] == pytest.approx(right.mean())


def test_step_passes_no_gradient_back_and_its_surrogate_does():
    hard = shaken(trainer(net__layers=[{"units": 3, "activation": "step"}]), seed=1)
    assert not gradient_of(hard)[0][0].any()
    soft = shaken(trainer(net__layers=[{"units": 3, "activation": "step_surrogate"}]), seed=1)
    assert np.abs(gradient_of(soft)[0][0]).min() > 0


def optax_of(experiment: Experiment):
    """optax's own optimizer for the experiment; momentum's ramp is left to the test of the ramp."""
    s, rate = experiment.optimizer.settings, experiment.learning_rate
    return {
        "gradient_descent": lambda: optax.sgd(rate),
        "sgd": lambda: optax.sgd(rate),
        "momentum": lambda: optax.sgd(rate, momentum=s["momentum"]),
        "nesterov": lambda: optax.sgd(rate, momentum=s["momentum"], nesterov=True),
        "adagrad": lambda: optax.adagrad(rate, initial_accumulator_value=0.0, eps=s["eps"]),
        "adadelta": lambda: optax.adadelta(rate, rho=s["rho"], eps=s["eps"]),
        "rmsprop": lambda: optax.rmsprop(rate, decay=s["decay"], eps=s["eps"]),
        "adam": lambda: optax.adam(rate, b1=s["b1"], b2=s["b2"], eps=s["eps"]),
        "adamw": lambda: optax.adamw(rate, b1=s["b1"], b2=s["b2"], eps=s["eps"], weight_decay=s["weight_decay"]),
        "nadam": lambda: optax.nadam(rate, b1=s["b1"], b2=s["b2"], eps=s["eps"]),
        "lion": lambda: optax.lion(rate, b1=s["b1"], b2=s["b2"], weight_decay=s["weight_decay"]),
    }[experiment.optimizer.key]()


def independent_losses(t: TinyTrainer, epochs: int) -> list[float]:
    """Train the same net with jax.grad and optax, batch by batch, in the same order."""
    e = t.experiment
    x, target = jnp.asarray(inputs_of(t)), jnp.asarray(t.train.t)
    weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in t.weights()]
    l1, l2 = (
        e.penalty.settings.get("rate", 0.0) * (e.penalty.key == "l1"),
        e.penalty.settings.get("rate", 0.0) * (e.penalty.key == "l2"),
    )
    optimizer = optax_of(e)
    if e.clip_norm:
        optimizer = optax.chain(optax.clip_by_global_norm(e.clip_norm), optimizer)

    def cost(weights, rows):
        h = x[rows]
        for (w, b), key in zip(weights, keys_of(t), strict=True):
            h = ACTIVATIONS[key].apply(h @ w + b)
        size = sum(l1 * jnp.abs(w).sum() + 0.5 * l2 * (w**2).sum() for w, _ in weights)
        return LOSSES[e.cost].value(h[:, 0], target[rows]).mean() + size, h

    state, n, losses = optimizer.init(weights), len(target), []
    batch = n if OPTIMIZERS[e.optimizer.key].full_batch else e.batch_size
    step = jax.jit(lambda w, s, rows: optimizer.update(jax.grad(lambda w: cost(w, rows)[0])(w), s, w))
    for epoch in range(epochs):
        a, c = order(e.seed, epoch, n)
        visit = (a * np.arange(n) + c) % n
        for start in range(0, n, batch):
            change, state = step(weights, state, visit[start : start + batch])
            weights = optax.apply_updates(weights, change)
            if e.max_norm:
                weights = [(w * jnp.minimum(1, e.max_norm / jnp.linalg.norm(w, axis=0)), b) for w, b in weights]
        losses.append(oracle.mean_cost(weights, keys_of(t), e.cost, inputs_of(t), t.train.t))
    return losses


@pytest.mark.parametrize("key", list(OPTIMIZERS))
def test_every_optimizer_trains_as_optax_does(key):
    t = trainer(optimizer=Choice(key=key), learning_rate=OPTIMIZERS[key].learning_rate, batch_size=7)
    expected = independent_losses(t, 12)
    rows = t.advance(12 * t.steps_per_epoch).rows
    np.testing.assert_allclose(rows[:, 1], expected, rtol=2e-3)
    assert rows[-1, 1] < rows[0, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"penalty": Choice(key="l1", settings={"rate": 0.02})},
        {"penalty": Choice(key="l2", settings={"rate": 0.05})},
        {"clip_norm": 0.05},
        {"max_norm": 0.8},
        {"cost": "cross_entropy"},
        {"cost": "hinge"},
        {"batch_size": 1},
        {"batch_size": 64},
    ],
    ids=str,
)
def test_regularized_runs_agree_with_an_independent_one(changes):
    t = trainer(learning_rate=0.1, **changes)
    expected = independent_losses(t, 10)
    np.testing.assert_allclose(t.advance(10 * t.steps_per_epoch).rows[:, 1], expected, rtol=2e-3)


def test_momentum_ramp_rises_from_its_start():
    settings = {"momentum": 0.9, "start": 0.5, "ramp": 4}
    t = trainer(optimizer=Choice(key="momentum", settings=settings), batch_size=20, data__count=40)
    weights, velocity, losses = t.weights(), None, []
    x = inputs_of(t)
    for epoch in range(8):
        a, c = order(0, epoch, 20)
        rows = (a * np.arange(20) + c) % 20
        g = oracle.finite_difference(weights, keys_of(t), "half_squared", x[rows], t.train.t[rows])
        mu = 0.5 + 0.4 * min(1, epoch / 4)
        velocity = g if velocity is None else [(mu * vw + w, mu * vb + b) for (vw, vb), (w, b) in zip(velocity, g, strict=True)]
        weights = [(w - 0.03 * vw, b - 0.03 * vb) for (w, b), (vw, vb) in zip(weights, velocity, strict=True)]
        losses.append(oracle.mean_cost(weights, keys_of(t), "half_squared", x, t.train.t))
    np.testing.assert_allclose(t.advance(8).rows[:, 1], losses, rtol=1e-4)


def test_dropout_drops_the_share_it_says_and_keeps_the_mean():
    t = trainer(net__layers=[{"units": 16, "activation": "linear", "dropout": 0.3}])
    x = jnp.ones((layout.CHUNK, t.width))
    theta = jnp.asarray(layout.pack([(np.ones((2, 16)), np.zeros(16)), (np.ones((16, 1)), np.zeros(1))], t.width))
    forward = jax.jit(lambda draw: program.forward(theta, t._description, x, draw))
    kept = []
    for draw in range(200):
        passed, slopes = forward(jnp.uint32(draw * 7919))
        kept.append(np.asarray(passed[1]) / 2)
        assert np.array_equal(np.asarray(slopes[0]), np.asarray(passed[1]) / 2)
    kept = np.concatenate(kept)
    assert set(np.unique(kept.round(4))) == {np.float32(0), np.float32(round(1 / 0.7, 4))}
    assert (kept == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert abs(np.corrcoef(kept[:, 0], kept[:, 1])[0, 1]) < 0.05


def test_nothing_a_visitor_changes_compiles_again():
    t = trainer()
    t.advance(5)
    before, cache = compiled.compiles(), compiled.programs_for(8)
    for key in OPTIMIZERS:
        t.apply(t.experiment.change(optimizer=Choice(key=key)))
        t.advance(3)
    for key in ACTIVATIONS:
        t.apply(t.experiment.change(net__layers=[{"units": 3, "activation": key, "dropout": 0.1}] * 4))
        t.advance(3)
    for changes in ({"cost": "hinge"}, {"data__source": "spiral", "data__count": 2000}, {"batch_size": 31}, {"net__layers": []}):
        t.apply(t.experiment.change(**changes))
        t.advance(3)
    assert compiled.compiles() == before
    assert compiled.programs_for(8) is cache


def test_overflow_stops_at_the_epoch_where_it_happens():
    t = trainer(
        learning_rate=100, net__layers=[{"units": 8, "activation": "quadratic"}] * 4, cost="half_squared", net__output="linear"
    )
    result = t.advance(5000)
    assert result.stopped == "nan"
    assert not np.isfinite(result.rows[-1, 1])
    assert np.isfinite(result.rows[:-1, 1]).all()


def test_early_stopping_counts_epochs_without_a_better_test_loss():
    t = trainer(data__noise=0.4, data__source="xor", patience=5, learning_rate=0.3, net__layers=[{"units": 8}] * 2)
    result = t.advance(20_000)
    assert result.stopped == "early"
    best = result.rows[:, 2].argmin()
    assert len(result.rows) == best + 1 + 5


def test_same_seed_same_run_and_other_seed_other_run():
    one, two, other = trainer().advance(60).rows, trainer().advance(60).rows, trainer(seed=1).advance(60).rows
    assert np.array_equal(one, two)
    assert not np.allclose(one, other)


def test_chunks_do_not_change_the_run():
    whole = trainer().advance(60).rows
    t = trainer()
    parts = np.concatenate([t.advance(k).rows for k in (1, 7, 20, 32)])
    assert np.array_equal(whole, parts)


def test_one_layer_can_be_added_without_losing_the_weights_that_fit():
    t = trainer()
    t.advance(100)
    before = t.weights()
    notes = t.apply(t.experiment.change(net__layers=[{"units": 5}, {"units": 2}]))
    after = t.weights()
    assert np.array_equal(after[0][0][:, :3], before[0][0])
    assert np.array_equal(after[1][0][:3], before[1][0])
    assert notes
    t.apply(t.experiment.change(net__layers=[Layer(units=12), Layer(units=2)]))
    assert t.width == 16
    assert np.array_equal(t.weights()[0][0][:, :3], before[0][0])
    assert np.isfinite(t.advance(20).rows).all()


def test_inputs_keep_their_own_weights_when_others_come_and_go():
    t = trainer(net__inputs=("x", "y"))
    t.advance(50)
    before = t.weights()[0][0]
    t.apply(t.experiment.change(net__inputs=("x", "x2", "y")))
    after = t.weights()[0][0]
    assert np.array_equal(after[[0, 1]], before)


def test_a_net_without_hidden_layers_is_a_line():
    t = TinyTrainer(Experiment(net=PlaneNet(layers=())).change(data__source="gaussians", data__count=200))
    assert t.advance(500).rows[-1, 4] > 0.95
