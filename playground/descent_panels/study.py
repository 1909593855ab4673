"""The surface in Plotly's 3-D: slower than the view's own, but every point can be read off."""

from __future__ import annotations

import numpy as np
import streamlit as st

from playground.descent.raced import Raced
from playground.descent_panels.files import cast_of
from playground.figures.slice import study_figure

MOST_PATHS = 12
LIFT = 0.01
"""How far paths float above the surface, as a share of its height, so that they do not sink into it between its samples."""


def study_panel(raced: Raced, dark: bool) -> None:
    """The surface and the runners' paths from the first start."""
    cast, paths = cast_of(raced), raced.paths
    low, high = float(np.nanmin(raced.field.height)), float(np.nanmax(raced.field.height))
    drawn = []
    for k in range(min(MOST_PATHS, len(raced.race.runners))):
        i = int(paths.runner[k])
        left, right, bottom, top = raced.terrain.domain
        path = np.column_stack([paths.position[k], paths.height[k] + LIFT * (high - low)])
        inside = (path[:, 0] >= left) & (path[:, 0] <= right) & (path[:, 1] >= bottom) & (path[:, 1] <= top)
        drawn.append((cast.names[i], cast.looks[i].colour(dark), np.where(inside[:, None], path, np.nan)))
    if not low < high:
        st.caption("This ground is level: there is nothing to see in 3-D.")
        return
    figure = study_figure(raced.field.x, raced.field.y, raced.field.height, drawn, names=raced.terrain.names, dark=dark)
    st.plotly_chart(
        figure,
        key="descent.study",
        config={"displayModeBar": False},
        alt="The surface in three dimensions with the runners' paths.",
    )
    st.caption("Turn it with the mouse; point at it to read heights. The view above plays; this one is for measuring.")
