"""Inputs a plane net may see: functions of x and y."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engines.tables import Entry, Table


@dataclass(frozen=True, kw_only=True)
class Input(Entry):
    """compute(x, y) -> the input, elementwise. `code` is the same as a NumPy expression of x and y, for scripts."""

    compute: Callable[[np.ndarray, np.ndarray], np.ndarray]
    code: str


_SOURCE = "TensorFlow Playground (Smilkov & Carter 2016)"


def _input(key: str, label: str, help: str, compute: Callable, code: str) -> Input:
    return Input(key=key, label=label, help=help, source=_SOURCE, compute=compute, code=code)


INPUTS: Table[Input] = Table(
    "inputs",
    [
        _input("x", "x", "Left to right.", lambda x, y: x, "x"),
        _input("y", "y", "Bottom to top.", lambda x, y: y, "y"),
        _input("x2", "x²", "Distance from the middle column, squared.", lambda x, y: x * x, "x * x"),
        _input("y2", "y²", "Distance from the middle row, squared.", lambda x, y: y * y, "y * y"),
        _input("xy", "xy", "The product: positive in two opposite corners.", lambda x, y: x * y, "x * y"),
        _input("sinx", "sin x", "Waves from left to right.", lambda x, y: np.sin(x), "np.sin(x)"),
        _input("siny", "sin y", "Waves from bottom to top.", lambda x, y: np.sin(y), "np.sin(y)"),
    ],
)


def featurize(xy: np.ndarray, inputs: Sequence[str]) -> np.ndarray:
    """Inputs of points: xy (n, 2) -> (n, len(inputs)) float32."""
    x, y = xy[:, 0], xy[:, 1]
    return np.stack([INPUTS[key].compute(x, y) for key in inputs], 1).astype(np.float32)
