"""Parts of the Shakespeare page: the controls of its text and net, and the panels in a row of tabs under its view."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import streamlit as st


class Panel(NamedTuple):
    """A panel: the module of this package that draws it by its `draw(run)`, and what its tab says."""

    key: str
    title: str


PANELS = (
    Panel("inside", "Inside"),
    Panel("through_time", "Through time"),
    Panel("lags", "Long lags"),
    Panel("shapes", "Sequence shapes"),
    Panel("race", "Race"),
    Panel("files", "Save and load"),
)
TABS = "shakespeare_panels"


def draw_panels(run: Any) -> None:
    """The row of tabs. Only the open one is imported and drawn: every rerun of the page draws it again."""
    opened = st.tabs([panel.title for panel in PANELS], key=TABS, on_change="rerun")
    for tab, panel in zip(opened, PANELS, strict=True):
        if tab.open:
            with tab:
                import_module(f"{__name__}.{panel.key}").draw(run)
