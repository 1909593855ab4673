"""A recurrent layer and an output, trained on a task that makes its examples as it goes: seconds on one core."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import text_experiment
from engines.initializers import INITIALIZERS
from engines.lazy import jax, jnp, lax
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.shapes import Pairs, project
from engines.nets.recurrent.steps import costs
from engines.nets.updating import fresh_memory, numbers_of, traced, update
from engines.optimizers import Clock
from engines.sequences.starts import STARTS
from engines.sequences.task import WITHIN, Batch, Task

Array = Any
AT_ONCE, TESTED = 10, 256
"""Steps in one call of the program; examples that every test asks, always the same."""
_TEST_STREAM, _TRAIN_STREAM = 1, 2


class Student(NamedTuple):
    """Who learns what. lag: of a long-lag task; 0 where there is none. clip: longest gradient followed in full; 0 is off.

    start: a key of `STARTS`.
    """

    task: Task
    cell: str
    lag: int = 0
    units: int = 32
    rate: float = 0.01
    clip: float = 1.0
    batch: int = 32
    seed: int = 0
    start: str = "rotation"


class Row(NamedTuple):
    """A test. steps, seconds: of training so far. cost: as `Task.guess_cost`. share: of right answers, 0 to 1."""

    steps: float
    seconds: float
    cost: float
    share: float


def first_weights(student: Student) -> Pairs:
    """The layer's pairs and the output's, float32: drawn as the text nets' are, with Xavier's initialiser; then as `start` says."""
    rng, task = np.random.default_rng(student.seed), student.task

    def draw(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        return INITIALIZERS["xavier"].draw(rng, fan_in, fan_out, {})

    drawn = CELLS[student.cell].init(rng, task.inputs, student.units, draw)
    layer = STARTS[student.start].change(rng, student.cell, drawn, student.lag)
    output = (draw(rng, student.units, task.outputs), np.zeros(task.outputs))
    return [(w.astype(np.float32), b.astype(np.float32)) for w, b in [*layer, output]]


def answers(cell: str, weights: Sequence[Any], inputs: Array) -> Array:
    """What the net says at every step, (T, B, outputs): logits, or numbers. inputs: as `Batch.inputs`."""
    *layer, output = weights
    units = output[0].shape[0]
    state = tuple(jnp.zeros((inputs.shape[1], units), jnp.float32) for _ in range(CELLS[cell].carried))
    h, _ = CELLS[cell].sequence(layer, inputs, state)
    return project(output, h)


def _judged(classes: bool, said: Array, batch: Batch) -> tuple[Array, Array]:
    """Mean cost and share of right answers, over those that count."""
    if classes:
        cost, right = costs(said, batch.targets), jnp.argmax(said, -1) == batch.targets
    else:
        error = said[..., 0] - batch.targets
        cost, right = error * error, jnp.abs(error) < WITHIN
    total = jnp.sum(batch.counted)
    return jnp.sum(cost * batch.counted) / total, jnp.sum(jnp.where(right, batch.counted, 0.0)) / total


class Size(NamedTuple):
    """What shapes the programs of a student. inputs, outputs, classes: as `Task`. steps: of a sequence."""

    cell: str
    classes: bool
    inputs: int
    outputs: int
    steps: int
    units: int
    batch: int


def size_of(student: Student) -> Size:
    """The shapes of a student's arrays."""
    task = student.task
    return Size(student.cell, task.classes, task.inputs, task.outputs, task.length(student.lag), student.units, student.batch)


class Programs(NamedTuple):
    """train: (weights, memory, batches (k, ...), rates, age) -> weights, memory, costs (k,). test: (weights, batch) -> cost, share.

    say: (weights, inputs) -> as `answers`.
    """

    train: Callable[..., Any]
    test: Callable[..., Any]
    say: Callable[..., Any]


@lru_cache(maxsize=8)
def programs(size: Size) -> Programs:
    """Compiled on first use; every rate is traced."""
    cell, classes = size.cell, size.classes

    def train(weights: Any, memory: Any, batches: Batch, rates: Any, age: Array) -> tuple[Any, Any, Array]:
        def step(carry: tuple, batch: Batch) -> tuple[tuple, Array]:
            weights, memory, age = carry
            cost, gradients = jax.value_and_grad(lambda w: _judged(classes, answers(cell, w, batch.inputs), batch)[0])(weights)
            clock = Clock((age + 1).astype(jnp.float32), jnp.float32(0))
            weights, memory = update("adam", weights, memory, gradients, rates, clock)
            return (weights, memory, age + 1), cost

        (weights, memory, _), found = lax.scan(step, (weights, memory, age), batches)
        return weights, memory, found

    def test(weights: Any, batch: Batch) -> tuple[Array, Array]:
        return _judged(classes, answers(cell, weights, batch.inputs), batch)

    return Programs(jax.jit(train), jax.jit(test), jax.jit(lambda weights, inputs: answers(cell, weights, inputs)))


class Learner:
    """A student at work; in one thread. rows: its tests, the first before any training; a list that only grows.

    status: 'training' | 'solved' (all but one in a hundred right, two tests running) | 'diverged'.
    """

    SOLVED = 0.99

    def __init__(self, student: Student) -> None:
        self.student, self.status = student, "training"
        self.rows: list[Row] = []
        self.steps, self._seconds = 0, 0.0
        self._programs = programs(size_of(student))
        described = text_experiment(learning_rate=student.rate, clip_norm=student.clip, seed=student.seed)
        self._rates = traced(described, numbers_of(described, 1))
        self.weights: Any = jax.device_put(tuple(first_weights(student)))
        self._memory = fresh_memory("adam", self.weights)
        self._rng = np.random.default_rng([student.seed, _TRAIN_STREAM])
        self.tests = student.task.draw(np.random.default_rng([student.seed, _TEST_STREAM]), TESTED, student.lag)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to learn, or no way to."""
        return self.status != "training"

    def compile(self) -> None:
        """Compile what `train` needs, without a step."""
        self._programs.train(self.weights, self._memory, self._batches(np.random.default_rng(0)), self._rates, np.int32(0))

    def _batches(self, rng: np.random.Generator) -> Batch:
        s = self.student
        drawn = [s.task.draw(rng, s.batch, s.lag) for _ in range(AT_ONCE)]
        return Batch(*(np.stack(column) for column in zip(*drawn, strict=True)))

    def train(self) -> None:
        """The next `AT_ONCE` steps."""
        batches, began = self._batches(self._rng), time.perf_counter()
        self.weights, self._memory, found = self._programs.train(
            self.weights, self._memory, batches, self._rates, np.int32(self.steps)
        )
        finite = np.isfinite(np.asarray(found)).all()
        self._seconds += time.perf_counter() - began
        self.steps += AT_ONCE
        if not finite:
            self.status = "diverged"

    def test(self) -> None:
        """Add a row, unless it has diverged."""
        if self.status == "diverged":
            return
        cost, share = (float(part) for part in self._programs.test(self.weights, self.tests))
        if not np.isfinite(cost):
            self.status = "diverged"
            return
        if share >= self.SOLVED and self.rows and self.rows[-1].share >= self.SOLVED:
            self.status = "solved"
        self.rows.append(Row(self.steps, self._seconds, cost, share))

    def say(self, inputs: np.ndarray) -> np.ndarray:
        """What it answers at every step of inputs (T, B, ...): classes (T, B), or numbers."""
        said = np.asarray(self._programs.say(self.weights, inputs))
        return said.argmax(-1) if self.student.task.classes else said[..., 0]
