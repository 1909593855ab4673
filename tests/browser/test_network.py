"""The Network page in a real browser: what only a browser shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.seen import ready, settle, state, until
from tests.browser.waiting import START_S, click_in, eventually, rests, visitor

COLOURS = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4 * 97) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
  return [...seen];
}"""


def press(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def href(tab) -> str:
    return tab.evaluate("() => location.href")


def test_play_trains_pause_stops_and_reset_goes_back(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Play")
    playing = until(tab, "p.status === 'playing' && p.epoch > 10")
    later = until(tab, f"p.frames > {playing['frames'] + 20}")
    assert later["epoch"] > playing["epoch"]
    press(tab, "Pause")
    until(tab, "p.status === 'paused'")
    assert rests(lambda: state(tab)["epoch"]) > 10
    assert state(tab)["status"] == "paused"
    press(tab, "Reset to the same initial weights")
    until(tab, "p.epoch === 0")


def test_keyboard_plays_and_steps(open_tab):
    tab = open_tab("network")
    ready(tab)
    tab.keyboard.press("ArrowRight")
    until(tab, "p.epoch > 0 && p.epoch < 1")
    tab.keyboard.press("Space")
    until(tab, "p.status === 'playing' && p.epoch > 5")
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")


def test_diagram_edits_reach_the_address_which_brings_them_to_others(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Add a hidden layer")
    press(tab, "Add a unit to hidden layer 1")
    tab.wait_for_function("() => location.search.includes('net=5tanh-2tanh-2tanh')")
    other = open_tab(f"network{tab.evaluate('() => location.search')}")
    ready(other)
    expect(other.get_by_text("3 hidden layers")).to_have_count(1)
    assert "net=5tanh-2tanh-2tanh" in href(other)


def test_escape_leads_from_the_editor_of_a_unit_back_to_the_unit(open_tab):
    """By keyboard: without it the next Tab begins at the top of the page."""
    tab = open_tab("network")
    ready(tab)
    unit = tab.get_by_role("button", name="Hidden 1, unit 2:")
    unit.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("Hidden 1, unit 2: bias")).to_be_focused()
    tab.keyboard.press("Escape")
    expect(unit).to_be_focused()


def test_a_reload_in_mid_run_goes_on_with_it(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Play")
    before = until(tab, "p.epoch > 20")
    tab.reload()
    after = until(tab, "p.frames > 0", START_S)
    assert after["status"] == "playing" and after["epoch"] > before["epoch"]
    tab.keyboard.press("Space")
    until(tab, "p.status === 'paused'")
    tab.reload()
    assert until(tab, "p.frames > 0", START_S)["epoch"] > before["epoch"]


def test_changes_apply_to_the_running_net_without_a_reset(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Play")
    before = until(tab, "p.epoch > 30")
    tab.get_by_role("tab", name="Learning").click()
    tab.get_by_role("combobox", name="Optimizer").click()
    tab.get_by_role("option", name="Adam", exact=True).click()
    tab.wait_for_function("() => location.search.includes('opt=adam')")
    after = until(tab, "p.rate === 0.01")
    assert after["epoch"] > before["epoch"] and after["status"] == "playing"


def test_back_button_takes_the_last_change_back(open_tab):
    tab = open_tab("network?data=spiral")
    ready(tab)
    press(tab, "Add a hidden layer")
    tab.wait_for_function("() => location.search.includes('net=')")
    tab.go_back()
    tab.wait_for_function("() => !location.search.includes('net=')")
    tab.get_by_text("2 hidden layers").wait_for()


def test_back_to_the_bare_address_takes_the_first_change_back(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Add a hidden layer")
    tab.wait_for_function("() => location.search.includes('net=')")
    tab.go_back()
    tab.get_by_text("2 hidden layers").wait_for()
    settle(0.5)
    assert "net=" not in href(tab)


def test_coming_back_from_another_page_keeps_the_work(open_tab):
    tab = open_tab("network?data=spiral")
    ready(tab)
    tab.get_by_role("link", name="Home").first.click()
    tab.get_by_role("button", name="Build a network").click()
    tab.wait_for_function("() => location.search.includes('data=spiral')")
    ready(tab)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"v":1,', "Nothing was changed"),
        (b"[1, 2]", "Nothing was changed"),
        (b"\xff\xfe\x00\x00", "Nothing was changed"),
        (b'{"data": {"kind": "digits"}, "net": {"kind": "dense"}, "cost": "softmax_cross_entropy"}', "for the Digits page"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_lost(open_tab, content, said):
    tab = open_tab("network?data=xor&net=3tanh")
    ready(tab)
    tab.get_by_text("Share", exact=True).click()
    tab.locator("input[type=file]").first.set_input_files({"name": "b.json", "mimeType": "application/json", "buffer": content})
    tab.get_by_text(said).wait_for()
    assert "data=xor" in href(tab) and "net=3tanh" in href(tab)


def test_rate_slider_moves_the_running_rate(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Play")
    tab.get_by_label("Learning rate as a number").fill("0.3")
    tab.keyboard.press("Enter")
    until(tab, "Math.abs(p.rate - 0.3) < 1e-6")
    tab.wait_for_function("() => location.search.includes('rate=0.3')")


def test_scrub_back_and_continue_from_there(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.epoch > 200")
    press(tab, "Pause")
    until(tab, "p.status === 'paused'")
    end = rests(lambda: state(tab)["epoch"])
    slider = tab.get_by_label("Time line: go back to any recorded moment")
    slider.evaluate("s => { s.value = 3; s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }")
    past = until(tab, f"p.epoch < {end / 2}")
    press(tab, "Continue from here")
    assert until(tab, f"p.status === 'playing' && p.epoch > {past['epoch'] + 5}")["epoch"] < end


def test_a_weight_can_be_typed(open_tab):
    tab = open_tab("network")
    ready(tab)
    tab.get_by_role("button", name="Output: show its map, edit its bias").click()
    tab.get_by_label("Output: bias").fill("2.5")
    tab.keyboard.press("Enter")
    settle(0.5)
    press(tab, "Close")
    tab.get_by_role("button", name="Output: show its map, edit its bias").click()
    told = tab.get_by_label("Output: bias")
    eventually(lambda: float(told.input_value() or "nan") == pytest.approx(2.5, abs=0.01))


def test_a_point_drawn_on_the_map_makes_the_data_the_visitors_own(open_tab):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Add or drag points of the blue class (+1)")
    click_in(tab.locator(".surface canvas.over").first, 0.94, 0.86)  # a corner, where no point of the circle lies
    tab.wait_for_function("() => location.search.includes('data=own')")
    tab.get_by_text("Your own 401 points").wait_for()


def test_nan_is_told_with_a_remedy_that_mends_it(open_tab):
    tab = open_tab("network?net=8quadratic-8quadratic-8quadratic-8quadratic&rate=100&out=linear")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.status === 'stopped'")
    card = tab.locator(".diagnosis")
    expect(card).to_contain_text(re.compile("rate", re.I))
    card.get_by_role("button", name="The usual learning rate, start again").click()
    until(tab, "p.rate < 1 && p.epoch > 0")


def test_falls_back_where_no_websocket_passes(open_tab, chrome):
    context = visitor(chrome, viewport={"width": 1440, "height": 900})
    context.route_web_socket("**/live/**", lambda socket: socket.close(code=1008))
    tab = open_tab("network", context=context)
    until(tab, "p.link === 'polling' && p.frames > 0", START_S)
    press(tab, "Play")
    first = until(tab, "p.status === 'playing' && p.epoch > 20")
    assert until(tab, f"p.frames > {first['frames'] + 30}")["epoch"] > first["epoch"]
    press(tab, "Pause")
    until(tab, "p.status === 'paused'")


def test_a_notice_that_goes_leaves_the_view_in_its_place(open_tab):
    tab = open_tab("network?v=1&nonsense=1")
    ready(tab)
    expect(tab.get_by_text("Part of this link or file could not be read")).to_be_visible()
    view = tab.locator(".playground-view").first.element_handle()
    tab.get_by_role("tab", name="Net", exact=True).click()
    expect(tab.get_by_text("Part of this link or file could not be read")).to_have_count(0)
    assert view.evaluate("(element) => element.isConnected")


def test_two_tabs_are_two_runs(open_tab):
    one, two = open_tab("network"), open_tab("network?data=xor")
    ready(one)
    ready(two)
    press(one, "Play")
    until(one, "p.epoch > 20")
    assert state(two)["epoch"] == 0
    assert "data=xor" in href(two)


def test_double_clicks_and_fast_page_switching_lose_nothing(open_tab):
    tab = open_tab("network")
    ready(tab)
    tab.get_by_role("button", name="Add a hidden layer").dblclick()
    tab.wait_for_function("() => (location.search.match(/tanh/g) || []).length === 4")
    for _ in range(3):
        tab.get_by_role("link", name="Home").first.click()
        settle(0.15)
        tab.go_back()
        settle(0.15)
    until(tab, "p.frames > 0 && p.link === 'open'")
    tab.get_by_text("4 hidden layers").wait_for()


def test_a_vanished_browser_stops_its_run(open_tab, chrome, server_status):
    context = visitor(chrome)
    tab = open_tab("network", context=context)
    ready(tab)
    press(tab, "Play")
    until(tab, "p.epoch > 10")
    assert server_status()["playing"] >= 1
    context.close()
    eventually(lambda: server_status()["playing"] == 0, 120)


def test_nothing_compiles_after_the_first_on_any_control(open_tab, server_status):
    tab = open_tab("network")
    ready(tab)
    press(tab, "Play")
    until(tab, "p.epoch > 5")
    before = rests(lambda: server_status()["compiles"], seconds=2)
    links = ("data=spiral&net=8relu-8sine", "opt=lion&cost=hinge&clip=1&net=3gelu.2", "schedule=cosine&penalty=l1&batch=31&net=")
    for query in links:
        tab.goto(tab.url.split("?")[0] + "?v=1&" + query)
        ready(tab)
        press(tab, "Play")
        until(tab, "p.epoch > 5")
    assert server_status()["compiles"] == before


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_every_page_fits_its_width(open_tab, width, dark):
    for page in ("", "network", "digits"):
        tab = open_tab(page, width=width, height=900, dark=dark)
        until(tab, "p.frames > 0", START_S)
        tab.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        expect(tab.get_by_role("alert")).to_have_count(0)


def test_the_canvas_is_really_drawn(open_tab):
    tab = open_tab("network")
    ready(tab)
    canvas = tab.locator(".surface canvas").first
    eventually(lambda: len(canvas.evaluate(COLOURS)) > 10)
