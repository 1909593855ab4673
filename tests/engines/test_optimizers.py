"""Every rule against optax over fifty random steps, through the code that exported scripts carry."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from engines.optimizers import OPTIMIZERS, Clock

STEPS, SIZE, PER_EPOCH, RATE = 50, 7, 5, 0.02
CASES = [(key, {}) for key in OPTIMIZERS] + [
    ("momentum", {"ramp": 4, "start": 0.3, "momentum": 0.95}),
    ("nesterov", {"ramp": 4, "start": 0.3, "momentum": 0.95}),
    ("adam", {"b1": 0.5, "b2": 0.9, "eps": 1e-3}),
    ("adamw", {"weight_decay": 0.3}),
    ("lion", {"weight_decay": 0.3, "b2": 0.5}),
    ("rmsprop", {"decay": 0.5, "eps": 1e-2}),
    ("adadelta", {"rho": 0.5, "eps": 1e-3}),
]


def _ramp(start, full, epochs):
    return lambda step: start + (full - start) * (jnp.minimum(step / PER_EPOCH / epochs, 1.0) if epochs else 1.0)


@pytest.mark.parametrize(("key", "changed"), CASES, ids=[f"{k}-{'-'.join(c) or 'defaults'}" for k, c in CASES])
@pytest.mark.parametrize("scheduled", [False, True], ids=["constant", "scheduled"])
def test_agrees_with_optax(key, changed, scheduled):
    entry = OPTIMIZERS[key]
    settings = entry.defaults() | changed

    def factor(step):
        return 1 / (1 + 0.1 * step) if scheduled else 1.0

    rate = (lambda step: RATE * factor(step)) if scheduled else RATE
    rule = eval(entry.code.format(**settings), {"optax": optax, "learning_rate": rate, "ramp": _ramp})
    rng = np.random.default_rng(0)
    theirs = ours = jnp.asarray(rng.normal(size=SIZE), jnp.float32)
    memory, first, second = rule.init(theirs), jnp.zeros(SIZE), jnp.zeros(SIZE)
    theirs_update, ours_update = jax.jit(rule.update), jax.jit(entry.update)
    for step in range(STEPS):
        gradient = jnp.asarray(rng.normal(size=SIZE) * 10 ** rng.uniform(-4, 1, SIZE), jnp.float32)
        change, memory = theirs_update(gradient, memory, theirs)
        theirs = optax.apply_updates(theirs, change)
        clock = Clock(jnp.float32(step + 1), jnp.float32(step / PER_EPOCH))
        now = {name: jnp.float32(value) for name, value in settings.items()} | {"learning_rate": jnp.float32(RATE * factor(step))}
        move = ours_update(gradient, ours, first, second, clock, now)
        ours, first, second = ours + move.change, move.first, move.second
    np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)


def test_the_example_figures_of_rmsprop():
    """Gradient 0.00001 over a root mean square of 0.00005 gives 0.2; 100 over 25 gives 4."""
    entry = OPTIMIZERS["rmsprop"]
    settings = {"learning_rate": 1.0, "decay": 1.0, "eps": 0.0}
    for gradient, rms, expected in ((1e-5, 5e-5, 0.2), (100.0, 25.0, 4.0)):
        move = entry.update(jnp.float32(gradient), 0.0, 0.0, jnp.float32(rms**2), Clock(1.0, 0.0), settings)
        assert float(-move.change) == pytest.approx(expected, rel=1e-5)


def test_without_a_ramp_momentum_is_full_at_once():
    settings = OPTIMIZERS["nesterov"].defaults() | {"learning_rate": 1.0}
    move = OPTIMIZERS["nesterov"].update(jnp.float32(1), 0.0, 0.0, 0.0, Clock(1.0, 0.0), settings)
    assert float(move.change) == pytest.approx(-1.9)


def test_only_gradient_descent_sees_everything():
    assert [key for key, entry in OPTIMIZERS.items() if entry.full_batch] == ["gradient_descent"]
