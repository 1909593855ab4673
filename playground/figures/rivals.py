"""Nets and rivals side by side; and a published result's numbers as curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from playground.colours import INK, POSITIVE, mixed
from playground.figures.style import MARKS, log_ticks, styled

LEARNING, ANSWERING, NET = POSITIVE, "#8DB8F0", "#B0690A"
_ROW_PX, _FRAME_PX = 36, 190


class Bar(NamedTuple):
    """A contestant. error_percent: on the test set. seconds_fit, seconds_predict: None where they were not taken apart or known.

    net: whether it is the net on the page.
    """

    name: str
    error_percent: float
    seconds_fit: float
    seconds_predict: float | None
    net: bool = False


class Curve(NamedTuple):
    """Errors in % at numbers of something, smallest first."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def rivals_figure(bars: Sequence[Bar], *, dark: bool) -> go.Figure:
    """Test error, and below it seconds (learning, then answering); one bar a contestant, the first on top.

    A line break in a name is one there.
    """
    names = [bar.name.replace("\n", "<br>") for bar in bars]
    ink = mixed(INK["dark" if dark else "light"], "#888888", 0.5)
    figure = make_subplots(rows=2, cols=1, vertical_spacing=0.22)
    figure.add_bar(
        x=[bar.error_percent for bar in bars],
        y=names,
        orientation="h",
        marker={"color": [NET if bar.net else ink for bar in bars]},
        showlegend=False,
        row=1,
        col=1,
        text=[f"{bar.error_percent:.3g} %" for bar in bars],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.2f} % test error<extra></extra>",
    )
    for label, colour, seconds in (
        ("learning", LEARNING, [bar.seconds_fit for bar in bars]),
        ("answering all test digits", ANSWERING, [bar.seconds_predict for bar in bars]),
    ):
        figure.add_bar(
            x=seconds,
            y=names,
            orientation="h",
            name=label,
            marker={"color": colour},
            row=2,
            col=1,
            hovertemplate=f"%{{y}}, {label}: %{{x:.3g}} s<extra></extra>",
        )
    styled(figure, "", "", dark=dark, height=_FRAME_PX + 2 * _ROW_PX * max(2, len(bars)))
    figure.update_layout(barmode="stack", margin={"l": 8, "r": 12, "t": 12, "b": 48}, legend={"traceorder": "normal"})
    figure.update_yaxes(autorange="reversed", title="", automargin=True)
    figure.update_xaxes(title="test error (%)", range=[0, 1.18 * max(bar.error_percent for bar in bars) or 1], row=1, col=1)
    figure.update_xaxes(title="seconds", rangemode="tozero", row=2, col=1)
    return figure


def curves_figure(curves: Sequence[Curve], x: str, y: str, *, dark: bool) -> go.Figure:
    """A line a series over `x`; both axes are logarithmic."""
    ink = INK["dark" if dark else "light"]
    strokes = ((POSITIVE, "solid"), (NET, "solid"), (ink, "dash"), (mixed(ink, POSITIVE, 0.5), "dot"))
    figure = go.Figure()
    for i, curve in enumerate(curves):
        colour, dash = strokes[i % len(strokes)]
        figure.add_scatter(
            x=list(curve.x),
            y=list(curve.y),
            mode="lines+markers",
            name=curve.name,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 7, "symbol": list(MARKS.values())[i % len(MARKS)]},
            hovertemplate=f"%{{x:,.4g}} {x}: %{{y:.4g}} {y}<extra>{curve.name}</extra>",
        )
    styled(figure, x, y, dark=dark, height=360)
    figure.update_xaxes(type="log", **_ticks([value for curve in curves for value in curve.x]))
    return figure.update_yaxes(type="log", **_ticks([value for curve in curves for value in curve.y]))


def _ticks(values: Sequence[float]) -> dict[str, Any]:
    """Of a log axis; thousands in full, as tables have them: '2,000'."""
    found = log_ticks(np.asarray(values))
    if "tickvals" in found:
        found["ticktext"] = [f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" for value in found["tickvals"]]
    return found
