"""The ways on from a page with a net: to a slice of its landscape, and to its forward and backward pass."""

from __future__ import annotations

from typing import Any

import streamlit as st

from playground import bring_panel, landscape_panel

_STACK = "Follows dense nets only so far, and yours is a stack. Switch to *Dense net* under *Net* to use this."


def buttons(run: Any, page: str) -> None:
    """Both buttons in one row; the dialog of the first is drawn by the page, last. For stacks both say why they do not work."""
    blocked = _STACK if run.experiment.net.kind == "stack" else ""
    with st.container(horizontal=True, gap="small"):
        landscape_panel.button(run, page, blocked)
        bring_panel.button(run, page, blocked)
