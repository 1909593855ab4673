"""A grid of learning rates and momenta, coloured by how soon the goal is reached."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK, NOBODY
from playground.figures.style import clickable, counted_steps, powers_of_ten, styled

THROWN = {"light": "#B3475A", "dark": "#8E3A4A"}
STATUS_WORDS = {
    "goal": "at the goal",
    "side_valley": "in another valley",
    "over_the_edge": "over the edge",
    "saddle": "stuck at a saddle",
    "flat": "stuck on flat ground",
    "thrown": "thrown off the mountain",
    "going": "still on the way",
}


def sweep_figure(
    rates: np.ndarray,
    momenta: np.ndarray,
    steps: np.ndarray,
    status: np.ndarray,
    *,
    boundary: np.ndarray | None,
    now: tuple[float, float],
    across: str,
    limit: int,
    dark: bool,
) -> go.Figure:
    """rates: (n,), on a log axis. momenta: (m,), or another setting, named `across`. steps: (m, n) to the goal, negative if never.

    status: (m, n) keys of STATUS_WORDS. boundary: (m,) the largest stable rate for each momentum, or None. now: rate and momentum
    of the race. Clickable places carry row and column.
    """
    at, steps, theme = np.log10(rates), counted_steps(steps), "dark" if dark else "light"
    figure = go.Figure()
    _ground_layer(figure, at, momenta, status, theme)
    figure.add_heatmap(
        x=at,
        y=momenta,
        z=np.where(np.isfinite(steps), np.log10(np.maximum(steps, 1)), np.nan),
        hoverinfo="skip",
        **_scale(steps, limit),
    )
    if boundary is not None:
        line = {"color": INK[theme], "width": 2.5, "dash": "dash"}
        figure.add_scatter(
            x=np.log10(boundary), y=momenta, mode="lines", line=line, name="largest stable rate, theory", hoverinfo="skip"
        )
    figure.add_trace(_places(at, momenta, steps, status, across))
    ring = {"size": 13, "symbol": "circle-open", "color": INK[theme], "line": {"width": 3}}
    figure.add_scatter(x=[np.log10(now[0])], y=[now[1]], mode="markers", marker=ring, name="in the race now", hoverinfo="skip")
    styled(figure, "learning rate", across, dark=dark, height=480)
    places, texts = powers_of_ten(float(at.min()), float(at.max()))
    figure.update_xaxes(tickvals=places, ticktext=texts, range=_edges(at))
    return figure.update_yaxes(range=_edges(momenta))


def _edges(values: np.ndarray) -> list[float]:
    """An axis that ends half a cell outside the first and last value."""
    half = (values[-1] - values[0]) / (len(values) - 1) / 2 if len(values) > 1 else 0.5
    return [float(values[0] - half), float(values[-1] + half)]


def _ground_layer(figure: go.Figure, at: np.ndarray, momenta: np.ndarray, status: np.ndarray, theme: str) -> None:
    """Flat colours under the map, for who never arrives: thrown off, or not there yet."""
    thrown = np.where(status == "thrown", 1.0, 0.0)
    scale = [(0.0, NOBODY[theme]), (0.5, NOBODY[theme]), (0.5, THROWN[theme]), (1.0, THROWN[theme])]
    figure.add_heatmap(x=at, y=momenta, z=thrown, zmin=0, zmax=1, colorscale=scale, showscale=False, hoverinfo="skip")
    for words, colour, there in (("thrown off", THROWN[theme], thrown.any()), ("not there", NOBODY[theme], not thrown.all())):
        if there:
            mark = {"symbol": "square", "size": 12, "color": colour}
            figure.add_scatter(x=[None], y=[None], mode="markers", marker=mark, name=words)


def _scale(steps: np.ndarray, limit: int) -> dict:
    known = steps[np.isfinite(steps)]
    low, high = (
        (float(np.log10(max(1.0, known.min()))), float(np.log10(max(2.0, known.max())))) if known.size else (0.0, np.log10(limit))
    )
    places, texts = powers_of_ten(low, max(high, low + 0.1))
    bar = {"title": "steps to the goal", "tickvals": places, "ticktext": texts, "thickness": 12}
    return {"zmin": low, "zmax": max(high, low + 0.1), "colorscale": "Cividis", "reversescale": True, "colorbar": bar}


def _places(at: np.ndarray, momenta: np.ndarray, steps: np.ndarray, status: np.ndarray, across: str) -> go.Scatter:
    rows, columns = (part.ravel() for part in np.indices(steps.shape))
    said = [_said(steps[r, c], status[r, c]) for r, c in zip(rows, columns, strict=True)]
    values = [[text, f"{10 ** at[c]:.3g}", int(r), int(c)] for text, r, c in zip(said, rows, columns, strict=True)]
    template = f"rate %{{customdata[1]}}, {across.lower()} %{{y:.3g}}<br>%{{customdata[0]}}<br><i>click to race this</i>"
    return clickable(at[columns], momenta[rows], values, template)


def _said(steps: float, status: str) -> str:
    return f"{steps:.0f} steps to the goal" if np.isfinite(steps) else STATUS_WORDS.get(str(status), str(status))


def counted(status: np.ndarray) -> Sequence[tuple[str, int]]:
    """How many cells there are of each status, in words, the most first."""
    keys, counts = np.unique(status, return_counts=True)
    return sorted(
        ((STATUS_WORDS.get(str(k), str(k)), int(n)) for k, n in zip(keys, counts, strict=True)), key=lambda pair: -pair[1]
    )
