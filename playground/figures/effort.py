"""What a gradient costs, against the number of weights: by backpropagation, and by finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go

from playground.colours import GRADIENT, INK, POSITIVE
from playground.figures.style import styled


class Effort(Protocol):
    """Operations and seconds of the three ways, as engines.trace.effort counts and measures them."""

    parameters: int
    forward: int
    backward: int
    differences: int
    forward_s: float
    backward_s: float
    differences_s: float


def effort_figure(efforts: Sequence[Effort], *, seconds: bool, dark: bool) -> go.Figure:
    """One line a way. seconds: measured; else counted operations."""
    theme = "dark" if dark else "light"
    lines = [
        ("forward", "forward_s", "forward", POSITIVE, "solid"),
        ("backward", "backward_s", "backward", GRADIENT[theme], "solid"),
        ("differences", "differences_s", "finite differences", INK[theme], "dot"),
    ]
    figure = go.Figure()
    unit = "s" if seconds else "operations"
    for counted, measured, name, colour, dash in lines:
        figure.add_scatter(
            x=[effort.parameters for effort in efforts],
            y=[getattr(effort, measured if seconds else counted) for effort in efforts],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 6},
            hovertemplate=f"%{{x:,}} weights and biases: %{{y:.3g}} {unit}<extra>{name}</extra>",
        )
    styled(
        figure,
        "weights and biases",
        "seconds for one gradient" if seconds else "operations for one gradient",
        dark=dark,
        height=380,
    )
    figure.update_xaxes(type="log", exponentformat="power", dtick=1)
    return figure.update_yaxes(type="log", exponentformat="power", nticks=8)
