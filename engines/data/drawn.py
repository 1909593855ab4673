"""Digits that visitors draw, made into 28x28 pictures as MNIST's were, and pictures of digits moved about."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engines.data.digits import SIDE

BOX = 20
CENTRE = SIDE // 2
SMALLEST_SHARE = 1 / 8
"""A drawing whose longer side is a smaller share of the paper is taken for a slip of the pen."""
MOST_SIDE = 4096
_MIDDLE = (SIDE - 1) / 2


class Moves(NamedTuple):
    """What is done to a picture before the net sees it, about its middle: turned, resized, shifted, then made noisy.

    shift_x, shift_y: pixels of the 28x28 picture, right and down. rotation: degrees, counter-clockwise.
    scale: 1 as it is. noise: 0..1, the standard deviation of added noise as a share of full ink.
    """

    shift_x: float = 0.0
    shift_y: float = 0.0
    rotation: float = 0.0
    scale: float = 1.0
    noise: float = 0.0


BOUNDS = {"shift_x": (-14.0, 14.0), "shift_y": (-14.0, 14.0), "rotation": (-180.0, 180.0), "scale": (0.4, 2.5), "noise": (0.0, 1.0)}


def bounded(moves: Moves) -> Moves:
    """The same within `BOUNDS`. Raises ValueError naming a field that is no finite number."""
    for name, value in moves._asdict().items():
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}, and no finite number")
    return Moves(*(min(max(float(value), low), high) for value, (low, high) in zip(moves, BOUNDS.values(), strict=True)))


def as_digit(raster: np.ndarray) -> np.ndarray | None:
    """A drawing (s, s) uint8, 0 paper to 255 ink, as a picture (28, 28) uint8 made as MNIST's were.

    Its box of ink is resized, keeping its aspect and averaging over areas, until the longer side is 20 pixels, and placed by
    whole pixels so that its centre of mass comes to lie on pixel (14, 14), as far as it stays inside the picture.
    None where nearly nothing is drawn. Raises ValueError naming another shape or type.
    Source: LeCun, Bottou, Bengio & Haffner 1998, III.A.
    """
    if raster.ndim != 2 or raster.shape[0] != raster.shape[1] or not 0 < len(raster) <= MOST_SIDE or raster.dtype != np.uint8:
        raise ValueError(f"a drawing is a square of bytes, not {raster.shape} of {raster.dtype}")
    rows, columns = np.flatnonzero(raster.any(1)), np.flatnonzero(raster.any(0))
    if not len(rows) or max(np.ptp(rows), np.ptp(columns)) + 1 < SMALLEST_SHARE * len(raster):
        return None
    return _placed(_boxed(raster[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]))


def _boxed(ink: np.ndarray) -> np.ndarray:
    """Resized so that the longer side is 20 pixels, float32; at the far edges cells may be covered in part."""
    longest = max(ink.shape)
    down, across = (_averaging(count, longest) for count in ink.shape)
    return down @ ink.astype(np.float32) @ across.T


def _averaging(count: int, longest: int) -> np.ndarray:
    """(cells, count): the share of each of `count` pixels in each cell, 20 cells being as long as `longest` pixels."""
    cells = -(-count * BOX // longest)
    length = longest / BOX
    start = np.arange(cells)[:, None] * length
    pixel = np.arange(count)[None, :]
    overlap = np.minimum(start + length, pixel + 1) - np.maximum(start, pixel)
    return (np.clip(overlap, 0, None) / length).astype(np.float32)


def _placed(box: np.ndarray) -> np.ndarray:
    """The box in an empty picture, its centre of mass within half a pixel of (14, 14) where it fits."""
    mass, picture = float(box.sum()), np.zeros((SIDE, SIDE), np.uint8)
    centres = [float(box.sum(1 - axis) @ np.arange(box.shape[axis])) / mass for axis in (0, 1)]
    top, left = (
        min(max(math.ceil(CENTRE - 0.5 - centre), 0), SIDE - length) for centre, length in zip(centres, box.shape, strict=True)
    )
    picture[top : top + box.shape[0], left : left + box.shape[1]] = np.rint(box).clip(0, 255)
    return picture


def moved(image: np.ndarray, moves: Moves, seed: int = 0) -> np.ndarray:
    """A picture (28, 28) uint8 after `moves`, (28, 28) uint8; what comes in from outside is paper.

    Values between pixels are interpolated bilinearly. The same seed gives the same noise. Raises ValueError naming a move
    that is no finite number; others are taken within `BOUNDS`.
    """
    moves = bounded(moves)
    changed = image.astype(np.float64)
    if moves[:4] != Moves()[:4]:
        changed = _resampled(changed, moves)
    if moves.noise:
        changed = changed + 255 * moves.noise * np.random.default_rng(seed).standard_normal(image.shape)
    return np.rint(changed).clip(0, 255).astype(np.uint8)


def _resampled(image: np.ndarray, moves: Moves) -> np.ndarray:
    """Every pixel looks up where it came from: the moves are undone in reverse order."""
    angle = math.radians(moves.rotation)
    cosine, sine = math.cos(angle) / moves.scale, math.sin(angle) / moves.scale
    y, x = np.mgrid[0:SIDE, 0:SIDE] - _MIDDLE
    x, y = x - moves.shift_x, y - moves.shift_y
    return _between(image, sine * x + cosine * y + _MIDDLE, cosine * x - sine * y + _MIDDLE)


def _between(image: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Values at places (y, x), any shape, interpolated between the four pixels around them; 0 outside."""
    framed = np.pad(image, 1)
    y, x = (np.clip(place + 1, 0, SIDE + 1) for place in (y, x))
    top, left = np.minimum(y.astype(int), SIDE), np.minimum(x.astype(int), SIDE)
    down, right = y - top, x - left
    upper = (1 - right) * framed[top, left] + right * framed[top, left + 1]
    lower = (1 - right) * framed[top + 1, left] + right * framed[top + 1, left + 1]
    return (1 - down) * upper + down * lower
