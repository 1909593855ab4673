"""The figures of a text net's weights, as `engines.training.Probe` has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.nets.evaluate import NEAR_ZERO, histogram
from engines.nets.recurrent.shapes import Pairs


def weight_figures(names: list[str], norms: np.ndarray | None, weights: Pairs) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """One dict a pair of weights, and the histogram over all. norms (pairs,): of the last step's gradient; None before the first,
    and then there are no layers to show."""
    shown = histogram([w for w, _ in weights])
    if norms is None:
        return [], shown
    layers = [
        {"name": name, "gradient": float(norm), "units": w.shape[1], "dead": 0, "saturated": 0.0}
        | {"weights_near_zero": float(np.mean(np.abs(w) < NEAR_ZERO))}
        for name, norm, (w, _) in zip(names, norms, weights, strict=True)
    ]
    return layers, shown
