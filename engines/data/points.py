"""Toy data sets in the plane: the table. Coordinates lie in [-6, 6], targets in [-1, 1]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engines.tables import Entry, Table

DOMAIN = 6.0
REACH = 5.0


class Points(NamedTuple):
    """xy: (n, 2) float32, t: (n,) float32 targets (-1 or 1 for a class, a number in [-1, 1] otherwise)."""

    xy: np.ndarray
    t: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Dataset(Entry):
    """generate(rng, count, noise) -> Points, in random order; noise is 0 to 0.5, 0.5 being hardly readable."""

    generate: Callable[[np.random.Generator, int, float], Points]
    task: str = "classification"


def _classes(count: int) -> np.ndarray:
    return np.where(np.arange(count) % 2 == 0, 1.0, -1.0)


def _done(rng: np.random.Generator, xy: np.ndarray, t: np.ndarray) -> Points:
    order = rng.permutation(len(t))
    inside = np.where(np.abs(xy) > DOMAIN, np.sign(xy) * (2 * DOMAIN - np.abs(xy)), xy)  # mirrored at the edge, not piled up there
    return Points(np.clip(inside, -DOMAIN, DOMAIN)[order].astype(np.float32), t[order].astype(np.float32))


def _circle(rng: np.random.Generator, count: int, noise: float) -> Points:
    t = _classes(count)
    radius = np.where(t > 0, rng.uniform(0, 0.5, count), rng.uniform(0.7, 1.0, count)) * REACH
    angle = rng.uniform(0, 2 * np.pi, count)
    xy = np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1)
    return _done(rng, xy + rng.uniform(-REACH, REACH, (count, 2)) * noise, t)


def _xor(rng: np.random.Generator, count: int, noise: float) -> Points:
    xy = rng.uniform(-REACH, REACH, (count, 2))
    xy = xy + np.sign(xy) * 0.3
    t = np.where(xy[:, 0] * xy[:, 1] >= 0, 1.0, -1.0)
    return _done(rng, xy + rng.uniform(-REACH, REACH, (count, 2)) * noise, t)


def _gaussians(rng: np.random.Generator, count: int, noise: float) -> Points:
    t = _classes(count)
    spread = np.sqrt(0.5 + 7.0 * noise)
    return _done(rng, t[:, None] * 2.0 + rng.standard_normal((count, 2)) * spread, t)


def _spiral(rng: np.random.Generator, count: int, noise: float) -> Points:
    t = _classes(count)
    share = (np.arange(count) // 2) / max(1, (count + 1) // 2)
    angle = 1.75 * share * 2 * np.pi + np.where(t > 0, 0, np.pi)
    xy = np.stack([share * REACH * np.sin(angle), share * REACH * np.cos(angle)], 1)
    return _done(rng, xy + rng.uniform(-1, 1, (count, 2)) * noise, t)


def _moons(rng: np.random.Generator, count: int, noise: float) -> Points:
    t = _classes(count)
    angle = rng.uniform(0, np.pi, count)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], 1)
    lower = np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], 1)
    xy = np.where(t[:, None] > 0, upper, lower) * 3.2
    return _done(rng, xy + rng.standard_normal((count, 2)) * (0.25 + 2.5 * noise), t)


def _checkerboard(rng: np.random.Generator, count: int, noise: float) -> Points:
    xy = rng.uniform(-REACH, REACH, (count, 2))
    cell = np.floor((xy + REACH) / (REACH / 2)).astype(int)
    t = np.where(cell.sum(1) % 2 == 0, 1.0, -1.0)
    return _done(rng, xy + rng.uniform(-REACH, REACH, (count, 2)) * noise * 0.5, t)


def _plane(rng: np.random.Generator, count: int, noise: float) -> Points:
    xy = rng.uniform(-DOMAIN, DOMAIN, (count, 2))
    shaken = xy + rng.uniform(-DOMAIN, DOMAIN, (count, 2)) * noise
    return _done(rng, xy, np.clip(shaken.sum(1) / 10, -1, 1))


_BUMPS = np.array([[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]])


def _bumps(rng: np.random.Generator, count: int, noise: float) -> Points:
    xy = rng.uniform(-DOMAIN, DOMAIN, (count, 2))
    shaken = xy + rng.uniform(-DOMAIN, DOMAIN, (count, 2)) * noise
    distance = np.linalg.norm(shaken[:, None] - _BUMPS[None, :, :2], axis=2)
    height = _BUMPS[None, :, 2] * np.clip(1 - distance / 2, 0, 1)
    strongest = np.abs(height).argmax(1)
    return _done(rng, xy, height[np.arange(count), strongest])


_PLAYGROUND = "TensorFlow Playground (Smilkov & Carter 2016)"

DATASETS: Table[Dataset] = Table(
    "datasets",
    [
        Dataset(key="circle", label="Circle", help="One class inside, one around it.", source=_PLAYGROUND, generate=_circle),
        Dataset(
            key="xor",
            label="XOR",
            help="Opposite corners belong together; no line divides them.",
            source=_PLAYGROUND,
            generate=_xor,
        ),
        Dataset(key="gaussians", label="Gaussians", help="Two clouds; a line is enough.", source=_PLAYGROUND, generate=_gaussians),
        Dataset(
            key="spiral", label="Spiral", help="Two arms around each other: the hard one.", source=_PLAYGROUND, generate=_spiral
        ),
        Dataset(
            key="moons",
            label="Moons",
            help="Two crescents, each reaching into the other.",
            source="scikit-learn make_moons",
            generate=_moons,
        ),
        Dataset(
            key="checkerboard",
            label="Checkerboard",
            help="Four by four fields: sixteen small xors.",
            source="After Ho & Kleinberg 1996",
            generate=_checkerboard,
        ),
        Dataset(
            key="plane",
            label="Plane (regression)",
            help="The target rises evenly from corner to corner.",
            source=_PLAYGROUND,
            generate=_plane,
            task="regression",
        ),
        Dataset(
            key="multi_gaussian",
            label="Multi-Gaussian (regression)",
            help="Three hills and three hollows.",
            source=_PLAYGROUND,
            generate=_bumps,
            task="regression",
        ),
    ],
)
