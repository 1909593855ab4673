"""The pieces of the compiled race: slopes, rules side by side, rates, noise."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.descent import program
from engines.descent.race import MAX_RING, MAX_STEPS
from engines.descent.terrain import surface_terrain
from engines.optimizers import OPTIMIZERS, Clock
from engines.schedules import SCHEDULES
from engines.tiny.layout import OPTIMIZER_SETTINGS, SCHEDULE_SETTINGS


@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
def test_slopes_of_arrays_of_any_shape(shape):
    terrain = surface_terrain("himmelblau")
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, *shape)).astype(np.float32)
    height, gx, gy = program.grad_height(terrain)(x, y, {})
    np.testing.assert_allclose(height, (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, rtol=1e-4)
    np.testing.assert_allclose(gx, 4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(gy, 2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7), rtol=1e-4, atol=1e-3)


def test_slopes_agree_with_finite_differences():
    terrain, step = surface_terrain("styblinski_tang"), 1e-2
    x, y = np.random.default_rng(1).uniform(-3, 3, (2, 50)).astype(np.float32)
    _, gx, gy = program.grad_height(terrain)(x, y, {})

    def height(x, y):
        return np.asarray(terrain.height(x.astype(np.float64), y.astype(np.float64), {}), np.float64)

    np.testing.assert_allclose(gx, (height(x + step, y) - height(x - step, y)) / (2 * step), rtol=2e-2, atol=5e-2)
    np.testing.assert_allclose(gy, (height(x, y + step) - height(x, y - step)) / (2 * step), rtol=2e-2, atol=5e-2)


def test_a_rule_is_the_one_that_trains_nets():
    move = program.rule("sgd")(jnp.float32(2), 0.0, 0.0, 0.0, Clock(1.0, 0.0), {"learning_rate": 0.1})
    assert float(move.change) == pytest.approx(-0.2)


def test_rules_side_by_side_are_each_one_s_own():
    rng = np.random.default_rng(2)
    g, p, m, v = rng.uniform(0.1, 1, (4, 2, len(OPTIMIZERS))).astype(np.float32)
    columns = np.array(
        [[entry.defaults().get(name, 0) for name in OPTIMIZER_SETTINGS] for entry in OPTIMIZERS.values()], np.float32
    )
    settings = dict(zip(OPTIMIZER_SETTINGS, columns.T, strict=True)) | {"learning_rate": np.float32(0.1)}
    clock = Clock(jnp.float32(3), jnp.float32(2))
    together = program.any_rule(np.arange(len(OPTIMIZERS), dtype=np.int32), g, p, m, v, clock, settings)
    for k, entry in enumerate(OPTIMIZERS.values()):
        own = {name: jnp.float32(value) for name, value in entry.defaults().items()} | {"learning_rate": jnp.float32(0.1)}
        alone = entry.update(g[:, k], p[:, k], m[:, k], v[:, k], clock, own)
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(all_of_them[:, k], one, rtol=1e-5, atol=1e-7, err_msg=entry.key)


@pytest.mark.parametrize("key", SCHEDULES)
def test_rates_follow_the_schedule_with_a_step_for_an_epoch(key):
    entry = SCHEDULES[key]
    settings = {name: np.float32(entry.defaults().get(name, 1)) for name in SCHEDULE_SETTINGS}
    columns = np.array(list(settings.values()), np.float32)[:, None]
    rates = program.scheduler()(np.float32([0.5]), np.int32([SCHEDULES.index(key)]), columns)
    assert rates.shape == (MAX_STEPS, 1)
    for t in (0, 1, 99, 100, MAX_STEPS - 1):
        assert float(rates[t, 0]) == pytest.approx(0.5 * float(entry.factor(jnp.float32(t), settings)), rel=1e-5)


def test_noise_of_each_start_is_its_own_and_as_wide_as_asked():
    noise = np.asarray(program.noise_maker()(np.uint32(1), np.float32(2)))
    assert noise.shape == (MAX_STEPS, 2, MAX_RING)
    np.testing.assert_allclose(noise.std((0, 1)), 2, rtol=0.05)
    np.testing.assert_allclose(noise.mean(), 0, atol=0.05)
    alone = 2 * jax.random.normal(jax.random.fold_in(jax.random.key(1), 5), (300, 2))
    np.testing.assert_allclose(noise[:300, :, 5], alone, rtol=1e-6)


def test_buckets_hold_every_race():
    assert [program.bucket(n) for n in (1, 24, 25, 768)] == [24, 24, 96, 768]


def test_the_world_is_the_domain_ten_times():
    assert program.world_of((-1, 3, 0, 2)) == (-19, 21, -9, 11)


def test_without_the_options_it_compiles_all_the_same(monkeypatch, caplog):
    monkeypatch.setattr(program, "_QUICK", {"xla_no_such_option": 1})
    compiled = program._compile(lambda x: x + 1, np.float32(1))
    assert float(compiled(np.float32(1))) == 2 and "without the options" in caplog.text
