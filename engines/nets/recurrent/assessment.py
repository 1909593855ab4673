"""How well a text net guesses a text that it has not learned: in streams side by side, piece by piece."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from engines.lazy import jax
from engines.nets.recurrent.net import Form, fresh_state
from engines.nets.recurrent.steps import Stretch, Sums, evaluate_program
from engines.nets.updating import Weights

MOST_STREAMS, SHORTEST_STREAM = 32, 64


class Judged(NamedTuple):
    """nats: mean cost of a character. right: share of characters guessed right, 0 to 1. count: how many there were."""

    nats: float
    right: float
    count: float


class Plan(NamedTuple):
    """batch: streams; sequence: characters of each in a chunk; both shape the program. stretch: what is read, in chunks."""

    batch: int
    sequence: int
    stretch: Stretch
    chunks: int


def plan(length: int, sequence: int) -> Plan:
    """How the first `length` characters of a text are evaluated. sequence: characters that the net was trained on at once.

    As few streams as two cores like: at the beginning of each the net knows nothing yet, which costs it more than a reader.
    """
    batch = int(np.clip(length // SHORTEST_STREAM, 1, MOST_STREAMS))
    stride = -(-(length - 1) // batch)
    return Plan(batch, sequence, Stretch(np.int32(length), np.int32(stride)), -(-stride // sequence))


class Assessment:
    """An evaluation in progress. The weights are those it began with; step: which they are of."""

    def __init__(self, plan: Plan, form: Form, weights: Weights, text: Any, step: int) -> None:
        self._plan, self._weights, self._text, self.step = plan, weights, text, step
        self._program = evaluate_program(form, plan.batch, plan.sequence)
        self._carried, self._sums = jax.device_put((fresh_state(form, plan.batch), Sums(*np.zeros(3, np.float32))))
        self._at, self._many = 0, 1

    def compile(self) -> None:
        """Compile the program, without an evaluation."""
        self._run(0)

    def _run(self, many: int) -> None:
        where = self._plan.stretch, np.int32(self._at), np.int32(many)
        self._carried, self._sums = self._program(self._weights, self._carried, self._sums, self._text, *where)
        self._at += many

    def run(self, deadline: float) -> Judged | None:
        """Go on until it is done or the deadline (of `time.perf_counter`) has passed: what was found, or None."""
        while self._at < self._plan.chunks:
            began = time.perf_counter()
            self._run(min(self._many, self._plan.chunks - self._at))
            now = time.perf_counter()
            if now >= deadline and self._at < self._plan.chunks:
                return None
            self._many = self._many * 2 if now - began < 0.02 else self._many
        cost, right, count = map(float, self._sums)
        return Judged(cost / count, right / count, count)
