"""The Digits page in a real browser: what only a browser shows."""

from __future__ import annotations

import re

import pytest

from tests.browser.seen import ready, settle, state, until


def press(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def score(tab) -> float:
    """The large number, in per cent."""
    return float(re.match(r"[\d.]+", tab.locator(".score-now").inner_text())[0])


def note(tab, panel: str) -> str:
    return tab.locator(f"{panel} .panel-note").inner_text()


def test_an_untrained_net_guesses_and_a_trained_one_reads(open_tab):
    tab = open_tab("digits?epochs=3")
    ready(tab)
    tab.locator(".score-now", has_text="%").wait_for()
    assert 2 < score(tab) < 30
    assert "10 %" in tab.locator(".score-side").inner_text()
    press(tab, "Play")
    until(tab, "p.status === 'finished'", 90)
    tab.locator(".progress-words", has_text="3 epochs in").wait_for()
    assert score(tab) > 85
    assert "Before training" in tab.locator(".score-side").inner_text()


def test_pause_epoch_cancel_and_reset(open_tab):
    tab = open_tab("digits?epochs=0")
    ready(tab)
    press(tab, "To the end of the epoch")
    until(tab, "p.status === 'paused' && p.epoch === 1", 60)
    tab.keyboard.press("Space")
    until(tab, "p.status === 'playing' && p.epoch > 1.2", 60)
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    settle(0.3)
    stopped = state(tab)["epoch"]
    settle(0.6)
    assert state(tab)["epoch"] == stopped
    press(tab, "Cancel the run")
    until(tab, "p.status === 'stopped'")
    press(tab, "Reset to the same initial weights")
    until(tab, "p.status === 'ready' && p.epoch === 0")


def test_play_after_the_end_trains_as_many_again(open_tab):
    tab = open_tab("digits?epochs=1&examples=500")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished' && p.epoch === 1", 60)
    press(tab, "Play")
    until(tab, "p.status === 'finished' && p.epoch === 2", 60)
    tab.wait_for_function("() => location.search.includes('epochs=2')")


def test_the_confusion_matrix_is_told_by_pointer_and_by_keys(open_tab):
    tab = open_tab("digits?epochs=1")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished'", 60)
    canvas = tab.locator(".confusion canvas")
    canvas.scroll_into_view_if_needed()
    canvas.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        tab.keyboard.press(key)
    tab.locator(".confusion .panel-note", has_text="True 1, answered 1:").wait_for()
    assert re.fullmatch(r"True 1, answered 1: [\d,]+ of [\d,]+ \([\d.]+ %\)", note(tab, ".confusion"))
    tab.keyboard.press("Escape")
    tab.locator(".confusion .panel-note", has_text="Point at a cell.").wait_for()
    tab.locator(".filters canvas").hover()
    tab.locator(".filters .panel-note", has_text="Weights of unit").wait_for()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows_and_nothing_jumps(open_tab, width, height, dark):
    tab = open_tab("digits?epochs=1&examples=1000", width=width, height=height, dark=dark)
    ready(tab)
    measure = """() => {
      const shadows = [...document.querySelectorAll('*')].map((e) => e.shadowRoot);
      const root = shadows.find((s) => s && s.querySelector('.digits-view')) || document;
      return [...root.querySelectorAll('.panel')].map((e) => [e.offsetTop, e.offsetHeight, e.scrollWidth <= e.clientWidth + 1]);
    }"""
    before = tab.evaluate(measure)
    assert len(before) >= 9 and all(fits for _, _, fits in before)
    press(tab, "Play")
    until(tab, "p.status === 'finished'", 60)
    settle(0.5)
    assert tab.evaluate(measure) == before
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_long_epoch_shows_a_sample_and_says_so(open_tab):
    tab = open_tab(f"digits?epochs=0&net={'-'.join(['1024relu'] * 5)}")
    ready(tab)
    press(tab, "Play")
    tab.locator(".score-of", has_text=re.compile(r"of 1,000 test digits, epoch 0\.\d")).wait_for(timeout=60_000)
    assert "Before training." in note(tab, ".confusion")
    assert float(re.search(r"[\d.]+", tab.locator(".score-now").inner_text())[0]) > 20
    press(tab, "To the end of the epoch")
    tab.locator(".confusion .panel-note", has_text="After epoch 1.").wait_for(timeout=120_000)
    # the numbers follow the note within moments
    tab.locator(".score-now").filter(has_not_text="about").wait_for(timeout=5_000)
