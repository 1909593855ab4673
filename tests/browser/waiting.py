"""Waiting for what a busy machine shows late: not whether something is so just now, but whether it comes to be so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import Error, expect

PATIENCE_S = 60.0
"""How long what an idle machine does within a second may take on one that is busy with something else."""
START_S = 180.0
"""The same for a first picture: JAX is loaded and programs are compiled."""
PAUSE_S = 0.05
T = TypeVar("T")

TWO_FRAMES = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"

expect.set_options(timeout=PATIENCE_S * 1000)


def visitor(chrome, **options) -> Any:
    """Another visitor's browser, patient in everything it waits for."""
    context = chrome.new_context(**options)
    context.set_default_timeout(PATIENCE_S * 1000)
    return context


def new_tab(desk, width: int, height: int, dark: bool) -> Any:
    """A tab for another visitor in a browser that others have used: nothing is left of them but the cache."""
    if not desk.pages:
        desk.clear_cookies()
    tab = desk.new_page()
    tab.set_viewport_size({"width": width, "height": height})
    tab.emulate_media(color_scheme="dark" if dark else "light")
    return tab


def eventually(check: Callable[[], T], timeout_s: float = PATIENCE_S) -> T:
    """Call `check` until it asserts nothing false any more, and does not return False; what it returns then.

    An element that was there is gone for a moment where a part is drawn anew, and a text has no numbers before it has come:
    then it is looked at again, too. After `timeout_s` the last failure is the test's.
    """
    end = time.monotonic() + timeout_s
    while True:
        try:
            found = check()
            assert found is not False, f"it never came true in {timeout_s:g} s"
            return found
        except (AssertionError, IndexError, Error):
            if time.monotonic() > end:
                raise
        time.sleep(PAUSE_S)


def held(tab, name: str, expression: str, timeout_s: float) -> dict:
    """Wait until a JavaScript expression of `p`, what the view says of itself in window[name], holds; that very state."""
    wanted = f"() => {{ const p = window.{name}; return p && ({expression}) && {{ ...p }}; }}"
    return tab.wait_for_function(wanted, timeout=timeout_s * 1000).json_value()


def drawn(tab) -> None:
    """Let what has changed be drawn."""
    tab.evaluate(TWO_FRAMES)


def rests(read: Callable[[], T], seconds: float = 0.7) -> T:
    """Wait until what `read` gives stays as it is for so long; that. Fails where it goes on changing."""

    def look() -> T:
        before = read()
        time.sleep(seconds)
        after = read()
        assert before == after
        return after

    return eventually(look)


def box_of(locator) -> dict[str, float]:
    """The box of an element that is there and stays where it is: the same in two pictures."""

    def look() -> dict[str, float]:
        before = locator.bounding_box()
        drawn(locator.page)
        after = locator.bounding_box()
        assert before is not None and before == after, (before, after)
        return after

    return eventually(look)


def place_in(locator, across: float, down: float) -> tuple[float, float]:
    """A place on the screen, from shares of an element's box."""
    locator.scroll_into_view_if_needed()
    box = box_of(locator)
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def click_in(locator, across: float, down: float) -> None:
    """Click where shares of an element's box say; waits until nothing lies over it, and it is the element that is hit."""
    locator.scroll_into_view_if_needed()
    box = box_of(locator)
    locator.click(position={"x": across * box["width"], "y": down * box["height"]})


def quickest(measure: Callable[[], float], again: Callable[[], object], limit: float, most: int = 8) -> float:
    """The least that `measure` gave, of as many times as it needs to come below `limit`: what else runs here only ever adds.

    again: called before each further measurement, to make it possible.
    """
    took = [measure()]
    while min(took) > limit and len(took) < most:
        again()
        took.append(measure())
    assert min(took) <= limit, took
    return min(took)
