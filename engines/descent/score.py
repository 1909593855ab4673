"""What became of every runner: where it ended, when it left the saddle, when it reached the goal, how far it overshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from engines.descent.paths import Paths
    from engines.descent.race import Race
    from engines.descent.terrain import Stationary, Terrain

Status = Literal["goal", "side_valley", "over_the_edge", "saddle", "flat", "thrown", "going"]

GOAL_SHARE, NEIGHBOURHOOD_SHARE = 0.02, 0.05
"""Radius of the goal and of a saddle's neighbourhood, as shares of the domain's diagonal."""

LEVEL_SHARES = {1: 0.1, 50: 3e-4}
"""Ground counts as level where its slope is under one of these shares: of the slope that so many per cent of the domain stay under.

Steep ground all over the domain, as Rosenbrock's, is level nowhere but at its level points: who stands there takes short steps.
"""

SETTLED_SHARE, SETTLED_RADIUS = 0.1, 0.25
"""A runner has settled when for this last share of the race it stayed within so many goal radii of its last place."""

_GRID = 16
_ROUNDING = 1e-4


@dataclass(frozen=True)
class Score:
    """One path. Steps count from 1 (0 is the start), lengths are in the terrain's units; None where it never happened.

    status: 'goal' (at the end at a lowest minimum), 'side_valley' (at another minimum), 'over_the_edge' (left the domain downhill:
    it was inside, at the end it is outside, and lower than where it was inside first), 'saddle' (hardly moves, near a saddle),
    'flat' (hardly moves on level ground), 'thrown', or 'going'.
    left_saddle: the first step outside the neighbourhood of a saddle it was in before. reached: the first step within the goal's
    radius of a lowest minimum; on terrain without a minimum the step from which on it was over the edge for good.
    overshoot: how far it went beyond the target, to the side it did not start from, along the directions in which the ground there
    curves up; the larger of the two. The target is the lowest minimum nearest to its last place, else the saddle nearest to its
    start (its only such direction leads across the valley line); 0 where there is neither.
    path_length: of all steps. best_height: the lowest it saw.
    """

    status: Status
    words: str
    left_saddle: int | None
    reached: int | None
    overshoot: float
    path_length: float
    final_height: float
    best_height: float


@dataclass(frozen=True)
class _Course:
    """What all paths of a race have in common."""

    terrain: Terrain
    goals: tuple[Stationary, ...]
    minima: tuple[Stationary, ...]
    saddles: tuple[Stationary, ...]
    goal_radius: float
    neighbourhood: float
    level: float


def score(race: Race, terrain: Terrain, paths: Paths) -> tuple[Score, ...]:
    """A score for each path, in order."""
    course = _course(terrain)
    axes = _axes(terrain, course.goals or course.saddles)
    return tuple(_score(course, axes, paths, k) for k in range(len(paths.runner)))


def goal_radius(terrain: Terrain) -> float:
    """How near to a lowest minimum counts as having reached it."""
    return GOAL_SHARE * _diagonal(terrain)


def neighbourhood_radius(terrain: Terrain) -> float:
    """How near to a saddle counts as being in its neighbourhood."""
    return NEIGHBOURHOOD_SHARE * _diagonal(terrain)


def _diagonal(terrain: Terrain) -> float:
    left, right, low, high = terrain.domain
    return float(np.hypot(right - left, high - low))


def _course(terrain: Terrain) -> _Course:
    minima, saddles = (tuple(p for p in terrain.stationary if p.kind == kind) for kind in ("minimum", "saddle"))
    return _Course(
        terrain=terrain,
        goals=tuple(point for point in minima if point.lowest),
        minima=minima,
        saddles=saddles,
        goal_radius=goal_radius(terrain),
        neighbourhood=neighbourhood_radius(terrain),
        level=_level_slope(terrain),
    )


def _level_slope(terrain: Terrain) -> float:
    """The slope up to which ground counts as level."""
    from engines.descent.ground import derivatives

    x, y = np.meshgrid(np.linspace(*terrain.domain[:2], _GRID), np.linspace(*terrain.domain[2:], _GRID))
    slopes = np.hypot(*derivatives(terrain, x.ravel(), y.ravel())[1:3])
    known = slopes[np.isfinite(slopes)]
    return max(share * float(np.percentile(known, part)) for part, share in LEVEL_SHARES.items()) if len(known) else 0.0


def _axes(terrain: Terrain, targets: Sequence[Stationary]) -> list[np.ndarray]:
    """For each target the directions (n, 2) in which the ground curves up there."""
    from engines.descent.ground import ground_along

    if not targets:
        return []
    grounds = ground_along(terrain, np.array([p.x for p in targets]), np.array([p.y for p in targets]))
    each = [grounds.at(i) for i in range(len(targets))]
    return [np.array([way for way, bend in zip(g.directions, g.eigenvalues, strict=True) if bend > 0]).reshape(-1, 2) for g in each]


def _score(course: _Course, axes: Sequence[np.ndarray], paths: Paths, k: int) -> Score:
    position, height = paths.position[k].astype(np.float64), paths.height[k].astype(np.float64)
    out = _out(course, position, height)
    reached = _reached(course, position) if course.minima else out
    thrown = int(paths.thrown[k])
    status = _status(course, position, thrown, out is not None)
    known = height[np.isfinite(height)]
    return Score(
        status=status,
        words=_words(course, status, out if status == "over_the_edge" else reached, thrown, position, height),
        left_saddle=_left(paths.saddle_distance[k], course.neighbourhood),
        reached=reached,
        overshoot=_overshoot(course, axes, position),
        path_length=float(np.hypot(*np.diff(position, axis=0).T).sum()),
        final_height=float(height[-1]),
        best_height=float(known.min()) if len(known) else float("nan"),
    )


def statuses(terrain: Terrain, position: np.ndarray, thrown: np.ndarray, out: np.ndarray) -> np.ndarray:
    """The status of paths (L,) of which three moments are known: the start, where the last SETTLED_SHARE of it begins, the end.

    position (L, 3, 2). thrown, out (L,): the step at which it was thrown off, and from which on it was over the edge for good;
    -1 for never.
    """
    course = _course(terrain)
    paths = zip(position.astype(np.float64), thrown, out >= 0, strict=True)
    return np.array([_status(course, *path) for path in paths])


def _status(course: _Course, position: np.ndarray, thrown: int, over: bool) -> Status:
    if not course.minima and over:
        return "over_the_edge"
    return "thrown" if thrown >= 0 else _ending(course, position, over)


def _first(holds: np.ndarray) -> int | None:
    return int(holds.argmax()) if holds.any() else None


def _reached(course: _Course, position: np.ndarray) -> int | None:
    return _first(_distance(position, course.goals) <= course.goal_radius) if course.goals else None


def _out(course: _Course, position: np.ndarray, height: np.ndarray) -> int | None:
    """From which step on it was over the edge for good: outside, and lower than where it was inside first. None if it never was."""
    inside = _within(course.terrain, position)
    entered = _first(inside)
    if entered is None:
        return None
    over = ~inside & (height < height[entered])
    over[:entered] = False
    return len(over) - int((~over[::-1]).argmax()) if over[-1] else None


def _distance(position: np.ndarray, points: Sequence[Stationary]) -> np.ndarray:
    """Of each place (n, 2) to the nearest point: (n,), inf without points."""
    if not points:
        return np.full(len(position), np.inf)
    return np.min([np.hypot(position[:, 0] - p.x, position[:, 1] - p.y) for p in points], axis=0)


def _within(terrain: Terrain, position: np.ndarray) -> np.ndarray:
    left, right, low, high = terrain.domain
    x, y = position.T
    return (x >= left) & (x <= right) & (y >= low) & (y <= high)


def _left(distance: np.ndarray, radius: float) -> int | None:
    """The first step outside, after the first one inside."""
    came = _first(distance <= radius)
    went = None if came is None else _first(distance[came:] > radius)
    return None if went is None else came + went


def _ending(course: _Course, position: np.ndarray, over: bool) -> Status:
    """How a runner that was not thrown off stands at the end; no minimum counts that a saddle is nearer than."""
    last = position[-1:]
    goal, valley, saddle = (float(_distance(last, points)[0]) for points in (course.goals, course.minima, course.saddles))
    if goal <= course.goal_radius and goal < saddle:
        return "goal"
    if over:
        return "over_the_edge"
    if not _settled(course, position):
        return "going"
    if valley <= course.goal_radius and valley < saddle:
        return "side_valley"
    return "saddle" if saddle <= course.neighbourhood else _standing(course, *last[0])


def _settled(course: _Course, position: np.ndarray) -> bool:
    late = position[-_late(position) :]
    return bool((np.hypot(*(late - position[-1]).T) <= SETTLED_RADIUS * course.goal_radius).all())


def _late(position: np.ndarray) -> int:
    """How many of the last places tell whether a runner has settled."""
    return max(2, round(SETTLED_SHARE * len(position)))


def _standing(course: _Course, x: float, y: float) -> Status:
    """What a settled runner stands on, away from the points that the terrain knows."""
    from engines.descent.ground import ground

    here = ground(course.terrain, x, y)
    level = bool(np.hypot(*here.gradient) <= course.level)
    return {"minimum": "side_valley", "saddle": "saddle"}.get(here.kind, "flat" if level else "going")


def _overshoot(course: _Course, axes: Sequence[np.ndarray], position: np.ndarray) -> float:
    points, near = (course.goals, position[-1]) if course.goals else (course.saddles, position[0])
    if not points:
        return 0.0
    places = np.array([(p.x, p.y) for p in points])
    target = int(np.hypot(*(places - near).T).argmin())
    away = (position - places[target]) @ axes[target].T
    beyond = float((-np.sign(away[0]) * away).max(initial=0.0))
    return beyond if beyond > _ROUNDING * course.goal_radius else 0.0


def _words(course: _Course, status: Status, when: int | None, thrown: int, position: np.ndarray, height: np.ndarray) -> str:
    """when: the step at which it got where the status says, or passed the goal."""
    steps = len(position) - 1
    if status == "goal":
        return f"At the lowest point, which it reached at step {when}."
    if status == "over_the_edge":
        return f"Left the map downhill at step {when}."
    if status == "thrown":
        return "The start is off the mountain." if thrown == 0 else f"Thrown off the mountain at step {thrown}."
    if status == "side_valley":
        return "Settled in a side valley: low, but not the lowest point." if course.goals else "Settled in a valley."
    if status == "saddle":
        return f"Stuck at a saddle after {steps} steps: level ground, but not a minimum."
    if status == "flat":
        return "On nearly level ground, where hardly anything pulls it."
    return _words_on_the_way(course, when, position, height)


def _words_on_the_way(course: _Course, reached: int | None, position: np.ndarray, height: np.ndarray) -> str:
    if height[-1] > max(height[0], height[-_late(position)]):
        return "Climbing: it is higher than it started, the steps are too big."
    if reached is not None:
        return f"Passed the lowest point at step {reached} and moved on."
    if _settled(course, position):
        return "Hardly moves: its steps are too short for this slope."
    near_saddle = float(_distance(position[-1:], course.saddles)[0]) <= course.neighbourhood
    return f"Still {'near a saddle' if near_saddle else 'on its way'}; {len(position) - 1} steps were not enough."
