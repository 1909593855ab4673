"""The race as an SVG file: contour lines, trails with their marks, level places, axes, and who is who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import cos, pi, sin
from typing import Any

import numpy as np

from playground.colours import INK, PAGE, mixed
from playground.figures.contours import Contours
from playground.figures.winners import Cast

SIDE, LEFT, TOP, BOTTOM, KEY_WIDTH = 640, 62, 44, 52, 320
MOST_POINTS = 600
LOW, HIGH = "#2B6CB0", "#C9B58B"


@dataclass(frozen=True)
class Picture:
    """What is drawn. domain: x low, x high, y low, y high. position: (N, T + 1, 2). runner: (N,) index into the cast.

    stationary: objects with x, y, kind, lowest. said: one line for each runner, beside its name.
    """

    title: str
    domain: tuple[float, float, float, float]
    names: tuple[str, str]
    lines: Contours
    stationary: Sequence[Any]
    position: np.ndarray
    runner: np.ndarray
    cast: Cast
    said: Sequence[str]


def race_svg(picture: Picture, *, dark: bool = False) -> str:
    """The picture as the text of an SVG file, readable on its own."""
    theme = "dark" if dark else "light"
    ink, page = INK[theme], PAGE[theme]
    width, height = LEFT + SIDE + KEY_WIDTH, TOP + SIDE + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="13" fill="{ink}" color="{ink}" role="img">',
        f"<title>{escape(picture.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{page}"/>',
        f'<text x="{LEFT}" y="28" font-size="17" font-weight="bold">{escape(picture.title)}</text>',
        f'<clipPath id="map"><rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}"/></clipPath>',
        '<g clip-path="url(#map)">',
        *_contours(picture, ink, page),
        *_level_places(picture, ink),
        *_trails(picture, dark, page),
        "</g>",
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{ink}"/>',
        *_axes(picture),
        *_key(picture, dark, ink),
        "</svg>",
    ]
    return "\n".join(parts)


def _to_map(picture: Picture, points: np.ndarray) -> np.ndarray:
    """Places (..., 2) -> pixels; y upwards becomes y downwards."""
    left, right, low, high = picture.domain
    x = LEFT + (points[..., 0] - left) / (right - left) * SIDE
    y = TOP + (high - points[..., 1]) / (high - low) * SIDE
    return np.stack([x, y], -1)


def _line(points: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _contours(picture: Picture, ink: str, page: str) -> list[str]:
    ranks = {float(np.float32(level)): i for i, level in enumerate(picture.lines.levels)}
    top = max(1, len(ranks) - 1)
    drawn = []
    for line, level in zip(picture.lines.lines(), picture.lines.level, strict=True):
        colour = mixed(mixed(LOW, HIGH, ranks.get(float(level), 0) / top), page, 0.25)
        drawn.append(f'<polyline points="{_line(_to_map(picture, line))}" fill="none" stroke="{colour}" stroke-width="0.9"/>')
    return drawn


def _level_places(picture: Picture, ink: str) -> list[str]:
    """A cross on each saddle, a ring on each minimum (two on the lowest), a small triangle on each maximum."""
    drawn = []
    for point in picture.stationary:
        x, y = _to_map(picture, np.array([point.x, point.y]))
        rings = {"minimum": (5, 9) if point.lowest else (5,)}.get(point.kind, ())
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="none" stroke="{ink}"/>' for r in rings]
        if point.kind == "saddle":
            drawn.append(f'<path d="M{x - 5:.1f},{y - 5:.1f}l10,10m0,-10l-10,10" stroke="{ink}"/>')
        if point.kind == "maximum":
            drawn.append(f'<polygon points="{_line(_polygon(x, y, 5, 3, -pi / 2))}" fill="none" stroke="{ink}"/>')
    return drawn


def _trails(picture: Picture, dark: bool, page: str) -> list[str]:
    drawn, ends = [], []
    for path, runner in zip(picture.position, picture.runner, strict=True):
        look = picture.cast.looks[runner]
        points = _to_map(picture, _fewer(path))
        style = f'stroke="{look.colour(dark)}" stroke-width="2"' + (' stroke-dasharray="6 4"' if look.dash else "")
        drawn.append(f'<polyline points="{_line(points)}" fill="none" stroke-linejoin="round" {style}/>')
        ends.append(mark(look.mark, *points[-1], 6, look.colour(dark), page))
    starts = np.unique(_to_map(picture, picture.position[:, 0]).round(1), axis=0)
    rings = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{page}" stroke="currentColor" stroke-width="2"/>' for x, y in starts]
    return [*drawn, *rings, *ends]


def _fewer(path: np.ndarray) -> np.ndarray:
    """At most `MOST_POINTS` of a path's places, the last among them, without those where it stands still."""
    moving = np.flatnonzero(np.any(np.diff(path, axis=0) != 0, axis=1))
    path = path[: moving[-1] + 2] if moving.size else path[:1]
    every = -(-len(path) // MOST_POINTS)
    return np.concatenate([path[::every], path[-1:]])


def _polygon(x: float, y: float, radius: float, corners: int, turn: float, inner: float = 1.0) -> np.ndarray:
    """Corners of a regular polygon; every second one at `inner` of the radius."""
    angles = [turn + 2 * pi * i / corners for i in range(corners)]
    reach = [radius * (inner if i % 2 else 1.0) for i in range(corners)]
    return np.array([(x + r * cos(a), y + r * sin(a)) for a, r in zip(angles, reach, strict=True)])


def mark(name: str, x: float, y: float, size: float, colour: str, edge: str) -> str:
    """A runner's mark as an SVG element, centred on (x, y) px, `size` px from the centre to its edge."""
    style = f'fill="{colour}" stroke="{edge}"'
    if name == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" {style}/>'
    shapes = {
        "square": (size * 1.2, 4, pi / 4, 1.0),
        "diamond": (size * 1.3, 4, 0.0, 1.0),
        "triangle": (size * 1.3, 3, -pi / 2, 1.0),
        "cross": (size * 1.3, 8, pi / 4, 0.35),
        "star": (size * 1.4, 10, -pi / 2, 0.45),
    }
    return f'<polygon points="{_line(_polygon(x, y, *shapes[name]))}" {style}/>'


def _axes(picture: Picture) -> list[str]:
    left, right, low, high = picture.domain
    bottom = TOP + SIDE
    drawn = []
    for value in _ticks(left, right):
        x = _to_map(picture, np.array([value, low]))[0]
        drawn.append(f'<path d="M{x:.1f},{bottom}v5" stroke="currentColor"/>')
        drawn.append(f'<text x="{x:.1f}" y="{bottom + 19}" text-anchor="middle">{_number(value)}</text>')
    for value in _ticks(low, high):
        y = _to_map(picture, np.array([left, value]))[1]
        drawn.append(f'<path d="M{LEFT},{y:.1f}h-5" stroke="currentColor"/>')
        drawn.append(f'<text x="{LEFT - 9}" y="{y + 4:.1f}" text-anchor="end">{_number(value)}</text>')
    across, up = (escape(name) for name in picture.names)
    drawn.append(f'<text x="{LEFT + SIDE / 2}" y="{bottom + 40}" text-anchor="middle" font-style="italic">{across}</text>')
    turn = f"translate(16,{TOP + SIDE / 2}) rotate(-90)"
    return [*drawn, f'<text transform="{turn}" text-anchor="middle" font-style="italic">{up}</text>']


def _ticks(low: float, high: float) -> list[float]:
    """About six round values within [low, high]."""
    raw = (high - low) / 6
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(part * power for part in (1, 2, 5, 10) if part * power >= raw * 0.999)
    return [round(k * step, 10) for k in range(int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9)) + 1)]


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _key(picture: Picture, dark: bool, ink: str) -> list[str]:
    x, drawn = LEFT + SIDE + 22, []
    for i, (name, look, said) in enumerate(zip(picture.cast.names, picture.cast.looks, picture.said, strict=True)):
        y = TOP + 12 + 38 * i if len(picture.said) <= 17 else TOP + 8 + 26 * i
        drawn.append(mark(look.mark, x, y, 6, look.colour(dark), "none"))
        drawn.append(f'<text x="{x + 14}" y="{y + 4}">{escape(name)}</text>')
        if len(picture.said) <= 17:
            drawn.append(f'<text x="{x + 14}" y="{y + 18}" font-size="10.5" fill-opacity="0.75">{escape(said[:58])}</text>')
    return drawn
