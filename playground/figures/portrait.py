"""One activation: the function, its slope, and where it is flat."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from playground.colours import GRADIENT, POSITIVE
from playground.figures.style import styled

LOWEST, HIGHEST = -2.5, 4.0
SHADE = "rgba(136,136,136,0.20)"


def portrait_figure(
    z: np.ndarray, value: np.ndarray, slope: np.ndarray, flat: tuple[tuple[float, float], ...], *, dark: bool
) -> go.Figure:
    """z, value, slope: (n,), the grid, f(z) and f'(z). flat: ranges of z where next to nothing comes through; they are shaded."""
    lines = [("f(z)", value, POSITIVE, "solid"), ("slope f′(z)", slope, GRADIENT["dark" if dark else "light"], "dash")]
    figure = go.Figure()
    for name, y, colour, dash in lines:
        figure.add_scatter(x=z, y=y, mode="lines", name=name, line={"color": colour, "width": 2.2, "dash": dash},
                           hovertemplate="%{y:.4f}")  # fmt: skip
    for low, high in flat:
        figure.add_vrect(x0=low, x1=high, fillcolor=SHADE, line_width=0, layer="below")
    styled(figure, "z", "", dark=dark, height=250)
    figure.update_layout(hovermode="x unified", margin={"l": 34, "t": 4, "b": 40}, legend={"y": 1.0})
    figure.update_xaxes(range=[float(z[0]), float(z[-1])], hoverformat=".3f", unifiedhovertitle={"text": "z = %{x:.3f}"})
    both = np.concatenate([value, slope])
    low, high = max(LOWEST, float(both.min())), min(HIGHEST, float(both.max()))
    room = 0.08 * max(high - low, 0.5)
    return figure.update_yaxes(range=[low - room, high + room])
