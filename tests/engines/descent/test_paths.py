"""Races against optax in float32 and a float64 NumPy loop; noise, glances, thrown-off runners, many starts, no second compile."""

import functools
from collections import OrderedDict

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from engines.descent import program
from engines.descent.paths import is_ready, lines_of, run_race
from engines.descent.race import MAX_STEPS, all_runners, race_on
from engines.descent.terrain import terrain_of
from engines.descriptions import Choice
from engines.optimizers import OPTIMIZERS
from engines.surfaces import SURFACES
from tests.engines.descent import oracle

STEPS = 200
SCHEDULED = {"key": "exponential", "settings": {"half_life": 60}}
RAMPED = {"ramp": 50, "start": 0.5, "momentum": 0.95}


def _race(surface, **changes):
    return race_on(surface, **{"runners": all_runners(surface), "steps": STEPS} | changes)


def _factor(scheduled):
    return 2.0 ** (-np.arange(STEPS) / 60) if scheduled else np.ones(STEPS)


def _changed(race, scheduled):
    """The race with a schedule and a momentum ramp for everybody, or as it is."""
    if not scheduled:
        return race
    runners = [runner.model_dump() | {"schedule": SCHEDULED} for runner in race.runners]
    for runner in runners:
        if runner["optimizer"]["key"] in ("momentum", "nesterov"):
            runner["optimizer"]["settings"] = RAMPED
    return race.change(runners=runners)


@functools.cache
def _run(surface, scheduled):
    race = _changed(_race(surface), scheduled)
    return race, run_race(race)


def _independent(race, k, slope, scheduled):
    """The same runner in float64 NumPy: its places, up to where ours is thrown off."""
    runner = race.runners[k]
    with np.errstate(all="ignore"):
        rates = runner.learning_rate * _factor(scheduled)
        return oracle.run(slope, runner.optimizer.key, runner.optimizer.settings, rates, np.float32(race.start))[0]


@pytest.mark.parametrize("scheduled", [False, True], ids=["constant", "scheduled"])
@pytest.mark.parametrize("surface", [*oracle.SLOPES, *oracle.WILD_SLOPES])
def test_agrees_with_float64_numpy(surface, scheduled):
    """To rounding, where that stays small; on the other surfaces for as long as it has not grown."""
    race, paths = _run(surface, scheduled)
    tame = surface in oracle.SLOPES
    for k, runner in enumerate(race.runners):
        places = _independent(race, k, (oracle.SLOPES | oracle.WILD_SLOPES)[surface], scheduled)
        count = min(STEPS if tame else 25, paths.thrown[k] - 1 if paths.thrown[k] >= 0 else STEPS)
        rounding = {"rtol": 1e-4, "atol": 1e-5} if tame else {"rtol": 1e-3, "atol": 1e-3}
        np.testing.assert_allclose(paths.position[k, : count + 1], places[: count + 1], **rounding, err_msg=runner.optimizer.key)
        np.testing.assert_allclose(paths.rate[k], runner.learning_rate * _factor(scheduled), rtol=1e-5)


def test_noise_is_added_as_in_float64_numpy():
    race = _race("long_valley", noise=0.2, seed=11)
    paths = run_race(race)
    for k, runner in enumerate(race.runners):
        rates, noise = runner.learning_rate * _factor(False), paths.seen[k] - paths.gradient[k, :-1]
        places, _ = oracle.run(
            oracle.SLOPES["long_valley"], runner.optimizer.key, runner.optimizer.settings, rates, race.start, noise
        )
        np.testing.assert_allclose(paths.position[k, :100], places[:100], rtol=1e-2, atol=1e-3, err_msg=runner.optimizer.key)


def _ramp(start, full, steps):
    return lambda step: start + (full - start) * (jnp.minimum(step / steps, 1.0) if steps else 1.0)


@pytest.mark.parametrize("surface", ["saddle", "beale", "ackley", "cliff"])
@pytest.mark.parametrize("scheduled", [False, True], ids=["constant", "scheduled"])
def test_agrees_with_optax_step_by_step(surface, scheduled):
    """Each step of optax from where our runner stands: the same change, with memory of its own."""
    race, paths = _run(surface, scheduled)
    for k, runner in enumerate(race.runners):
        rate = (lambda t, r=runner.learning_rate: r * 2.0 ** (-t / 60)) if scheduled else runner.learning_rate
        code = OPTIMIZERS[runner.optimizer.key].code.format(**runner.optimizer.settings)
        rule = eval(code, {"optax": optax, "learning_rate": rate, "ramp": _ramp})

        def step(memory, row, rule=rule):
            change, memory = rule.update(row[0], memory, row[1])
            return memory, change

        rows = (jnp.asarray(paths.gradient[k, :-1]), jnp.asarray(paths.position[k, :-1]))
        _, changes = jax.jit(lambda rows, s=step, r=rule: jax.lax.scan(s, r.init(rows[1][0]), rows))(rows)
        end = max(paths.thrown[k] - 1, 0) if paths.thrown[k] >= 0 else None
        np.testing.assert_allclose(paths.change[k, :end], changes[:end], rtol=1e-3, atol=1e-6, err_msg=runner.optimizer.key)
        np.testing.assert_allclose(
            paths.position[k, 1:][:end], (paths.position[k, :-1] + paths.change[k])[:end], rtol=1e-6, atol=1e-7
        )


def _size(array):
    """What counts as rounding of one array."""
    return 1e-4 * np.abs(array).max()


@pytest.mark.parametrize("surface", [key for key, entry in SURFACES.items() if not entry.sliced])
def test_heights_gradients_and_hessians_are_exact(surface):
    race = _race(surface, steps=40)
    terrain, paths = terrain_of(race), run_race(race)
    x, y = paths.position[..., 0].ravel(), paths.position[..., 1].ravel()
    with jax.enable_x64(True):
        params = jax.tree.map(lambda a: jnp.asarray(a, jnp.float64), dict(terrain.params))

        def height(p):
            return terrain.height(p[..., 0], p[..., 1], params)

        places = jnp.stack([jnp.asarray(x, jnp.float64), jnp.asarray(y, jnp.float64)], 1)
        exact = jax.jit(lambda p: (height(p), jax.vmap(jax.grad(height))(p), jax.vmap(jax.hessian(height))(p)))
        heights, slopes, bends = map(np.asarray, exact(places))
    np.testing.assert_allclose(paths.height.ravel(), heights, rtol=1e-4, atol=_size(heights))
    np.testing.assert_allclose(paths.gradient.reshape(-1, 2), slopes, rtol=1e-3, atol=_size(slopes))
    ours = paths.hessian.reshape(-1, 3)
    np.testing.assert_allclose(ours, bends.reshape(-1, 4)[:, [0, 1, 3]], rtol=2e-3, atol=_size(bends))
    each = np.linalg.eigvalsh(ours[:, [0, 1, 1, 2]].reshape(-1, 2, 2).astype(np.float64))
    np.testing.assert_allclose(paths.curvature.reshape(-1, 3)[:, 1::-1], each, rtol=1e-3, atol=_size(each))


def test_the_angle_is_that_of_the_steeper_curvature():
    paths = run_race(race_on("quadratic", steps=10))
    np.testing.assert_allclose(paths.curvature[..., 0], 10, rtol=1e-5)
    np.testing.assert_allclose(np.abs(paths.curvature[..., 2]), np.pi / 2, atol=1e-5)


def test_shapes_order_and_types():
    race = _race("himmelblau", ring=2, runners=all_runners("himmelblau")[:5], steps=30)
    paths = run_race(race)
    assert paths.runner.tolist() == [0, 1, 2, 3, 4] * 2 and paths.start.tolist() == [0] * 5 + [1] * 5
    np.testing.assert_allclose(paths.origin, race.starts, rtol=1e-6)
    np.testing.assert_array_equal(paths.position[:, 0], paths.origin[paths.start])
    shapes = {"position": (31, 2), "height": (31,), "gradient": (31, 2), "hessian": (31, 3), "curvature": (31, 3)}
    shapes |= {"seen": (30, 2), "first": (31, 2), "second": (31, 2), "change": (30, 2), "rate": (30,)}
    shapes |= {"saddle_distance": (31,), "minimum_distance": (31,)}
    for name, shape in shapes.items():
        value = getattr(paths, name)
        assert value.shape == (10, *shape) and value.dtype == np.float32, name
    np.testing.assert_array_equal(paths.seen, paths.gradient[:, :-1])


def test_a_path_does_not_depend_on_who_else_runs_or_how_many_start():
    everybody = run_race(_race("beale"))
    alone = run_race(_race("beale", runners=all_runners("beale")[7:8]))
    ring = run_race(_race("beale", ring=32, ring_radius=1e-6))
    np.testing.assert_allclose(alone.position[0], everybody.position[7], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ring.position[7], everybody.position[7], rtol=1e-3, atol=1e-4)
    assert ring.position.shape == (352, STEPS + 1, 2) and ring.gradient is None and ring.hessian is None
    with pytest.raises(ValueError, match="352 paths are too many"):
        lines_of(ring, 0)


def test_distances_to_saddle_and_minimum():
    race = _race("himmelblau", runners=all_runners("himmelblau")[:2], steps=20)
    paths, entry = run_race(race), SURFACES["himmelblau"]
    for got, points in ((paths.saddle_distance, entry.saddles), (paths.minimum_distance, entry.minima)):
        each = np.linalg.norm(paths.position[:, :, None] - np.array(points), axis=-1).min(-1)
        np.testing.assert_allclose(got, each, rtol=1e-4, atol=1e-5)
    assert np.isnan(run_race(_race("saddle", steps=10)).minimum_distance).all()


# ---- lines


@pytest.mark.parametrize("scheduled", [False, True], ids=["constant", "scheduled"])
def test_lines_tell_every_step(scheduled):
    race, paths = _run("beale", scheduled)
    for k, runner in enumerate(race.runners):
        symbols, values = lines_of(paths, k)
        assert symbols == tuple(line.symbol for line in OPTIMIZERS[runner.optimizer.key].lines)
        assert values.shape == (STEPS, len(symbols), 2)
        told = dict(zip(symbols, np.moveaxis(values, 1, 0), strict=True))
        np.testing.assert_array_equal(told["g"], paths.seen[k])
        np.testing.assert_allclose(told["change"], paths.change[k], rtol=1e-4, atol=1e-7)
        for name, slot in (("m", paths.first), ("v", paths.second)):
            np.testing.assert_allclose(told.get(name, slot[k, 1:]), slot[k, 1:], rtol=1e-4, atol=1e-7)


# ---- thrown off


def _wild(rate):
    """The second runner of three far too fast."""
    runners = [runner.model_dump() for runner in all_runners("quadratic")[1:4]]
    runners[1]["learning_rate"] = rate
    return _race("quadratic", runners=runners)


@pytest.mark.parametrize("rate", [2.0, 1e2])
def test_who_is_thrown_off_stays_there_and_disturbs_nobody(rate):
    calm, wild = run_race(_wild(0.01)), run_race(_wild(rate))
    step = wild.thrown[1]
    assert calm.thrown.tolist() == [-1, -1, -1] and wild.thrown[[0, 2]].tolist() == [-1, -1] and 0 < step < 50
    for name in ("position", "height", "gradient", "first", "second", "seen", "change"):
        np.testing.assert_array_equal(getattr(wild, name)[[0, 2]], getattr(calm, name)[[0, 2]])
        assert np.isfinite(getattr(wild, name)).all()
    assert (wild.position[1, step - 1 :] == wild.position[1, step - 1]).all() and np.abs(wild.position).max() <= 30
    assert (wild.change[1, step:] == 0).all() and np.abs(wild.position[1, step - 1] + wild.change[1, step - 1]).max() > 30
    lines = lines_of(wild, 1)[1]
    assert (lines[step:] == lines[step - 1]).all()


def test_a_height_that_is_not_finite_throws_off():
    race = race_on("formula", formula="log(x)", runners=all_runners("formula")[:2], start=(0.5, 0), steps=30)
    paths = run_race(race.change(runners__0__learning_rate=0.3))
    assert paths.thrown[0] == 1 and paths.position[0, -1].tolist() == [0.5, 0.0] and np.isfinite(paths.position).all()


@pytest.mark.parametrize(("formula", "start"), [("log(x)", (-1, 0)), ("x^2", (1e5, 0))])
def test_a_start_off_the_mountain(formula, start):
    paths = run_race(race_on("formula", formula=formula, start=start, steps=10))
    assert (paths.thrown == 0).all() and (paths.position == np.float32(start)).all() and (paths.change == 0).all()


@pytest.mark.parametrize("formula", ["3", "x", "y^2", "x*0", "abs(x)", "tan(x)+log(y+5)", "2^x+x^y+sqrt(abs(x y))+tanh(x)-exp(y)"])
def test_any_formula_runs(formula):
    race = _race("formula", formula=formula, start=(0.5, 0.3), steps=20)
    paths = run_race(race)
    assert paths.position.shape == (11, 21, 2) and np.isfinite(paths.position).all()


# ---- chance


def test_noise_is_what_an_exported_script_draws():
    race = _race("quadratic", noise=0.5, seed=7, ring=2)
    paths = run_race(race)
    for k in range(len(paths.runner)):
        key = jax.random.fold_in(jax.random.key(7), int(paths.start[k]))
        drawn = 0.5 * np.asarray(jax.random.normal(key, (STEPS, 2)))
        exact = OPTIMIZERS[race.runners[paths.runner[k]].optimizer.key].full_batch
        added = paths.seen[k] - paths.gradient[k, :-1]
        np.testing.assert_allclose(added, 0 * drawn if exact else drawn, atol=2e-5)


def test_the_same_seed_is_the_same_run_and_a_longer_one_begins_alike():
    race = _race("beale", noise=0.3, seed=3)
    paths = run_race(race)
    np.testing.assert_array_equal(run_race(race).position, paths.position)
    longer = run_race(race.change(steps=STEPS + 50))
    np.testing.assert_array_equal(longer.position[:, : STEPS + 1], paths.position)
    assert not np.allclose(run_race(race.change(seed=4)).position[1], paths.position[1])


def test_noise_leaves_the_saddle_and_nothing_else_does():
    race = race_on("saddle", start=(0, 0))
    assert (run_race(race).position == 0).all()
    assert (np.abs(run_race(race.change(noise=0.01)).position[:, -1]).max(1) > 0.1).all()


def test_glances_are_what_an_exported_script_draws():
    race = _race("two_weights", glance=20, seed=5, ring=2, steps=30)
    terrain, paths = terrain_of(race), run_race(race)
    assert paths.seen is not None
    params = jax.tree.map(jnp.asarray, dict(terrain.params))
    slope = jax.jit(jax.grad(lambda p, rng: terrain.glance(p[0], p[1], params, rng, 20)))
    for k in (0, 1, 8, len(race.runners) + 3):
        key = jax.random.fold_in(jax.random.key(5), int(paths.start[k]))
        exact = OPTIMIZERS[race.runners[paths.runner[k]].optimizer.key].full_batch
        for t in (0, 1, 29):
            drawn = slope(paths.position[k, t], jax.random.fold_in(key, t))
            np.testing.assert_allclose(paths.seen[k, t], paths.gradient[k, t] if exact else drawn, rtol=1e-3, atol=1e-5)


def test_glances_from_many_starts():
    paths = run_race(_race("two_weights", glance=20, ring=4, steps=20))
    assert paths.position.shape == (44, 21, 2) and paths.seen is None
    assert run_race(_race("saddle", glance=20, steps=10)).seen is not None, "a surface without examples has nothing to glance at"


# ---- compiling


@pytest.fixture
def compiles():
    """Names of the programs compiled from here on."""
    found = []

    def listen(name, *_, **__):
        if "backend_compile" in name:
            found.append(name)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield found
    jax.monitoring.unregister_event_duration_listener(listen)


CHANGES = [
    {"runners__0__learning_rate": 0.5},
    {"runners__0__optimizer": Choice(key="adam", settings={"b1": 0.5})},
    {"runners__1__optimizer__settings__momentum": 0.3},
    {"runners__2__schedule": Choice(key="cosine")},
    {"start": (0.3, -0.2)},
    {"seed": 99},
    {"noise": 2.0},
    {"steps": MAX_STEPS},
    {"surface": Choice(key="quadratic", settings={"condition": 7})},
    {"runners": all_runners("quadratic")[:3]},
    {"ring": 2},
]


@pytest.mark.parametrize("change", CHANGES, ids=[next(iter(change)) for change in CHANGES])
def test_what_a_visitor_turns_compiles_nothing(change, compiles):
    race = _race("quadratic", runners=all_runners("quadratic")[1:8], noise=0.1)
    run_race(race)
    changed = race.change(**change)
    assert is_ready(changed, terrain_of(changed))
    compiles.clear()
    before = run_race(race).position
    after = run_race(changed)
    assert compiles == [] and (after.position.shape != before.shape or not np.array_equal(after.position, before))


def test_another_window_of_a_formula_compiles_nothing(compiles):
    race = race_on("formula", formula="x^2 + 3y^2")
    run_race(race)
    moved = race.change(window=(-5, 5, -4, 4))
    terrain = terrain_of(moved)
    compiles.clear()
    run_race(moved, terrain)
    assert compiles == []


def test_programs_are_kept_up_to_a_number(monkeypatch):
    monkeypatch.setattr(program, "MAX_PROGRAMS", 2)
    monkeypatch.setattr(program, "_slots", OrderedDict())
    races = [race_on("formula", formula=f"x^2 + {n}", steps=10, runners=all_runners("formula")[:1]) for n in (1, 2, 3)]
    for race in races:
        run_race(race)
    assert [is_ready(race, terrain_of(race)) for race in races] == [False, True, True]
