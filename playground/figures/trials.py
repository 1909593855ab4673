"""Pictures of nets trained side by side: a race's curves with the spread of their seeds, and a sweep's map of errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale, unlabel_rgb

from playground.colours import INK, NOBODY, PAGE, looks, mixed
from playground.figures.style import MARKS, clickable, log_ticks, styled
from playground.figures.sweep import THROWN

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_TONES = (("ink", 0.0), ("page", 0.38), ("ink", 0.45), ("page", 0.2), ("ink", 0.25), ("page", 0.5), ("ink", 0.65), ("page", 0.3))
_MOST_MARKS = 6
_STEPS = [digit * 10.0**power for power in range(-2, 3) for digit in (1, 2, 5)]
_AROUND = 180
"""Pixels above and below the cells: marks, titles, colours."""
_CELL_REACH = 60
"""Pixels from a cell's middle within which a click is meant for it."""
_BRIGHTNESS, _MIDDLE = (0.299, 0.587, 0.114), 120
"""How bright red, green and blue seem, of 255 (ITU-R BT.601), and from where on black is read more easily than white."""
MARKED = {"diverged": "×", "impossible": "–"}
IMPOSSIBLE = {"light": "#B9BFC9", "dark": "#4A5261"}


class Curve(NamedTuple):
    """One contestant. optimizer: its key, which says the colour. x, mean, low, high: (k,), as `engines.trials.score.Band`."""

    label: str
    optimizer: str
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Stroke(NamedTuple):
    """How a curve is drawn."""

    colour: str
    dash: str
    mark: str


def strokes(optimizers: Sequence[str], dark: bool) -> list[Stroke]:
    """A stroke a contestant: its optimizer's own colour; further ones of the same optimizer are toned and dashed."""
    theme = "dark" if dark else "light"
    seen: dict[str, int] = {}
    found = []
    for key, look in zip(optimizers, looks(optimizers), strict=True):
        n = seen[key] = seen.get(key, -1) + 1
        towards, share = _TONES[n % len(_TONES)]
        ground = INK[theme] if towards == "ink" else PAGE[theme]
        found.append(Stroke(mixed(look.colour(dark), ground, share), _DASHES[n % len(_DASHES)], MARKS[look.mark]))
    return found


def race_figure(curves: Sequence[Curve], x: str, y: str, *, dark: bool, height: int = 440) -> go.Figure:
    """A line a contestant, the mean of its seeds, in a band from the least to the greatest. y is logarithmic; x, y: axis titles."""
    figure = go.Figure()
    drawn = strokes([curve.optimizer for curve in curves], dark)
    for curve, stroke in zip(curves, drawn, strict=True):
        if (curve.high > curve.low).any():
            figure.add_trace(_band(curve, stroke))
    for curve, stroke in zip(curves, drawn, strict=True):
        figure.add_trace(_line(curve, stroke, y))
    styled(figure, x, y, dark=dark, height=height)
    figure.update_layout(uirevision="race", hovermode="closest")
    figure.update_xaxes(rangemode="tozero")
    return figure.update_yaxes(type="log", **log_ticks(np.concatenate([np.zeros(0), *(curve.mean for curve in curves)])))


def _positive(values: np.ndarray) -> np.ndarray:
    """What a logarithmic axis can show; gaps elsewhere."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _band(curve: Curve, stroke: Stroke) -> go.Scatter:
    there = np.isfinite(_positive(curve.low)) & np.isfinite(_positive(curve.high))
    x, low, high = curve.x[there], curve.low[there], curve.high[there]
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=stroke.colour + "30",
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=curve.label,
    )


def _line(curve: Curve, stroke: Stroke, y: str) -> go.Scatter:
    text = [_range(*values) for values in zip(curve.mean, curve.low, curve.high, strict=True)]
    return go.Scatter(
        x=curve.x,
        y=_positive(curve.mean),
        customdata=text,
        mode="lines+markers",
        line={"color": stroke.colour, "width": 2.4, "dash": stroke.dash},
        marker={"symbol": stroke.mark, "size": 8, "color": stroke.colour, "maxdisplayed": _MOST_MARKS},
        name=curve.label,
        legendgroup=curve.label,
        hovertemplate=f"{y}: %{{customdata}}<br>at %{{x:,.4~g}}",
    )


def _range(mean: float, low: float, high: float) -> str:
    return f"{mean:.3g}" if low == high else f"{mean:.3g} ({low:.3g} to {high:.3g})"


# ---- the map


class Side(NamedTuple):
    """A side of the map: what is varied, and the text of each value."""

    title: str
    texts: Sequence[str]


def map_figure(
    across: Side,
    up: Side,
    mean: np.ndarray,
    status: np.ndarray,
    said: np.ndarray,
    *,
    best: tuple[int, int] | None,
    now: tuple[int, int] | None,
    chosen: tuple[int, int] | None,
    dark: bool,
) -> go.Figure:
    """mean: (B, A) test errors in %, nan where there is none. status: (B, A) as `engines.trials.sweep.Cells`. said: (B, A) words.

    Rows are values of `up`, from below. best, now, chosen: cells (row, column) to be marked. Clickable places carry row and column.
    """
    theme = "dark" if dark else "light"
    figure = go.Figure()
    _ground(figure, status, theme)
    inks = _heat(figure, mean, status, theme)
    for cell, mark, name, size in (
        (now, "circle-open", "as it is now", 40),
        (best, "star", "best", 13),
        (chosen, "square-open", "chosen", 42),
    ):
        if cell is not None:
            _mark(figure, cell, mark, name, size, (inks[cell], INK[theme]))
    rows, columns = (part.ravel() for part in np.indices(mean.shape))
    values = [[str(said[r, c]), int(r), int(c)] for r, c in zip(rows, columns, strict=True)]
    figure.add_trace(clickable(columns, rows, values, "%{customdata[0]}"))
    styled(figure, across.title, up.title, dark=dark, height=_AROUND + 46 * max(4, len(up.texts)))
    figure.update_layout(hoverdistance=_CELL_REACH, legend_itemsizing="constant", margin_b=100)
    figure.update_xaxes(**_ticks(across.texts), showgrid=False)
    return figure.update_yaxes(**_ticks(up.texts), showgrid=False)


def _ticks(texts: Sequence[str]) -> dict[str, Any]:
    places = list(range(len(texts)))
    return {"tickvals": places, "ticktext": list(texts), "range": [-0.5, len(texts) - 0.5], "automargin": True}


def _ground(figure: go.Figure, status: np.ndarray, theme: str) -> None:
    """Flat colours for cells without an error: not there yet, diverged, impossible; with a sign, so that colour is not needed."""
    kinds = np.select([status == "diverged", status == "impossible"], [1.0, 2.0], 0.0)
    shades = (NOBODY[theme], THROWN[theme], IMPOSSIBLE[theme])
    scale = [(edge / 3, shade) for i, shade in enumerate(shades) for edge in (i, i + 1)]
    figure.add_heatmap(
        z=kinds,
        zmin=-0.5,
        zmax=2.5,
        colorscale=scale,
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
        text=[[MARKED.get(str(s), "") for s in row] for row in status],
        texttemplate="%{text}",
        textfont={"size": 18},
    )
    for key, shade in (("diverged", THROWN[theme]), ("impossible", IMPOSSIBLE[theme])):
        if (status == key).any():
            square = {"symbol": "square", "size": 12, "color": shade}
            figure.add_scatter(x=[None], y=[None], mode="markers", marker=square, name=f"{MARKED[key]} {key}")


def _heat(figure: go.Figure, mean: np.ndarray, status: np.ndarray, theme: str) -> np.ndarray:
    """Errors on a logarithmic scale, with their numbers in the cells. Returns the colour (B, A) to write with in each cell."""
    known = np.where((status == "done") & np.isfinite(mean), np.maximum(mean, 0.01), np.nan)
    seen = np.log10(known[np.isfinite(known)])
    low, high = (float(seen.min()), max(float(seen.max()), float(seen.min()) + 0.1)) if seen.size else (0.0, 2.0)
    ticks = [step for step in _STEPS if low - 0.01 <= np.log10(step) <= high + 0.01]
    bar = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"}
    figure.add_heatmap(
        z=np.log10(known),
        zmin=low,
        zmax=high,
        colorscale="Cividis",
        reversescale=True,
        colorbar=bar | {"tickvals": np.log10(ticks).tolist(), "ticktext": [f"{t:g} % wrong" for t in ticks], "thickness": 8},
        showscale=bool(seen.size),
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )
    inks = _inks(np.log10(known), low, high, theme)
    rows, columns = np.nonzero(np.isfinite(known))
    text = {"color": inks[rows, columns].tolist(), "size": 14}
    words = [f"{v:.3g}" for v in known[rows, columns]]
    figure.add_scatter(x=columns, y=rows, mode="text", text=words, textfont=text, hoverinfo="skip", showlegend=False)
    return inks


def _inks(values: np.ndarray, low: float, high: float, theme: str) -> np.ndarray:
    """Black or white, whichever is read more easily on a cell's colour; the page's ink where there is no value."""
    inks = np.full(values.shape, INK[theme], dtype=object)
    for cell in zip(*np.nonzero(np.isfinite(values)), strict=True):
        (ground,) = sample_colorscale("Cividis", [float(np.clip((high - values[cell]) / (high - low), 0, 1))])
        inks[cell] = "#000000" if np.dot(unlabel_rgb(ground), _BRIGHTNESS) > _MIDDLE else "#FFFFFF"
    return inks


def _mark(figure: go.Figure, cell: tuple[int, int], symbol: str, name: str, size: int, inks: tuple[str, str]) -> None:
    """A mark in its cell and, in the page's ink, in the legend. inks: of the cell and of the page."""
    row, column = cell
    y = row + 0.32 if symbol == "star" else row
    for at, ink, listed in (([column], inks[0], False), ([None], inks[1], True)):
        marker = {"symbol": symbol, "size": size, "color": ink, "line": {"width": 2.5, "color": ink}}
        up = [y] if at[0] is not None else [None]
        figure.add_scatter(x=at, y=up, mode="markers", marker=marker, name=name, showlegend=listed, hoverinfo="skip")
