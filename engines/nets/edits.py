"""Weights that come to a large net from elsewhere: one set by hand, a whole net's, a recorded moment's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engines.nets.first_weights import Pairs


def with_one_set(weights: Pairs, layer: int, row: int, column: int, value: float) -> Pairs:
    """A copy of (W (fan_in, fan_out), b (fan_out,) or (0,)) a layer in which one weight is `value`; row == fan_in means the bias.

    Raises ValueError naming an index that does not exist.
    """
    layers = [(w.copy(), b.copy()) for w, b in weights]
    if not 0 <= layer < len(layers):
        raise ValueError(f"there is no weight layer {layer}; this net has {len(layers)}")
    w, b = layers[layer]
    rows = w.shape[0] + bool(b.size)
    if not (0 <= row < rows and 0 <= column < w.shape[1]):
        raise ValueError(f"layer {layer} has {rows} rows and {w.shape[1]} columns, not row {row}, column {column}")
    (b if row == w.shape[0] else w[row])[column] = value
    return layers


def require_fit(weights: Iterable[Sequence[Any]], present: Iterable[Sequence[Any]]) -> None:
    """Raises ValueError where pairs of arrays have other shapes than the net's present ones."""
    if [(w.shape, b.shape) for w, b in weights] != [(w.shape, b.shape) for w, b in present]:
        raise ValueError("these weights are of a net of another shape")


def require_recorded(arrays: Iterable[np.ndarray], present: Iterable[Any]) -> None:
    """Raises ValueError where a recorded moment's arrays have other shapes than the net's present ones."""
    if [array.shape for array in arrays] != [array.shape for array in present]:
        raise ValueError("this recording is of a net of another shape")
