"""Whether the visitor's page is light or dark."""

from __future__ import annotations

import streamlit as st


def is_dark() -> bool:
    """Whether this visitor's page is dark."""
    return (st.context.theme or {}).get("type") == "dark"
