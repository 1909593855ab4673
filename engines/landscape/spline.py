"""A smooth surface through a grid of samples: bicubic B-splines, prefiltered in NumPy, evaluated in JAX.

Inside the grid height, slope and curvature are continuous, and a surface that is cubic along each axis is met exactly. Outside the
surface goes on straight, with the slope it has at the edge: what lies there has not been measured.
Source: de Boor 1978, A practical guide to splines; Unser, Aldroubi & Eden 1993 (prefilter).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from engines.lazy import jnp

Array = Any
FEWEST_SAMPLES = 5


@lru_cache(maxsize=16)
def _prefilter(count: int) -> np.ndarray:
    """(count + 2, count): samples along a line -> coefficients, with 'not a knot' ends, so that cubics are exact up to the edge."""
    system = np.zeros((count + 2, count + 2))
    for row in range(count):
        system[row, row : row + 3] = np.array([1, 4, 1]) / 6
    system[count, :5] = system[count + 1, -5:] = (1, -4, 6, -4, 1)
    return np.linalg.inv(system)[:, :count]


def coefficients(samples: np.ndarray) -> np.ndarray:
    """Samples (m, n) on an even grid, all finite -> coefficients (m + 2, n + 2) float32. Raises ValueError under 5 a side."""
    if min(samples.shape) < FEWEST_SAMPLES:
        raise ValueError(f"a spline needs at least {FEWEST_SAMPLES} samples a side, not {samples.shape}")
    along_rows, along_columns = (_prefilter(count) for count in samples.shape)
    return (along_rows @ samples.astype(np.float64) @ along_columns.T).astype(np.float32)


def params_of(x: np.ndarray, y: np.ndarray, samples: np.ndarray) -> dict[str, np.ndarray]:
    """What `height` needs for samples (m, n) at even places x (n,) and y (m,): float32, all of it traced."""
    spacing = ((x[-1] - x[0]) / (len(x) - 1), (y[-1] - y[0]) / (len(y) - 1))
    return {
        "coefficients": coefficients(samples),
        "low": np.array((x[0], y[0]), np.float32),
        "per_unit": (1 / np.array(spacing)).astype(np.float32),
    }


def height(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    """The surface at x, y: arrays of any one shape, differentiable twice."""
    table = jnp.asarray(params["coefficients"])
    rows, columns = table.shape
    across, column = _weights((x - params["low"][0]) * params["per_unit"][0], columns - 2)
    up, row = _weights((y - params["low"][1]) * params["per_unit"][1], rows - 2)
    flat, corner = table.ravel(), row * columns + column
    total = 0.0
    for j, weight in enumerate(up):
        line = sum(a * flat[corner + (j * columns + i)] for i, a in enumerate(across))
        total = total + weight * line
    return total


def _weights(u: Array, count: int) -> tuple[tuple[Array, ...], Array]:
    """The four B-spline weights at u, in sample spacings from the first of `count` samples, and the first coefficient's index.

    Beyond the ends the weights go on along their slope.
    """
    inside = jnp.where(u < 0, 0.0, jnp.where(u > count - 1, count - 1.0, u))  # clip would halve the slope right on the edge
    cell = jnp.clip(jnp.floor(inside), 0.0, count - 2.0)
    t, beyond = inside - cell, u - inside
    s = 1 - t
    weights = (s * s * s, 4 - 6 * t * t + 3 * t * t * t, 4 - 6 * s * s + 3 * s * s * s, t * t * t)
    slopes = (-3 * s * s, -12 * t + 9 * t * t, 12 * s - 9 * s * s, 3 * t * t)
    return tuple((w + beyond * d) / 6 for w, d in zip(weights, slopes, strict=True)), cell.astype(jnp.int32)
