"""A slice of a net's loss with the run's path on it, the curvature along that path, and any surface in 3-D for study."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from playground.colours import GRADIENT, INK, NEGATIVE, PAGE, POSITIVE, mixed
from playground.figures.contours import levels
from playground.figures.style import CLEAR, map_shades, powers_of_ten, share_below, styled

PATH = GRADIENT
LIGHTING = {"ambient": 0.85, "diffuse": 0.4, "specular": 0.05}
NARROWEST = 0.55
"""Scales of both axes are alike where the slice is no narrower than this, as on the Descent view's map (`map_base.js`)."""


def slice_figure(
    alpha: np.ndarray, beta: np.ndarray, loss: np.ndarray, path: np.ndarray | None, *, names: tuple[str, str], dark: bool
) -> go.Figure:
    """The loss over the slice, darker is lower, on a log scale where it spans powers of ten; and the path of the run.

    alpha: (n,), beta: (m,) coordinates. loss: (m, n). path: (K, 2) in the same coordinates. A unit is as long up as
    it is across, as on the Descent view's map; what would be a mere strip is drawn as a square.
    """
    theme = "dark" if dark else "light"
    loss = np.where(np.isfinite(loss), loss, np.nan)  # where the net overflows there is a gap
    positive = np.isfinite(loss).any() and np.nanmin(loss) > 0 and np.nanmax(loss) / np.nanmin(loss) > 30
    shown = np.log10(loss) if positive else loss
    figure = go.Figure()
    figure.add_heatmap(
        x=alpha,
        y=beta,
        z=shown,
        customdata=loss,
        colorscale=map_shades(dark),
        zsmooth="best",
        colorbar=_scale(shown, bool(positive)),
        hovertemplate="loss %{customdata:.3g}<extra></extra>",
    )
    _lines(figure, alpha, beta, shown, dark)
    if path is not None:
        _path(figure, path, PATH[theme])
    styled(figure, names[0], names[1], dark=dark, height=600)
    figure.update_xaxes(range=[float(alpha[0]), float(alpha[-1])], constrain="domain", showgrid=False)
    figure.update_yaxes(range=[float(beta[0]), float(beta[-1])], constrain="domain", showgrid=False)
    shape = float((alpha[-1] - alpha[0]) / (beta[-1] - beta[0]))
    return figure.update_yaxes(scaleanchor="x", scaleratio=1.0 if NARROWEST <= shape <= 1 / NARROWEST else shape)


def _scale(shown: np.ndarray, log: bool) -> dict:
    """The bar of losses under the map, with round numbers."""
    bar = {
        "title": {"text": "loss\u2002", "side": "right"},
        "thickness": 12,
        "orientation": "h",
        "y": -0.14,
        "yanchor": "top",
        "len": 0.7,
    }
    if log:
        places, texts = powers_of_ten(float(np.nanmin(shown)), float(np.nanmax(shown)))
        return bar | {"tickvals": places, "ticktext": texts}
    return bar | {"nticks": 6}


def _path(figure: go.Figure, path: np.ndarray, colour: str) -> None:
    line = {"color": colour, "width": 2.5}
    figure.add_scatter(x=path[:, 0], y=path[:, 1], mode="lines", line=line, name="the run's path", hoverinfo="skip")
    ends = {"size": 11, "color": [CLEAR, colour], "line": {"color": colour, "width": 2.5}}
    figure.add_scatter(
        x=path[[0, -1], 0], y=path[[0, -1], 1], mode="markers", marker=ends, name="first ○ and last ●", hoverinfo="skip"
    )


def _lines(figure: go.Figure, alpha: np.ndarray, beta: np.ndarray, shown: np.ndarray, dark: bool) -> None:
    at = levels(shown, count=14)
    if len(at) < 2:
        return
    rules = {"coloring": "none", "start": float(at[0]), "end": float(at[-1]), "size": float((at[-1] - at[0]) / 14)}
    line = {"color": "rgba(205,222,240,0.26)" if dark else "rgba(30,52,80,0.30)", "width": 0.9}
    figure.add_contour(x=alpha, y=beta, z=shown, contours=rules, line=line, showscale=False, showlegend=False, hoverinfo="skip")


def curvature_figure(curvature: np.ndarray, loss: np.ndarray | None, epochs: np.ndarray | None, *, dark: bool) -> go.Figure:
    """The two curvatures of the plane along the run's path, and below them the loss.

    curvature: (K, 2), larger first. loss: (K,). epochs: (K,) of the recorded moments; None counts the moments themselves.
    """
    at = np.arange(len(curvature)) if epochs is None else epochs
    figure = go.Figure()
    for column, colour, name in ((0, POSITIVE, "largest curvature"), (1, NEGATIVE, "smallest curvature")):
        line = {"color": colour, "width": 2}
        figure.add_scatter(x=at, y=curvature[:, column], mode="lines", line=line, name=name, hovertemplate="%{y:.3g}")
    if loss is not None:
        line = {"color": INK["dark" if dark else "light"], "width": 1.5, "dash": "dot"}
        figure.add_scatter(x=at, y=loss, mode="lines", line=line, name="loss", yaxis="y2", hovertemplate="%{y:.3g}")
    styled(figure, "recorded moment of the run" if epochs is None else "epoch", "curvature in the plane", dark=dark, height=480)
    plain = {"nticks": 6, "tickformat": "~g"}
    figure.update_yaxes(zeroline=True, zerolinecolor="#888888", **plain)
    figure.update_xaxes(nticks=7, tickformat="~g", anchor="y2" if loss is not None else "y")
    if loss is not None:
        grid = {"gridcolor": figure.layout.yaxis.gridcolor, "linecolor": figure.layout.yaxis.linecolor}
        figure.update_layout(
            yaxis={"domain": [0.42, 1]}, yaxis2={"domain": [0, 0.34], "title": "loss", "rangemode": "tozero", **plain, **grid}
        )
    return figure.update_layout(hovermode="x unified")


def study_figure(
    x: np.ndarray,
    y: np.ndarray,
    height: np.ndarray,
    paths: list[tuple[str, str, np.ndarray]],
    *,
    names: tuple[str, str],
    dark: bool,
) -> go.Figure:
    """The surface in Plotly's 3-D, to turn and to measure. height: (ny, nx). paths: name, colour, (T, 3) x, y, height."""
    figure = go.Figure()
    template = f"{names[0]} %{{x:.3g}}<br>{names[1]} %{{y:.3g}}<br>height %{{z:.4g}}<extra></extra>"
    figure.add_surface(
        x=x,
        y=y,
        z=height,
        surfacecolor=share_below(height),
        colorscale=map_shades(dark),
        showscale=False,
        lighting=LIGHTING,
        hovertemplate=template,
    )
    for name, colour, path in paths:
        figure.add_scatter3d(
            x=path[:, 0], y=path[:, 1], z=path[:, 2], mode="lines", line={"color": colour, "width": 6}, name=name, hoverinfo="name"
        )
    theme = "dark" if dark else "light"
    ink = INK[theme]
    axes = {"backgroundcolor": CLEAR, "color": ink, "gridcolor": mixed(ink, PAGE[theme], 0.75), "nticks": 7}
    scene = {f"{axis}axis": axes | {"title": title} for axis, title in (("x", names[0]), ("y", names[1]), ("z", "height"))}
    scene |= {"aspectratio": {"x": 1.2, "y": 1.2, "z": 0.7}, "domain": {"y": [0.07, 1]}}
    scene["camera"] = {"eye": {"x": 1.1, "y": -1.5, "z": 1.2}, "center": {"x": 0, "y": 0, "z": -0.15}}
    legend = {"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "bottom"}
    layout = {"height": 560, "margin": {"l": 8, "r": 8, "t": 0, "b": 0}, "paper_bgcolor": CLEAR, "font": {"color": ink}}
    return figure.update_layout(scene=scene, legend=legend, **layout)
