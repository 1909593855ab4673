"""A moment of a digits run, and how it is kept as plain arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engines.lazy import jax
from engines.nets.edits import require_recorded
from engines.nets.evaluate import Report
from engines.nets.updating import Memory, Weights, fresh_memory
from engines.optimizers import OPTIMIZERS
from engines.training import Metrics, Saved


class State(NamedTuple):
    """A moment of a run. weights, memory: device arrays. age: steps since the optimizer's slots were fresh.

    position: steps done in this epoch. best, waited: the best test loss so far and the epochs since.
    """

    weights: Weights
    memory: Memory
    age: int = 0
    step: int = 0
    epoch: int = 0
    position: int = 0
    best: float = float("inf")
    waited: int = 0


_COUNTERS = State._fields[2:]


def to_arrays(state: State, optimizer: str, report: Report | None, measure: int = 0) -> Saved:
    """Counters, weights, the optimizer's slots and the last report, as a flat tuple of NumPy arrays.

    measure: a number for what the report was measured on and by (32 bits).
    """
    counters = np.array([*state[2:], measure, OPTIMIZERS.index(optimizer)], np.float64)
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(state[:2])]
    return (counters, *leaves, *((np.array(report.metrics), *report[1:]) if report else ()))


def from_arrays(saved: Saved, present: State, optimizer: str, measure: int = 0) -> tuple[State, Report | None]:
    """The moment that was kept. Slots of another optimizer than `optimizer` start at 0; a report of another measure is left out.

    Raises ValueError when the net has another shape than `present` by now.
    """
    leaves, tree = jax.tree.flatten(present[:2])
    count = len(jax.tree.leaves(present.weights))
    kept, report = saved[1 : len(leaves) + 1], saved[len(leaves) + 1 :]
    require_recorded(kept[:count], leaves[:count])
    *numbers, measured_as, recorded_with = saved[0].tolist()
    counters = {name: type(State._field_defaults[name])(value) for name, value in zip(_COUNTERS, numbers, strict=True)}
    weights, memory = jax.tree.unflatten(tree, jax.device_put(list(kept)))
    if int(recorded_with) != OPTIMIZERS.index(optimizer):
        memory, counters["age"] = fresh_memory(optimizer, weights), 0
    if int(measured_as) != measure:
        report, counters["best"], counters["waited"] = (), float("inf"), 0
    return State(weights, memory, **counters), Report(Metrics(*report[0].tolist()), *report[1:]) if report else None
