"""A confusion matrix on a page: a table of buttons, one a cell. No chart library is loaded for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from playground import bundle

ASSETS = Path(__file__).parent / "assets"
Cell = tuple[int, int]


def confusion_view(confusion: np.ndarray, picked: Cell | None, *, key: str, picks: Callable[[Cell | None], None]) -> None:
    """Mount the matrix. confusion: (k, k) counts, rows true, columns answered. picked: row and column of the cell in the ring.

    picks(cell) is called, before the script reruns, with the cell that was clicked, or None where it was the one in the ring.
    """
    classes = len(confusion)

    def heard() -> None:
        cell = cell_in((st.session_state.get(key) or {}).get("picked"), classes)
        picks(None if cell == picked else cell)

    _component()(key=key, data=payload(confusion, picked), height="content", on_picked_change=heard)


def payload(confusion: np.ndarray, picked: Cell | None) -> dict[str, Any]:
    """What the view draws, as plain data."""
    return {"counts": confusion.astype(int).tolist(), "picked": list(picked) if picked else None}


def cell_in(event: Any, classes: int) -> Cell | None:
    """Row and column in a `picked` event, or None where it is none. What a browser sends is data like any other."""
    if not isinstance(event, list | tuple) or len(event) != 2:
        return None
    whole = all(isinstance(part, int | float) and not isinstance(part, bool) and part in range(classes) for part in event)
    return (int(event[0]), int(event[1])) if whole else None


@cache
def _component() -> Any:
    style = bundle.style(ASSETS, "view.css")
    return st.components.v2.component("playground_confusion", css=style, js=bundle.script(ASSETS))
