"""A race as rows: its paths as CSV, one row a runner, start and step; and what became of each runner, one row a path."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

if TYPE_CHECKING:
    from engines.descent.paths import Paths
    from engines.descent.race import Race
    from engines.descent.score import Score

MAX_ROWS = 200_000
COLUMNS = ("runner", "optimizer", "start", "status", "step", "x", "y", "height")
MORE_COLUMNS = ("gradient_x", "gradient_y", "learning_rate")


def to_csv(race: Race, paths: Paths, scores: Sequence[Score]) -> str:
    """The paths as CSV text; see `write_csv`."""
    file = io.StringIO()
    write_csv(race, paths, scores, file)
    return file.getvalue()


def write_csv(race: Race, paths: Paths, scores: Sequence[Score], file: TextIO) -> None:
    """Write the paths: COLUMNS, and MORE_COLUMNS where details were kept; what is not a finite number stays empty.

    Runners and starts are counted from 1, steps from 0 (the start). status: how the path ended, as in `Score`, on each of its
    rows. learning_rate is that of the step that follows. The rows of a runner that is thrown off end before that step.
    Of a race of more than MAX_ROWS rows every second, third, ... step is written.
    """
    detailed = paths.gradient is not None
    every = math.ceil(paths.height.size / MAX_ROWS)
    file.write(",".join(COLUMNS + (MORE_COLUMNS if detailed else ())) + "\n")
    for k, (runner, start) in enumerate(zip(paths.runner.tolist(), paths.start.tolist(), strict=True)):
        head = f"{runner + 1},{race.runners[runner].optimizer.key},{start + 1},{scores[k].status}"
        steps = _steps(paths, k, every)
        columns = [paths.position[k, steps], paths.height[k, steps, None]]
        if detailed:
            rates = np.append(paths.rate[k], np.nan)
            columns += [paths.gradient[k, steps], rates[steps, None]]
        for step, row in zip(steps.tolist(), np.concatenate(columns, 1).tolist(), strict=True):
            file.write(f"{head},{step},{','.join(map(_cell, row))}\n")


def _steps(paths: Paths, k: int, every: int) -> np.ndarray:
    """Steps of path k that are written: from the start, the last one always among them."""
    count = paths.height.shape[1]
    last = count - 1 if paths.thrown[k] < 0 else max(int(paths.thrown[k]) - 1, 0)
    return np.unique(np.append(np.arange(0, last + 1, every), last))


def _cell(value: float) -> str:
    """Nine digits hold a float32 exactly."""
    return f"{value:.9g}" if math.isfinite(value) else ""


def results(race: Race, paths: Paths, scores: Sequence[Score]) -> Iterator[dict[str, Any]]:
    """What became of each path, as plain data: who, from where, where it ended, and its score."""
    for k, score in enumerate(scores):
        runner, start = int(paths.runner[k]), int(paths.start[k])
        chosen = race.runners[runner]
        yield {
            "runner": runner + 1,
            "optimizer": chosen.optimizer.key,
            "learning_rate": chosen.learning_rate,
            "start": _numbers(paths.origin[start]),
            "end": _numbers(paths.position[k, -1]),
            "thrown": int(paths.thrown[k]) if paths.thrown[k] >= 0 else None,
            **{name: _plain(value) for name, value in asdict(score).items()},
        }


def _numbers(place: np.ndarray) -> list[float]:
    return [_plain(value) for value in place.tolist()]


def _plain(value: Any) -> Any:
    """Seven digits are all that float32 holds; what is not finite is None."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.7g}") if math.isfinite(value) else None
