"""A grid of learning rates and momenta (or of another optimizer's first setting) raced in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.descent import starts
from engines.descent.ground import CURVES_UP, ground_along
from engines.descent.score import SETTLED_SHARE, statuses
from engines.descent.stability import linear_rule
from engines.descent.starts import IsCancelled, Progress
from engines.optimizers import OPTIMIZERS
from engines.tables import Setting

if TYPE_CHECKING:
    from engines.descent.lanes import Lanes, Outcome
    from engines.descent.race import Race, Runner
    from engines.descent.terrain import Terrain

RATES, VALUES = 40, 25
MOST_CELLS = 10_000
LOWEST_RATE, HIGHEST_RATE = 1e-6, 100.0
_HIGHEST_SHARE = 0.99
_PROBES, _ALIKE = 5, 1e-4

Axis = Sequence[float] | np.ndarray


@dataclass(frozen=True, eq=False)
class Sweep:
    """rates (A,), and momenta (B,): values of `setting`, the optimizer's first; a single 0 where it has none.

    steps (B, A): at which step the goal was first reached, -1 never. status (B, A): as in `Score`. limit: how many steps there are.
    boundary (B,): the largest stable rate for each momentum, by theory, on quadratics with a linear rule; else None. curvature: the
    largest one that it was computed with. runner: index in the race.
    """

    rates: np.ndarray
    momenta: np.ndarray
    steps: np.ndarray
    status: np.ndarray
    boundary: np.ndarray | None
    curvature: float | None
    setting: Setting | None
    runner: int
    limit: int

    def changes(self, row: int, column: int) -> dict[str, Any]:
        """What `Race.change` takes to race the runner of one cell."""
        found: dict[str, Any] = {f"runners__{self.runner}__learning_rate": float(self.rates[column])}
        if self.setting is not None:
            found[f"runners__{self.runner}__optimizer__settings__{self.setting.key}"] = float(self.momenta[row])
        return found


def sweep(
    race: Race,
    runner_index: int = 0,
    rates: Axis | None = None,
    momenta: Axis | None = None,
    steps: int | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
    terrain: Terrain | None = None,
) -> Sweep:
    """Race one runner from the race's start with every pair of a rate and a momentum; other settings and the schedule are its own.

    rates: from a thousandth of what its theory allows to four times that where none are given (on other ground, and where no runner
    may have such rates: around its own rate). Raises Cancelled, ValueError for what is out of bounds, and what `terrain_of` raises.
    """
    from engines.descent.terrain import terrain_of

    limit = starts.checked_steps(race, steps)
    terrain = terrain or terrain_of(race)
    runner, setting = race.runners[runner_index], _swept(race.runners[runner_index])
    curvature = quadratic_curvature(terrain)
    a, b = _axes(runner, setting, curvature, rates, momenta)
    every_rate, every_value = (grid.ravel() for grid in np.meshgrid(a, b))
    own = {"learning_rate": every_rate} | ({setting.key: every_value} if setting else {})
    place = np.full((2, len(every_rate)), np.array(race.start)[:, None])
    bundle = starts.lanes(race, runner, *place, **own)
    found = _run(race, terrain, bundle, limit, progress, cancelled)
    return Sweep(
        rates=a,
        momenta=b,
        steps=found[-1].reached.reshape(len(b), len(a)),
        status=_statuses(terrain, bundle, found).reshape(len(b), len(a)),
        boundary=_boundary(runner, setting, b, curvature),
        curvature=curvature,
        setting=setting,
        runner=runner_index,
        limit=limit,
    )


def _run(
    race: Race, terrain: Terrain, bundle: Lanes, limit: int, progress: Progress | None, cancelled: IsCancelled | None
) -> list[Outcome]:
    """Where everybody is when the share of the race begins that tells whether they have settled, and at the end."""
    from engines.descent.lanes import END

    found, glancing = [], starts.glances(race, terrain)
    for half, steps in enumerate((limit - round(SETTLED_SHARE * limit), limit)):
        tell = None if progress is None else lambda share, half=half: progress((half + share) / 2)
        found += starts.outcomes(terrain, [bundle], starts.aim(terrain, END, steps), glancing, starts.SMALL, tell, cancelled)
    return found


def _statuses(terrain: Terrain, bundle: Lanes, found: list[Outcome]) -> np.ndarray:
    """The status of each cell (L,), as the scoreboard tells it."""
    x, y = (np.stack(places, 1) for places in ((bundle.x, *(f.x for f in found)), (bundle.y, *(f.y for f in found))))
    return statuses(terrain, np.stack([x, y], 2), found[-1].thrown, found[-1].out)


def quadratic_curvature(terrain: Terrain) -> float | None:
    """The largest curvature where it is the same everywhere in the domain and the ground curves up, else None."""
    x, y = np.meshgrid(*(np.linspace(low, high, _PROBES) for low, high in (terrain.domain[:2], terrain.domain[2:])))
    found = ground_along(terrain, x.ravel(), y.ravel())
    largest = found.eigenvalues[0, 0]
    alike = np.abs(found.hessian - found.hessian[0]).max() <= _ALIKE * np.abs(found.hessian).max()
    return float(largest) if alike and found.shape[0] in CURVES_UP else None


def _swept(runner: Runner) -> Setting | None:
    return next(iter(OPTIMIZERS[runner.optimizer.key].settings), None)


def _axes(
    runner: Runner, setting: Setting | None, curvature: float | None, rates: Axis | None, momenta: Axis | None
) -> tuple[np.ndarray, np.ndarray]:
    """Both axes, rounded to what a link carries. Raises ValueError for what no runner may have."""
    middle = 2 / curvature if curvature and linear_rule(runner.optimizer.key) else None
    if rates is None:
        rates = _rates(middle, runner.learning_rate)
    if momenta is None:
        momenta = _values(setting)
    a, b = (np.array([float(f"{value:.4g}") for value in axis]) for axis in (rates, momenta))
    if not 1 <= len(a) * len(b) <= MOST_CELLS:
        raise ValueError(f"a sweep has 1 to {MOST_CELLS:,} cells, not {len(a)} x {len(b)}")
    if not ((a >= LOWEST_RATE) & (a <= HIGHEST_RATE)).all():
        raise ValueError(f"learning rates lie between {LOWEST_RATE:g} and {HIGHEST_RATE:g}, not {a.min():g} to {a.max():g}")
    if setting is not None:
        b = np.array([setting.check(value) for value in b])
    return a, b if setting is not None else b[:1]


def _rates(middle: float | None, own: float) -> np.ndarray:
    """Around what theory allows where runners may have such rates, else around the runner's own."""
    low, high = (middle / 1000, middle * 4) if middle else (own / 100, own * 100)
    if low >= HIGHEST_RATE or high <= LOWEST_RATE:
        low, high = own / 100, own * 100
    return np.geomspace(max(low, LOWEST_RATE), min(high, HIGHEST_RATE), RATES)


def _values(setting: Setting | None) -> np.ndarray:
    """Evenly over what the setting may be, short of its highest share, at which nothing is ever forgotten."""
    if setting is None:
        return np.zeros(1)
    if setting.log:
        return np.geomspace(setting.low, setting.high, VALUES)
    return np.linspace(setting.low, min(setting.high, _HIGHEST_SHARE), VALUES)


def _boundary(runner: Runner, setting: Setting | None, values: np.ndarray, curvature: float | None) -> np.ndarray | None:
    if curvature is None:
        return None
    settings = [dict(runner.optimizer.settings) | ({setting.key: float(value)} if setting else {}) for value in values]
    rules = [linear_rule(runner.optimizer.key, each) for each in settings]
    return None if None in rules else np.array([rule.largest_stable_rate(curvature) for rule in rules])
