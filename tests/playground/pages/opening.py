"""Opening a page of main.py in AppTest."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

MAIN = Path(__file__).parents[3] / "main.py"


def open_page(key: str, **query: str) -> AppTest:
    """The page with this key, run once, with this query string.

    AppTest.switch_page knows only pages that are files; ours are functions, whose hash is that of their address.
    """
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.run()
    app._page_hash = calc_hash(key)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def open_tab(app: AppTest, key: str, tab: str) -> AppTest:
    """The page with another of its tabs of controls open: only the open one is drawn."""
    app.session_state[f"{key}_tabs"] = tab
    return app.run()
