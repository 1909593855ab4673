"""Contour lines of a field of heights: at which heights, and where they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import contourpy
import numpy as np

LINES = 22


class Contours(NamedTuple):
    """Lines one after the other.

    points: (K, 2) float32 places (x, y), all lines in a row. starts: (M,) index of each line's first point.
    level: (M,) height of each line. levels: the heights that were asked for, rising.
    """

    points: np.ndarray
    starts: np.ndarray
    level: np.ndarray
    levels: np.ndarray

    def lines(self) -> list[np.ndarray]:
        """Each line's points, (n, 2)."""
        return np.split(self.points, self.starts[1:].astype(int)) if len(self.starts) else []


def levels(height: np.ndarray, also: Sequence[float] = (), floor: float | None = None, count: int = LINES) -> np.ndarray:
    """Heights worth a line: about `count` of them, and those of `also` that occur, rising. Empty for a plain without relief.

    height: (ny, nx), not finite where there is no land. Levels lie even on the mean of two scales, height itself and the share of
    the land below: the first alone leaves a valley empty, the second alone a steep wall. also: heights of saddles, whose line
    crosses itself. What is closer than half the usual spacing on that scale to one of these, another of them too, gives way.
    floor: height of the lowest minimum, if there is one: two more lines at 1/4 and 1/16 of the way from it up to the lowest line
    show its valley.
    """
    land = np.sort(height[np.isfinite(height)].astype(np.float64), axis=None)
    if land.size < 2 or land[-1] - land[0] <= 1e-6 * max(1e-6, abs(land[0]), abs(land[-1])):
        return np.empty(0)
    even = (land - land[0]) / (land[-1] - land[0])
    scale = 0.5 * even + 0.5 * np.linspace(0, 1, land.size)
    usual = np.interp((np.arange(count) + 0.5) / count, scale, land)
    spacing = 0.5 / count
    special: list[float] = []
    for h in sorted(float(h) for h in also if land[0] < h < land[-1]):
        if not special or np.interp(h, land, scale) - np.interp(special[-1], land, scale) > spacing:
            special.append(h)
    at = np.interp(special, land, scale)
    kept = [h for h in usual if not special or np.min(np.abs(np.interp(h, land, scale) - at)) > spacing]
    low = min(kept, default=land[-1])
    deep = [floor + (low - floor) / part for part in (4, 16)] if floor is not None and floor < low else []
    return np.unique(np.array([*kept, *special, *deep]))


def contours(x: np.ndarray, y: np.ndarray, height: np.ndarray, at: np.ndarray) -> Contours:
    """The contour lines of `height` (ny, nx) over the grid x (nx,), y (ny,) at the heights `at`; gaps where it is not finite."""
    masked = np.ma.masked_invalid(np.asarray(height, np.float64))
    generator = contourpy.contour_generator(x, y, masked, name="serial", line_type=contourpy.LineType.Separate)
    found = [(line, level) for level in at for line in generator.lines(float(level)) if len(line) > 1]
    lengths = np.array([len(line) for line, _ in found], np.int64)
    return Contours(
        points=np.concatenate([line for line, _ in found]).astype(np.float32) if found else np.empty((0, 2), np.float32),
        starts=(np.cumsum(lengths) - lengths).astype(np.float32),
        level=np.array([level for _, level in found], np.float32),
        levels=np.asarray(at, np.float64),
    )
