"""The slice of the visitor's own net that is raced on: what it is, how faithful, and how it curves along the run's path."""

from __future__ import annotations

import streamlit as st

from engines.landscape import Slice, find
from playground.descent.raced import Raced
from playground.figures.slice import curvature_figure, slice_figure

WAYS = {
    "random": "two random directions, each unit's part as long as its weights (filter-normalised; Li et al. 2018)",
    "path": "the two main directions of the recorded run's path (principal components)",
}
_BARE = {"displayModeBar": False}


def landscape_panel(raced: Raced, dark: bool) -> None:
    """Words, the map with the path, and the curvature along it."""
    made = find(raced.race.landscape)
    if made is None:
        st.caption("This slice is no longer kept. Press *Landscape* on the Network or Digits page to make another.")
        return
    st.markdown(" ".join(sentences(made)))
    left, right = st.columns(2, gap="medium")
    figure = slice_figure(made.alpha, made.beta, made.loss, made.path, names=raced.terrain.names, dark=dark)
    left.plotly_chart(figure, key="descent.slice", config=_BARE, alt="The loss over the slice, with the run's path.")
    if made.path_curvature is not None:
        right.caption("Curvature of the loss within the slice, along the run's path: eigenvalues of the exact Hessian there.")
        curve = curvature_figure(made.path_curvature, made.path_loss, made.epochs, dark=dark)
        right.plotly_chart(curve, key="descent.slice_curvature", config=_BARE, alt="Curvature along the run's path.")


def sentences(made: Slice) -> list[str]:
    """What the slice is, and how good the map of it is."""
    said = [
        f"**The mean training cost over a plane through your net's weights**, spanned by {WAYS[made.kind]}; the net as it was at "
        f"epoch {made.epoch:.4g} is at (0, 0), with a cost of {made.centre_loss:.3g}.",
        f"{made.loss.shape[1]} × {made.loss.shape[0]} places, on {made.used:,} of {made.available:,} training examples.",
    ]
    if made.share is not None:
        said.append(f"{made.share:.0%} of the path's variance lies in this plane; the rest of its way is out of the picture.")
    off = f"at most {100 * made.interpolation_error:.2g} %" if made.interpolation_error >= 1e-6 else "less than a millionth"
    said.append(f"In between the map is interpolated; at random places it differs from the exact cost by {off}.")
    return said
