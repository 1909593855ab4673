"""Which optimizer wins from here: every runner of a race from every place of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engines.descent import starts
from engines.descent.starts import IsCancelled, Progress

if TYPE_CHECKING:
    from engines.descent.race import Race, Runner
    from engines.descent.terrain import Terrain

COUNT, MOST = 60, 200
NOBODY = -1


@dataclass(frozen=True, eq=False)
class Winners:
    """x (n,), y (n,): the grid. steps (R, n, n): at which step each runner of `runners` reached the goal from (x[column], y[row]),

    -1 where it did not. winner (n, n): index of the one that needed fewest steps, of equals the one listed first; -1: nobody.
    limit: how many steps there were.
    """

    x: np.ndarray
    y: np.ndarray
    winner: np.ndarray
    steps: np.ndarray
    runners: tuple[Runner, ...]
    limit: int

    @property
    def wins(self) -> np.ndarray:
        """From how many places each runner wins (R,)."""
        return np.bincount(self.winner[self.winner != NOBODY], minlength=len(self.runners))

    @property
    def arrivals(self) -> np.ndarray:
        """From how many places each runner reaches the goal at all (R,)."""
        return (self.steps >= 0).sum((1, 2))


def winners(
    race: Race,
    count: int = COUNT,
    steps: int | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
    terrain: Terrain | None = None,
) -> Winners:
    """Race every runner from `count` x `count` places over the domain; the race's own start is left out of it.

    A cell holds what `run_race` from there gives: noise and mini-batches are those of the race's seed. steps: the race's, unless
    given, at most MAX_STEPS. terrain: the race's own, where it is at hand. progress(share), cancelled(): called while it runs; the
    first map of a terrain compiles for about half a second. Raises Cancelled, ValueError for a count or number of steps out of
    bounds, and what `terrain_of` raises.
    """
    from engines.descent.lanes import GOAL
    from engines.descent.terrain import terrain_of

    limit = starts.checked_steps(race, steps)
    if not 2 <= count <= MOST:
        raise ValueError(f"a map has 2 to {MOST} places a side, not {count}")
    terrain = terrain or terrain_of(race)
    x, y = (np.linspace(low, high, count, dtype=np.float32) for low, high in (terrain.domain[:2], terrain.domain[2:]))
    places = [grid.ravel() for grid in np.meshgrid(x, y)]
    bundles = [starts.lanes(race, runner, *places) for runner in race.runners]
    goal = starts.aim(terrain, GOAL, limit)
    found = starts.outcomes(terrain, bundles, goal, starts.glances(race, terrain), starts.LARGE, progress, cancelled)
    reached = np.stack([outcome.reached for outcome in found]).reshape(-1, count, count)
    return Winners(x, y, fewest(reached), reached, race.runners, limit)


def fewest(steps: np.ndarray) -> np.ndarray:
    """Index (n, n) of the runner with fewest steps, of equals the first; NOBODY where none of steps (R, n, n) is 0 or more."""
    counted = np.where(steps >= 0, steps, np.iinfo(np.int32).max)
    return np.where((steps >= 0).any(0), counted.argmin(0), NOBODY).astype(np.int32)
