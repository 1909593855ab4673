"""A study's pass, computed once: whoever asks again, for the same net, examples and numbers, gets the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.trace.check import Check, check, cost_of
from engines.trace.passes import Trace, trace
from engines.trace.study import Study, material
from playground.kept import Kept

MAX_KEPT_BYTES = 48_000_000
MAX_CHECKS = 256


@dataclass(frozen=True)
class Traced:
    """A study, its pass in float64, and the cost after the update. key: what the pass depends on."""

    study: Study
    key: str
    trace: Trace
    total_after: float


def _bytes(traced: Traced) -> int:
    return sum(value.nbytes for value in traced.trace.values.values())


_traced: Kept[Traced] = Kept(MAX_KEPT_BYTES, _bytes)
_checks: Kept[Check] = Kept(MAX_CHECKS, lambda _: 1)


def key_of(study: Study) -> str:
    """What a study's pass depends on: all of it but where one is looking."""
    return study.model_copy(update={"step": 0, "example": 0}).to_json()


def traced(study: Study) -> Traced:
    """The study's pass. Raises ValueError with a sentence for the visitor where it has none."""
    key = key_of(study)
    return _traced.get(key, lambda: _run(study, key))


def checked(of: Traced, layer: int, row: int | None, column: int) -> Check:
    """One weight's gradient three ways."""
    return _checks.get(f"{layer} {row} {column} {of.key}", lambda: check(of.trace, layer, row, column))


def _run(study: Study, key: str) -> Traced:
    net, x, t = material(study)
    done = trace(net, x, t, study.learning_rate, np.float64)
    return Traced(study, key, done, cost_of(done.updated, x, t))


def forget() -> None:
    """Start afresh, for tests."""
    global _traced, _checks
    _traced, _checks = Kept(MAX_KEPT_BYTES, _bytes), Kept(MAX_CHECKS, lambda _: 1)
