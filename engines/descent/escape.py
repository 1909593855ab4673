"""How long it takes to leave a saddle, against how near to it one starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engines.descent import starts
from engines.descent.ground import ground, ground_along
from engines.descent.score import neighbourhood_radius
from engines.descent.stability import linear_rule
from engines.descent.starts import IsCancelled, Progress

if TYPE_CHECKING:
    from engines.descent.lanes import Lanes
    from engines.descent.race import Race, Runner
    from engines.descent.stationary import Stationary
    from engines.descent.terrain import Terrain

MOST_DISTANCES, MOST_SEEDS = 64, 100
_ANGLES = np.linspace(0, 2 * np.pi, 64, endpoint=False)


class NoSaddle(ValueError):
    """The terrain has no saddle to leave; str() is a sentence for the page."""


@dataclass(frozen=True, eq=False)
class Escape:
    """distances (D,): from the saddle, in the terrain's units, along `direction` (2,), in which the ground falls.

    steps (R, D, S): the first step outside the neighbourhood (`radius`), -1 where `limit` steps were not enough; one column a seed,
    all alike without noise. theory (D,): of plain gradient descent with rate `theory_rate`, log(radius / d) / log(1 + rate x
    |curvature|); nan and None where no runner is plain or the ground does not curve down. curvature: along `direction`, below 0.
    Source of the theory: for a quadratic saddle each step multiplies the distance by 1 + rate x |curvature|.
    """

    distances: np.ndarray
    steps: np.ndarray
    theory: np.ndarray
    theory_rate: float | None
    saddle: Stationary
    direction: np.ndarray
    curvature: float
    radius: float
    runners: tuple[Runner, ...]
    limit: int

    @property
    def median(self) -> np.ndarray:
        """Median over the seeds (R, D); a seed that never left counts as infinitely long."""
        return np.median(np.where(self.steps < 0, np.inf, self.steps), axis=2)

    @property
    def escaped(self) -> np.ndarray:
        """Share of the seeds that left (R, D)."""
        return (self.steps >= 0).mean(2)


def escape(
    race: Race,
    distances: Sequence[float] | np.ndarray | None = None,
    seeds: int = 1,
    steps: int | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
    terrain: Terrain | None = None,
) -> Escape:
    """Start every runner at each of `distances` from the saddle nearest to the race's start, with `seeds` seeds from the race's up.

    distances: 0 (exactly on the saddle) or more, inside the neighbourhood; twelve from a ten-thousandth of its radius to half of it
    where none are given. steps: the race's, unless given. Raises NoSaddle, Cancelled, ValueError for what is out of bounds, and
    what `terrain_of` raises.
    """
    from engines.descent.lanes import LEFT
    from engines.descent.terrain import terrain_of

    limit = starts.checked_steps(race, steps)
    terrain = terrain or terrain_of(race)
    saddle, radius = _saddle(terrain, race.start), neighbourhood_radius(terrain)
    away = _checked(np.geomspace(1e-4, 0.5, 12) * radius if distances is None else np.asarray(distances, float), radius, seeds)
    direction, curvature = _downhill(terrain, saddle, radius)
    glancing = starts.glances(race, terrain)
    random = glancing or race.noise > 0
    places = np.array([saddle.x, saddle.y]) + away[:, None] * direction
    bundles = [each for runner in race.runners for each in _bundles(race, runner, places, seeds if random else 1, glancing)]
    found = starts.outcomes(terrain, bundles, starts.aim(terrain, LEFT, limit), glancing, starts.SMALL, progress, cancelled)
    left = np.concatenate([outcome.left for outcome in found]).reshape(len(race.runners), -1, len(away)).swapaxes(1, 2)
    rate = next((runner.learning_rate for runner in race.runners if _plain(runner)), None)
    return Escape(
        distances=away,
        steps=np.broadcast_to(left, (*left.shape[:2], seeds)),
        theory=theory(away, radius, rate, curvature),
        theory_rate=rate,
        saddle=saddle,
        direction=direction,
        curvature=curvature,
        radius=radius,
        runners=race.runners,
        limit=limit,
    )


def theory(distances: np.ndarray, radius: float, rate: float | None, curvature: float) -> np.ndarray:
    """Steps that plain gradient descent takes from each distance to `radius` (D,); inf from 0, nan where nothing is predicted."""
    if rate is None or curvature >= 0:
        return np.full(len(distances), np.nan)
    with np.errstate(divide="ignore"):
        return np.log(radius / distances) / np.log1p(-rate * curvature)


def _plain(runner: Runner) -> bool:
    found = linear_rule(runner.optimizer.key, runner.optimizer.settings)
    return found is not None and found.plain and runner.schedule.key == "constant"


def _saddle(terrain: Terrain, start: tuple[float, float]) -> Stationary:
    points = [point for point in terrain.stationary if point.kind == "saddle"]
    if not points:
        raise NoSaddle(f"{terrain.label} has no saddle here to leave.")
    return min(points, key=lambda point: np.hypot(point.x - start[0], point.y - start[1]))


def _checked(distances: np.ndarray, radius: float, seeds: int) -> np.ndarray:
    if not 1 <= len(distances) <= MOST_DISTANCES or not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(f"1 to {MOST_DISTANCES} distances and 1 to {MOST_SEEDS} seeds, not {len(distances)} and {seeds}")
    if not ((distances >= 0) & (distances < radius)).all():
        raise ValueError(
            f"distances lie between 0 and the neighbourhood's radius, {radius:g}, not {distances.min():g} to {distances.max():g}"
        )
    return distances


def _downhill(terrain: Terrain, saddle: Stationary, radius: float) -> tuple[np.ndarray, float]:
    """The direction (2,) along which the ground falls, and its curvature; on a saddle without curvature the lowest way out."""
    here = ground(terrain, saddle.x, saddle.y)
    curved = here.shape == "saddle"
    down = np.array(here.directions[1])
    ways = np.stack([down, -down] if curved else list(zip(np.cos(_ANGLES), np.sin(_ANGLES), strict=True)))
    heights = ground_along(terrain, *(np.array([[saddle.x], [saddle.y]]) + radius * ways.T)).height
    return ways[np.nan_to_num(heights, nan=np.inf).argmin()], here.eigenvalues[1] if curved else 0.0


def _bundles(race: Race, runner: Runner, places: np.ndarray, seeds: int, glancing: bool) -> list[Lanes]:
    """Lanes seed by seed, places within: all in one bundle, except that a mini-batch is the same for a whole bundle."""
    each = range(race.seed, race.seed + seeds)
    if glancing:
        return [starts.lanes(race.model_copy(update={"seed": seed}), runner, *places.T) for seed in each]
    noise = np.concatenate([starts.noise(seed, race.noise) for seed in each], 2)
    bundle = starts.lanes(race, runner, *np.tile(places, (seeds, 1)).T)
    return [bundle._replace(noise=np.repeat(noise, len(places), axis=2))]
