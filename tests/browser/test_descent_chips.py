"""What the Descent view's chips and ground say where little room or no ground is, and who is chosen, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.raced import chips, ready, scrub, until
from tests.browser.seen import settle
from tests.browser.waiting import eventually

NOWHERE = "v=1&surface=formula&f=log(x)&start=-1.5,0.3&steps=50"
CUT = "(all) => all.filter((node) => node.scrollWidth > node.clientWidth).map((node) => node.innerText)"
ENDS = ("", NOWHERE, "v=1&surface=rosenbrock&runners=sgd@10-adam@0.001", "v=1&surface=himmelblau", "v=1&ring=8&steps=1000")


def test_where_there_is_no_height_nothing_is_made_up(open_tab):
    tab = open_tab(f"descent?{NOWHERE}")
    ready(tab)
    eventually(lambda: set(chips(tab)) == {"No height at the start"})
    panel = tab.locator(".ground-panel")
    expect(panel.locator(".ground-line")).to_contain_text("No height here.")
    assert not re.search(r"\d", "".join(panel.locator(".matrix span").all_inner_texts()))
    expect(tab.locator(".update-panel .panel-note")).to_contain_text("no height here, so no slope")
    eventually(lambda: set(tab.locator(".update-value").all_text_contents()) == {""})


@pytest.mark.parametrize("query", ENDS)
def test_on_a_phone_no_outcome_is_cut_off(open_tab, query):
    tab = open_tab(f"descent?{query}", width=390)
    last = int(re.search(r"steps=(\d+)", f"{query}&steps=300")[1])
    ready(tab)
    scrub(tab, last)
    settle(0.3)
    eventually(lambda: tab.locator(".chip-state, .chip-label").evaluate_all(CUT) == [])


def test_more_than_two_of_an_optimizer_have_numbers_and_shades(open_tab):
    tab = open_tab("descent?v=1&runners=adam@0.01-adam@0.02-adam@0.05-sgd@0.01")
    ready(tab)
    marks = tab.locator(".chip-mark")
    eventually(lambda: len(set(marks.evaluate_all("(all) => all.map((canvas) => canvas.toDataURL())"))) == 4)


def test_the_settings_follow_who_is_chosen_and_play_goes_on(open_tab):
    tab = open_tab("descent?v=1&steps=1000")
    revision = ready(tab)["revision"]
    tab.get_by_role("tab", name="Runners").click()
    settings = tab.get_by_role("combobox", name="Settings of")
    settings.wait_for()
    tab.get_by_label("Speed").select_option("0.25")
    tab.locator(".descent-bar .play").click()
    until(tab, "p.playing && p.step > 5")
    chip = tab.locator(".runner-chip").nth(3)
    chip.locator(".chip-main").click()
    expect(settings).to_have_value(chip.locator(".chip-label").inner_text())
    after = until(tab, "p.chosen === 3")
    assert after["playing"] and after["revision"] == revision
    until(tab, f"p.playing && p.step > {after['step'] + 5}")
