"""How many steps it takes to leave a saddle, against the distance one starts at."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK
from playground.figures.style import MARKS, counted_steps, powers_of_ten, styled
from playground.figures.winners import Cast

THEORY_WORDS = "Gradient descent, theory: ln(r/d) / ln(1 + η|λ|)"


def escape_figure(
    distances: np.ndarray, steps: np.ndarray, theory: np.ndarray | None, cast: Cast, *, limit: int, dark: bool
) -> go.Figure:
    """distances: (D,) from the saddle, in the terrain's units. steps: (R, D, S) to leave its neighbourhood, negative if never.

    theory: (D,) for plain gradient descent, or None. A line is the median over the S starts, its band the range; who never leaves
    within `limit` steps has no point there.
    """
    at, steps = np.log10(distances), counted_steps(steps)
    figure = go.Figure()
    for i, name in enumerate(cast.names):
        _runner(figure, at, steps[i], name, cast.looks[i].colour(dark), cast.looks[i])
    if theory is not None:
        line = {"color": INK["dark" if dark else "light"], "dash": "dot", "width": 2}
        figure.add_scatter(
            x=at, y=theory, mode="lines", line=line, name=THEORY_WORDS, hovertemplate="%{y:.0f} steps<extra>theory</extra>"
        )
    styled(figure, "distance of the start from the saddle", "steps to leave it", dark=dark, height=440)
    places, texts = powers_of_ten(float(at.min()), float(at.max()))
    figure.update_xaxes(tickvals=places, ticktext=texts)
    return figure.update_yaxes(rangemode="tozero", range=[0, _highest(steps, theory, limit)])


def _highest(steps: np.ndarray, theory: np.ndarray | None, limit: int) -> float:
    known = steps[np.isfinite(steps)]
    top = max([1.0, *([float(known.max())] if known.size else []), *([float(np.nanmax(theory))] if theory is not None else [])])
    return 1.05 * min(top, limit)


def _runner(figure: go.Figure, at: np.ndarray, steps: np.ndarray, name: str, colour: str, look: object) -> None:
    middle, low, high = _summary(steps)
    if np.isfinite(low).any() and np.nanmax(high - low) > 0:
        # two lines of no width with the space between them filled
        none = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, "legendgroup": name}
        figure.add_scatter(x=at, y=low, **none)
        figure.add_scatter(x=at, y=high, fill="tonexty", fillcolor=colour + "33", **none)
    figure.add_scatter(
        x=at,
        y=middle,
        mode="lines+markers",
        name=name if np.isfinite(middle).any() else f"{name} (never)",
        legendgroup=name,
        line={"color": colour, "width": 2, "dash": "dash" if look.dash else "solid"},
        marker={"symbol": MARKS[look.mark], "size": 7},
        hovertemplate="%{y:.0f} steps<extra>" + name + "</extra>",
    )


def _summary(steps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median, least and most over the last axis, (D,) each; not finite where more than half of the starts never leave."""
    known = np.where(np.isfinite(steps), steps, np.inf)
    middle, low, high = np.median(known, axis=-1), known.min(-1), known.max(-1)
    leaves = np.isfinite(middle)
    return tuple(np.where(leaves & np.isfinite(part), part, np.nan) for part in (middle, low, high))
