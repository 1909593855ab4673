"""How large signals and gradients are, layer by layer, in one or two deep nets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from playground.colours import GRADIENT, NEGATIVE, POSITIVE
from playground.figures.style import log_ticks, styled

WORDS = {"signal": "signal", "delta": "error δ", "gradient": "gradient of the weights"}
DASHES = ("solid", "dash")
FEW_LAYERS, MOST_MARKS = 12, 15


def flow_figure(nets: Mapping[str, Mapping[str, np.ndarray]], shown: Sequence[str], *, dark: bool) -> go.Figure:
    """nets: name of a net -> {"signal", "delta", "gradient"}: (depth,) root mean squares, layer 1 first.

    At most two nets: the first is drawn solid, the second dashed with open squares. shown: which of the three.
    What is 0, or no number, has no place on a log axis.
    """
    colours = {"signal": POSITIVE, "delta": NEGATIVE, "gradient": GRADIENT["dark" if dark else "light"]}
    figure = go.Figure()
    for (name, sizes), dash in zip(nets.items(), DASHES, strict=False):
        for kind in (kind for kind in WORDS if kind in shown):
            size = np.asarray(sizes[kind], np.float64)
            figure.add_scatter(
                x=np.arange(1, len(size) + 1),
                y=np.where(np.isfinite(size) & (size > 0), size, np.nan),
                mode="markers" if len(size) == 1 else "lines+markers" if dash == "dash" else "lines",
                marker={"symbol": "square-open" if dash == "dash" else "circle", "size": 7, "maxdisplayed": MOST_MARKS},
                name=f"{WORDS[kind]}, {name}",
                line={"color": colours[kind], "width": 2.2, "dash": dash},
                hovertemplate=f"layer %{{x}}: %{{y:.3g}}<extra>{WORDS[kind]}, {name}</extra>",
            )
    styled(figure, "layer", "root mean square", dark=dark, height=440)
    figure.update_layout(hovermode="x unified" if len(shown) * len(nets) <= 4 else "closest")
    layers = max((len(line.x) for line in figure.data), default=0)
    figure.update_xaxes(dtick=1 if layers <= FEW_LAYERS else None)
    drawn = np.concatenate([np.asarray(line.y, np.float64) for line in figure.data]) if figure.data else np.zeros(0)
    return figure.update_yaxes(type="log", **log_ticks(drawn))
