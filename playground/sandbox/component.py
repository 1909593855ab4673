"""The sandbox's view on a page: an input to paint on, a window that slides, and the map that the engine made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from playground import bundle

ASSETS = Path(__file__).parent / "assets"


def sandbox_view(data: Mapping[str, Any], *, key: str, painted: Callable[[np.ndarray], None]) -> None:
    """Mount the view on what `payload` made. painted(image) is called, before the script reruns, with what was painted."""
    side = len(data["image"])

    def heard() -> None:
        image = image_in((st.session_state.get(key) or {}).get("painted"), side)
        if image is not None:
            painted(image)

    _component()(key=key, data=dict(data), height="content", on_painted_change=heard)


def payload(image: np.ndarray, kernel: np.ndarray, output: np.ndarray, padding: int, stride: int) -> dict[str, Any]:
    """What the view draws, as plain data. image (n, n), kernel (k, k), output (m, m)."""
    arrays = {"image": image, "kernel": kernel, "output": output}
    return {name: np.asarray(array, np.float64).tolist() for name, array in arrays.items()} | {"padding": padding, "stride": stride}


def image_in(event: Any, side: int) -> np.ndarray | None:
    """The image (side, side) in a `painted` event, or None where it is none. What a browser sends is data like any other."""
    values = event.get("image") if isinstance(event, Mapping) else None
    if not isinstance(values, list | tuple) or len(values) != side * side:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) and 0 <= v <= 1 for v in values):
        return None
    return np.array(values, np.float64).reshape(side, side)


@cache
def _component() -> Any:
    return st.components.v2.component("playground_sandbox", css=style(), js=script())


def style() -> str:
    """The live view's sheets that the grids need, then this view's own."""
    return bundle.style(ASSETS, "view.css", "inside.css")


def script() -> str:
    """The view's JavaScript."""
    return bundle.script(ASSETS)
