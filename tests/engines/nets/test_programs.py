"""The mathematics of a dense net against float64 NumPy, finite differences and optax."""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from engines.activations import ACTIVATIONS
from engines.experiment import Choice, digits_experiment
from engines.losses import CLASS_LOSSES
from engines.nets import health, programs, updating
from engines.nets.programs import Data, Spec
from engines.optimizers import OPTIMIZERS, Clock
from engines.schedules import SCHEDULES


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def erf(z):
    nodes, weights = np.polynomial.legendre.leggauss(60)
    half = z[..., None] / 2
    return 2 / np.sqrt(np.pi) * (half * weights * np.exp(-((half * nodes + half) ** 2))).sum(-1)


# value and derivative of each activation, written down independently, in float64
REFERENCE = {
    "step": (lambda z: (z > 0) * 1.0, lambda z: z * 0),
    "step_surrogate": (lambda z: (z > 0) * 1.0, lambda z: sigmoid(z) * sigmoid(-z)),
    "linear": (lambda z: z, lambda z: z * 0 + 1),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: z * (z > 0), lambda z: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, z / 100), lambda z: np.where(z > 0, 1, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, 1, np.exp(z))),
    "softplus": (lambda z: np.log1p(np.exp(z)), sigmoid),
    "gelu": (
        lambda z: z / 2 * (1 + erf(z / np.sqrt(2))),
        lambda z: (1 + erf(z / np.sqrt(2))) / 2 + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    ),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid(z) * sigmoid(-z)),
    "sine": (np.sin, np.cos),
    "gaussian": (lambda z: np.exp(-z * z), lambda z: -2 * z * np.exp(-z * z)),
    "quadratic": (lambda z: z * z, lambda z: 2 * z),
    "scaled_tanh": (lambda z: 1.7159 * np.tanh(2 * z / 3), lambda z: 1.7159 * 2 / 3 / np.cosh(2 * z / 3) ** 2),
}


def cost_and_slope(cost, z, t):
    if cost == "softmax_cross_entropy":
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return -np.log((p * t).sum(1)), p - t
    if cost == "map_criterion":
        total = np.exp(-0.1) + np.exp(z).sum(1, keepdims=True)
        return np.log(total[:, 0]) - (t * z).sum(1), np.exp(z) / total - t
    y = sigmoid(z)
    return 0.5 * ((y - t) ** 2).sum(1), (y - t) * y * (1 - y)


def numpy_backward(weights, key, cost, x, t):
    """Mean cost and its gradient by every W and b, float64."""
    value, slope = REFERENCE[key]
    hs, zs = [x], []
    for i, (w, b) in enumerate(weights):
        zs.append(hs[-1] @ w + b)
        hs.append(value(zs[-1]) if i < len(weights) - 1 else zs[-1])
    losses, delta = cost_and_slope(cost, zs[-1], t)
    delta, gradients = delta / len(x), []
    for i in reversed(range(len(weights))):
        gradients.insert(0, (hs[i].T @ delta, delta.sum(0)))
        delta = (delta @ weights[i][0].T) * slope(zs[i - 1]) if i else None
    return losses.mean(), gradients


def problem(sizes=(784, 6, 5, 10), count=9, seed=0):
    rng = np.random.default_rng(seed)
    weights = tuple((rng.normal(0, 1.5 / np.sqrt(i), (i, o)), rng.normal(0, 0.3, o)) for i, o in pairwise(sizes))
    return weights, rng.integers(0, 256, (count, 784), dtype=np.uint8), rng.integers(0, 10, count)


def as_float32(weights):
    return jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), weights)


def spec_of(sizes=(784, 6, 5, 10), key="tanh", cost="softmax_cross_entropy", optimizer="sgd", batch=9, precision="float32"):
    return Spec(sizes, (key,) * (len(sizes) - 2), cost, optimizer, batch, 128, precision)


def jax_backward(spec, weights, images, labels):
    def loss(w):
        return programs.summed_loss(spec, w, programs.scaled(images), labels, 1 / len(labels), ())

    return jax.jit(jax.value_and_grad(loss))(as_float32(weights))


@pytest.mark.parametrize("cost", CLASS_LOSSES)
@pytest.mark.parametrize("key", ACTIVATIONS)
def test_gradient_against_numpy(key, cost):
    weights, images, labels = problem()
    loss, gradients = jax_backward(spec_of(key=key, cost=cost), weights, images, jnp.asarray(labels, jnp.int32))
    expected_loss, expected = numpy_backward(weights, key, cost, images / 255, np.eye(10)[labels])
    np.testing.assert_allclose(loss, expected_loss, rtol=2e-5)
    for layer, expected_layer in zip(gradients, expected, strict=True):
        for g, e in zip(layer, expected_layer, strict=True):
            np.testing.assert_allclose(g, e, rtol=2e-3, atol=2e-6 + 2e-5 * np.abs(e).max())


@pytest.mark.parametrize("cost", CLASS_LOSSES)
@pytest.mark.parametrize("key", [key for key in ACTIVATIONS if "step" not in key])
def test_the_numpy_reference_against_finite_differences(key, cost):
    weights, images, labels = problem()
    x, t = images / 255, np.eye(10)[labels]
    _, gradients = numpy_backward(weights, key, cost, x, t)
    rng = np.random.default_rng(1)
    for layer, (w, _) in enumerate(weights):
        place = tuple(rng.integers(0, n) for n in w.shape)
        sides = []
        for sign in (1, -1):
            w[place] += sign * 1e-6
            sides.append(numpy_backward(weights, key, cost, x, t)[0])
            w[place] -= sign * 1e-6
        assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(gradients[layer][0][place], rel=1e-4, abs=1e-8)


def test_bfloat16_products_are_near():
    sizes = (784, 64, 32, 10)
    weights, images, labels = problem(sizes, 32)
    labels = jnp.asarray(labels, jnp.int32)
    exact, gradients = jax_backward(spec_of(sizes), weights, images, labels)
    near, near_gradients = jax_backward(spec_of(sizes, precision="bfloat16"), weights, images, labels)
    assert float(near) == pytest.approx(float(exact), rel=0.02) and near.dtype == jnp.float32
    for g, n in zip(jax.tree.leaves(gradients), jax.tree.leaves(near_gradients), strict=True):
        assert float(jnp.linalg.norm(g - n)) < 0.03 * float(jnp.linalg.norm(g))


OPTAX = {
    "gradient_descent": lambda rate, s: optax.sgd(rate),
    "sgd": lambda rate, s: optax.sgd(rate),
    "momentum": lambda rate, s: optax.sgd(rate, s["momentum"]),
    "nesterov": lambda rate, s: optax.sgd(rate, s["momentum"], nesterov=True),
    "adagrad": lambda rate, s: optax.adagrad(rate, initial_accumulator_value=0.0, eps=s["eps"]),
    "adadelta": lambda rate, s: optax.adadelta(rate, **s),
    "rmsprop": lambda rate, s: optax.rmsprop(rate, **s),
    "adam": lambda rate, s: optax.adam(rate, **s),
    "adamw": lambda rate, s: optax.adamw(rate, **s),
    "nadam": lambda rate, s: optax.nadam(rate, **s),
    "lion": lambda rate, s: optax.lion(rate, **s),
}


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_update_against_optax(key):
    """Clipped as optax clips, then moved as optax moves, for six steps of made-up gradients."""
    sizes, rng = (784, 3, 10), np.random.default_rng(2)
    settings = OPTIMIZERS[key].defaults() | ({"start": 0.9} if "momentum" in OPTIMIZERS[key].defaults() else {})
    experiment = digits_experiment(
        optimizer=Choice(key=key, settings=settings), learning_rate=0.02, clip_norm=40.0, net__layers=[{"units": 3}]
    )
    spec, rates = spec_of(sizes, optimizer=key), programs.rates_of(experiment, 100)
    weights = as_float32(problem(sizes)[0])
    step = jax.jit(lambda w, m, g, now: updating.update(spec.optimizer, w, m, g, rates, now))
    peer = optax.chain(optax.clip_by_global_norm(40.0), OPTAX[key](0.02, OPTIMIZERS[key].defaults()))

    @jax.jit
    def peer_step(w, state, gradients):
        updates, state = peer.update(gradients, state, w)
        return optax.apply_updates(w, updates), state

    ours, memory, theirs, state = weights, updating.fresh_memory(key, weights), weights, peer.init(weights)
    for number in range(1, 7):
        gradients = jax.tree.map(lambda p, n=number: rng.normal(0, n, p.shape).astype(np.float32), weights)
        ours, memory = step(ours, memory, gradients, Clock(np.float32(number), np.float32(number / 100)))
        theirs, state = peer_step(theirs, state, gradients)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-6)


def test_slots_that_a_rule_does_not_use_take_no_room():
    weights = as_float32(problem()[0])
    used = {key: [jax.tree.leaves(slot)[0].shape != () for slot in updating.fresh_memory(key, weights)] for key in OPTIMIZERS}
    assert used["sgd"] == [False, False] and used["momentum"] == [True, False]
    assert used["rmsprop"] == [False, True] and used["adam"] == [True, True]


def test_penalty_clip_and_max_norm_by_hand():
    sizes = (784, 3, 10)
    experiment = digits_experiment(
        optimizer=Choice(key="sgd"),
        learning_rate=0.5,
        penalty=Choice(key="elastic", settings={"rate": 0.02, "mix": 0.25}),
        clip_norm=0.7,
        max_norm=1.1,
        net__layers=[{"units": 3}],
    )
    spec, rates = spec_of(sizes), programs.rates_of(experiment, 10)
    weights, images, labels = problem(sizes)
    _, gradients = numpy_backward(weights, "tanh", "softmax_cross_entropy", images / 255, np.eye(10)[labels])
    pulled = [(gw + 0.005 * np.sign(w) + 0.015 * w, gb) for (w, _), (gw, gb) in zip(weights, gradients, strict=True)]
    norm = np.sqrt(sum((g**2).sum() for layer in pulled for g in layer))
    assert norm > 0.7
    moved, _ = jax.jit(lambda w, g, now: updating.update(spec.optimizer, w, updating.fresh_memory("sgd", w), g, rates, now))(
        as_float32(weights), as_float32(tuple(gradients)), Clock(jnp.float32(1), jnp.float32(0))
    )
    limited = 0
    for (w, b), (gw, gb), (our_w, our_b) in zip(weights, pulled, moved, strict=True):
        w = w - 0.5 * gw * 0.7 / norm
        lengths = np.linalg.norm(w, axis=0)
        limited += (lengths > 1.1).sum()
        np.testing.assert_allclose(our_w, w * np.minimum(1, 1.1 / lengths), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(our_b, b - 0.5 * gb * 0.7 / norm, rtol=1e-4, atol=1e-6)
    assert 0 < limited < 13


def test_dropout_masks_keep_the_mean_and_are_off_at_zero():
    spec = spec_of((784, 300, 200, 10))
    masks = jax.jit(lambda rate, key: programs.dropout_masks(spec, {"dropout": [rate, jnp.float32(0)]}, lambda: key, 100))
    first, second = masks(jnp.float32(0.3), jax.random.key(0))
    values = np.unique(np.asarray(first))
    np.testing.assert_allclose(values, [0, 1 / 0.7], rtol=1e-6)
    assert np.mean(np.asarray(first) == 0) == pytest.approx(0.3, abs=0.01) and (np.asarray(second) == 1).all()
    other, _ = masks(jnp.float32(0.3), jax.random.key(1))
    assert (np.asarray(other) != np.asarray(first)).any()


@pytest.mark.parametrize("key", SCHEDULES)
def test_scheduled_rate_is_the_tables(key):
    experiment = digits_experiment(schedule=Choice(key=key), learning_rate=0.1)
    rates, settings = programs.rates_of(experiment, 10), SCHEDULES[key].defaults()
    scheduled = jax.jit(lambda epoch: updating.scheduled_rate(rates, epoch))
    for epoch in (0.0, 3.5, 700.0):
        expected = 0.1 * float(SCHEDULES[key].factor(jnp.float32(epoch), settings))
        assert float(scheduled(np.float32(epoch))) == pytest.approx(expected, rel=1e-5)


def test_slices_grow_with_small_nets_and_accelerators():
    assert programs.slice_size((784, 10), "cpu") == 2048
    assert programs.slice_size((784, *[1024] * 5, 10), "cpu") == 128
    assert 128 < programs.slice_size((784, 500, 300, 10), "cpu") < 2048
    assert programs.slice_size((784, *[1024] * 5, 10), "gpu") == 2048


def test_study_finds_dead_and_saturated_units():
    weights, images, labels = problem((784, 4, 10), 20)
    b = weights[0][1]
    spec = spec_of((784, 4, 10), key="relu")
    b[:] = [-60, 60, 0, 0]
    data = Data(jnp.asarray(images), jnp.asarray(labels, jnp.int32))
    study = jax.jit(programs.study, static_argnums=0)
    norms, dead, saturated = study(spec, as_float32(weights), data)
    _, expected = numpy_backward(weights, "relu", "softmax_cross_entropy", images / 255, np.eye(10)[labels])
    np.testing.assert_allclose(norms, [np.sqrt((g**2).sum() + (h**2).sum()) for g, h in expected], rtol=1e-3)
    assert int(dead[0]) >= 1 and float(saturated[0]) == 0
    _, dead, saturated = study(spec._replace(activations=("sigmoid",)), as_float32(weights), data)
    assert int(dead[0]) == 2 and 0.5 <= float(saturated[0]) <= 1


def test_what_squashes():
    assert {key for key in ACTIVATIONS if health.squashes(key)} == {"step_surrogate", "sigmoid", "tanh", "scaled_tanh", "gaussian"}
