"""The Shakespeare page in a real browser: what only a browser shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.seen import ready, settle, state, until
from tests.browser.waiting import START_S, eventually, rests

SMALL = "shakespeare?text=sonnets&units=32&emb=8&seq=16&batch=8"


def press(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def headline(tab) -> float:
    """The large number, in nats."""
    return float(tab.locator(".headline-now").inner_text())


def page(tab) -> str:
    return tab.locator(".page").inner_text()


def played(open_tab, path=SMALL, **options):
    """The page, playing, with three samples written."""
    tab = open_tab(path, **options)
    ready(tab)
    press(tab, "Play")
    until(tab, "p.text && p.text.samples >= 3", START_S)
    return tab


def test_the_loss_passes_the_counters_and_samples_gather(open_tab):
    tab = open_tab(SMALL)
    expect(tab.locator(".headline-beside")).to_contain_text("The net guesses blindly, too. Press Play.", timeout=1000 * START_S)
    assert headline(tab) > 3.5
    expect(tab.locator(".headline .figure").first).to_contain_text("%")
    press(tab, "Play")
    until(tab, "p.text && p.text.samples >= 3", START_S)
    eventually(lambda: headline(tab) < 3.2, START_S)
    expect(tab.locator(".headline-words")).to_have_text(re.compile(r"nats \(\d\.\d\d bits\) a character on text it has not seen"))
    expect(tab.locator(".headline-beside")).to_contain_text("Guessing by letter pairs gives 2.")
    expect(tab.locator(".card").first).to_contain_text("untrained")
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    count = rests(lambda: tab.locator(".card").count(), 1.0)
    assert count >= 3


def test_a_sample_is_picked_kept_and_left(open_tab):
    tab = played(open_tab)
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    rests(lambda: page(tab), 1.0)
    newest = page(tab)
    tab.locator(".card").first.click()
    expect(tab.locator(".sample .panel-note")).to_contain_text("before training")
    assert page(tab) != newest
    tab.mouse.move(5, 5)
    tab.keyboard.press("Escape")
    eventually(lambda: page(tab) == newest)


def test_wishes_are_answered_at_once_and_nothing_is_compiled(open_tab, server_status):
    tab = played(open_tab)
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    rests(lambda: page(tab), 1.0)
    compiled = server_status()["compiles"]
    texts = [page(tab)]
    for name, value in [("temperature", "0"), ("temperature", "1000000000"), ("top-k", "1"), ("seed", "7"), ("length", "40")]:
        field = tab.get_by_label(f"{name} as a number", exact=True)
        field.fill(value)
        field.press("Enter")
        if (name, value) != ("seed", "7"):  # with one character in the running no luck is needed
            eventually(lambda: page(tab) != texts[-1])
        texts.append(rests(lambda: page(tab), 0.8))
    assert texts[3] == texts[4] and len(texts[5].strip()) <= 40
    field = tab.get_by_label("temperature as a number", exact=True)
    field.fill("-3")
    field.press("Enter")
    expect(tab.locator(".wishes .refusal")).to_have_text("0 to 1e9")
    expect(field).to_have_value("1000000000")
    assert server_status()["compiles"] == compiled


def test_typing_shows_what_comes_next_and_a_bar_writes_it(open_tab):
    tab = played(open_tab)
    field = tab.locator(".type-field")
    field.fill("The q")
    bars = tab.locator(".bars button.bar")
    expect(bars).to_have_count(8)
    eventually(lambda: "u" in bars.first.inner_text() or headline(tab) > 0)
    shares = eventually(lambda: [float(text.split()[0]) for text in tab.locator(".bar-share").all_inner_texts()])
    assert sum(shares) == pytest.approx(100, abs=0.6) and shares[:8] == sorted(shares[:8], reverse=True)
    bars.first.click()
    eventually(lambda: len(field.input_value()) == 6)
    field.fill("<img src=x onerror=alert(1)> ☃")
    expect(tab.locator(".typing .unknown")).to_contain_text("☃")
    assert tab.locator(".text-view img").count() == 0
    field.fill("Look")
    press(tab, "Write on from here")
    expect(tab.locator(".page .prime")).to_have_text("Look")


def test_surprise_colours_and_bits(open_tab):
    tab = played(open_tab)
    tab.locator(".sample .toggle input").check()
    eventually(lambda: tab.locator(".written span").count() > 10)
    press(tab, "Bits")
    expect(tab.locator(".text-loss .key .value").last).to_have_text(re.compile(r"\d\.\d{3}"))


def test_going_back_writes_with_the_net_of_then(open_tab):
    tab = played(open_tab)
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    newest, count = rests(lambda: page(tab), 1.0), tab.locator(".card").count()
    tab.get_by_label("Time line: go back to any recorded moment").evaluate(
        "(e) => { e.value = 1; e.dispatchEvent(new Event('input')); }"
    )
    eventually(lambda: page(tab) != newest and state(tab)["text"]["shown"] < 60)
    assert tab.locator(".card").count() >= count
    press(tab, "Back to now")
    eventually(lambda: page(tab) == newest)


def test_a_change_of_the_net_goes_into_the_address(open_tab):
    tab = open_tab(SMALL)
    ready(tab)
    tab.get_by_role("tab", name="Net", exact=True).click()
    tab.get_by_role("combobox", name="Cell").click()
    tab.get_by_role("option", name="GRU").first.click()
    tab.wait_for_function("() => location.search.includes('cell=gru')")
    ready(tab)


@pytest.mark.parametrize(("width", "height", "dark"), [(1440, 900, False), (390, 844, True)])
def test_nothing_overflows_and_nothing_jumps(open_tab, width, height, dark):
    tab = open_tab(f"{SMALL}&epochs=1", width=width, height=height, dark=dark)
    ready(tab)
    measure = """() => {
      const shadows = [...document.querySelectorAll('*')].map((e) => e.shadowRoot);
      const root = shadows.find((s) => s && s.querySelector('.text-view')) || document;
      return [...root.querySelectorAll('.panel')].map((e) => [e.offsetTop, e.offsetHeight, e.scrollWidth <= e.clientWidth + 1]);
    }"""
    before = rests(lambda: tab.evaluate(measure), 0.3)
    assert len(before) >= 8 and all(fits for _, _, fits in before)
    press(tab, "Play")
    until(tab, "p.status === 'finished'", START_S)
    settle(0.5)
    eventually(lambda: tab.evaluate(measure) == before)
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_numbers_of_a_moment_of_the_curve_are_all_in_sight_beside_an_earlier_curve(open_tab):
    tab = played(open_tab)
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    tab.get_by_role("tab", name="Net", exact=True).click()
    tab.get_by_role("combobox", name="Cell").click()
    tab.get_by_role("option", name="GRU").first.click()
    expect(tab.locator(".text-loss .btn.link")).to_be_visible()
    press(tab, "Play")
    expect(tab.locator(".headline-now")).to_have_text(re.compile(r"\d"), timeout=START_S * 1000)
    tab.locator(".text-loss canvas").hover(position={"x": 150, "y": 60})
    expect(tab.locator(".text-loss .when")).to_contain_text("epoch")
    sizes = tab.locator(".text-loss .panel-head").evaluate("(e) => [e.scrollWidth, e.clientWidth]")
    assert sizes[0] <= sizes[1] + 1
