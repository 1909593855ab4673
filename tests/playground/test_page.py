"""Pages in turn: what was done on one is still there when the visitor comes back."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.util import calc_hash

from playground import page
from tests.playground.pages.opening import open_page

KEY = "live.run.network"


def turn_to(app, key):
    """A click in the menu: another page, and its address without a query."""
    app.query_params.clear()
    app._page_hash = calc_hash(key)
    return app.run()


@pytest.fixture
def hasty(monkeypatch):
    """Backprop is left each time before it is drawn."""
    pages = tuple(replace(p, render=st.stop) if p.key == "backprop" else p for p in page.pages())
    monkeypatch.setattr(page, "pages", lambda: pages)


@pytest.mark.usefixtures("hasty")
def test_work_outlasts_a_page_that_was_left_before_it_was_drawn():
    app = open_page("network", data="xor")
    turn_to(app, "backprop")
    turn_to(app, "network")
    assert app.session_state[KEY].experiment.data.source == "xor"


def test_the_bare_address_of_a_page_that_stayed_open_is_its_beginning():
    app = open_page("network", data="xor")
    turn_to(app, "network")
    assert app.session_state[KEY].experiment.data.source != "xor"
