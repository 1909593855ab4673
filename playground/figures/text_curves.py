"""Curves of recurrent cells: gradients against the lag, success at a task, a race of text nets. Each cell keeps one colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK, PAGE, mixed
from playground.figures.style import styled

CELL_COLOURS = {
    "rnn": ("#8C6D00", "#E8C04A"),
    "gru": ("#00806B", "#3CCFAE"),
    "lstm": ("#5B3FBF", "#AE99FF"),
    "transformer": ("#54606E", "#AEB8C2"),
}
CELL_MARKS = {"rnn": "square", "gru": "triangle-up", "lstm": "circle", "transformer": "diamond"}
_DASHES = ("solid", "dash", "dot", "dashdot")
SMALLEST = 1e-12
"""Norms below this are drawn here: nothing arrives any more."""


class Line(NamedTuple):
    """One net. x, y: (k,). wide: it is the visitor's own. dash: 1, 2 for further lines of a cell."""

    label: str
    cell: str
    x: np.ndarray
    y: np.ndarray
    wide: bool = False
    dash: int = 0


def cell_colour(cell: str, dark: bool) -> str:
    """The cell's own colour."""
    return CELL_COLOURS[cell][dark]


def _drawn(line: Line, dark: bool, hover: str) -> go.Scatter:
    colour = cell_colour(line.cell, dark)
    colour = mixed(colour, PAGE["dark" if dark else "light"], 0.35) if line.dash % 2 and not line.wide else colour
    return go.Scatter(
        x=line.x,
        y=line.y,
        mode="lines+markers",
        name=line.label,
        line={"color": colour, "width": 4 if line.wide else 2, "dash": _DASHES[line.dash % len(_DASHES)]},
        marker={"symbol": CELL_MARKS[line.cell], "size": 9 if line.wide else 7, "maxdisplayed": 7},
        hovertemplate=hover,
    )


def reach_figure(lines: Sequence[Line], *, dark: bool, height: int = 400) -> go.Figure:
    """Norms of the gradient, logarithmic, against characters back."""
    figure = go.Figure([_drawn(_floored(line), dark, "%{y:.3~g} after %{x} characters back") for line in lines])
    styled(figure, "lag, characters back", "norm of the gradient", dark=dark, height=height)
    values = np.concatenate([np.zeros(0), *(line.y for line in lines)])
    seen = np.log10(np.maximum(values[np.isfinite(values) & (values > 0)], SMALLEST)) if len(values) else np.zeros(0)
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (-3.0, 0.0)
    edges = [np.floor(low - 0.05), np.ceil(high + 0.05)]
    return figure.update_yaxes(type="log", range=edges, exponentformat="power", dtick=max(1, round((edges[1] - edges[0]) / 8)))


def _floored(line: Line) -> Line:
    y = np.where(np.isfinite(line.y), np.maximum(line.y, SMALLEST), np.nan)
    return line._replace(y=y)


def success_figure(
    lines: Sequence[Line], chance: float, *, dark: bool, x: str = "steps of 32 examples", height: int = 380
) -> go.Figure:
    """Shares of right answers, in %, and the level of those who only guess. y of lines: 0 to 1."""
    shown = [line._replace(y=100 * line.y) for line in lines]
    figure = go.Figure([_drawn(line, dark, "%{y:.1f} % right after %{x:,.4~g}") for line in shown])
    ink = INK["dark" if dark else "light"]
    figure.add_hline(y=100 * chance, line={"color": ink, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=1, xref="paper", y=100 * chance, yshift=9, text=f"guessing: {100 * chance:.3g} %", showarrow=False, xanchor="right"
    )
    styled(figure, x, "answers right, %", dark=dark, height=height)
    figure.update_xaxes(rangemode="tozero")
    return figure.update_yaxes(range=[0, 104])


def loss_figure(lines: Sequence[Line], levels: dict[str, float], x: str, *, dark: bool, height: int = 420) -> go.Figure:
    """Validation losses in nats a character, with thin labelled lines at `levels`."""
    figure = go.Figure([_drawn(line, dark, "%{y:.3f} nats at %{x:,.4~g}") for line in lines])
    ink = mixed(INK["dark" if dark else "light"], "#888888", 0.4)
    for name, level in levels.items():
        figure.add_hline(y=level, line={"color": ink, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=1, xref="paper", y=level, yshift=8, text=f"{name}: {level:.2f}", showarrow=False, xanchor="right", font={"size": 11}
        )
    styled(figure, x, "validation loss, nats a character", dark=dark, height=height)
    figure.update_layout(uirevision="text-race")
    return figure.update_xaxes(rangemode="tozero")


def axis_of(seconds: bool) -> str:
    """The title of a race's x axis."""
    return "seconds of the net's own training" if seconds else "characters learned from"


def legend_of(lines: Sequence[Line]) -> dict[str, Any]:
    """label -> last y, for sentences beside a figure."""
    return {line.label: float(line.y[-1]) for line in lines if len(line.y)}
