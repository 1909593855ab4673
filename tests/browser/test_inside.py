"""Inside the net in a real browser: maps, filters, what a place sees, and how a number came about."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from engines.experiment import digits_experiment
from engines.nets.stack import receptive_field, rows
from playground.stack_links import read_stack
from tests.browser.seen import ready, state, until
from tests.browser.waiting import START_S, click_in, drawn, eventually, place_in, rests

LAYERS = "conv:4:relu-pool_max-conv:6,3:relu-dense:16:relu"
PAGE = f"digits?net={LAYERS}&examples=500&epochs=0"
NET = digits_experiment().change(net={"kind": "stack", "layers": read_stack(LAYERS)}).net
CONV, POOL, SECOND, DENSE, OUTPUT = range(5)
COLOURS = """(canvas) => new Set(new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""


def opened(open_tab, **options):
    """The page with its maps drawn."""
    tab = open_tab(PAGE, **options)
    ready(tab)
    until(tab, "p.inside && p.inside.rows.length === 6 && p.inside.painted > 0", START_S)
    return tab


def inside(tab) -> dict:
    return state(tab)["inside"]


def canvas(tab, layer: int):
    """The canvas of a layer; the input's comes first."""
    return tab.locator(".inside-row canvas").nth(layer + 1)


def pixels(tab, layer: int) -> str:
    """What a layer's canvas shows."""
    drawn(tab)
    return canvas(tab, layer).evaluate("(canvas) => canvas.toDataURL()")


def told(tab, layer: int) -> dict:
    """The explanation of a unit of this layer, once the server has told it."""
    return until(tab, f"p.inside.confirmed && p.inside.unit && p.inside.unit.layer === {layer} && p.inside.products")["inside"]


def last_number(text: str) -> float:
    """The number behind the last = of a formula."""
    return float(re.search(r"= ([\d.e−]+)$", text.strip())[1].replace("−", "-"))


def same_to_three_digits(shown: float, value: float) -> bool:
    return abs(shown - value) <= 0.006 * max(abs(value), 1e-3)


def test_every_layer_shows_its_maps(open_tab):
    tab = opened(open_tab)
    assert inside(tab)["rows"] == ["input", *(row.label for row in rows(NET))]
    for layer in (-1, CONV, POOL, SECOND, DENSE, OUTPUT):
        canvas(tab, layer).scroll_into_view_if_needed()
        eventually(lambda layer=layer: canvas(tab, layer).evaluate(COLOURS) > 3)
    heads = tab.locator(".inside-head")
    expect(heads.nth(1)).to_contain_text("4 × 24 × 24")
    expect(heads.nth(1)).to_contain_text("104 weights, ReLU")
    expect(heads.nth(1).locator(".inside-range")).to_have_text(re.compile(r"^[−\d.e]+ … [\d.e]+$"))
    expect(tab.locator(".inside-said")).to_have_text(re.compile(r"^Test digit 1: it is a \d, the net reads \d at"))
    expect(tab.locator(".digits-view > .filters")).to_be_hidden()


def test_the_numbers_of_a_convolution_add_up(open_tab):
    tab = opened(open_tab)
    lines = tab.locator(".inside-lines p")
    click_in(canvas(tab, CONV), 0.15, 0.7)
    found = told(tab, CONV)
    unit = found["unit"]
    assert len(found["products"]) == unit["terms"] == 25
    assert sum(found["products"]) + unit["bias"] == pytest.approx(unit["sum"], abs=1e-4)
    assert same_to_three_digits(last_number(lines.nth(0).inner_text()), sum(found["products"]))
    assert same_to_three_digits(last_number(lines.nth(1).inner_text()), unit["sum"])
    expect(lines.nth(2)).to_have_text(re.compile(r"^ReLU\(.+\) = .+"))
    assert last_number(lines.nth(2).inner_text()) == pytest.approx(max(0, unit["sum"]), rel=0.006, abs=1e-6)
    click_in(canvas(tab, SECOND), 0.05, 0.8)
    unit = told(tab, SECOND)["unit"]
    assert sum(part["sum"] for part in unit["parts"]) + unit["bias"] == pytest.approx(unit["sum"], abs=1e-4)
    chips = tab.locator(".inside-chip")
    expect(chips).to_have_count(4)
    chips.nth(2).click()
    expect(chips.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(lines.nth(0)).to_contain_text("Map 3:")
    assert same_to_three_digits(last_number(lines.nth(0).inner_text()), unit["parts"][2]["sum"])


def test_pooling_dense_and_output_are_told_in_their_own_words(open_tab):
    tab = opened(open_tab)
    line = tab.locator(".inside-lines p").nth(0)
    click_in(canvas(tab, POOL), 0.1, 0.5)
    found = told(tab, POOL)
    expect(line).to_have_text(re.compile(r"^max\(.+, .+, .+, .+\) = "))
    assert max(found["products"]) == pytest.approx(found["unit"]["value"])
    click_in(canvas(tab, DENSE), 0.5, 0.5)
    unit = told(tab, DENSE)["unit"]
    expect(tab.locator(".inside-bars:not(.answers) .inside-bar:visible")).to_have_count(12)
    assert unit["rest"] + sum(product for *_, product in unit["top"]) + unit["bias"] == pytest.approx(unit["sum"], abs=1e-4)
    click_in(canvas(tab, OUTPUT), 0.25, 0.2)
    unit = told(tab, OUTPUT)["unit"]
    expect(tab.locator(".inside-bars.answers .inside-bar:visible")).to_have_count(10)
    softmax = tab.locator(".inside-lines p", has_text="Softmax:")
    assert last_number(softmax.inner_text()) == pytest.approx(unit["probabilities"][unit["channel"]], rel=0.006)


def test_the_field_of_a_place_is_outlined(open_tab):
    tab = opened(open_tab)
    note, digit = tab.locator(".inside .panel-note"), tab.locator(".inside-picture.looked canvas")
    plain = digit.evaluate("(canvas) => canvas.toDataURL()")
    for layer in (CONV, POOL, SECOND):
        tab.mouse.move(*place_in(canvas(tab, layer), 0.1, 0.75))
        expect(note).to_contain_text(f"{rows(NET)[layer].label}, map")
        y, x = (int(number) - 1 for number in re.search(r"row (\d+), column (\d+):", note.inner_text()).groups())
        until(tab, f"JSON.stringify(p.inside.field) === '{list(receptive_field(NET, layer, y, x))}'.replaceAll(' ', '')")
        expect(tab.locator(".inside-lens")).to_be_visible()
        assert digit.evaluate("(canvas) => canvas.toDataURL()") != plain
    tab.mouse.move(5, 5)
    until(tab, "!p.inside.field")


def test_colours_follow_the_scale_and_gradients_have_their_own(open_tab):
    tab = opened(open_tab)
    shown = []
    for name in ("Map", "Layer"):
        tab.locator("[data-choice=scale] button", has_text=name).click()
        until(tab, f"p.inside.scale === '{name.lower()}'")
        canvas(tab, POOL).scroll_into_view_if_needed()
        shown.append(rests(lambda: pixels(tab, POOL), 0.3))
    assert shown[0] != shown[1]
    tab.locator("[data-choice=values] button", has_text="Gradient").click()
    expect(tab.locator(".inside-key")).to_contain_text("magenta")
    canvas(tab, POOL).scroll_into_view_if_needed()
    eventually(lambda: pixels(tab, POOL) != shown[1])
    for name in ("Saliency", "Occlusion"):
        tab.get_by_label(name).check()
        expect(tab.locator(f".inside-picture.{name.lower()} figcaption")).to_contain_text(", to ")


def test_folded_nothing_is_computed_any_more(open_tab):
    tab = opened(open_tab)
    tab.get_by_role("button", name="Play", exact=True).click()
    arrived = inside(tab)["arrived"]
    until(tab, f"p.status === 'playing' && p.inside.arrived > {arrived + 5}")
    tab.get_by_role("button", name="Fold", exact=True).click()
    expect(tab.locator(".inside-content")).to_be_hidden()
    frames = until(tab, "!p.inside.told")["frames"]
    until(tab, f"p.frames > {frames + 5}")
    assert not inside(tab)["told"]
    tab.get_by_role("button", name="Unfold").click()
    arrived = inside(tab)["arrived"]
    until(tab, f"p.inside.arrived > {arrived + 5}")


def test_a_test_digit_that_is_clicked_is_looked_at(open_tab):
    tab = opened(open_tab)
    before = pixels(tab, CONV)
    click_in(tab.locator(".strip canvas"), 0.29, 0.3)
    until(tab, "p.inside.digit === 3")
    expect(tab.locator(".inside-said")).to_contain_text("Test digit 4:")
    canvas(tab, CONV).scroll_into_view_if_needed()
    eventually(lambda: pixels(tab, CONV) != before)


def test_the_window_slides_and_keys_move_it(open_tab):
    tab = opened(open_tab)
    canvas(tab, POOL).focus()
    tab.keyboard.press("ArrowRight")
    unit = told(tab, POOL)["unit"]
    assert (unit["channel"], unit["y"], unit["x"]) == (0, 6, 6)
    tab.keyboard.press("ArrowDown")
    until(tab, "p.inside.confirmed && p.inside.unit.y === 7")
    tab.locator(".inside-unit").get_by_role("button", name="Slide").click()
    until(tab, "p.inside.sliding && p.inside.confirmed && p.inside.unit.y === 8 && p.inside.unit.x > 2")
    tab.locator(".inside-unit").get_by_role("button", name="Pause").click()
    until(tab, "!p.inside.sliding")
    stopped = rests(lambda: inside(tab)["look"]["unit"])
    tab.get_by_role("button", name="One place back").click()
    y, x = divmod(stopped[2] * 12 + stopped[3] - 1, 12)
    until(tab, f"p.inside.confirmed && p.inside.unit.y === {y} && p.inside.unit.x === {x}")
    tab.keyboard.press("ArrowLeft")
    until(tab, f"p.inside.confirmed && p.inside.unit.x === {max(0, x - 1)}")
    assert state(tab)["epoch"] == 0
    tab.keyboard.press("Escape")
    expect(tab.locator(".inside-unit")).to_be_hidden()


def test_on_a_phone_rows_scroll_and_the_page_does_not(open_tab):
    tab = opened(open_tab, width=390, height=844)
    click_in(canvas(tab, SECOND), 0.05, 0.8)
    told(tab, SECOND)
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 390
    sizes = tab.locator(".inside-row .inside-scroll").evaluate_all(
        "(boxes) => boxes.map((box) => [box.scrollWidth, box.clientWidth])"
    )
    assert any(scroll > client for scroll, client in sizes)
    root = tab.locator(".panel.inside")
    assert root.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth + 1")
