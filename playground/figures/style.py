"""What all figures share: margins, axes with names and units, clickable places."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK, MAP, mixed

MARKS = {
    "circle": "circle",
    "square": "square",
    "diamond": "diamond",
    "triangle": "triangle-up",
    "cross": "x",
    "star": "star",
}
CLEAR = "rgba(0,0,0,0)"


def styled(figure: go.Figure, x: str, y: str, *, dark: bool, height: int = 420) -> go.Figure:
    """The figure with titled axes (name and unit), no background of its own, and text in the page's colour."""
    ink = INK["dark" if dark else "light"]
    line = mixed(ink, "#888888", 0.5) + "55"
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 12, "t": 12, "b": 48},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"color": ink},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hoverlabel={"namelength": -1},
        dragmode=False,
    )
    figure.update_xaxes(title=x, gridcolor=line, linecolor=line, zeroline=False)
    figure.update_yaxes(title=y, gridcolor=line, linecolor=line, zeroline=False)
    return figure


def map_shades(dark: bool) -> list[tuple[float, str]]:
    """Plotly's colour scale for heights, as the Descent view's map shades them."""
    stops = MAP["dark" if dark else "light"]
    return [(i / (len(stops) - 1), colour) for i, colour in enumerate(stops)]


def share_below(height: np.ndarray) -> np.ndarray:
    """Heights -> 0 to 1: half by height, half by how much of the land lies lower: a steep corner leaves shades for the rest.

    Any shape; not finite where there is no land.
    """
    land = np.unique(height[np.isfinite(height)].astype(np.float64))
    if land.size < 2:
        return np.where(np.isfinite(height), 0.5, np.nan)
    even = (land - land[0]) / (land[-1] - land[0])
    shares = np.interp(height.ravel(), land, 0.5 * even + 0.5 * np.linspace(0, 1, land.size))
    return np.where(np.isfinite(height), shares.reshape(height.shape), np.nan)


def clickable(x: np.ndarray, y: np.ndarray, values: Any, template: str) -> go.Scatter:
    """Unseen marks over a map, which can be clicked: Streamlit reports no clicks on a heatmap itself (its issue 8760).

    x, y: (n,) places. values: (n, k), what the hover text `template` shows as customdata.
    """
    seen = {"size": 14, "color": CLEAR, "line": {"width": 0}}
    return go.Scatter(
        x=x,
        y=y,
        customdata=values,
        mode="markers",
        marker=seen,
        selected={"marker": {"opacity": 0.0}},
        unselected={"marker": {"opacity": 0.0}},
        hovertemplate=template + "<extra></extra>",
        showlegend=False,
    )


def counted_steps(steps: np.ndarray) -> np.ndarray:
    """Steps as floats, nan for 'never' (a negative number, or one that is not finite). Any shape."""
    exact = np.asarray(steps, np.float64)
    return np.where(np.isfinite(exact) & (exact >= 0), exact, np.nan)


def log_ticks(values: np.ndarray, most: int = 8) -> dict[str, Any]:
    """Options of a log axis that shows `values`: ticks at powers of ten only, at most about so many.

    Where fewer than two powers of ten lie between the ends, at 1, 2 and 5 times them. Empty where nothing is positive.
    """
    values = np.asarray(values, np.float64)
    seen = values[np.isfinite(values) & (values > 0)]
    if not len(seen):
        return {}
    low, high = float(np.log10(seen.min())), float(np.log10(seen.max()))
    if np.floor(high) - np.ceil(low) >= 1:
        return {
            "dtick": max(1, int(np.ceil((high - low) / most))),
            "exponentformat": "power",
            "minor": {"ticks": "", "showgrid": False},
        }
    steps = np.array([digit * 10.0**power for power in range(int(np.floor(low)), int(np.ceil(high)) + 1) for digit in (1, 2, 5)])
    return {"tickvals": steps.tolist(), "ticktext": [f"{step:.3g}" for step in steps]}


def powers_of_ten(low: float, high: float) -> tuple[list[float], list[str]]:
    """Places and texts of ticks on an axis that shows log10, from `low` to `high` (both already logarithms)."""
    whole = np.arange(np.ceil(low - 1e-9), np.floor(high + 1e-9) + 1)
    if len(whole) < 3:
        whole = np.array([k + d for k in range(int(np.floor(low)), int(np.ceil(high)) + 1) for d in np.log10([1, 2, 5])])
        whole = whole[(whole >= low - 1e-9) & (whole <= high + 1e-9)]
    return whole.tolist(), [f"{10.0**value:.3g}" for value in whole]
