"""One server and one Chromium for all browser tests."""

from __future__ import annotations

import contextlib
import json
import urllib.request

import pytest
from playwright.sync_api import Error

from bench.chromium import browser
from bench.server import Server


@pytest.fixture(scope="session")
def chrome():
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(browser())
        except Error as error:
            pytest.skip(f"NO CHROMIUM: nothing that only a browser shows was tested ({str(error).splitlines()[0]})")
        yield running


@pytest.fixture(scope="session")
def address():
    with Server() as server:
        yield server.url
        log = server.log()
    assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def open_tab(chrome, address):
    """Open a path in a fresh visitor's browser; fails the test on any error the page throws."""
    contexts, errors = [], []

    def open_(path: str = "", width: int = 1440, height: int = 900, dark: bool = False, context=None):
        scheme = "dark" if dark else "light"
        context = context or chrome.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{address}/{path}")
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def server_status(address):
    """What the server says of itself: open sockets, runs, threads."""

    def read():
        with urllib.request.urlopen(f"{address}/livez", timeout=5) as answer:
            return json.load(answer)

    return read
