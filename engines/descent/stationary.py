"""Where the ground is level: minima, saddles and maxima of a height, found numerically in double precision.

Newton's method on the gradient, with the exact Hessian, from a grid of starts converges to level points of every kind. Kinks
such as the tip of |x| + |y| have no gradient to be 0, so the lowest points of the grid are followed down as well.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from engines.lazy import jax, jnp

Array = Any
Height = Callable[[Array, Array, Mapping[str, Array]], Array]
Domain = tuple[float, float, float, float]
Kind = Literal["minimum", "saddle", "maximum", "flat"]

# These programs run for a moment: without XLA's optimizations they compile in three quarters of the time.
QUICK_COMPILE = {"xla_backend_optimization_level": 0}

MOST = 200
_GRID = 33
_NEWTON_STEPS = 50
_COMPASS_STEPS = 60
_ROUNDING = 1e-13
_ORDER = ("minimum", "saddle", "maximum", "flat")


@dataclass(frozen=True)
class Stationary:
    """A place where the ground is level. lowest: a minimum than which no other in the domain is lower."""

    x: float
    y: float
    height: float
    kind: Kind
    lowest: bool = False


class Local(NamedTuple):
    """Height, gradient and Hessian at points, six arrays of one shape."""

    height: Array
    x: Array
    y: Array
    xx: Array
    xy: Array
    yy: Array


def local(height: Height, x: Array, y: Array, params: Mapping[str, Array]) -> Local:
    """Height, gradient and exact Hessian, elementwise by forward mode; x and y of any one shape."""
    along, still = jnp.ones_like(x), jnp.zeros_like(x)

    def slopes(x: Array, y: Array) -> tuple[Array, Array, Array]:
        value, by_x = jax.jvp(lambda a: height(a, y, params), (x,), (along,))
        return value, by_x, jax.jvp(lambda b: height(x, b, params), (y,), (along,))[1]

    (value, by_x, by_y), (_, xx, xy) = jax.jvp(slopes, (x, y), (along, still))
    yy = jax.jvp(lambda b: slopes(x, b)[2], (y,), (along,))[1]
    return Local(value, by_x, by_y, xx, xy, yy)


@functools.lru_cache(maxsize=64)
def _program(height: Height) -> Callable[..., Local]:
    return jax.jit(lambda x, y, params: local(height, x, y, params), compiler_options=QUICK_COMPILE)


class _Ground:
    """The ground in double precision, always asked for as many points at once, so that one program serves."""

    def __init__(self, height: Height, params: Mapping[str, np.ndarray], domain: Domain) -> None:
        self._height = height
        self._params = {key: _doubled(np.asarray(value)) for key, value in params.items()}
        self.low = np.array([domain[0], domain[2]], np.float64)
        self.high = np.array([domain[1], domain[3]], np.float64)
        self.size = float(np.linalg.norm(self.high - self.low))

    def at(self, points: np.ndarray) -> Local:
        """Six arrays (n,) at points (n, 2)."""
        pieces = []
        for start in range(0, len(points), _GRID**2):
            piece = points[start : start + _GRID**2]
            padded = np.resize(piece, (_GRID**2, 2))
            with jax.enable_x64(True), np.errstate(all="ignore"):
                found = _program(self._height)(padded[:, 0], padded[:, 1], self._params)
                pieces.append([np.asarray(array)[: len(piece)] for array in found])
        return Local(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))

    def inside(self, points: np.ndarray) -> np.ndarray:
        return ((points >= self.low) & (points <= self.high)).all(1)


def _doubled(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float64) if np.issubdtype(value.dtype, np.floating) else value


def find(height: Height, params: Mapping[str, np.ndarray], domain: Domain) -> tuple[Stationary, ...]:
    """Level points inside `domain` (x low, x high, y low, y high): minima first, each kind from the lowest up; at most MOST.

    Of a whole line or plain of level points a few are given, of ground that is level all over none. Kinks count where they are
    minima. Points that lie so close together that no start of the grid leads to them are missed.
    """
    ground = _Ground(height, params, domain)
    grid = _starts(ground)
    if _is_level(ground.at(grid).height):
        return ()
    smooth = _newton(ground, grid)
    kinks = _kinks(ground, grid, smooth)
    points = np.concatenate([smooth, kinks])
    if not len(points):
        return ()
    at = ground.at(points)
    kinds, alone = _kinds(ground, points, at, _curvature(ground.at(grid)))
    kinds[len(smooth) :], alone[len(smooth) :] = "minimum", True
    points = np.where(np.abs(points) < np.where(alone, 1e-9, 1e-6)[:, None] * ground.size, 0.0, points)
    return _listed(points, kinds, at.height, _thinned(ground.size, points, kinds, at.height, alone))


def _starts(ground: _Ground) -> np.ndarray:
    """A grid (n, 2) a little off centre: lines of symmetry, where Hessians are often singular, are not hit exactly."""
    shares = (np.arange(_GRID) + 0.5 + np.array([[0.013], [0.029]])) / _GRID
    x, y = np.meshgrid(*(ground.low[:, None] + shares * (ground.high - ground.low)[:, None]))
    return np.stack([x.ravel(), y.ravel()], 1)


def _is_level(heights: np.ndarray) -> bool:
    """Whether all heights (n,) are the same, up to rounding."""
    known = heights[np.isfinite(heights)]
    return bool(len(known) and np.ptp(known) <= _ROUNDING * max(1.0, float(np.abs(known).max())))


def _newton(ground: _Ground, points: np.ndarray) -> np.ndarray:
    """Where Newton's method ends (n, 2), of the starts from which it settles inside the domain."""
    for _ in range(_NEWTON_STEPS):
        step, _ = _newton_step(ground.at(points))
        scale = np.minimum(1, 0.1 * ground.size / np.maximum(np.linalg.norm(step, axis=1), 1e-300))
        points = points - step * scale[:, None]
    at = ground.at(points)
    step, slope = _newton_step(at)
    settled = np.linalg.norm(step, axis=1) < 1e-7 * ground.size
    level = slope <= 1e-9 * ground.size * _curvature_each(at)
    return points[settled & level & ground.inside(points)]


def _newton_step(at: Local) -> tuple[np.ndarray, np.ndarray]:
    """H⁻¹ g (n, 2), leaving out directions without curvature, and the slope (n,) along those, infinite where g is no number."""
    hessian = np.stack([np.stack([at.xx, at.xy], -1), np.stack([at.xy, at.yy], -1)], -2)
    gradient = np.stack([at.x, at.y], -1)
    fine = np.isfinite(hessian).all((1, 2)) & np.isfinite(gradient).all(1)
    values, vectors = np.linalg.eigh(np.where(fine[:, None, None], hessian, 0.0))
    along = np.einsum("nij,ni->nj", vectors, np.where(fine[:, None], gradient, 0.0))
    curved = np.abs(values) > 1e-12 * np.abs(values).max(1, keepdims=True)
    step = np.einsum("nij,nj->ni", vectors, np.where(curved, along / np.where(curved, values, 1.0), 0.0))
    slope = np.where(curved, 0.0, np.abs(along)).max(1)
    return step, np.where(fine, slope, np.inf)


def _eigenvalues(at: Local) -> np.ndarray:
    """(n, 2), the smaller first; 0 where the Hessian is no number."""
    middle, half = (at.xx + at.yy) / 2, np.hypot((at.xx - at.yy) / 2, at.xy)
    return np.nan_to_num(np.stack([middle - half, middle + half], 1), nan=0.0, posinf=0.0, neginf=0.0)


def _curvature_each(at: Local) -> np.ndarray:
    return np.abs(_eigenvalues(at)).max(1)


def _curvature(at: Local) -> float:
    """A curvature typical of the whole ground, to say which ones are as good as 0."""
    return float(np.median(_curvature_each(at)))


def _kinks(ground: _Ground, grid: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Minima (n, 2) that are not level: the grid's low points, followed down by a compass search, unless a level point is there."""
    points = grid[_low_points(ground.at(grid).height.reshape(_GRID, _GRID)).ravel()]
    if not len(points):
        return points
    reach = np.full(len(points), ground.size / _GRID)
    lowest = ground.at(points).height
    for _ in range(_COMPASS_STEPS):
        around = points[:, None] + reach[:, None, None] * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        heights = ground.at(around.reshape(-1, 2)).height.reshape(-1, 4)
        heights = np.where(np.isfinite(heights), heights, np.inf)
        best, each = heights.argmin(1), np.arange(len(points))
        better = heights[each, best] < lowest
        points = np.where(better[:, None], around[each, best], points)
        lowest = np.where(better, heights[each, best], lowest)
        reach = np.where(better, reach, reach / 2)
    known = (np.linalg.norm(points[:, None] - smooth[None], axis=2) < 1e-3 * ground.size).any(1)
    points = points[(reach < 1e-7 * ground.size) & ground.inside(points) & ~known]
    return points[_is_kink(ground, points)] if len(points) else points


def _low_points(heights: np.ndarray) -> np.ndarray:
    """Which inner cells of a grid (n, n) have no lower neighbour, and a higher one."""
    padded = np.pad(heights, 1, constant_values=-np.inf)
    n = len(heights)
    around = np.stack([padded[i : i + n, j : j + n] for i in range(3) for j in range(3) if (i, j) != (1, 1)])
    with np.errstate(invalid="ignore"):
        return (heights <= around).all(0) & (heights < around).any(0)


def _is_kink(ground: _Ground, points: np.ndarray) -> np.ndarray:
    """Whether the ground rises (n,) on all sides of a point, and is not a bottomless hole."""
    height = ground.at(points).height
    near, far = (_ring(ground, points, share * ground.size, 720).max(1) - height for share in (1e-5, 1e-2))
    lowest = _ring(ground, points, 1e-5 * ground.size, 720).min(1)
    return (lowest >= height) & (near > 1e-12 * (1 + np.abs(height))) & (near < 0.1 * far)


def _ring(ground: _Ground, points: np.ndarray, radius: float, count: int) -> np.ndarray:
    """Heights (n, count) on a circle around each point."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    circle = radius * np.stack([np.cos(angles), np.sin(angles)], 1)
    return ground.at((points[:, None] + circle).reshape(-1, 2)).height.reshape(len(points), count)


def _kinds(ground: _Ground, points: np.ndarray, at: Local, typical: float) -> tuple[np.ndarray, np.ndarray]:
    """The kind of each level point (n,), and whether it is curved both ways and so stands alone.

    By the signs of the Hessian's eigenvalues; where one is as good as 0, by the heights on a circle around the point.
    """
    small, large = _eigenvalues(at).T
    alone = np.minimum(np.abs(small), np.abs(large)) > 1e-6 * np.maximum(_curvature_each(at), typical)
    kinds = np.where(small > 0, "minimum", np.where(large < 0, "maximum", "saddle")).astype(object)
    doubtful = np.flatnonzero(~alone)
    if len(doubtful):
        kinds[doubtful] = _kinds_by_ring(ground, points[doubtful], at.height[doubtful])
    return kinds, alone


def _kinds_by_ring(ground: _Ground, points: np.ndarray, height: np.ndarray) -> np.ndarray:
    kinds = np.full(len(points), "flat", object)
    rounding = _ROUNDING * np.maximum(1.0, np.abs(height))
    for share in (0.02, 0.003):
        ring = _ring(ground, points, share * ground.size, 48)
        rises, falls = ring.max(1) - height > rounding, height - ring.min(1) > rounding
        found = np.where(rises & falls, "saddle", np.where(rises, "minimum", "maximum"))
        kinds = np.where(rises | falls, found, kinds)
    return kinds


def _thinned(size: float, points: np.ndarray, kinds: np.ndarray, heights: np.ndarray, alone: np.ndarray) -> list[int]:
    """Indices of the points that are kept, minima first, each kind from the lowest up: one of those that are the same place."""
    order = sorted(range(len(points)), key=lambda i: (_ORDER.index(kinds[i]), round(float(heights[i]), 9), *points[i]))
    kept: list[int] = []
    for i in order:
        apart = size * (1e-4 if alone[i] else 0.2 if kinds[i] == "flat" else 0.04)
        if len(kept) < MOST and not (kept and (np.linalg.norm(points[kept] - points[i], axis=1) < apart).any()):
            kept.append(i)
    return kept


def _listed(points: np.ndarray, kinds: np.ndarray, heights: np.ndarray, kept: list[int]) -> tuple[Stationary, ...]:
    minima = [heights[i] for i in kept if kinds[i] == "minimum"]
    floor = min(minima, default=0.0)
    same = 1e-6 * (np.ptp(heights[kept]) + abs(floor)) + 1e-9
    return tuple(
        Stationary(
            *map(float, points[i]), float(heights[i]), str(kinds[i]), bool(kinds[i] == "minimum" and heights[i] <= floor + same)
        )
        for i in kept
    )
