"""A small convolution to play with: inputs, kernels, and the map that the engine's own convolution makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engines.lazy import jax
from engines.nets.layers import windows
from engines.tables import Entry, Table

SIDES, SIZES, PADDINGS, STRIDES = (5, 12), (1, 5), (0, 4), (1, 4)
"""Smallest and largest side of an input, side of a kernel, padding and stride."""


@dataclass(frozen=True, kw_only=True)
class Kernel(Entry):
    """A filter worth knowing. values: rows of a square."""

    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Pattern(Entry):
    """An input to slide over. draw: (rows (side, 1), columns (1, side), side) -> values (side, side), 0 paper to 1 ink."""

    draw: Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def places(side: int, size: int, padding: int, stride: int) -> int:
    """How many places a window of `size` has along `side`: floor((side + 2 padding - size) / stride) + 1.

    Raises ValueError with a sentence where it has none. Source: Dumoulin & Visin 2016, relationship 6.
    """
    room = side + 2 * padding
    if size > room:
        raise ValueError(f"a window of {size} x {size} does not fit into {room} x {room}; add padding or take a smaller kernel")
    return (room - size) // stride + 1


def slide(image: np.ndarray, kernel: np.ndarray, padding: int, stride: int) -> np.ndarray:
    """The map (places, places) float32 of one kernel (size, size) over image (side, side), zeros around, by the engine's layer.

    As in every net the kernel is not turned around first: what mathematics calls cross-correlation. Raises ValueError where the
    window fits nowhere, or where image, kernel or padding are larger than the sandbox.
    """
    side, size = len(image), len(kernel)
    many = places(side, size, padding, stride)
    for name, value, most in (("image", side, SIDES[1]), ("kernel", size, SIZES[1]), ("padding", padding, PADDINGS[1])):
        if value > most:
            raise ValueError(f"{name} {value} is larger than the sandbox, which takes up to {most}")
    ground = np.zeros((1, _GROUND, _GROUND, 1), np.float32)
    ground[0, padding : padding + side, padding : padding + side, 0] = image
    weights = np.zeros((SIZES[1], SIZES[1]), np.float32)
    weights[:size, :size] = kernel
    whole = np.asarray(_convolved()(ground, weights.reshape(-1, 1)))[0, :, :, 0]
    return whole[: (many - 1) * stride + 1 : stride, : (many - 1) * stride + 1 : stride]


_GROUND = SIDES[1] + 2 * PADDINGS[1] + SIZES[1] - 1


@lru_cache(maxsize=1)
def _convolved() -> Callable[[np.ndarray, np.ndarray], Any]:
    """The layer's convolution over a ground that holds every input with its padding: compiled once, whatever the sizes."""
    return jax.jit(lambda x, w: windows.convolve(x, w, SIZES[1], 1, 0))


def patch(digit: np.ndarray, side: int) -> np.ndarray:
    """The (side, side) of digit (28, 28) uint8 around the middle of its ink, 0 paper to 1 ink, in hundredths."""
    ink = digit.astype(np.float64)
    weight = ink.sum() or 1.0
    middle = [float((ink.sum(axis) * np.arange(len(ink))).sum() / weight) for axis in (1, 0)]
    top, left = (int(np.clip(round(at - side / 2), 0, len(ink) - side)) for at in middle)
    return np.round(ink[top : top + side, left : left + side] / 255, 2)


def _kernel(key: str, label: str, help: str, source: str, *rows: tuple[float, ...], over: float = 1) -> Kernel:
    values = tuple(tuple(value / over for value in row) for row in rows)
    return Kernel(key=key, label=label, help=help, source=source, values=values)


_BOOK = "Gonzalez & Woods 2018, chapter 3"
KERNELS: Table[Kernel] = Table(
    "kernels",
    [
        _kernel("upright", "Upright edges", "Left against right: answers where it gets darker from left to right.",
                "Prewitt 1970", (-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
        _kernel("lying", "Lying edges", "Above against below.", "Prewitt 1970", (-1, -1, -1), (0, 0, 0), (1, 1, 1)),
        _kernel("sobel", "Sobel", "Upright edges, the middle row counting double.", "Sobel & Feldman 1968",
                (-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        _kernel("outline", "Outline", "The middle against all around: 0 wherever nothing changes.", _BOOK,
                (-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
        _kernel("blur", "Blur", "The mean of nine: fine detail goes.", _BOOK, (1, 1, 1), (1, 1, 1), (1, 1, 1), over=9),
        _kernel("gauss", "Soft blur", "A mean that counts the middle most.", _BOOK, (1, 2, 1), (2, 4, 2), (1, 2, 1), over=16),
        _kernel("sharpen", "Sharpen", "The middle, and how it differs from its neighbours.", _BOOK,
                (0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        _kernel("emboss", "Emboss", "Light from one corner: slopes look raised.", _BOOK, (-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        _kernel("same", "Nothing", "Only the middle counts: the map is the input.", _BOOK, (0, 0, 0), (0, 1, 0), (0, 0, 0)),
    ],
)  # fmt: skip


def _pattern(key: str, label: str, help: str, draw: Callable[[np.ndarray, np.ndarray, int], np.ndarray]) -> Pattern:
    return Pattern(key=key, label=label, help=help, source="Drawn for this page", draw=draw)


PATTERNS: Table[Pattern] = Table(
    "patterns",
    [
        _pattern("edge", "An edge", "Paper on the left, ink on the right.", lambda y, x, n: (x >= n // 2) + 0 * y),
        _pattern("box", "A box", "Four edges and four corners.",
                 lambda y, x, n: (abs(2 * y - n + 1) < n - 3) & (abs(2 * x - n + 1) < n - 3)),
        _pattern("slash", "A slash", "One line from corner to corner.", lambda y, x, n: y + x == n - 1),
        _pattern("cross", "A cross", "One upright and one lying stroke.", lambda y, x, n: (y == n // 2) | (x == n // 2)),
        _pattern("dot", "A dot", "A single pixel: the map shows the kernel, turned around.",
                 lambda y, x, n: (y == n // 2) & (x == n // 2)),
        _pattern("ramp", "A ramp", "Ever more ink to the right.", lambda y, x, n: x / (n - 1) + 0 * y),
        _pattern("empty", "Empty", "Paper to paint on.", lambda y, x, n: 0 * (y + x)),
    ],
)  # fmt: skip


def drawn(key: str, side: int) -> np.ndarray:
    """The pattern `key` as values (side, side), 0 paper to 1 ink, in hundredths."""
    y, x = np.arange(side)[:, None], np.arange(side)[None, :]
    return np.round(PATTERNS[key].draw(y, x, side).astype(np.float64), 2)
