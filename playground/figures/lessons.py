"""One neuron that starts badly wrong, learning with two costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go

from playground.colours import GRADIENT, POSITIVE
from playground.figures.style import styled

DASHES = ("dash", "solid")


class Lesson(Protocol):
    """What a cost made of the neuron, as engines.trace.costs computes it."""

    label: str
    output: np.ndarray
    gradient: np.ndarray


def lessons_figure(lessons: Sequence[Lesson], what: str, *, dark: bool) -> go.Figure:
    """what: 'output', which should go to 0, or 'gradient', the slope that each update followed. The first lesson is dashed."""
    gradient = what == "gradient"
    colour = GRADIENT["dark" if dark else "light"] if gradient else POSITIVE
    figure = go.Figure()
    for lesson, dash in zip(lessons, DASHES, strict=True):
        y = lesson.gradient if gradient else lesson.output
        figure.add_scatter(
            x=np.arange(len(y)),
            y=y,
            mode="lines",
            name=lesson.label,
            line={"color": colour, "width": 2.2, "dash": dash},
            hovertemplate="%{y:.3g}",
        )
    styled(figure, "updates", "gradient of the weight" if gradient else "output (0 is right)", dark=dark, height=320)
    figure.update_layout(hovermode="x unified")
    return figure.update_yaxes(rangemode="tozero", range=None if gradient else [0, 1.02])
