"""Several students learn side by side, in fair turns: work that can be watched, paused and called off."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engines.live.warm import prepare_jax
from engines.sequences.learner import AT_ONCE, Learner, Row, Student
from engines.trials.turns import TURN_S, Turns, usual_rest_s

MOST_STUDENTS, MOST_STEPS, TESTS = 4, 20_000, 60


class Progress(NamedTuple):
    """How far one student has come. status: as `Learner`, or 'waiting' | 'done' | 'stopped'. rows: (k, 4) float64, as `Row`.

    before, after: what it answers to `examples` (T, n, ...) untrained and now, (T, n); None until there is something to say.
    """

    student: Student
    status: str
    rows: np.ndarray
    before: np.ndarray | None
    after: np.ndarray | None


class Practice(Turns):
    """Every student takes `steps` steps, fewer where its task is solved sooner, and is tested about `TESTS` times on the way.

    examples: inputs (T, n, ...) that all are asked besides, for people to look at; None for none.
    Raises ValueError in plain words for what is too much.
    """

    def __init__(
        self,
        students: Sequence[Student],
        steps: int,
        examples: np.ndarray | None = None,
        rest_s: Callable[[], float] = usual_rest_s,
    ) -> None:
        super().__init__(rest_s)
        if not 1 <= len(students) <= MOST_STUDENTS:
            raise ValueError(f"Between 1 and {MOST_STUDENTS} nets learn side by side, not {len(students)}.")
        if not AT_ONCE <= steps <= MOST_STEPS:
            raise ValueError(f"Choose {AT_ONCE} to {MOST_STEPS:,} steps, not {steps:,}.")
        self.students, self.steps, self.examples = tuple(students), steps, examples
        self._learners: list[Learner | None] = [None] * len(students)
        self._rows: list[list[Row]] = [[] for _ in students]
        self._status = ["waiting"] * len(students)
        self._said: list[list[np.ndarray]] = [[] for _ in students]
        self._done = 0

    @property
    def share(self) -> float:
        """How much is done, 0 to 1; a student who has solved its task is through."""
        return min(1.0, self._done / (self.steps * len(self.students)))

    def snapshot(self) -> tuple[Progress, ...]:
        """What there is now, for another thread."""
        ended = self.status in ("cancelled", "failed")
        return tuple(self._progress(i, ended) for i in range(len(self.students)))

    def _progress(self, i: int, ended: bool) -> Progress:
        status, said = self._status[i], list(self._said[i])
        rows = np.array(list(self._rows[i]), np.float64).reshape(-1, len(Row._fields))
        shown = "stopped" if ended and status in ("waiting", "training") else status
        return Progress(self.students[i], shown, rows, said[0] if said else None, said[-1] if said else None)

    def _work(self) -> Iterator[None]:
        prepare_jax()
        for i, student in enumerate(self.students):
            learner = self._learners[i] = Learner(student)
            learner.compile()
            yield
            self._test(i, learner)
        between = max(AT_ONCE, round(self.steps / TESTS / AT_ONCE) * AT_ONCE)
        goal = 0
        while goal < self.steps:
            goal = min(goal + between, self.steps)
            for i, learner in enumerate(self._learners):
                if learner is not None and not learner.over:
                    yield from self._reach(i, learner, goal)
        self._status = ["done" if status == "training" else status for status in self._status]

    def _reach(self, i: int, learner: Learner, goal: int) -> Iterator[None]:
        while learner.steps < goal and not learner.over:
            end = time.perf_counter() + TURN_S
            while learner.steps < goal and not learner.over and time.perf_counter() < end:
                learner.train()
                self._done += AT_ONCE
            yield
        self._test(i, learner)
        if learner.over:
            self._done += self.steps - learner.steps

    def _test(self, i: int, learner: Learner) -> None:
        learner.test()
        self._rows[i], self._status[i] = learner.rows, learner.status
        if self.examples is not None:
            self._said[i] = [*self._said[i][:1], learner.say(self.examples)]

    def _release(self) -> None:
        self._learners = [None] * len(self.students)
