"""A matrix as a picture: orange below 0, blue above."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from playground.colours import NEGATIVE, POSITIVE
from playground.figures.style import styled

MIDDLE = {"light": "#F7F7F5", "dark": "#1E232B"}


def picture_figure(values: np.ndarray, name: str, *, dark: bool) -> go.Figure:
    """values: (rows, columns), row 0 on top. name: what a value is, for the pointer."""
    size = float(np.nanmax(np.abs(values))) or 1.0
    scale = [(0.0, NEGATIVE), (0.5, MIDDLE["dark" if dark else "light"]), (1.0, POSITIVE)]
    template = f"row %{{y}}, column %{{x}}: {name} %{{z:.3g}}<extra></extra>"
    figure = go.Figure()
    rows, columns = values.shape
    figure.add_heatmap(
        x=np.arange(1, columns + 1),
        y=np.arange(1, rows + 1),
        z=values,
        zmin=-size,
        zmax=size,
        colorscale=scale,
        colorbar={"thickness": 10, "tickformat": ".2g"},
        hovertemplate=template,
    )
    styled(figure, "column", "row", dark=dark, height=420)
    figure.update_xaxes(showgrid=False, constrain="domain")
    return figure.update_yaxes(autorange="reversed", scaleanchor="x", showgrid=False, constrain="domain")
