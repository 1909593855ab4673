"""Digits as points in the plane, laid out by what a layer makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK, PAGE, mixed
from playground.figures.png import png_uri
from playground.figures.style import CLEAR, styled

TEN = {
    "light": ("#563ADF", "#E40968", "#033E00", "#C78401", "#5280DB", "#76005C", "#7D5F90", "#9E4F02", "#23A1AF", "#5F15A1"),
    "dark": ("#6BAAF1", "#D33939", "#8DE278", "#FFFA34", "#7CFFFF", "#A12CC0", "#AFAEAC", "#E68230", "#318B8C", "#A062FF"),
}
"""A colour a digit: apart for every kind of colour vision and at 3 to 1 from the page, found as those of the optimizers were."""
HEIGHT, MARGIN = 560, 0.04
CANVAS, SMALLEST, LARGEST = 1120, 20, 44
"""Pixels on a side of the picture in which digits stand for themselves, and of a digit in it."""
SIDE = 28


def map_figure(
    points: np.ndarray,
    labels: np.ndarray,
    answered: np.ndarray,
    axes: tuple[str, str],
    *,
    dark: bool,
    images: np.ndarray | None = None,
) -> go.Figure:
    """points (n, 2); labels, answered (n,) true digits and the net's answers; images (n, 28, 28) uint8 stand for dots where given.

    What is answered wrongly is ringed. customdata is [place in `points`, answer], so that a click or a box tells which ones.
    """
    theme = "dark" if dark else "light"
    figure = go.Figure()
    low, high = _frame(points)
    if images is not None:
        picture = drawn(points, labels, images, (low, high), TEN[theme])
        figure.add_layout_image(_spread(png_uri(picture), low, high))
    for digit in range(10):
        figure.add_trace(_digit(points, labels, answered, digit, theme, images is not None))
    for digit in range(10):
        if (labels == digit).any():
            figure.add_annotation(_name(digit, np.median(points[labels == digit], 0), theme))
    styled(figure, *axes, dark=dark, height=HEIGHT)
    figure.update_xaxes(range=[low[0], high[0]], constrain="domain", showgrid=False, visible=bool(axes[0]))
    figure.update_yaxes(
        range=[low[1], high[1]], scaleanchor="x", constrain="domain", constraintoward="top", showgrid=False, visible=bool(axes[1])
    )
    bar = {"bgcolor": CLEAR, "color": mixed(INK[theme], PAGE[theme], 0.45), "activecolor": INK[theme]}
    return figure.update_layout(dragmode="pan", showlegend=False, modebar=bar, margin={"l": 56, "r": 8, "t": 28, "b": 44})


def _frame(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner (2,) of a box around all points that is not too narrow."""
    middle = (points.max(0) + points.min(0)) / 2
    spread = np.ptp(points, 0)
    half = np.maximum((0.5 + MARGIN) * spread, 0.3 * max(float(spread.max()), 1e-6))
    return middle - half, middle + half


def _digit(points: np.ndarray, labels: np.ndarray, answered: np.ndarray, digit: int, theme: str, drawn: bool) -> go.Scattergl:
    """The marks of one digit; where digits are drawn themselves only rings are seen."""
    mine = np.flatnonzero(labels == digit)
    wrong = answered[mine] != digit
    ring = 15 if drawn else 11
    colour = TEN[theme][digit]
    marker: dict[str, Any] = {
        "size": np.where(wrong, ring, 9 if drawn else 7),
        "color": CLEAR if drawn else colour,
        "line": {"color": INK[theme], "width": np.where(wrong, 1.2 if drawn else 1.8, 0.0)},
    }
    said = ["read rightly" if answer == digit else f"read as {answer}" for answer in answered[mine]]
    return go.Scattergl(
        x=points[mine, 0],
        y=points[mine, 1],
        customdata=np.stack([mine, answered[mine]], 1).tolist(),  # as an array it comes back from a click as an object
        text=said,
        mode="markers",
        name=str(digit),
        marker=marker,
        unselected={"marker": {"opacity": 0.4}},
        hoverlabel={"bgcolor": PAGE[theme], "bordercolor": colour, "font": {"color": INK[theme]}},
        hovertemplate=f"a {digit}, %{{text}}<br><i>click to see it</i><extra></extra>",
    )


def _name(digit: int, at: np.ndarray, theme: str) -> dict[str, Any]:
    """The numeral in the middle of its crowd."""
    return {
        "x": at[0],
        "y": at[1],
        "text": f"<b>{digit}</b>",
        "showarrow": False,
        "font": {"size": 17, "color": INK[theme]},
        "bgcolor": PAGE[theme],
        "bordercolor": TEN[theme][digit],
        "borderwidth": 1.5,
        "borderpad": 2,
        "opacity": 0.85,
    }


def _spread(uri: str, low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    size = {"x": low[0], "y": high[1], "sizex": high[0] - low[0], "sizey": high[1] - low[1]}
    return {"source": uri, "xref": "x", "yref": "y", "sizing": "stretch", "layer": "below", **size}


def drawn(
    points: np.ndarray, labels: np.ndarray, images: np.ndarray, frame: tuple[np.ndarray, np.ndarray], colours: tuple[str, ...]
) -> np.ndarray:
    """A picture (h, w, 4) uint8, its longer side 1120, of all digits at their places in the frame, each in its colour.

    The more there are, the smaller they are; later ones lie above.
    """
    low, high = frame
    size = np.rint(CANVAS * (high - low) / (high - low).max()).astype(int)
    side = int(np.clip(CANVAS / np.sqrt(max(1, len(points))), SMALLEST, LARGEST))
    rows = (np.arange(side) * SIDE) // side
    covers = images[:, rows][:, :, rows, None] / 255
    tones = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours], np.float64)
    across, down = ((points - low) / (high - low) * [1, -1] + [0, 1]).T * (size[:, None] - 1) - side / 2
    light, ink = np.zeros((size[1], size[0], 3)), np.zeros((size[1], size[0], 1))
    for x, y, cover, label in zip(across, down, covers, labels, strict=True):
        left, top = (int(np.clip(round(at), 0, most - side)) for at, most in zip((x, y), size, strict=True))
        place = (slice(top, top + side), slice(left, left + side))
        light[place] = light[place] * (1 - cover) + tones[label] * cover
        ink[place] = ink[place] * (1 - cover) + cover
    plain = np.where(ink > 0, light / np.maximum(ink, 1e-9), 0.0)
    return np.rint(np.concatenate([plain, 255 * ink], 2)).astype(np.uint8)
