"""The convolution sandbox in a real browser: the window's sum is the map's number, and what is painted changes the map."""

from __future__ import annotations

import pytest

from tests.browser.seen import ready, settle
from tests.browser.waiting import PATIENCE_S, click_in, eventually, place_in


def sandbox(tab) -> dict:
    return tab.evaluate("() => ({ ...window.__sandbox })")


def adds_up(tab) -> bool:
    told = sandbox(tab)
    return sum(told["products"]) == pytest.approx(told["value"], abs=1e-5)


def test_the_window_is_moved_and_the_input_painted(open_tab):
    tab = open_tab("digits?examples=500")
    ready(tab)
    tab.get_by_role("tab", name="Sandbox").click()
    output = tab.locator(".sandbox .inside-step:last-child canvas")
    output.wait_for(timeout=PATIENCE_S * 1000)
    for across, down in ((0.1, 0.1), (0.5, 0.9), (0.9, 0.4)):
        click_in(output, across, down)
        place = [int(down * 6), int(across * 6)]
        eventually(lambda place=place: sandbox(tab)["place"] == place)
        assert adds_up(tab)
    output.press("ArrowLeft")
    eventually(lambda: sandbox(tab)["place"] == [2, 4])
    before = sandbox(tab)["value"]
    x, y = place_in(tab.locator(".sandbox .inside-flow > .inside-grid canvas"), 4.5 / 8, 2.5 / 8)
    tab.mouse.click(x, y)
    eventually(lambda: sandbox(tab)["value"] != before and adds_up(tab))
    tab.get_by_role("button", name="Paint it anew").click()
    eventually(lambda: sandbox(tab)["value"] == before)
    tab.locator(".sandbox").get_by_role("button", name="Slide").click()
    settle(0.5)
    eventually(lambda: sandbox(tab)["place"] == [3, 1])
