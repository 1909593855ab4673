"""A moment of a run on text, and how it is kept as plain arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax
from engines.nets.edits import require_recorded
from engines.nets.updating import Memory, Weights, fresh_memory
from engines.optimizers import OPTIMIZERS
from engines.training import Saved


class State(NamedTuple):
    """A moment of a run. weights, memory, carried (what the net remembers of the text): device arrays.

    age: steps since the optimizer's slots were fresh. position: steps done in this epoch. row_step: step of the last row, -1 before
    the first. cost, right, count: sums over the characters since then. best, best_epoch: the best validation loss and when.
    """

    weights: Weights
    memory: Memory
    carried: Any
    age: int = 0
    step: int = 0
    epoch: int = 0
    position: int = 0
    row_step: int = -1
    cost: float = 0.0
    right: float = 0.0
    count: float = 0.0
    best: float = float("inf")
    best_epoch: float = 0.0


_NUMBERS = State._fields[3:]


def to_arrays(state: State, optimizer: str) -> Saved:
    """Counters, weights, the optimizer's slots and what the net remembers, as a flat tuple of NumPy arrays."""
    numbers = np.array([*state[3:], OPTIMIZERS.index(optimizer)], np.float64)
    return (numbers, *(np.asarray(leaf) for leaf in jax.tree.leaves(state[:3])))


def from_arrays(saved: Saved, present: State, optimizer: str) -> State:
    """The moment that was kept. Slots of another optimizer than `optimizer` start at 0.

    What the net remembers is that of `present` where there are more or fewer streams now. Raises ValueError when the net has
    another shape than `present` by now.
    """
    leaves, tree = jax.tree.flatten(present[:2])
    count, kept = len(jax.tree.leaves(present.weights)), list(saved[1:])
    require_recorded(kept[:count], leaves[:count])
    *numbers, recorded_with = saved[0].tolist()
    named = {name: type(State._field_defaults[name])(value) for name, value in zip(_NUMBERS, numbers, strict=True)}
    if int(recorded_with) == OPTIMIZERS.index(optimizer):
        weights, memory = jax.tree.unflatten(tree, jax.device_put(kept[: len(leaves)]))
    else:
        weights = jax.tree.unflatten(jax.tree.structure(present.weights), jax.device_put(kept[:count]))
        memory, named["age"] = fresh_memory(optimizer, weights), 0
    carried = present.carried
    remembered = kept[len(kept) - len(jax.tree.leaves(carried)) :]
    if [a.shape for a in remembered] == [leaf.shape for leaf in jax.tree.leaves(carried)]:
        carried = jax.tree.unflatten(jax.tree.structure(carried), jax.device_put(remembered))
    return State(weights, memory, carried, **named)
