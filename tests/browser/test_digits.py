"""The Digits page in a real browser: what only a browser shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.seen import ready, settle, state, until
from tests.browser.waiting import START_S, drawn, eventually, rests, visitor


def press(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def score(tab) -> float:
    """The large number, in per cent."""
    return float(re.search(r"[\d.]+", tab.locator(".score-now", has_text="%").inner_text())[0])


def note(tab, panel: str):
    return tab.locator(f"{panel} .panel-note")


def test_an_untrained_net_guesses_and_a_trained_one_reads(open_tab):
    tab = open_tab("digits?epochs=3")
    ready(tab)
    eventually(lambda: 2 < score(tab) < 30)
    expect(tab.locator(".score-side")).to_contain_text("10 %")
    press(tab, "Play")
    until(tab, "p.status === 'finished'", START_S)
    tab.locator(".progress-words", has_text="3 epochs in").wait_for()
    eventually(lambda: score(tab) > 85)
    expect(tab.locator(".score-side")).to_contain_text("Before training")


def test_pause_epoch_cancel_and_reset(open_tab):
    tab = open_tab("digits?epochs=0")
    ready(tab)
    press(tab, "To the end of the epoch")
    until(tab, "p.status === 'paused' && p.epoch === 1")
    tab.keyboard.press("Space")
    until(tab, "p.status === 'playing' && p.epoch > 1.2")
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    assert rests(lambda: state(tab)["epoch"]) > 1.2
    assert state(tab)["status"] == "paused"
    press(tab, "Cancel the run")
    until(tab, "p.status === 'stopped'")
    press(tab, "Reset to the same initial weights")
    until(tab, "p.status === 'ready' && p.epoch === 0")


def test_play_after_the_end_trains_as_many_again(open_tab):
    tab = open_tab("digits?epochs=1&examples=500")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished' && p.epoch === 1")
    press(tab, "Play")
    until(tab, "p.status === 'finished' && p.epoch === 2")
    tab.wait_for_function("() => location.search.includes('epochs=2')")


def test_the_confusion_matrix_is_told_by_pointer_and_by_keys(open_tab):
    tab = open_tab("digits?epochs=1")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished'")
    canvas = tab.locator(".confusion canvas")
    canvas.scroll_into_view_if_needed()
    canvas.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        tab.keyboard.press(key)
    expect(note(tab, ".confusion")).to_have_text(re.compile(r"^True 1, answered 1: [\d,]+ of [\d,]+ \([\d.]+ %\)$"))
    tab.keyboard.press("Escape")
    expect(note(tab, ".confusion")).to_contain_text("Point at a cell.")
    tab.locator(".filters canvas").hover()
    expect(note(tab, ".filters")).to_contain_text("Weights of unit")
    cell = tab.locator(".matrix").get_by_role("button", name="True 0, answered 0")
    cell.focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".matrix-note")).to_have_text(re.compile(r"^True 1, answered 1: "))
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("true 1s answered right")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "dark"), [(1440, 900, False), (390, 844, True)])
def test_nothing_overflows_and_nothing_jumps(open_tab, width, height, dark):
    tab = open_tab("digits?epochs=1&examples=1000", width=width, height=height, dark=dark)
    ready(tab)
    measure = """() => {
      const shadows = [...document.querySelectorAll('*')].map((e) => e.shadowRoot);
      const root = shadows.find((s) => s && s.querySelector('.digits-view')) || document;
      return [...root.querySelectorAll('.panel')].map((e) => [e.offsetTop, e.offsetHeight, e.scrollWidth <= e.clientWidth + 1]);
    }"""
    before = rests(lambda: tab.evaluate(measure), 0.3)
    assert len(before) >= 9 and all(fits for _, _, fits in before)
    press(tab, "Play")
    until(tab, "p.status === 'finished'")
    settle(0.5)
    eventually(lambda: tab.evaluate(measure) == before)
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width


TICKS_CUT = """() => {
  window.__cut = { texts: 0, cut: [] };
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    if (this.textAlign === "right") {
      window.__cut.texts += 1;
      if (x < this.measureText(text).width) window.__cut.cut.push(text);
    }
    return write.call(this, text, x, y);
  };
}"""


def test_losses_of_millions_have_room_beside_their_axis(chrome, open_tab):
    context = visitor(chrome, viewport={"width": 1440, "height": 900})
    context.add_init_script(f"({TICKS_CUT})()")
    tab = open_tab("digits?net=256relu&rate=100&examples=1000&epochs=1", context=context)
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished'", START_S)
    expect(tab.locator(".digits-loss .value").last).to_have_text(re.compile(r"^(\d\.\d+e\d+|\d{7,})$"))
    drawn(tab)
    written = tab.evaluate("() => window.__cut")
    assert written["texts"] and not written["cut"]


def test_a_long_epoch_shows_a_sample_and_says_so(open_tab):
    tab = open_tab(f"digits?epochs=0&examples=10000&net={'-'.join(['1024relu'] * 5)}")
    ready(tab)
    press(tab, "Play")
    expect(tab.locator(".score-of")).to_have_text(re.compile(r"of 1,000 test digits, epoch 0\.\d"), timeout=1000 * START_S)
    expect(note(tab, ".confusion")).to_contain_text("Before training.")
    eventually(lambda: score(tab) > 20)
    press(tab, "To the end of the epoch")
    expect(note(tab, ".confusion")).to_contain_text("After epoch 1.", timeout=2000 * START_S)
    # the numbers follow the note within moments
    expect(tab.locator(".score-now")).not_to_contain_text("about")


def test_a_net_changed_in_a_run_has_no_figures_until_it_is_measured(open_tab):
    tab = open_tab("digits?net=20relu&examples=1000&epochs=0")
    ready(tab)
    press(tab, "To the end of the epoch")
    until(tab, "p.status === 'paused' && p.epoch === 1", START_S)
    eventually(lambda: score(tab) > 20)
    tab.get_by_role("slider", name="Units of layer 1").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".score-now")).to_have_text("–")
    expect(tab.locator(".score-of")).to_have_text("Not measured since it was changed. Press Play.")
    press(tab, "To the end of the epoch")
    eventually(lambda: score(tab) > 20)


def test_a_known_net_begins_with_figures_of_its_own(open_tab):
    tab = open_tab("digits?examples=1000&epochs=1")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished'", START_S)
    eventually(lambda: score(tab) > 50)
    tab.get_by_role("combobox", name=re.compile("A known net")).click()
    tab.get_by_role("option", name="No hidden layer").click()
    until(tab, "p.status === 'ready' && p.epoch === 0", START_S)
    eventually(lambda: score(tab) < 30)
    expect(tab.locator(".diagnosis")).to_contain_text("No hidden layer: not trained yet.")


@pytest.mark.parametrize("box", ["Saliency", "Occlusion"])
def test_maps_that_were_asked_for_stay_when_the_stack_changes(open_tab, box):
    tab = open_tab("digits?net=conv:4:relu-pool_max-dense:20:relu&examples=300")
    ready(tab)
    tab.locator(".inside-controls").get_by_label(box).check()
    until(tab, "p.inside && p.inside.look.maps.length === 1")
    tab.locator("summary", has_text="2 Max pooling").click()
    tab.get_by_role("button", name="delete").click()
    until(tab, "p.inside && !p.inside.rows.some((name) => name.includes('pool'))", START_S)
    settle(0.5)
    expect(tab.locator(".inside-controls").get_by_label(box)).to_be_checked()
    assert state(tab)["inside"]["look"]["maps"] == [box.lower()]
