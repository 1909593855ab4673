"""One server and one Chromium for all browser tests."""

from __future__ import annotations

import contextlib
import json
import urllib.request

import pytest
from playwright.sync_api import Error

from bench.chromium import browser
from bench.server import Server
from tests.browser.waiting import new_tab, visitor


def pytest_collection_modifyitems(items):
    """A browser test that fails is run once more, and reported as run again: what fails twice is not the machine's doing."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


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
    """Of a server of their own: each of pytest's processes has one."""
    with Server() as server:
        yield server.url
        log = server.log()
    assert "Traceback" not in log, log[-3000:]


REST_MS = 60
_REST = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)];
  const play = roots.map((root) => root.querySelector("button.play")).find(Boolean);
  if (play && window.__playground && window.__playground.status === "playing") play.click();
}"""
"""Pauses what still plays: a run whose visitor has left goes on for a while, and takes the cores from the tests that follow."""


@pytest.fixture(scope="session")
def desk(chrome):
    """The browser that all visitors use who bring none of their own: Streamlit's scripts are fetched and compiled only once."""
    context = visitor(chrome)
    yield context
    context.close()


@pytest.fixture
def open_tab(desk, address):
    """Open a path in a tab of its own; fails the test on any error the page throws. context: another browser to open it in."""
    tabs, errors = [], []

    def open_(path: str = "", width: int = 1440, height: int = 900, dark: bool = False, context=None):
        tab = context.new_page() if context else new_tab(desk, width, height, dark)
        tabs.append((tab, context))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{address}/{path}")
        return tab

    yield open_
    for tab, context in tabs:
        with contextlib.suppress(Error):
            tab.evaluate(_REST)
            tab.wait_for_timeout(REST_MS)
            tab.evaluate("() => localStorage.clear()")
        with contextlib.suppress(Error):
            (context or tab).close()
    assert not errors, errors


@pytest.fixture
def server_status(address):
    """What the server says of itself: open sockets, runs, threads."""

    def read():
        with urllib.request.urlopen(f"{address}/livez", timeout=60) as answer:
            return json.load(answer)

    return read
