"""A race of experiments on the digits: every contestant with every seed, side by side, in fair turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engines.data import digits
from engines.data.sources import DataProblem
from engines.descriptions import MAX_SEED
from engines.experiment import Experiment
from engines.live.warm import ready_trainer
from engines.nets.count import parameters
from engines.trials.lane import COLUMNS, Lane, Make
from engines.trials.turns import Turns, usual_rest_s

MOST_CONTESTANTS, MOST_SEEDS, MOST_ROWS = 8, 5, 200
MOST_EPOCHS, MOST_OWN_EPOCHS = 100, 2000
MOST_WEIGHTS = 20_000_000
"""Over all contestants and seeds: with two numbers an optimizer remembers for each, a quarter of a gigabyte."""
FEWEST_BETWEEN, USUAL_ROWS, LONG_STRETCH = 500, 24, 6000
"""Digits between two rows at least; rows of a short race; digits after which even a long race gets its next row."""


@dataclass(frozen=True)
class Contestant:
    """Somebody in the race. Of the experiment, seed and epochs are the race's."""

    label: str
    experiment: Experiment


class Standing(NamedTuple):
    """Where one contestant with one seed has got.

    rows: (k, 8) float64, columns as `engines.trials.lane.Row`. status: as `Lane`, or 'stopped' on its way when the race was.
    """

    contestant: int
    seed: int
    status: str
    rows: np.ndarray
    told: str


class Snapshot(NamedTuple):
    """A race at one moment, for another thread. status: as `Turns`. share: 0..1. doing: what is going on, in words.

    standings: contestant by contestant, and within one seed by seed.
    """

    status: str
    share: float
    doing: str
    standings: tuple[Standing, ...]


class Trials(Turns):
    """Trains every contestant with every seed on as many digits as so many epochs of the largest training set have.

    Rows are published at the same numbers of digits for all (to within half a batch), and nobody goes on before all are there; the
    end of a contestant's own epoch in between is an extra row of its own. The same seed draws the same first weights, layer by
    layer, up to the first layer whose shape differs, and the same order of digits.
    first_seed: seeds count up from it; the first contestant's unless said.
    Raises ValueError in plain words for what is too much. Contestants that diverge or fail are marked, and the others go on.
    """

    def __init__(
        self,
        contestants: Sequence[Contestant],
        seeds: int = 1,
        epochs: float = 1.0,
        first_seed: int | None = None,
        make: Make = ready_trainer,
        rest_s: Callable[[], float] = usual_rest_s,
    ) -> None:
        super().__init__(rest_s)
        check(contestants, seeds, epochs)
        first = contestants[0].experiment.seed if first_seed is None else first_seed
        self.contestants, self.epochs = tuple(contestants), float(epochs)
        self.seeds = tuple((first + k) % (MAX_SEED + 1) for k in range(seeds))
        self._lanes = [[Lane(c.experiment, seed, make) for seed in self.seeds] for c in contestants]
        self._done, self._marks, self._doing = 0, 0, ""

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._done / self._marks if self._marks else 0.0

    def snapshot(self) -> Snapshot:
        """What there is now; arrays are copies."""
        status = self.status
        given_up = status in ("cancelled", "failed")
        found = [
            Standing(i, lane.seed, "stopped" if given_up and not lane.over else lane.status, _table(lane), lane.told)
            for i, lanes in enumerate(self._lanes)
            for lane in lanes
        ]
        doing = "stopping after this turn" if self.stopping else self._doing if status == "running" else ""
        return Snapshot(status, 1.0 if status == "done" else self.share, doing, tuple(found))

    def _work(self) -> Iterator[None]:
        self._check_sizes()
        order = [
            (lane, c.label) for lanes in zip(*self._lanes, strict=True) for lane, c in zip(lanes, self.contestants, strict=True)
        ]
        for k, (lane, label) in enumerate(order):
            self._doing = f"preparing {label} ({k + 1} of {len(order)})"
            yield from lane.begin()
        stops = self._stops([lane for lane, _ in order])
        self._marks = len(stops) * len(order)
        for k, examples in enumerate(stops):
            for lane, label in order:
                self._doing = f"training {label}"
                yield from lane.reach(examples, whole=k > 0 and k == len(stops) - 1)
                self._done += 1
        for lane, _ in order:
            lane.finish()

    def _stops(self, lanes: Sequence[Lane]) -> list[float]:
        """After how many digits rows are published; nothing where nobody has come to the start."""
        largest = max(lanes, key=lambda lane: lane.size)
        if not largest.size:
            return []
        stops = stretches(self.epochs, largest.digits_an_epoch)
        for lane in lanes:
            lane.spacing = stops[1]
        return stops

    def _check_sizes(self) -> None:
        """Raises ValueError where a contestant would see its few digits far too often."""
        try:
            found = [training_digits(contestant.experiment) for contestant in self.contestants]
        except DataProblem as problem:
            raise ValueError(str(problem)) from problem
        often = self.epochs * max(found) / min(found)
        if often > MOST_OWN_EPOCHS:
            raise ValueError(
                f"With {min(found):,} digits beside {max(found):,}, each of the few would be seen {often:,.0f} times, and at most "
                f"{MOST_OWN_EPOCHS:,} times are allowed: take a shorter race, or training sets that are more alike."
            )

    def _release(self) -> None:
        for lanes in self._lanes:
            for lane in lanes:
                lane.release()


def _table(lane: Lane) -> np.ndarray:
    """Rows are never changed, and a list is copied in one go: no lock is needed, and nobody waits for a turn to end."""
    return np.array(list(lane.rows), np.float64).reshape(-1, len(COLUMNS))


def training_digits(experiment: Experiment) -> int:
    """How many digits it learns from, with what there is on this machine. Raises DataProblem."""
    return min(experiment.data.train_count, len(digits.load(experiment.data.source).train_labels))


def stretches(epochs: float, size: int) -> list[float]:
    """After how many digits rows are published, for epochs of `size` digits: 0 first, the end last.

    Evenly, at whole parts of an epoch (but in very long races), so that the ends of epochs are among them. With as many extra rows
    they are at most `MOST_ROWS`.
    """
    most = (MOST_ROWS - 1) // 2
    dense = max(math.ceil(USUAL_ROWS / epochs), size // LONG_STRETCH)
    an_epoch = max(1, min(dense, size // FEWEST_BETWEEN, int(most / epochs)))
    count = max(1, min(round(epochs * an_epoch), most))
    return [epochs * size * k / count for k in range(count + 1)]


def check(contestants: Sequence[Contestant], seeds: int, epochs: float) -> None:
    """Raise ValueError, in plain words, unless the server can hold such a race."""
    if not 1 <= len(contestants) <= MOST_CONTESTANTS:
        raise ValueError(f"A race has 1 to {MOST_CONTESTANTS} contestants, not {len(contestants)}.")
    if not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(f"A race has 1 to {MOST_SEEDS} seeds, not {seeds}.")
    if not 0 < epochs <= MOST_EPOCHS:
        raise ValueError(f"A race lasts more than 0 and at most {MOST_EPOCHS} epochs, not {epochs:g}.")
    for contestant in contestants:
        if contestant.experiment.data.kind != "digits":
            raise ValueError(f"{contestant.label} does not learn digits; only nets of the Digits page can race here.")
    together = seeds * sum(parameters(contestant.experiment.net) for contestant in contestants)
    if together > MOST_WEIGHTS:
        raise ValueError(
            f"These contestants have {together / 1e6:.0f} million weights together, seed by seed, and at most "
            f"{MOST_WEIGHTS / 1e6:.0f} million fit: take fewer seeds, fewer contestants or smaller nets."
        )
