"""The Builder of the Digits page in a real browser: a stack is built, learns, and what is refused changes nothing."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.seen import ready, until
from tests.browser.waiting import START_S


def row(tab, name: str):
    """The closed or open row of a layer, by number and kind."""
    return tab.locator("summary", has_text=name)


def test_a_stack_is_built_and_learns(open_tab):
    tab = open_tab("digits?examples=300&batch=20&epochs=1")
    ready(tab)
    tab.get_by_text("Convolutional stack", exact=True).click()
    expect(row(tab, "1 Convolution")).to_contain_text("156")
    row(tab, "6 Dense").click()
    tab.get_by_role("button", name="delete").click()
    expect(row(tab, "Output")).to_contain_text("1,210")
    expect(tab).to_have_url(re.compile(r"pool_max-dense(%3A|:)120(%3A|:)relu&"))
    until(tab, "p.status === 'ready'", START_S)
    tab.get_by_role("button", name="Play", exact=True).click()
    until(tab, "p.status === 'finished'", START_S)


def test_what_is_impossible_is_refused_in_words(open_tab):
    tab = open_tab("digits?net=pool_max:4,4-conv:4:relu&examples=300")
    ready(tab)
    row(tab, "1 Max pooling").click()
    window = tab.get_by_role("spinbutton", name="Window (pixels)")
    window.fill("8")
    window.press("Enter")
    expect(tab.get_by_text("8 × 8, stride 4")).to_be_visible()  # the page has been drawn with it
    stride = tab.get_by_role("spinbutton", name="Stride (pixels)")
    stride.fill("8")
    stride.press("Enter")
    expect(tab.get_by_text("Not changed. Layer 2, conv 1: its window of 5 x 5 does not fit")).to_be_visible()
    expect(stride).to_have_value("4")
    expect(row(tab, "2 Convolution")).to_be_visible()
