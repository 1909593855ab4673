"""Many starts at once: one optimizer from thousands of places, or with thousands of settings, and when each gets there.

Each lane is a race of its own; only when it got somewhere is kept, not its path. All lanes of a call step together in one compiled
loop, so that the arithmetic fills the vector units and the state stays in the cache; it ends when the last lane is settled.
Goals, worlds, rules, rates and noise are those of `run_race`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from engines.descent.program import Slopes, grad_height
from engines.lazy import jax, jnp, lax
from engines.optimizers import OPTIMIZERS, Clock, Move, Optimizer

if TYPE_CHECKING:
    from engines.descent.terrain import Terrain

Array = Any

NEVER = -1
GOAL, LEFT, END = range(3)
"""What lanes wait for before they count as settled: the goal, leaving the saddle's neighbourhood, or only the last step."""


class Lanes(NamedTuple):
    """Who runs, as arrays. x, y (L,): starts. optimizer: its index in the table. rate (1 or L,), settings: each (1 or L,), by key,

    every optimizer's. factors (MAX_STEPS,): what the schedule makes of the rate. noisy: 1, or 0 where the exact slope is seen.
    noise (MAX_STEPS, 2, 1 or L). rng, glance: key of the mini-batches and how many examples each has.
    """

    x: Array
    y: Array
    optimizer: Array
    rate: Array
    settings: Mapping[str, Array]
    factors: Array
    noisy: Array
    noise: Array
    rng: Array
    glance: Array


class Aim(NamedTuple):
    """Where they run, as arrays. params: the terrain's. goals (M, 2) and their radius: places to reach; below: whether instead the

    goal is to leave the domain downhill, as in `Score`. saddles (K, 2) and the radius of their neighbourhoods, in which lanes are
    taken to start. domain, world (4,): x low, x high, y low, y high. wait: what settles a lane. steps: how many at most.
    """

    params: Mapping[str, Array]
    goals: Array
    goal_radius: Array
    below: Array
    saddles: Array
    neighbourhood: Array
    domain: Array
    world: Array
    wait: Array
    steps: Array


class Outcome(NamedTuple):
    """What became of each lane (L,): the first step at the goal, outside the saddle's neighbourhood, off the world (NEVER if none);

    its last place; the height where it was inside the domain first, nan before; from which step on it is outside and below that.
    """

    reached: Array
    left: Array
    thrown: Array
    x: Array
    y: Array
    entered: Array
    out: Array


class _Carry(NamedTuple):
    step: Array
    height: Array
    slope: tuple[Array, Array]
    first: tuple[Array, Array]
    second: tuple[Array, Array]
    outcome: Outcome


@lru_cache(maxsize=64)
def program(terrain: Terrain, glancing: bool = False) -> Callable[[Lanes, Aim], Outcome]:
    """The compiled loop of a terrain, whose slope is seen exactly or in glances; each shape of its arguments compiles once."""
    slopes = grad_height(terrain)
    seen = _in_glances(terrain) if glancing else lambda lanes, aim, c: c.slope

    def run(lanes: Lanes, aim: Aim) -> Outcome:
        zero, never = jnp.zeros_like(lanes.x), jnp.full(lanes.x.shape, NEVER, jnp.int32)
        height, *slope = slopes(lanes.x, lanes.y, aim.params)
        outcome = Outcome(never, never, never, lanes.x, lanes.y, jnp.full_like(lanes.x, jnp.nan), never)
        start = _Carry(jnp.int32(0), height, tuple(slope), (zero, zero), (zero, zero), outcome)

        def advance(c: _Carry) -> _Carry:
            outcome = _noted(c, aim)
            moves = _moves(lanes, c, seen(lanes, aim, c))
            return _moved(slopes, aim, c, outcome, moves)

        return lax.while_loop(lambda c: _going(c, aim), advance, start).outcome

    return jax.jit(run)


def _in_glances(terrain: Terrain) -> Callable[[Lanes, Aim, _Carry], tuple[Array, Array]]:
    """The slope as this step's examples show it, the same examples for all lanes."""
    glimpse = dataclasses.replace(terrain, height=lambda x, y, arguments: terrain.glance(x, y, *arguments))
    look = grad_height(glimpse)

    def seen(lanes: Lanes, aim: Aim, c: _Carry) -> tuple[Array, Array]:
        arguments = aim.params, jax.random.fold_in(lanes.rng, c.step), lanes.glance
        shortly = look(c.outcome.x, c.outcome.y, arguments)[1:]
        return tuple(jnp.where(lanes.noisy > 0, short, exact) for short, exact in zip(shortly, c.slope, strict=True))

    return seen


def _going(c: _Carry, aim: Aim) -> Array:
    """Whether any lane is not settled. The last turn of the loop only notes where the last step led.

    Who is outside may come back: only the end of the race, or the edge of the world, tells who left for good.
    """
    got = jnp.where((aim.wait == GOAL) & ~aim.below, c.outcome.reached, jnp.where(aim.wait == LEFT, c.outcome.left, NEVER))
    return (c.step <= aim.steps) & (jnp.maximum(got, c.outcome.thrown) == NEVER).any()


def _noted(c: _Carry, aim: Aim) -> Outcome:
    """The outcome with what holds for the first time at this place. Of a lane that was thrown nothing more is noted."""
    old = c.outcome
    finite = [jnp.isfinite(array) for array in (c.height, *c.first, *c.second)]
    standing = (old.thrown == NEVER) & _within(old.x, old.y, aim.world) & reduce(jnp.logical_and, finite)

    def first(before: Array, holds: Array) -> Array:
        return jnp.where((before == NEVER) & holds, c.step, before)

    goal = _distance2(old, aim.goals) <= aim.goal_radius**2
    inside = _within(old.x, old.y, aim.domain)
    entered = jnp.where(jnp.isnan(old.entered) & inside, c.height, old.entered)
    out = jnp.where(~standing, old.out, jnp.where(~inside & (c.height < entered), first(old.out, True), NEVER))
    away = _distance2(old, aim.saddles) > aim.neighbourhood**2
    return old._replace(
        reached=jnp.where(aim.below, out, first(old.reached, standing & goal)),
        left=first(old.left, standing & away),
        thrown=first(old.thrown, ~standing),
        entered=entered,
        out=out,
    )


def _distance2(outcome: Outcome, points: Array) -> Array:
    """Squared distance to the nearest of the points (K, 2)."""
    return ((outcome.x - points[:, :1]) ** 2 + (outcome.y - points[:, 1:]) ** 2).min(0)


def _within(x: Array, y: Array, box: Array) -> Array:
    return (x >= box[0]) & (x <= box[1]) & (y >= box[2]) & (y <= box[3])


def _moves(lanes: Lanes, c: _Carry, slope: tuple[Array, Array]) -> tuple[Move, Move]:
    """The optimizer's rule for x and for y."""
    step = c.step.astype(jnp.float32)
    settings = dict(lanes.settings) | {"learning_rate": lanes.rate * lanes.factors[c.step]}
    noise = lanes.noisy * lanes.noise[c.step]
    parts = list(zip((slope[0] + noise[0], slope[1] + noise[1]), (c.outcome.x, c.outcome.y), c.first, c.second, strict=True))

    def branch(entry: Optimizer) -> Callable[[], tuple[Move, ...]]:
        return lambda: tuple(entry.update(*part, Clock(step + 1, step), settings) for part in parts)

    return lax.switch(lanes.optimizer, [branch(entry) for entry in OPTIMIZERS.values()])


def _moved(slopes: Slopes, aim: Aim, c: _Carry, outcome: Outcome, moves: tuple[Move, Move]) -> _Carry:
    """After the step, except after the last. Lanes that were thrown go on as they like.

    Height and slope are carried over, not computed where they are needed: what is noted in several numbers would otherwise have
    XLA compute the height again for each.
    """
    x, y = (
        jnp.where(c.step < aim.steps, place + move.change, place) for place, move in zip((outcome.x, outcome.y), moves, strict=True)
    )
    outcome = outcome._replace(x=x, y=y)
    height, *slope = slopes(x, y, aim.params)
    slots = ((moves[0].first, moves[1].first), (moves[0].second, moves[1].second))
    return _Carry(c.step + 1, height, tuple(slope), *slots, outcome)
