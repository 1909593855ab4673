"""The Backprop page in a real browser: what only a browser shows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from engines.trace.study import Study
from playground.backprop.payload import payload
from playground.backprop.traced import traced
from tests.browser.raced import close, listen, numbers, query, query_has
from tests.browser.waiting import PATIENCE_S, START_S, box_of, click_in, drawn, eventually, held, new_tab, quickest

STEP_LIMIT_MS = 100.0
STEP = """() => new Promise((resolve) => {
  const find = (root) => root.querySelector(".backprop-bar [aria-label^='One operation on']")
    || [...root.querySelectorAll("*")].reduce((hit, node) => hit || (node.shadowRoot && find(node.shadowRoot)), null);
  const { step } = window.__backprop, start = performance.now();
  find(document).click();
  const late = () => performance.now() - start > 5000;
  const look = () => (late() || (window.__backprop.step > step && window.__backprop.stepMs !== undefined)
    ? requestAnimationFrame(() => resolve(performance.now() - start)) : requestAnimationFrame(look));
  look();
})"""
DEEP = "v=1&trace=random&inputs=4&net=5tanh-4relu&outputs=3&batch=16&biases=1"


@pytest.fixture
def backprop(desk, address):
    """Open a study; fails on any error of the page, its console, or its requests."""
    tabs, troubles = [], []

    def open_(query: str = "", width: int = 1440, dark: bool = False):
        tab = new_tab(desk, width, 950, dark)
        tabs.append(tab)
        listen(tab, troubles)
        tab.goto(f"{address}/backprop?{query}")
        until(tab, "p.ready && p.frames > 1", START_S)
        drawn(tab)
        return tab

    yield open_
    for tab in tabs:
        tab.close()
    assert not troubles, troubles


def state(tab) -> dict:
    """What the view says of itself."""
    return tab.evaluate("() => ({ ...window.__backprop })")


def until(tab, expression: str, timeout_s: float = PATIENCE_S) -> dict:
    """Wait until a JavaScript expression of `p`, the view's state, holds; the state then."""
    return held(tab, "__backprop", expression, timeout_s)


def scrub(tab, step: int) -> dict:
    """Go to an operation, at rest."""
    slider = tab.get_by_label("Operation", exact=True)
    slider.evaluate("(s, step) => { s.value = step; s.dispatchEvent(new Event('input')); }", step)
    until(tab, f"p.step === {step}")
    drawn(tab)
    return state(tab)


def show(tab, part: str) -> None:
    """Show one part alone, and wait until it has been laid out and drawn so."""
    tab.get_by_role("button", name=part, exact=True).click()
    tab.locator(f".backprop-view[data-tab='{part.lower()}']").wait_for()
    drawn(tab)


def click_entry(tab, symbol: str, row: int, column: int) -> None:
    """Click an entry (counted from 0) of a two by two matrix; opens the field to type into."""
    click_in(tab.locator(f".matrices [data-symbol='{symbol}'] .heat-box"), 0.25 + 0.5 * column, 0.25 + 0.5 * row)
    expect(tab.locator(".matrix-holder .editor")).to_contain_text(f"{symbol} [{row + 1}, {column + 1}]")


def study_of(query: str) -> Study:
    """DEEP as a study."""
    layers = [{"units": 5, "activation": "tanh"}, {"units": 4, "activation": "relu"}]
    deep = Study(examples="random", inputs=4, layers=layers, outputs=3, batch=16, train_biases=True)
    return deep if query else Study()


@pytest.mark.parametrize("query", ["", DEEP], ids=["worked", "deep"])
def test_numbers_on_screen_are_the_traces(backprop, query):
    """Every operation: each matrix that is drawn with numbers, the written-out sum, and the diagram."""
    tab, trace = backprop(query), traced(study_of(query)).trace
    assert state(tab)["revision"] == payload(traced(study_of(query)))["revision"]
    seen = set()
    for operation in trace.operations:
        shown = scrub(tab, operation.index)["shown"]
        for name, text in shown.items():
            whole = re.fullmatch(r"(\w+'?)", name)
            one = re.fullmatch(r"(?:net )?(\w+'?)\[(\d+),(\d+)\]", name)
            if whole and name in trace.values and name != "eta":
                expected = np.atleast_2d(trace.values[name])
                told = np.array([numbers(row.replace(" ", " , ")) for row in text.split(";")])
                assert told.shape == expected.shape, (operation, name)
                assert all(close(a, b) or abs(b) < 1e-9 for a, b in zip(told.ravel(), expected.ravel(), strict=True)), (name, text)
                seen.add(name)
            elif one and one[1] in trace.values:
                value = float(np.atleast_2d(trace.values[one[1]])[int(one[2]), int(one[3])])
                assert close(numbers(text)[0], value) or abs(value) < 1e-9, (operation, name, text, value)
                seen.add(one[1])
    assert {"X", "W1", "Z1", "Y", "D1", "G1", "W1'", "dX"} <= seen


def test_a_step_moves_diagram_rules_and_matrices_at_once(backprop):
    tab = backprop()
    before = None
    for step in range(1, 6):
        quickest(lambda: tab.evaluate(STEP), lambda to=step - 1: scrub(tab, to), STEP_LIMIT_MS)
        assert state(tab)["step"] == step
        now = (
            tab.locator(".rule[aria-current='step']").inner_text(),
            tab.locator(".matrices .formula").inner_text(),
            tab.locator(".op-words").inner_text(),
        )
        assert before is None or all(a != b for a, b in zip(before[1:], now[1:], strict=True)), (step, before, now)
        before = now
    place = state(tab)["step"]
    tab.get_by_role("button", name="One operation back (left arrow)").click()
    until(tab, f"p.step === {place - 1}")
    query_has(tab, f"step={place - 1}")


def test_keys_play_and_step(backprop):
    tab = backprop()
    tab.locator("body").press("ArrowRight")
    until(tab, "p.step === 1")
    tab.keyboard.press("Space")
    until(tab, "p.playing && p.step > 1")
    tab.keyboard.press("Space")
    until(tab, "!p.playing")


def test_a_link_to_a_step_opens_there_and_a_reload_stays(backprop):
    tab = backprop(f"{DEEP}&step=12&example=3")
    until(tab, "p.step === 12")
    tab.reload()
    until(tab, "p.ready && p.step === 12")


def test_a_weight_that_is_followed_shows_its_chain_rule(backprop):
    tab = backprop()
    show(tab, "Matrices")
    click_entry(tab, "W1", 1, 1)
    tab.get_by_role("button", name="Follow this weight").click()
    tab.get_by_text("the weight from input 2 to unit 2 (layer 1)").wait_for()
    gradient = float(traced(Study()).trace.values["G1"][1, 1])
    tab.get_by_role("cell", name=f"{gradient:.9g}").first.wait_for()
    tab.locator(".katex-display").nth(1).wait_for()


def test_a_typed_number_makes_another_pass(backprop):
    tab = backprop()
    before = state(tab)["revision"]
    show(tab, "Matrices")
    click_entry(tab, "W1", 0, 0)
    tab.get_by_label("New value").fill("0.9")
    tab.get_by_label("New value").press("Enter")
    until(tab, f"p.revision !== {before!r}")
    query_has(tab, "typed=W1.0.0~0.9")
    study = Study(typed=[{"matrix": "W1", "row": 0, "column": 0, "value": 0.9}])
    last = len(traced(study).trace.operations) - 1
    assert scrub(tab, last)["shown"]
    assert state(tab)["revision"] == payload(traced(study))["revision"]
    # where one has come to rest is a place of its own on the way back
    query_has(tab, f"step={last}")
    tab.go_back()
    eventually(lambda: "step=" not in query(tab))
    assert state(tab)["revision"] != before
    tab.go_back()
    until(tab, f"p.revision === {before!r}")


def test_a_number_half_typed_survives_another_width(backprop):
    tab = backprop()
    show(tab, "Matrices")
    click_entry(tab, "W1", 1, 0)
    field = tab.get_by_label("New value")
    field.fill("0.7")
    before = box_of(tab.locator(".matrices [data-symbol='W1'] .heat-box"))
    tab.set_viewport_size({"width": 900, "height": 950})
    eventually(lambda: box_of(tab.locator(".matrices [data-symbol='W1'] .heat-box"))["x"] != before["x"])
    expect(field).to_have_value("0.7")
    entry, editor = box_of(tab.locator(".matrices [data-symbol='W1'] .heat-box")), box_of(tab.locator(".matrix-holder .editor"))
    assert editor["x"] == pytest.approx(entry["x"] + entry["width"] / 2, abs=2)
    field.press("Enter")
    query_has(tab, "typed=W1.1.0~0.7")


def test_ten_thousand_updates(backprop):
    tab = backprop()
    tab.get_by_role("tab", name="Run updates").click()
    tab.get_by_role("button", name="10,000 updates").click()
    tab.get_by_text("3.51019e−05").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone_shows_everything(backprop, dark):
    tab = backprop(DEEP, width=390, dark=dark)
    tab.wait_for_function("() => document.documentElement.scrollWidth <= 390")
    for name, part in (("Rules", ".rules"), ("Matrices", ".matrices"), ("Diagram", ".trace-diagram")):
        show(tab, name)
        expect(tab.locator(part)).to_be_visible()
        box = box_of(tab.locator(part))
        assert box["x"] >= 0 and box["x"] + box["width"] <= 391
    expect(tab.locator(".backprop-shell.dark")).to_have_count(int(dark))
