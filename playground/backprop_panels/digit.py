"""A digit that was brought: the picture, and what of it would have to change."""

from __future__ import annotations

import streamlit as st

from engines.trace.brought import find
from playground.backprop.traced import Traced
from playground.figures.picture import picture_figure


def side_of(traced: Traced) -> int:
    """Pixels in a row of the example's picture; 0 where it is none."""
    found = find(traced.study.brought) if traced.study.examples == "brought" else None
    return found.side if found is not None else 0


def digit_panel(traced: Traced, dark: bool) -> None:
    """The inputs, and their gradient against its sign, as pictures."""
    side, values = side_of(traced), traced.trace.values
    left, right = st.columns(2, gap="medium")
    pictures = [
        (left, "The digit, as the net gets it.", values["X"][0], "input"),
        (right, "What would make the cost smaller: blue wants more ink, orange less.", -values["dX"][0], "change"),
    ]
    for column, said, row, name in pictures:
        figure = picture_figure(row.reshape(side, side), name, dark=dark)
        column.markdown(said)
        column.plotly_chart(figure, key=f"backprop.digit_{name}", config={"displayModeBar": False}, alt=said)
    st.caption(
        "The right picture is the gradient of the cost by every pixel, turned around: the last thing the backward pass computes, "
        "and what nobody needs for learning. A net that has learned shows strokes in it; one that has not shows noise."
    )
