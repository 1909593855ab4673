"""What digits there are, and which are taken for which."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK, POSITIVE, mixed
from playground.figures.style import clickable, styled

VERDICT = {"light": ("#1B7837", "#762A83"), "dark": ("#66BD74", "#BA8FCD")}
"""Right and wrong answers: green and purple, which stay apart for every kind of colour vision, as in the live view."""
PLAIN = {"light": "#F8F8F6", "dark": "#2B2F36"}


def balance_figure(counts: np.ndarray, *, dark: bool) -> go.Figure:
    """counts: (10,) training examples of each digit."""
    figure = go.Figure()
    total = max(1, int(counts.sum()))
    figure.add_bar(
        x=np.arange(len(counts)),
        y=counts,
        marker={"color": POSITIVE},
        customdata=100 * counts / total,
        hovertemplate="digit %{x}: %{y:,} examples (%{customdata:.3g} %)<extra></extra>",
    )
    styled(figure, "digit", "training examples", dark=dark, height=240)
    return figure.update_xaxes(dtick=1, showgrid=False)


def confusion_figure(confusion: np.ndarray, picked: tuple[int, int] | None, *, dark: bool) -> go.Figure:
    """confusion: (10, 10) counts, rows true, columns answered. picked: row and column of the cell in the ring.

    Colour is the root of the share of the row, so that a single mistake is seen. Clickable places carry row and column.
    """
    theme = "dark" if dark else "light"
    share = confusion / np.maximum(1, confusion.sum(1, keepdims=True))
    places = np.arange(len(confusion))
    right, wrong = VERDICT[theme]
    figure = go.Figure()
    figure.add_heatmap(
        x=places,
        y=places,
        z=np.sqrt(share) * np.where(np.eye(len(confusion)) > 0, 1, -1),
        zmin=-1,
        zmax=1,
        colorscale=[(0.0, wrong), (0.5, PLAIN[theme]), (1.0, right)],
        showscale=False,
        xgap=1,
        ygap=1,
        text=[[f"{n:,}" if n else "" for n in row] for row in confusion.tolist()],
        texttemplate="%{text}",
        hoverinfo="skip",
    )
    rows, columns = (part.ravel() for part in np.indices(confusion.shape))
    values = [[int(r), int(c), int(confusion[r, c]), f"{100 * share[r, c]:.3g} %"] for r, c in zip(rows, columns, strict=True)]
    said = "true %{customdata[0]}, answered %{customdata[1]}: %{customdata[2]:,} (%{customdata[3]})<br><i>click to see them</i>"
    figure.add_trace(clickable(columns, rows, values, said))
    if picked is not None:
        y, x = picked
        ring = {"color": INK[theme], "width": 2.5}
        figure.add_shape(type="rect", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5, line=ring)
    styled(figure, "answer of the net", "true digit", dark=dark, height=430)
    edges = {"dtick": 1, "showgrid": False, "linecolor": mixed(PLAIN[theme], INK[theme], 0.3)}
    figure.update_xaxes(side="top", range=[-0.5, 9.5], constrain="domain", **edges)
    figure.update_layout(margin={"l": 48, "r": 8, "t": 52, "b": 8})
    return figure.update_yaxes(range=[9.5, -0.5], scaleanchor="x", constrain="domain", **edges)
