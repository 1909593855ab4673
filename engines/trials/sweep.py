"""Two settings of an experiment, every value of one with every value of the other: a map of test errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from engines.descriptions import MAX_SEED
from engines.experiment import Experiment
from engines.live.warm import ready_trainer
from engines.trials.axes import changed
from engines.trials.axis import Knob, Value
from engines.trials.lane import Lane, Make
from engines.trials.turns import Turns, usual_rest_s

MOST_VALUES, MOST_SEEDS = 8, 3
MOST_EXAMPLES = 600_000


class Line(NamedTuple):
    """The values of one side of the map."""

    knob: Knob
    values: tuple[Value, ...]


class Cells(NamedTuple):
    """A map at one moment, for another thread; rows are values of `up`, columns of `across`.

    errors: (B, A, S) share of all test digits got wrong, a seed each; nan where there is none (yet). losses: the same.
    status: (B, A) 'waiting' | 'training' | 'done' | 'diverged' (with every seed) | 'impossible'. diverged: (B, A) seeds that did.
    told: (B, A) why a cell is impossible. best: row and column of the smallest mean error where no seed diverged, or None.
    """

    status: np.ndarray
    errors: np.ndarray
    losses: np.ndarray
    diverged: np.ndarray
    told: np.ndarray
    best: tuple[int, int] | None
    share: float

    @property
    def mean(self) -> np.ndarray:
        """(B, A): mean error over the seeds that did not diverge; nan where there is none."""
        known = np.isfinite(self.errors)
        total = np.where(known, self.errors, 0.0).sum(2)
        return np.where(known.any(2), total / np.maximum(known.sum(2), 1), np.nan)


class Sweep(Turns):
    """Trains a net a cell on `examples` digits (repeats counted, to the nearest step) with each of some seeds, one after another.

    Cells come coarsely over the whole map first; within such a round, values that share a compiled program come together. The
    experiment's own seed is the first. Raises ValueError in plain words for what is too much; a cell that cannot be built is
    marked.
    """

    def __init__(
        self,
        experiment: Experiment,
        across: Line,
        up: Line,
        examples: int,
        seeds: int = 1,
        make: Make = ready_trainer,
        rest_s: Callable[[], float] = usual_rest_s,
    ) -> None:
        super().__init__(rest_s)
        _check(across, up, examples, seeds)
        self.experiment, self.across, self.up, self.examples = experiment, across, up, int(examples)
        self.seeds = tuple((experiment.seed + k) % (MAX_SEED + 1) for k in range(seeds))
        self._make = make
        shape = len(up.values), len(across.values)
        self._status = np.full(shape, "waiting", dtype="<U10")
        self._told = np.full(shape, "", dtype=object)
        self._diverged = np.zeros(shape, int)
        self._errors, self._losses = np.full((*shape, seeds), np.nan), np.full((*shape, seeds), np.nan)
        self._done = 0.0

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._done / self._status.size

    def experiment_at(self, row: int, column: int) -> Experiment:
        """The experiment of a cell, with the first seed. Raises ValueError with a sentence where it is impossible."""
        settings = [(self.across.knob, self.across.values[column]), (self.up.knob, self.up.values[row])]
        return changed(self.experiment, settings)

    def snapshot(self) -> Cells:
        """What there is now; arrays are copies."""
        arrays = (self._status, self._errors, self._losses, self._diverged, self._told)
        cells = Cells(*(array.copy() for array in arrays), None, self.share)
        rankable = np.where((cells.status == "done") & (cells.diverged == 0), cells.mean, np.inf)
        if not np.isfinite(rankable).any():
            return cells
        row, column = np.unravel_index(int(rankable.argmin()), rankable.shape)
        return cells._replace(best=(int(row), int(column)))

    def _work(self) -> Iterator[None]:
        for row, column in order(self._status.shape, self.across.knob.axis.shared, self.up.knob.axis.shared):
            self._status[row, column] = "training"
            try:
                experiment = self.experiment_at(row, column)
            except ValueError as problem:
                self._status[row, column], self._told[row, column] = "impossible", str(problem)
            else:
                yield from self._cell(row, column, experiment)
            self._done = float(np.count_nonzero(~np.isin(self._status, ["waiting", "training"])))
            yield

    def _cell(self, row: int, column: int, experiment: Experiment) -> Iterator[None]:
        before = self._done
        for place, seed in enumerate(self.seeds):
            lane = Lane(experiment, seed, self._make)
            yield from lane.begin()
            yield from lane.reach(self.examples, whole=True)
            self._keep(row, column, place, lane)
            lane.release()
            self._done = before + (place + 1) / len(self.seeds)
        if self._status[row, column] == "training":
            everywhere = self._diverged[row, column] == len(self.seeds)
            self._status[row, column] = "diverged" if everywhere else "done"

    def _keep(self, row: int, column: int, place: int, lane: Lane) -> None:
        if lane.status == "diverged":
            self._diverged[row, column] += 1
        elif lane.status == "failed":
            self._status[row, column], self._told[row, column] = "impossible", lane.told
        else:
            last = lane.rows[-1]
            self._errors[row, column, place], self._losses[row, column, place] = 1 - last.test_accuracy, last.test_loss

    def _release(self) -> None:
        """A cell that was not finished counts as not begun."""
        self._status[self._status == "training"] = "waiting"


def _check(across: Line, up: Line, examples: int, seeds: int) -> None:
    if not across.knob.fits(up.knob):
        raise ValueError(f"{across.knob.label} and {up.knob.label} cannot be varied together; choose another pair.")
    for line in (across, up):
        if not 1 <= len(line.values) <= MOST_VALUES:
            raise ValueError(f"{line.knob.label}: a side of the map has 1 to {MOST_VALUES} values, not {len(line.values)}.")
    if not 1 <= examples <= MOST_EXAMPLES:
        raise ValueError(f"A cell is trained on 1 to {MOST_EXAMPLES:,} digits, not {examples:,}.")
    if not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(f"A cell has 1 to {MOST_SEEDS} seeds, not {seeds}.")


def order(shape: tuple[int, ...], across_shared: bool, up_shared: bool) -> list[tuple[int, int]]:
    """Cells (row, column) in the order in which they are computed: every fourth of both sides, then every second, then all.

    A side whose values share a program is the inner loop of each round.
    """
    outer_is_rows = across_shared or not up_shared
    cells = [(row, column) for row in range(shape[0]) for column in range(shape[1])]

    def place(cell: tuple[int, int]) -> tuple[int, int, int]:
        outer, inner = cell if outer_is_rows else cell[::-1]
        return max(_round(cell[0], shape[0]), _round(cell[1], shape[1])), outer, inner

    return sorted(cells, key=place)


def _round(index: int, count: int) -> int:
    """In which round a value's turn comes. Few values all come in the last rounds, so that sides of any length fit together."""
    if count > 4 and index % 4 == 2:
        return 0
    return 1 if count > 2 and index % 2 == 0 else 2 if count > 1 else 0
