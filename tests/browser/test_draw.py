"""Drawing a digit in a real browser: mouse, finger and keys, into a net that has learned a little."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.seen import ready, settle, state, until
from tests.browser.waiting import START_S, box_of, rests, visitor
from tests.engines.data.reader import examples
from tests.engines.data.test_photo import filed, flat, taken, written

LEARNED = "digits?epochs=3&examples=4000"


def press(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def learned(tab) -> None:
    """Let the net learn."""
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'finished'", START_S)


def paper(tab) -> dict:
    """The box of the paper, scrolled to where it can be seen."""
    sheet = tab.locator(".draw-paper")
    sheet.scroll_into_view_if_needed()
    return box_of(sheet)


def drawn(tab) -> dict:
    """What the panel says of itself."""
    return state(tab)["draw"]


def note(tab):
    """What the panel says above the paper."""
    return tab.locator(".draw .panel-note")


def stroke(tab, *places: tuple[float, float]) -> None:
    """With the mouse, through places given as shares of the paper."""
    box = paper(tab)
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    tab.mouse.move(*points[0])
    tab.mouse.down()
    for point in points[1:]:
        tab.mouse.move(*point, steps=8)
    tab.mouse.up()


ONE = ((0.52, 0.15), (0.5, 0.5), (0.48, 0.85))
SEVEN = ((0.25, 0.2), (0.72, 0.2), (0.45, 0.85))


def test_a_one_is_drawn_read_cleared_and_taken_back(open_tab):
    tab = open_tab(LEARNED)
    learned(tab)
    before = until(tab, "p.draw && p.draw.bars")["draw"]
    assert before["source"] == "test" and before["truth"] is not None
    stroke(tab, *ONE)
    after = until(tab, "p.draw.source === 'drawn' && p.draw.answer === 1")["draw"]
    assert after["bars"] != before["bars"] and after["truth"] is None
    assert sum(after["bars"]) == pytest.approx(1, abs=1e-3) and after["bars"][1] == max(after["bars"])
    expect(tab.locator(".draw-digit")).to_have_text("1")
    expect(tab.locator(".draw-bars li[data-kind=open]")).to_contain_text("1")
    tab.locator(".draw-spoken", has_text=re.compile(r"The net reads 1 \(\d+ %\)")).wait_for(state="attached")
    expect(note(tab)).to_contain_text("Your drawing")
    press(tab, "Clear")
    back = until(tab, "p.draw.source === 'test' && p.draw.strokes === 0")["draw"]
    assert back["digit"] == 0 and back["bars"] == pytest.approx(before["bars"], abs=1e-3)
    press(tab, "Undo")
    until(tab, "p.draw.source === 'drawn' && p.draw.strokes === 1 && p.draw.answer === 1")
    # folding the panel below takes nothing away
    tab.locator(".inside-fold").click()
    press(tab, "Clear")
    until(tab, "p.draw.source === 'test'")
    stroke(tab, *SEVEN)
    until(tab, "p.draw.source === 'drawn' && p.draw.answer === 7")


def test_a_finger_draws_and_the_page_stays_where_it_is(open_tab, chrome):
    context = visitor(chrome, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = open_tab(LEARNED, context=context)
    learned(tab)
    box = paper(tab)
    where = "() => [...document.querySelectorAll('*')].reduce((sum, e) => sum + e.scrollTop, 0)"
    scrolled = rests(lambda: tab.evaluate(where), 0.3)
    fingers = context.new_cdp_session(tab)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": i} for i, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.5, 0.15))
    for k in range(1, 15):
        touch("touchMove", (0.5, 0.15 + 0.05 * k))
    # a second finger on the paper neither draws nor ends the stroke
    touch("touchStart", (0.5, 0.85), (0.9, 0.1))
    touch("touchMove", (0.5, 0.88), (0.9, 0.5))
    touch("touchEnd")
    found = until(tab, "p.draw.source === 'drawn' && p.draw.answer === 1")["draw"]
    assert found["strokes"] == 1
    assert tab.evaluate(where) == scrolled
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_the_net_that_is_training_answers(open_tab):
    tab = open_tab("digits?epochs=0&examples=4000")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'playing' && p.epoch > 3", START_S)
    stroke(tab, *SEVEN)
    until(tab, "p.draw.source === 'drawn' && p.draw.answer === 7")
    assert state(tab)["status"] == "playing"
    first = drawn(tab)["sure"]
    until(tab, f"Math.abs(p.draw.sure - {first}) > 1e-7")
    assert drawn(tab)["drawn"]


def test_keys_take_test_digits_and_a_picked_one_puts_the_drawing_aside(open_tab):
    tab = open_tab(LEARNED)
    ready(tab)
    until(tab, "p.draw && p.draw.digit === 0")
    tab.locator(".draw-paper").focus()
    tab.keyboard.press("ArrowRight")
    until(tab, "p.draw.digit === 1")
    expect(tab.locator(".draw-which")).to_contain_text("test digit 2")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")
    until(tab, "p.draw.digit > 100")
    stroke(tab, *ONE)
    until(tab, "p.draw.source === 'drawn'")
    tab.locator(".strip canvas").click(position={"x": 20, "y": 40})
    until(tab, "p.draw.source === 'test' && p.draw.digit === 0 && p.draw.strokes === 0")
    tab.locator(".draw-paper").focus()
    tab.keyboard.press("Control+z")
    until(tab, "p.draw.source === 'drawn' && p.draw.strokes === 1")
    tab.keyboard.press("Delete")
    until(tab, "p.draw.source === 'test' && p.draw.strokes === 0")
    assert state(tab)["status"] == "ready"


PREVIEW = """() => {
  const roots = [document, ...[...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean)];
  const canvas = roots.map((r) => r.querySelector('.draw-preview')).find(Boolean);
  const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < 784; i++) {
    const v = Math.abs(data[4 * i] - 243) < 8 ? 0 : Math.abs(data[4 * i] - 243);
    [mass, x, y] = [mass + v, x + v * (i % 28), y + v * Math.floor(i / 28)];
  }
  return [x / mass, y / mass];
}"""


def test_a_dot_is_too_little_and_sliders_move_what_the_net_sees(open_tab):
    tab = open_tab(LEARNED)
    ready(tab)
    until(tab, "p.draw && p.draw.bars")
    stroke(tab, (0.5, 0.5), (0.505, 0.5))
    expect(note(tab)).to_contain_text("Too little to read")
    settle(0.4)
    assert drawn(tab)["source"] == "test"
    stroke(tab, (0.3, 0.2), (0.3, 0.8))
    until(tab, "p.draw.source === 'drawn' && p.draw.strokes === 2")
    expect(note(tab)).not_to_contain_text("Too little")
    press(tab, "Clear")
    until(tab, "p.draw.source === 'test'")
    x, y = rests(lambda: tab.evaluate(PREVIEW), 0.3)
    right = tab.get_by_role("slider", name="Right", exact=True)
    right.focus()
    for _ in range(8):
        tab.keyboard.press("ArrowRight")
    until(tab, "p.draw.moves.shift_x === 4")
    tab.wait_for_function(f"() => Math.abs(({PREVIEW})()[0] - {x + 4}) < 0.3")
    assert tab.evaluate(PREVIEW)[1] == pytest.approx(y, abs=0.3)
    press(tab, "Put back")
    tab.wait_for_function(f"() => Math.abs(({PREVIEW})()[0] - {x}) < 0.3")
    assert drawn(tab)["moves"] == {"shift_x": 0, "shift_y": 0, "rotation": 0, "scale": 1, "noise": 0}


def test_a_photo_is_read_in_the_live_view_and_a_bad_one_changes_nothing(open_tab):
    tab = open_tab(LEARNED)
    learned(tab)
    number = next(i for i, label in enumerate(examples()[1]) if label == 0)
    tab.get_by_role("tab", name="Photo", exact=True).click()
    tab.get_by_text("A photo of a digit").wait_for()
    uploader = tab.locator("input[type=file]").last
    uploader.set_input_files({"name": "0.png", "mimeType": "image/png", "buffer": filed(taken(written(examples()[0][number])))})
    until(tab, "p.draw.source === 'drawn' && p.draw.answer === 0")
    expect(note(tab)).to_contain_text("Your picture")
    uploader.set_input_files({"name": "white.png", "mimeType": "image/png", "buffer": filed(flat(250))})
    tab.get_by_text("nothing stands out from the paper").wait_for()
    assert drawn(tab)["answer"] == 0 and drawn(tab)["source"] == "drawn"
    press(tab, "Clear")
    until(tab, "p.draw.source === 'test'")


def test_whoever_comes_back_finds_the_drawing_its_moves_and_the_digit_as_they_are_read(open_tab):
    tab = open_tab(LEARNED)
    ready(tab)
    until(tab, "p.draw && p.draw.bars")
    stroke(tab, *SEVEN)
    until(tab, "p.draw.source === 'drawn' && p.draw.strokes === 1")
    right = tab.get_by_role("slider", name="Right", exact=True)
    right.focus()
    for _ in range(8):
        tab.keyboard.press("ArrowRight")
    until(tab, "p.draw.moves.shift_x === 4")
    tab.get_by_role("link", name="Home").first.click()
    tab.wait_for_function("() => !location.pathname.includes('digits')")
    tab.get_by_role("link", name="Digits").first.click()
    until(tab, "p.draw && p.draw.moves.shift_x === 4 && p.draw.strokes === 1 && p.draw.drawn", START_S)
    assert drawn(tab)["source"] == "drawn"
    expect(right).to_have_value("4")
    expect(tab.get_by_role("button", name="Put back", exact=True)).to_be_enabled()
    expect(tab.get_by_role("button", name="Undo", exact=True)).to_be_enabled()
    press(tab, "Clear")
    until(tab, "p.draw.source === 'test' && p.draw.moves.shift_x === 4")
    press(tab, "Put back")
    until(tab, "p.draw.moves.shift_x === 0")
