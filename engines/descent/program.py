"""The compiled race: every lane (a runner from a start) takes its steps together, in one loop.

A lane's optimizer, settings, rates, start, noise and the number of steps are traced, so that changing them compiles nothing; each
lane computes every rule of the table and keeps its own, which for so few lanes is quicker than branching. Only the terrain, the
bucket that the number of lanes falls into, and whether the slope is seen in glances, have a program each.

Randomness, so that an exported script can repeat it with `jax.random` alone:
    noise of start number i: noise * jax.random.normal(jax.random.fold_in(jax.random.key(seed), i), (steps, 2))
    glance of start number i at step t (from 0): the key fold_in(fold_in(jax.random.key(seed), i), t)
All runners from one start meet the same. (A longer race begins with the same numbers.)
"""

from __future__ import annotations

import functools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engines.descent.race import MAX_RING, MAX_RUNNERS, MAX_STEPS
from engines.lazy import jax, jnp, lax
from engines.optimizers import OPTIMIZERS, Clock, Move, Optimizer
from engines.schedules import SCHEDULES
from engines.tiny.layout import OPTIMIZER_SETTINGS, SCHEDULE_SETTINGS

if TYPE_CHECKING:
    from engines.descent.terrain import Terrain

Array = Any
Slopes = Callable[[Array, Array, Mapping[str, Array]], tuple[Array, Array, Array]]

BUCKETS = (MAX_RUNNERS, 96, 256, MAX_RUNNERS * MAX_RING)
"""How many lanes programs have; races are filled up to the next. The first one records every detail of every step."""

ROWS = {"position": 2, "height": 1, "gradient": 2, "first": 2, "second": 2, "seen": 2, "change": 2}
"""What is recorded of a step, and how many numbers it is; only position and height beyond the first bucket."""

MAX_PROGRAMS = 64
WORLD = 10

_log = logging.getLogger(__name__)

# Half the time to compile, and a loop that is no slower. (`compile_native` is as quick, but may abort the process where a slope
# is a constant, and visitors type what they like.)
_QUICK = {"xla_backend_optimization_level": 1, "xla_cpu_use_fusion_emitters": False}


class Lanes(NamedTuple):
    """Who runs, one column a lane (N,). origin (2, N). optimizer: its index in the table. settings (K, N): every optimizer's, in

    the order of OPTIMIZER_SETTINGS. runner, start: columns of `Course.rates` and `Course.noise`. noisy: 1, or 0 where the full
    batch is seen.
    """

    origin: Array
    optimizer: Array
    settings: Array
    runner: Array
    start: Array
    noisy: Array


class Course(NamedTuple):
    """Where and how far. params: the terrain's. world (4,): x low, x high, y low, y high. steps: how many, at most MAX_STEPS.

    rates (MAX_STEPS, MAX_RUNNERS): scheduled. noise (MAX_STEPS, 2, MAX_RING). rng: key of the start, and glance: how many examples
    are seen, for terrains that are seen in glances.
    """

    params: Mapping[str, Array]
    world: Array
    steps: Array
    rates: Array
    noise: Array
    rng: Array
    glance: Array


class _State(NamedTuple):
    """One moment: place (2, N), height (N,), gradient, slots, and what the last step saw and did (2, N); thrown (N,) or -1."""

    position: Array
    height: Array
    gradient: Array
    first: Array
    second: Array
    seen: Array
    change: Array
    thrown: Array


def grad_height(terrain: Terrain) -> Slopes:
    """f(x, y, params) -> height and its exact derivatives by x and by y; elementwise, arrays of any one shape. Traced."""
    return _slopes(terrain.height)


def _slopes(height: Callable[..., Array]) -> Slopes:
    def slopes(x: Array, y: Array, *rest: Any) -> tuple[Array, Array, Array]:
        value, back = jax.vjp(lambda x, y: jnp.broadcast_to(height(x, y, *rest), x.shape), x, y)
        return value, *back(jnp.ones_like(value))

    return slopes


def rule(optimizer: str) -> Callable[..., Move]:
    """The rule of the optimizer with this key: (g, p, m, v, clock, settings) -> Move. The one that trains nets."""
    return OPTIMIZERS[optimizer].update


def any_rule(which: Array, g: Array, p: Array, m: Array, v: Array, clock: Clock, settings: Mapping[str, Array]) -> Move:
    """As an optimizer's own rule, of optimizer number `which`, lane by lane: all are computed, one is kept."""
    return _jitted_any_rule()(which, g, p, m, v, clock, settings)


@functools.cache
def _jitted_any_rule() -> Callable[..., Move]:
    """Under jit of its own, so that it is traced once and not for every terrain."""

    def choose(which: Array, g: Array, *rest: Any) -> Move:
        which, moves = jnp.broadcast_to(which, g.shape), [entry.update(g, *rest) for entry in OPTIMIZERS.values()]
        return Move(
            *(lax.select_n(which, *(jnp.broadcast_to(part, g.shape) for part in parts)) for parts in zip(*moves, strict=True))
        )

    return jax.jit(choose)


def loop(terrain: Terrain, detailed: bool, glancing: bool) -> Callable[[Lanes, Course], tuple[Array, Array]]:
    """The race as a traced function -> (record (MAX_STEPS + 1, numbers, N), thrown (N,)); rows of the record as ROWS says.

    Row t holds the moment t, and what the step before it saw and did. A lane that is thrown off stays at its last place.
    """
    look, look_shortly = grad_height(terrain), _slopes(terrain.glance) if glancing else None
    names = tuple(ROWS) if detailed else ("position", "height")

    def row(state: _State) -> Array:
        return jnp.concatenate([jnp.atleast_2d(getattr(state, name)) for name in names])

    def race(lanes: Lanes, course: Course) -> tuple[Array, Array]:
        def step(carry: tuple[Array, _State, Array]) -> tuple[Array, _State, Array]:
            t, state, record = carry
            seen = state.gradient
            if look_shortly is not None:
                rng = jax.random.fold_in(course.rng, t)
                shortly = jnp.stack(look_shortly(*state.position, course.params, rng, course.glance)[1:])
                seen = jnp.where(lanes.noisy > 0, shortly, seen)
            seen = seen + lanes.noisy * course.noise[t][:, lanes.start]
            state = _step(look, lanes, course, t, state, seen)
            return t + 1, state, lax.dynamic_update_index_in_dim(record, row(state), t + 1, 0)

        state = _before(lanes)
        record = jnp.zeros((MAX_STEPS + 1, *row(state).shape), jnp.float32)
        _, state, record = lax.while_loop(lambda carry: carry[0] < course.steps, step, (jnp.int32(-1), state, record))
        return record, state.thrown

    return race


def _before(lanes: Lanes) -> _State:
    """Before a step number -1, which goes nowhere and only looks: so the terrain is compiled once, not once more for the start."""
    zero = jnp.zeros_like(lanes.origin)
    return _State(lanes.origin, zero[0], zero, zero, zero, zero, zero, jnp.full(zero.shape[1:], -1, jnp.int32))


def _step(look: Slopes, lanes: Lanes, course: Course, t: Array, state: _State, seen: Array) -> _State:
    settings = dict(zip(OPTIMIZER_SETTINGS, lanes.settings, strict=True)) | {"learning_rate": course.rates[t][lanes.runner]}
    epoch, looks = t.astype(jnp.float32), t < 0
    seen = jnp.where(looks, 0.0, seen)
    move = any_rule(lanes.optimizer, seen, state.position, state.first, state.second, Clock(epoch + 1, epoch), settings)
    change = jnp.where(looks, 0.0, move.change)
    position = state.position + change
    height, *gradient = look(*position, course.params)
    running = state.thrown < 0
    sound = jnp.isfinite(height) & jnp.isfinite(move.first).all(0) & jnp.isfinite(move.second).all(0)
    stays = running & sound & _inside(position, course.world)
    moved = _State(position, height, jnp.stack(gradient), move.first, move.second, seen, change, state.thrown)
    kept = _State(*(jnp.where(stays | looks, new, old) for new, old in zip(moved, state, strict=True)))
    return kept._replace(
        seen=jnp.where(running, seen, state.seen),
        change=jnp.where(running, change, 0.0),
        thrown=jnp.where(running & ~stays, t + 1, state.thrown),
    )


def _inside(position: Array, world: Array) -> Array:
    x, y = position
    return (x >= world[0]) & (x <= world[1]) & (y >= world[2]) & (y <= world[3])


def world_of(domain: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The domain enlarged ten times around its centre: who leaves it is thrown off."""
    (left, right), (low, high) = (_enlarged(*domain[:2]), _enlarged(*domain[2:]))
    return left, right, low, high


def _enlarged(low: float, high: float) -> tuple[float, float]:
    middle, half = (low + high) / 2, WORLD * (high - low) / 2
    return middle - half, middle + half


@functools.cache
def scheduler() -> Callable[[Array, Array, Array], Array]:
    """Compiled: rates (R,), schedule (R,) as index, settings (K, R) as SCHEDULE_SETTINGS -> rate of each step (MAX_STEPS, R)."""

    def rates(base: Array, which: Array, settings: Array) -> Array:
        shape = (MAX_STEPS, *base.shape)
        epoch = jnp.broadcast_to(jnp.arange(MAX_STEPS, dtype=jnp.float32)[:, None], shape)
        named = dict(zip(SCHEDULE_SETTINGS, settings, strict=True))
        factors = [jnp.broadcast_to(entry.factor(epoch, named), shape) for entry in SCHEDULES.values()]
        return base * lax.select_n(jnp.broadcast_to(which, shape), *factors)

    return jax.jit(rates)


@functools.cache
def noise_maker() -> Callable[[Array, Array], Array]:
    """Compiled: seed, standard deviation -> noise of every start at every step (MAX_STEPS, 2, MAX_RING)."""

    def noise(seed: Array, deviation: Array) -> Array:
        keys = jax.vmap(jax.random.fold_in, (None, 0))(jax.random.key(seed), jnp.arange(MAX_RING))
        return deviation * jnp.moveaxis(jax.vmap(lambda key: jax.random.normal(key, (MAX_STEPS, 2)))(keys), 0, 2)

    return jax.jit(noise)


@functools.cache
def narrator(optimizer: Optimizer) -> Callable[..., Array]:
    """Compiled: seen, position, first, second (T, 2), rates (T, 1), settings -> every line of every step (T, lines, 2)."""
    from engines.optimizers import narrate

    def lines(seen: Array, position: Array, first: Array, second: Array, rates: Array, settings: Mapping[str, Array]) -> Array:
        epoch = jnp.arange(seen.shape[0], dtype=jnp.float32)[:, None]
        values = narrate(
            optimizer, seen, position, first, second, Clock(epoch + 1, epoch), dict(settings) | {"learning_rate": rates}
        )
        return jnp.stack([jnp.broadcast_to(value, seen.shape) for value in values.values()], 1)

    return jax.jit(lines, compiler_options={"xla_backend_optimization_level": 0})  # quick to compile matters more here


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    program: Callable[[Lanes, Course], tuple[Array, Array]] | None = None


_slots: OrderedDict[tuple[str, int, bool], _Slot] = OrderedDict()
_slots_lock = threading.Lock()


def bucket(lanes: int) -> int:
    """How many lanes the program for so many has."""
    return next(size for size in BUCKETS if size >= lanes)


def is_ready(terrain: Terrain, lanes: int, glancing: bool = False) -> bool:
    """Whether a race of so many lanes on this terrain compiles nothing."""
    slot = _slots.get((terrain.key, bucket(lanes), glancing))
    return slot is not None and slot.program is not None


def program_for(terrain: Terrain, lanes: Lanes, course: Course, glancing: bool) -> Callable[[Lanes, Course], tuple[Array, Array]]:
    """`loop` compiled for this terrain and lanes of this number, kept for the next race; MAX_PROGRAMS are."""
    count = lanes.optimizer.shape[0]
    key = (terrain.key, count, glancing)
    with _slots_lock:
        slot = _slots.setdefault(key, _Slot())
        _slots.move_to_end(key)
        while len(_slots) > MAX_PROGRAMS:
            _slots.popitem(last=False)
    with slot.lock:
        if slot.program is None:
            slot.program = _compile(loop(terrain, count == BUCKETS[0], glancing), lanes, course)
        return slot.program


def _compile(race: Callable[..., Any], *example: Any) -> Callable[..., Any]:
    lowered = jax.jit(race).lower(*example)
    try:
        return lowered.compile(compiler_options=_QUICK)
    except jax.errors.JaxRuntimeError:  # another version of XLA may not know these options
        _log.warning("races compile without the options %s", list(_QUICK), exc_info=True)
        return lowered.compile()
