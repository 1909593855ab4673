"""One step of training from the gradient of the cost: penalty, clipping, the optimizer's rule, max-norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import Experiment
from engines.lazy import jax, jnp, lax
from engines.optimizers import OPTIMIZERS, Clock, Move
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES

Array = Any
Weights = tuple[tuple[Array, Array], ...]
Rates = dict[str, Any]
SMALL = 4096
"""Numbers up to which the weights of a layer go through the optimizer's rule together with others."""


class Memory(NamedTuple):
    """The two slots of the optimizer, shaped as the weights; a slot that the rule does not use is a scalar 0 a leaf."""

    first: Weights
    second: Weights


def numbers_of(experiment: Experiment, steps_per_epoch: int) -> dict[str, Any]:
    """What every net's steps depend on besides the weights, as plain numbers: all but the schedule's index and the seed."""
    l1, l2 = PENALTIES[experiment.penalty.key].strengths(experiment.penalty.settings)
    return {
        "learning_rate": experiment.learning_rate,
        "optimizer": experiment.optimizer.settings,
        "schedule": {k: v for entry in SCHEDULES.values() for k, v in entry.defaults().items()} | experiment.schedule.settings,
        "l1": l1,
        "l2": l2,
        "max_norm": experiment.max_norm,
        "clip_norm": experiment.clip_norm,
        "steps_per_epoch": steps_per_epoch,
    }


def traced(experiment: Experiment, numbers: dict[str, Any]) -> Rates:
    """`numbers` (a tree) with the schedule's index and the seed, as device scalars: a change of them compiles nothing."""
    rates = jax.tree.map(np.float32, numbers)
    rates["schedule_index"] = np.int32(SCHEDULES.index(experiment.schedule.key))
    rates["seed"] = np.uint32(experiment.seed)
    return jax.device_put(rates)


def penalised(weights: Weights, gradients: Weights, rates: Rates) -> Weights:
    """Gradients with the penalty's l1 sign(w) + l2 w added, on weights, not on biases."""
    pulled = [gw + rates["l1"] * jnp.sign(w) + rates["l2"] * w for (w, _), (gw, _) in zip(weights, gradients, strict=True)]
    return tuple((gw, gb) for gw, (_, gb) in zip(pulled, gradients, strict=True))


def _limited(gradients: Weights, rates: Rates) -> Weights:
    """Gradients with every number brought within -clip_value..clip_value; 0 is off. Rates without clip_value leave them alone."""
    if "clip_value" not in rates:
        return gradients
    limit = jnp.where(rates["clip_value"] > 0, rates["clip_value"], jnp.inf)
    return jax.tree.map(lambda g: jnp.clip(g, -limit, limit), gradients)


def _pulled(weights: Weights, gradients: Weights, rates: Rates) -> Weights:
    """Gradients with the penalty's, limited number by number."""
    return _limited(penalised(weights, gradients, rates), rates)


def _clip_factor(weights: Weights, gradients: Weights, rates: Rates) -> Array:
    """What brings the global norm of the gradient, penalised and limited, down to clip_norm; 1 when that is 0 (off)."""

    def factor() -> Array:
        squares = [jnp.sum(g * g) for g in jax.tree.leaves(_pulled(weights, gradients, rates))]
        norm = jnp.sqrt(sum(squares))
        return jnp.minimum(1.0, rates["clip_norm"] / jnp.maximum(norm, 1e-30))

    return lax.cond(rates["clip_norm"] > 0, factor, lambda: jnp.float32(1))


def _scales(weights: Weights, limit: Array) -> tuple[Array, ...]:
    """For each w (fan_in, fan_out) what brings its units' incoming weights down to a norm of at most `limit`; 0 is off."""

    def scales() -> tuple[Array, ...]:
        return tuple(jnp.minimum(1.0, limit / jnp.maximum(jnp.sqrt(jnp.sum(w * w, 0)), 1e-30)) for w, _ in weights)

    return lax.cond(limit > 0, scales, lambda: tuple(jnp.ones(w.shape[1], jnp.float32) for w, _ in weights))


def scheduled_rate(rates: Rates, epoch: Array) -> Array:
    """The learning rate at `epoch` (counted from 0, with a fraction)."""
    branches = [lambda e, s, f=entry.factor: jnp.asarray(f(e, s), jnp.float32) for entry in SCHEDULES.values()]
    return rates["learning_rate"] * lax.switch(rates["schedule_index"], branches, epoch, rates["schedule"])


def update(
    optimizer: str, weights: Weights, memory: Memory, gradients: Weights, rates: Rates, now: Clock
) -> tuple[Weights, Memory]:
    """One step from the gradient of the cost: penalty, clipping by value, by norm, the optimizer's rule, max-norm."""
    settings = rates["optimizer"] | {"learning_rate": scheduled_rate(rates, now.epoch)}
    factor = _clip_factor(weights, gradients, rates)
    rule = lambda g, p, m, v: OPTIMIZERS[optimizer].update(g * factor, p, m, v, now, settings)  # noqa: E731
    moves = _moves(rule, _pulled(weights, gradients, rates), weights, memory)
    shape = jax.tree.structure(weights)
    change, first, second = (jax.tree.unflatten(shape, part) for part in zip(*moves, strict=True))
    moved = jax.tree.map(jnp.add, weights, change)
    scales = _scales(moved, rates["max_norm"])
    return tuple((w * scale, b) for (w, b), scale in zip(moved, scales, strict=True)), Memory(first, second)


def _moves(rule: Callable[..., Move], gradients: Weights, weights: Weights, memory: Memory) -> list[Move]:
    """The rule's move for each leaf of the weights.

    Small leaves go through the rule as one row: it is elementwise, and a program of fewer operations compiles sooner.
    """
    parts = [jax.tree.leaves(part) for part in (gradients, weights, *memory)]
    leaves = parts[1]
    small = [i for i, leaf in enumerate(leaves) if leaf.size <= SMALL]
    moves = [None if i in small else rule(*(part[i] for part in parts)) for i in range(len(leaves))]
    if small:
        row = rule(*(_row([part[i] for i in small]) for part in parts))
        likes = [leaves[i] for i in small]
        for i, *move in zip(small, *(_cut(part, likes) for part in row), strict=True):
            moves[i] = Move(*move)
    return moves


def _row(leaves: list[Array]) -> Array:
    """All their numbers in one row; a slot that is not used stays the scalar that it is."""
    return leaves[0] if leaves[0].ndim == 0 else jnp.concatenate([leaf.ravel() for leaf in leaves])


def _cut(row: Array, likes: list[Array]) -> list[Array]:
    """A row cut into arrays of the shapes of `likes`; a scalar is handed to each."""
    if jnp.ndim(row) == 0:
        return [row] * len(likes)
    ends = np.cumsum([like.size for like in likes])
    return [part.reshape(like.shape) for part, like in zip(jnp.split(row, ends[:-1]), likes, strict=True)]


def fresh_memory(optimizer: str, weights: Weights) -> Memory:
    """Slots at 0. A slot that the rule passes through untouched needs no room: a scalar stands for it.

    They are NumPy's zeros, handed over: JAX's own would be compiled shape by shape.
    """
    used = []

    def watch(x: Array) -> Array:
        first, second = x + 0, x + 0
        settings = OPTIMIZERS[optimizer].defaults() | {"learning_rate": 1.0}
        move = OPTIMIZERS[optimizer].update(x, x, first, second, Clock(x, x), settings)
        used.extend((move.first is not first, move.second is not second))
        return x

    jax.eval_shape(watch, np.float32(1))
    zeros = [jax.tree.map(lambda p, u=u: np.zeros(p.shape if u else (), np.float32), weights) for u in used]
    return Memory(*jax.device_put(zeros))
