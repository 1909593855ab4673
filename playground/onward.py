"""The ways on from a page with a net: to a slice of its landscape, and to its forward and backward pass."""

from __future__ import annotations

from typing import Any

import streamlit as st

from playground import bring_panel, landscape_panel


def buttons(run: Any, page: str) -> None:
    """Both buttons in one row; the dialog of the first is drawn by the page, last."""
    with st.container(horizontal=True, gap="small"):
        landscape_panel.button(run, page)
        bring_panel.button(run, page)
