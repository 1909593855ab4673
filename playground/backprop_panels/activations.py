"""The gallery of activations: each with its slope, and where it saturates."""

from __future__ import annotations

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.trace.gallery import Portrait, portrait
from playground.backprop.traced import Traced
from playground.figures.portrait import portrait_figure

KEY = "backprop.gallery"
USUAL = ("sigmoid", "tanh", "relu")
COLUMNS = 3


def activations_panel(traced: Traced, dark: bool) -> None:
    """Pills to choose from; a card each: function, formula, chart, what it means for learning."""
    st.caption(
        "On the way back an error is multiplied by the slope (magenta, dashed). Shaded: the slope is under a hundredth, so next "
        "to nothing comes through. Point at a chart to read it off."
    )
    used = dict.fromkeys((*traced.trace.net.activations, *USUAL))
    chosen = st.pills(
        "Functions",
        list(ACTIVATIONS),
        selection_mode="multi",
        default=[key for key in ACTIVATIONS if key in used][:6],
        format_func=lambda key: ACTIVATIONS[key].label,
        key=f"{KEY}.chosen",
        label_visibility="collapsed",
    )
    if not chosen:
        st.caption("Choose one to look at.")
    for first in range(0, len(chosen), COLUMNS):
        for column, key in zip(st.columns(COLUMNS, gap="medium"), chosen[first : first + COLUMNS], strict=False):
            with column:
                _card(portrait(key), dark)


def _card(seen: Portrait, dark: bool) -> None:
    entry = ACTIVATIONS[seen.key]
    st.markdown(f"**{seen.label}** &nbsp; ${entry.formula}$")
    figure = portrait_figure(seen.z, seen.value, seen.slope, seen.flat, dark=dark)
    st.plotly_chart(figure, key=f"{KEY}.{seen.key}", config={"displayModeBar": False}, alt=f"{seen.label} and its slope.")
    st.caption(f"{seen.words} *Source: {entry.source}.*")
