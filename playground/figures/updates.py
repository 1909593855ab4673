"""The cost on the way through many updates."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from playground.colours import POSITIVE
from playground.figures.style import log_ticks, styled

MOST_POINTS = 600
LOG_FROM = 100


def updates_figure(costs: np.ndarray, *, dark: bool) -> go.Figure:
    """costs: (updates + 1,) before each update and at the end; what is not finite is left out.

    The cost stands on a log axis; so do the updates where there are more than a hundred, the first at 1.
    """
    at = places(len(costs))
    shown = np.where(np.isfinite(costs[at]) & (costs[at] > 0), costs[at], np.nan)
    long = len(costs) - 1 > LOG_FROM
    figure = go.Figure()
    figure.add_scatter(
        x=at,
        y=shown,
        mode="lines+markers" if len(at) <= 12 else "lines",
        line={"color": POSITIVE, "width": 2},
        hovertemplate="after %{x:,} updates: %{y:.4g}<extra></extra>",
        showlegend=False,
    )
    styled(figure, "updates", "cost", dark=dark, height=320)
    figure.update_xaxes(type="log" if long else "linear", dtick=1 if long or len(at) <= 12 else None)
    return figure.update_yaxes(type="log", **log_ticks(shown))


def places(count: int) -> np.ndarray:
    """Which of `count` values are drawn: all of a few, else some at equal distances on a log axis; always first and last."""
    if count <= MOST_POINTS:
        return np.arange(count)
    return np.unique(np.concatenate([[0], np.geomspace(1, count - 1, MOST_POINTS).round()]).astype(int))
