"""What a race's rows come to: a curve a contestant with the spread over its seeds, and a scoreboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engines.tables import Entry, Table
from engines.trials.lane import COLUMNS
from engines.trials.trials import Snapshot, Standing

ENDED = ("early", "diverged", "failed", "done")
_AT = {name: i for i, name in enumerate(COLUMNS)}


@dataclass(frozen=True, kw_only=True)
class Quantity(Entry):
    """What a curve shows. of: rows (k, 8) -> (k,). unit: what an axis says behind the label."""

    of: Callable[[np.ndarray], np.ndarray]
    unit: str = ""


def _column(name: str) -> Callable[[np.ndarray], np.ndarray]:
    return lambda rows: rows[:, _AT[name]]


def _error(name: str) -> Callable[[np.ndarray], np.ndarray]:
    return lambda rows: 100 * (1 - rows[:, _AT[name]])


QUANTITIES: Table[Quantity] = Table(
    "quantities",
    [
        Quantity(
            key="test_error",
            label="Test error",
            help="Share of test digits got wrong.",
            source="-",
            of=_error("test_accuracy"),
            unit="%",
        ),
        Quantity(key="test_loss", label="Test loss", help="Mean cost of test digits.", source="-", of=_column("test_loss")),
        Quantity(
            key="train_loss", label="Training loss", help="Mean cost of training digits.", source="-", of=_column("train_loss")
        ),
    ],
)
PLACES: Table[Quantity] = Table(
    "places",
    [
        Quantity(key="examples", label="Digits seen", help="Repeats counted: equal work.", source="-", of=_column("examples")),
        Quantity(key="epoch", label="Epochs", help="Of the contestant's own training set.", source="-", of=_column("epoch")),
        Quantity(
            key="seconds",
            label="Seconds of training",
            help="Its own only, without compiling and measuring.",
            source="-",
            of=_column("seconds"),
            unit="s",
        ),
    ],
)


class Band(NamedTuple):
    """A contestant's curve. x, mean, low, high: (k,) float64; low and high are the least and the greatest of its seeds."""

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def band(standings: Sequence[Standing], quantity: str, place: str) -> Band:
    """The curve of one contestant's seeds, where all that still run have got to. Rows are matched by the digits seen."""
    tables = [_by_digits(standing.rows) for standing in standings]
    over = [standing.status in ENDED for standing in standings]
    places = sorted(set().union(*tables)) if tables else []
    kept = [d for d in places if all(d in t or (o and max(t, default=-1.0) < d) for t, o in zip(tables, over, strict=True))]
    columns = [np.stack([t[d] for t in tables if d in t]) for d in kept]
    x = np.array([PLACES[place].of(rows).mean() for rows in columns])
    values = [QUANTITIES[quantity].of(rows) for rows in columns]
    mean, low, high = (np.array([how(v) for v in values], np.float64) for how in (np.mean, np.min, np.max))
    return Band(x, mean, low, high)


def _by_digits(rows: np.ndarray) -> dict[float, np.ndarray]:
    """The last row at each number of digits."""
    return {float(row[_AT["examples"]]): row for row in rows}


def bands(race: Snapshot, quantity: str, place: str) -> list[Band]:
    """The curve of every contestant, in order."""
    return [band(seeds, quantity, place) for seeds in by_contestant(race)]


def by_contestant(race: Snapshot) -> list[list[Standing]]:
    """The standings, a list a contestant."""
    count = 1 + max((standing.contestant for standing in race.standings), default=-1)
    return [[s for s in race.standings if s.contestant == i] for i in range(count)]


class Score(NamedTuple):
    """A contestant's line on the scoreboard; errors in %, nan where there is nothing yet.

    error, least, greatest: of the last rows of the seeds that have not diverged. seconds: spent on training, mean of a seed.
    reached: seeds whose test error came down to the level; seconds_to, digits_to: until then, mean of those.
    status: 'waiting' | 'training' | 'stopped' | 'done' | 'early' | 'diverged' | 'failed': 'diverged' where all seeds did.
    """

    seeds: int
    diverged: int
    error: float
    least: float
    greatest: float
    seconds: float
    reached: int
    seconds_to: float
    digits_to: float
    status: str
    told: str


def scores(race: Snapshot, level: float) -> list[Score]:
    """Every contestant's line, in order. level: a test error in %."""
    return [_score(seeds, level) for seeds in by_contestant(race)]


def _score(seeds: Sequence[Standing], level: float) -> Score:
    error = QUANTITIES["test_error"].of
    sound = [s for s in seeds if s.status not in ("diverged", "failed") and len(s.rows)]
    last = np.array([error(s.rows)[-1] for s in sound])
    hits = [s.rows[error(s.rows) <= level + 1e-9][:1] for s in sound]
    hit = np.concatenate(hits) if hits else np.zeros((0, len(COLUMNS)))
    return Score(
        seeds=len(seeds),
        diverged=sum(s.status == "diverged" for s in seeds),
        error=_mean(last),
        least=float(last.min()) if len(last) else np.nan,
        greatest=float(last.max()) if len(last) else np.nan,
        seconds=_mean(np.array([s.rows[-1, _AT["seconds"]] for s in sound])),
        reached=len(hit),
        seconds_to=_mean(hit[:, _AT["seconds"]]),
        digits_to=_mean(hit[:, _AT["examples"]]),
        status=_status([s.status for s in seeds]),
        told=next((s.told for s in seeds if s.told), ""),
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _status(each: Sequence[str]) -> str:
    """What is true of all; else what goes on with the rest."""
    if len(set(each)) == 1:
        return "training" if each[0] == "preparing" else each[0]
    for first in ("failed", "stopped"):
        if first in each:
            return first
    going = [status for status in each if status not in ENDED]
    return "training" if going else "early" if "early" in each else "done"
