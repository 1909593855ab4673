"""The ground under one's feet: height, slope, curvature at a place, and what that predicts for gradient descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.descent.stationary import local
from engines.lazy import jax, jnp

if TYPE_CHECKING:
    from engines.descent.terrain import Terrain

Array = Any

BATCH = 1024
"""Places a compiled call looks at, always this many: one program serves a single place and a whole path."""

FLAT_CURVATURE = 1e-5
"""Curvature counts as none when a parabola that steep, as wide as the domain, changes the height by this share of its spread."""

AT_REST = 1e-3
"""A place counts as stationary when Newton's step from it is shorter than this share of the domain's diagonal."""


@dataclass(frozen=True)
class Ground:
    """One place. Lengths in the terrain's units, heights in its heights.

    gradient: (x, y). hessian: (xx, xy, yy). eigenvalues: the larger first; directions: their unit vectors.
    kind: 'minimum', 'maximum', 'saddle', 'flat' where nothing pulls, else 'slope'. shape: how it curves, whatever the slope:
    'bowl', 'dome', 'saddle', 'trough', 'ridge', 'plane', or 'unknown' where the height is not finite.
    """

    x: float
    y: float
    height: float
    gradient: tuple[float, float]
    hessian: tuple[float, float, float]
    eigenvalues: tuple[float, float]
    directions: tuple[tuple[float, float], tuple[float, float]]
    kind: str
    shape: str

    @property
    def largest_stable_rate(self) -> float | None:
        """2 / largest eigenvalue, the largest learning rate at which gradient descent does not grow; None where nothing curves up.

        Source: LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp", section 5.
        """
        return 2 / self.eigenvalues[0] if self.shape in CURVES_UP else None

    def words(self, rate: float) -> str:
        """What this ground predicts for plain gradient descent with learning rate `rate`, in a sentence or two."""
        if self.shape == "unknown":
            return "There is no finite height here, so nothing can be predicted."
        said = [_across(rate * self.eigenvalues[0])] if self.shape in CURVES_UP else []
        if self.shape in _CURVES_DOWN:
            said.append(_downwards(rate * -self.eigenvalues[1], self.kind in ("saddle", "maximum")))
        elif self.shape == "bowl" and rate * self.eigenvalues[0] < 2:
            said.append(_along(rate * self.eigenvalues[1]))
        return " ".join(said) or "The ground hardly curves here: each step is the rate times the slope, and nothing can zigzag."

    def plain(self) -> dict[str, Any]:
        """Everything as plain data, for JSON; numbers that are not finite become None."""
        numbers = {
            "x": self.x,
            "y": self.y,
            "height": self.height,
            "gradient": self.gradient,
            "hessian": self.hessian,
            "eigenvalues": self.eigenvalues,
            "directions": self.directions,
            "largest_stable_rate": self.largest_stable_rate,
        }
        return {name: _finite(value) for name, value in numbers.items()} | {"kind": self.kind, "shape": self.shape}


CURVES_UP = ("bowl", "saddle", "trough")
"""Shapes that curve up in some direction."""
_CURVES_DOWN = ("dome", "saddle", "ridge")
_SHAPES = {(1, 1): "bowl", (1, -1): "saddle", (1, 0): "trough", (0, 0): "plane", (0, -1): "ridge", (-1, -1): "dome"}
_KINDS = {"bowl": "minimum", "saddle": "saddle", "dome": "maximum"}


def _finite(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_finite(part) for part in value]
    return value if value is not None and math.isfinite(value) else None


def _across(product: float) -> str:
    """Along the direction that curves up most, a step multiplies the distance to the valley line by 1 - rate x curvature."""
    factor = abs(1 - product)
    if product > 2:
        return f"Too big a step: the distance to the valley floor grows {factor:.3g} times with each step, up the mountain."
    if product > 1:
        return f"Zigzag: each step crosses the valley floor and keeps {factor:.0%} of the distance to it."
    return f"No zigzag: each step keeps {factor:.0%} of the distance to the valley floor along the steepest curve."


def _along(product: float) -> str:
    steps = math.inf if product <= 0 else (1.0 if product >= 1 else math.log(0.1) / math.log1p(-product))
    return f"Along the gentlest curve ten times closer takes about {_count(steps)}." if product < 1 else ""


def _downwards(product: float, resting: bool) -> str:
    steps = math.log(10) / math.log1p(product)
    way = f"Along the direction that curves down the distance grows {1 + product:.4g} times a step, ten times in {_count(steps)}"
    return f"{way}; exactly on the point nothing moves." if resting else f"{way}."


def _count(steps: float) -> str:
    if steps > 1e6:
        return "more than a million steps"
    whole = math.ceil(steps)
    return "1 step" if whole == 1 else f"{whole:,} steps"


@dataclass(frozen=True)
class Grounds:
    """Many places, NumPy float64. height (n,), gradient (n, 2), hessian (n, 3) xx, xy, yy, eigenvalues (n, 2) larger first,

    angle (n,) of the larger's direction in radians; kind (n,) and shape (n,) as in `Ground`.
    """

    x: np.ndarray
    y: np.ndarray
    height: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray
    eigenvalues: np.ndarray
    angle: np.ndarray
    kind: np.ndarray
    shape: np.ndarray

    def at(self, index: int) -> Ground:
        """One of them."""
        c, s = math.cos(self.angle[index]), math.sin(self.angle[index])
        return Ground(
            x=float(self.x[index]),
            y=float(self.y[index]),
            height=float(self.height[index]),
            gradient=tuple(self.gradient[index].tolist()),
            hessian=tuple(self.hessian[index].tolist()),
            eigenvalues=tuple(self.eigenvalues[index].tolist()),
            directions=((c, s), (-s, c)),
            kind=str(self.kind[index]),
            shape=str(self.shape[index]),
        )


def ground(terrain: Terrain, x: float, y: float) -> Ground:
    """The ground at one place. The first call on a terrain compiles (about 0.2 s), further ones take well under 5 ms."""
    return ground_along(terrain, np.array([x]), np.array([y])).at(0)


def ground_along(terrain: Terrain, x: np.ndarray, y: np.ndarray) -> Grounds:
    """The ground at many places, x and y (n,)."""
    x, y = np.atleast_1d(np.asarray(x, np.float64)), np.atleast_1d(np.asarray(y, np.float64))
    height, gx, gy, xx, xy, yy = derivatives(terrain, x, y)
    gradient, hessian = np.stack([gx, gy], 1), np.stack([xx, xy, yy], 1)
    eigenvalues, angle = eigen(xx, xy, yy)
    shape = _shapes(terrain, height, eigenvalues)
    resting = np.isfinite(height) & _resting(terrain, gradient, eigenvalues, angle)
    kind = np.array([_KINDS.get(word, "flat") if rests else "slope" for word, rests in zip(shape, resting, strict=True)], "<U8")
    for point in terrain.stationary:
        kind[np.hypot(x - point.x, y - point.y) <= AT_REST * diagonal(terrain)] = point.kind
    return Grounds(x, y, height, gradient, hessian, eigenvalues, angle, kind, shape)


def eigen(xx: np.ndarray, xy: np.ndarray, yy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (n, 2) of symmetric 2 x 2 matrices, larger first, and the angle (n,) of the larger's direction."""
    with np.errstate(invalid="ignore", over="ignore"):
        middle, half, across = (xx + yy) / 2, (xx - yy) / 2, np.hypot((xx - yy) / 2, xy)
        return np.stack([middle + across, middle - across], 1), np.arctan2(xy, half) / 2


def derivatives(terrain: Terrain, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Height, gradient (x, y) and Hessian (xx, xy, yy) at places x, y (n,): (6, n) float64, not finite where the surface is not."""
    program, found = _program(terrain), np.empty((6, len(x)))
    for first in range(0, len(x), BATCH):
        part = slice(first, first + BATCH)
        count = len(x[part])
        places = np.zeros((2, BATCH), np.float32)
        places[:, :count] = x[part], y[part]
        found[:, part] = np.asarray(program(places[0], places[1], dict(terrain.params)))[:, :count]
    return found


@lru_cache(maxsize=64)
def _program(terrain: Terrain) -> Callable[..., Array]:
    """Compiled: places (BATCH,) and the terrain's numbers -> (6, BATCH)."""
    return jax.jit(lambda x, y, params: jnp.stack(local(terrain.height, x, y, params)))


def diagonal(terrain: Terrain) -> float:
    """Length of the domain's diagonal."""
    left, right, low, high = terrain.domain
    return math.hypot(right - left, high - low)


def _spread(terrain: Terrain) -> float:
    """How far apart the domain's heights lie: from the 10th to the 90th percentile."""
    return _spread_of(terrain, terrain.domain, tuple(np.asarray(value).tobytes() for value in terrain.params.values()))


@lru_cache(maxsize=256)
def _spread_of(terrain: Terrain, domain: tuple[float, ...], numbers: tuple[bytes, ...]) -> float:
    """domain, numbers (the terrain's parameters): what equality of terrains leaves out."""
    side = math.isqrt(BATCH)
    x, y = np.meshgrid(np.linspace(*domain[:2], side), np.linspace(*domain[2:], side))
    heights = derivatives(terrain, x.ravel(), y.ravel())[0]
    heights = heights[np.isfinite(heights)]
    return float(np.subtract(*np.percentile(heights, (90, 10)))) if len(heights) else 0.0


def _shapes(terrain: Terrain, height: np.ndarray, eigenvalues: np.ndarray) -> np.ndarray:
    """How each place curves (n,)."""
    least = FLAT_CURVATURE * _spread(terrain) / diagonal(terrain) ** 2
    signs = np.where(np.abs(eigenvalues) > least, np.sign(eigenvalues), 0)
    known = np.isfinite(height) & np.isfinite(eigenvalues).all(1)
    return np.array([_SHAPES[int(a), int(b)] if good else "unknown" for (a, b), good in zip(signs, known, strict=True)])


def _resting(terrain: Terrain, gradient: np.ndarray, eigenvalues: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Whether each place is stationary (n,), judged along both directions of curvature."""
    length, (c, s) = diagonal(terrain), (np.cos(angle), np.sin(angle))
    along = np.stack([gradient[:, 0] * c + gradient[:, 1] * s, gradient[:, 1] * c - gradient[:, 0] * s], 1)
    least = np.maximum(AT_REST * length * np.abs(eigenvalues), FLAT_CURVATURE * _spread(terrain) / length)
    return (np.abs(along) <= least).all(1)
