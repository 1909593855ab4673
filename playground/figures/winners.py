"""Who wins from here: a map of starts in the colour of the runner that is first at the goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from playground.colours import NOBODY, Look, mixed
from playground.figures.contours import Contours
from playground.figures.style import clickable, counted_steps, styled

MOST_CLICKABLE = 50
NOBODY_WORDS = "Nobody gets there"


@dataclass(frozen=True)
class Cast:
    """The runners of a race as figures name and paint them: one name and one look each."""

    names: Sequence[str]
    looks: Sequence[Look]

    def colours(self, dark: bool) -> list[str]:
        """One colour a runner; the second of an optimizer is paler, as areas cannot be dashed."""
        page = "#14171C" if dark else "#FFFFFF"
        return [mixed(look.colour(dark), page, 0.45) if look.dash else look.colour(dark) for look in self.looks]


def shares(winner: np.ndarray, count: int) -> list[float]:
    """The share of starts that each of `count` runners wins, and last that nobody does. winner: (n, n), -1 is nobody."""
    return [float(np.mean(winner == i)) for i in [*range(count), -1]]


def winners_figure(
    x: np.ndarray,
    y: np.ndarray,
    winner: np.ndarray,
    steps: np.ndarray,
    cast: Cast,
    *,
    lines: Contours,
    start: tuple[float, float],
    dark: bool,
) -> go.Figure:
    """x: (nx,), y: (ny,) starts. winner: (ny, nx) index of a runner, -1 nobody. steps: (R, ny, nx) to the goal, negative if never.

    Clickable places carry their x and y.
    """
    colours = [NOBODY["dark" if dark else "light"], *cast.colours(dark)]
    figure = go.Figure()
    figure.add_heatmap(
        x=x, y=y, z=winner + 0.5, zmin=-1, zmax=len(cast.names), colorscale=_bands(colours), showscale=False, hoverinfo="skip"
    )
    figure.add_scatter(**_contour_lines(lines, dark), mode="lines", hoverinfo="skip", showlegend=False)
    _legend(figure, winner, cast, colours)
    figure.add_trace(_places(x, y, winner, steps, cast))
    ring = {"size": 12, "symbol": "circle-open", "color": "#FFFFFF" if dark else "#000000", "line": {"width": 3}}
    figure.add_scatter(x=[start[0]], y=[start[1]], mode="markers", marker=ring, hoverinfo="skip", name="start now", showlegend=True)
    styled(figure, "x of the start", "y of the start", dark=dark, height=520)
    figure.update_xaxes(range=[float(x[0]), float(x[-1])])
    return figure.update_yaxes(range=[float(y[0]), float(y[-1])])


def _bands(colours: list[str]) -> list[tuple[float, str]]:
    """A scale of flat bands, one a colour."""
    count = len(colours)
    return [(edge, colour) for i, colour in enumerate(colours) for edge in (i / count, (i + 1) / count)]


def _contour_lines(lines: Contours, dark: bool) -> dict:
    """All lines as one, with gaps."""
    gap = np.full((1, 2), np.nan)
    joined = [part for line in lines.lines() for part in (line, gap)]
    points = np.concatenate(joined) if joined else gap
    colour = "rgba(255,255,255,0.35)" if dark else "rgba(0,0,0,0.3)"
    return {"x": points[:, 0], "y": points[:, 1], "line": {"width": 0.7, "color": colour}}


def _legend(figure: go.Figure, winner: np.ndarray, cast: Cast, colours: list[str]) -> None:
    """One entry a runner that wins somewhere, the most successful first."""
    won = shares(winner, len(cast.names))
    named = zip(won, [*cast.names, NOBODY_WORDS], [*colours[1:], colours[0]], strict=True)
    for share, name, colour in sorted(named, key=lambda entry: -entry[0]):
        if share > 0:
            mark = {"symbol": "square", "size": 12, "color": colour}
            figure.add_scatter(x=[None], y=[None], mode="markers", marker=mark, name=f"{name} {_per_cent(share)}")


def _per_cent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "<1%"


def _places(x: np.ndarray, y: np.ndarray, winner: np.ndarray, steps: np.ndarray, cast: Cast) -> go.Scatter:
    stride = max(1, -(-max(len(x), len(y)) // MOST_CLICKABLE))
    rows, columns = np.meshgrid(np.arange(0, len(y), stride), np.arange(0, len(x), stride), indexing="ij")
    rows, columns = rows.ravel(), columns.ravel()
    first = winner[rows, columns]
    best = counted_steps(steps[np.maximum(first, 0), rows, columns])
    said = [f"{cast.names[w]}, {s:.0f} steps" if w >= 0 else NOBODY_WORDS for w, s in zip(first, best, strict=True)]
    template = "start (%{x:.3g}, %{y:.3g})<br>%{customdata[0]}<br><i>click to start here</i>"
    return clickable(x[columns], y[rows], [[text] for text in said], template)
