"""The Descent page in a real browser: what only a browser shows."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engines.descent.paths import lines_of, run_race
from engines.descent.race import Race
from engines.descent.score import score
from engines.descent.terrain import terrain_of
from tests.browser.raced import (
    PLAY_AND_WATCH,
    chips,
    choose,
    close,
    drag_start,
    listen,
    numbers,
    on_map,
    prints,
    query,
    query_has,
    raced_again,
    ready,
    scrub,
    settled_prints,
    state,
    until,
    update_values,
    wait_chip,
)
from tests.browser.seen import settle
from tests.browser.waiting import click_in, eventually, quickest, rests, visitor

PLAY_LIMIT_MS = 200.0
PLOT = ".js-plotly-plot .nsewdrag"


@pytest.fixture(scope="module")
def one_tab(chrome, address):
    """One visitor's tab for the whole file, and what it complained about."""
    context = visitor(chrome, viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    tab, troubles = context.new_page(), []
    listen(tab, troubles)
    yield tab, troubles
    context.close()


@pytest.fixture
def descent(one_tab, address):
    """Open a race in the visitor's tab; fails on any error of the page, its console, or its requests."""
    tab, troubles = one_tab
    troubles.clear()

    def open_(query: str = ""):
        tab.goto(f"{address}/descent?{query}" if query else f"{address}/descent")
        ready(tab)
        return tab

    yield open_
    assert not troubles, troubles


@pytest.fixture(scope="module")
def usual():
    """The race that the page opens with, run here: (race, paths, scores)."""
    race = Race()
    terrain = terrain_of(race)
    paths = run_race(race, terrain)
    return race, paths, score(race, terrain, paths)


def press(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def start_of(tab) -> list[float]:
    """Where the handle says that the race starts."""
    return numbers(tab.locator(".handle.start").get_attribute("aria-label"))[:2]


# ---- playing


def test_play_starts_at_once_and_pause_stops(descent):
    tab = descent()
    quickest(lambda: tab.evaluate(PLAY_AND_WATCH), lambda: press(tab, "Back to the start"), PLAY_LIMIT_MS)
    until(tab, "p.playing && p.step > 5")
    press(tab, "Pause")
    until(tab, "!p.playing")
    assert 5 < rests(lambda: state(tab)["step"], 0.4) < 300


def test_stepping_and_scrubbing_move_every_view_together(descent):
    tab = descent()
    seen = [settled_prints(tab)]
    for act, step in ((lambda: press(tab, "One step (right arrow)"), 1), (lambda: scrub(tab, 150), 150)):
        act()
        until(tab, f"p.step === {step}")
        tab.get_by_text(re.compile(f"step {step} → {step + 1}, the next step")).wait_for()
        expect(tab.locator(".ground-panel .panel-note")).to_have_text(re.compile(f"step {step}$"))
        expect(tab.locator(".step-cell b")).to_have_text(str(step))
        seen.append(settled_prints(tab))
    for before, after in pairwise(seen):
        still = [a for a, b in zip(before, after, strict=True) if a == b]
        assert len(still) <= 4, "only the map's ground and the charts' curves may stay as they are"
    press(tab, "One step back (left arrow)")
    until(tab, "p.step === 149")
    press(tab, "Back to the start")
    until(tab, "p.step === 0")
    eventually(lambda: prints(tab) == seen[0])


def test_what_is_shown_is_what_the_engine_computes(descent, usual):
    race, paths, _ = usual
    tab = descent()
    adam = next(i for i, runner in enumerate(race.runners) if runner.optimizer.key == "adam")
    tab.locator(".chip-main").nth(adam).click()
    until(tab, f"p.chosen === {adam}")
    step = 40
    scrub(tab, step)
    tab.get_by_text(f"step {step} → {step + 1}, the next step").wait_for()
    _, lines = lines_of(paths, adam)
    expected = [*lines[step].tolist(), paths.position[adam, step + 1].tolist()]

    def lines_are_told() -> None:
        shown = update_values(tab)
        assert len(shown) == len(expected)
        for line, (told, computed) in enumerate(zip(shown, expected, strict=True)):
            assert all(map(close, told, computed)), (line, told, computed)

    def heights_are_told() -> None:
        said = {k: words for k, words in enumerate(chips(tab)) if words.startswith("height")}
        assert said
        for k, words in said.items():
            assert close(numbers(words)[0], paths.height[k, step]), (k, words)

    eventually(lines_are_told)
    eventually(heights_are_told)


def test_at_the_end_the_legend_tells_each_outcome(descent, usual):
    race, _, scores = usual
    tab = descent()
    scrub(tab, race.steps)
    told = {"thrown": "Thrown off", "goal": "Goal reached", "over_the_edge": "Over the edge", "saddle": "Stuck at the saddle"}

    def outcomes_are_told() -> None:
        for said, one in zip(chips(tab), scores, strict=True):
            assert said.startswith(told.get(one.status, "")), (said, one)
            if one.reached is not None and one.status != "thrown":
                assert f"at step {one.reached}" in said
            assert one.status != "saddle" or "Goal" not in said

    eventually(outcomes_are_told)


def test_keys_step_play_and_move_the_start(descent):
    tab = descent()
    tab.locator("body").press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    until(tab, "p.step === 2")
    tab.keyboard.press("ArrowLeft")
    until(tab, "p.step === 1")
    tab.keyboard.press("Space")
    until(tab, "p.playing && p.step > 3")
    tab.keyboard.press("Space")
    until(tab, "!p.playing")
    raced_again(tab, lambda: tab.locator(".handle.start").press("ArrowUp"))
    query_has(tab, "start=-1.5,0.03")


def test_a_loop_starts_over(descent):
    tab = descent("v=1&steps=20")
    tab.locator(".descent-bar").get_by_text("Loop").click()
    tab.get_by_label("Speed").select_option("4")
    press(tab, "Play")
    until(tab, "p.step > 15")
    until(tab, "p.playing && p.step < 5")


# ---- changing the race


def test_a_dragged_start_races_again_and_back_brings_the_old_one_back(descent):
    tab = descent()
    before = query(tab)
    first = raced_again(tab, lambda: drag_start(tab, 0.7, 0.3))
    query_has(tab, "start=")
    eventually(lambda: all(0.3 < place < 1.6 for place in start_of(tab)))
    told = re.search(r"start=([^&]+)", query(tab))[1]
    race = Race().change(start=tuple(map(float, told.split(","))))
    height = run_race(race, terrain_of(race)).height[0, 0]
    eventually(lambda: close(numbers(wait_chip(tab, 0, "height"))[0], height))
    raced_again(tab, tab.go_back)
    eventually(lambda: query(tab) == before)
    eventually(lambda: start_of(tab) == [-1.5, -0.01])
    assert state(tab)["revision"] != first["revision"]


def test_a_preset_changes_surface_and_address(descent):
    tab = descent()
    raced_again(tab, lambda: choose(tab, "Start from", re.compile("Beale")))
    query_has(tab, "surface=beale")
    expect(tab.get_by_role("combobox", name="Surface")).to_have_value("Beale")


def test_a_reload_keeps_the_race(descent):
    tab = descent("v=1&surface=himmelblau&runners=adam@0.1-sgd@0.01&noise=0.5&seed=3&steps=100")
    before = state(tab)["revision"]
    kept = query(tab)
    tab.reload()
    ready(tab)
    assert state(tab)["revision"] == before
    eventually(lambda: query(tab) == kept)
    expect(tab.locator(".runner-chip")).to_have_count(2)


def test_two_tabs_are_two_races(descent, address):
    one = descent()
    two = one.context.new_page()
    two.goto(f"{address}/descent?v=1&surface=beale")
    try:
        ready(two)
        one.bring_to_front()
        raced_again(one, lambda: drag_start(one, 0.3, 0.3))
        one.locator(".descent-bar .play").click()
        until(one, "p.playing")
        assert state(two)["step"] == 0 and not state(two)["playing"]
        query_has(two, "surface=beale")
        assert "start" not in query(two) and "surface" not in query(one)
    finally:
        two.close()


# ---- formulas


def type_formula(tab, text: str) -> None:
    box = tab.get_by_role("textbox", name="Height of x and y")
    box.fill(text)
    box.press("Enter")


def test_a_typed_formula_races(descent):
    tab = descent("v=1&surface=formula")
    raced_again(tab, lambda: type_formula(tab, "x^4 - 2x^2 + y^2"))
    query_has(tab, "f=x^4")
    race = Race.model_validate({"surface": {"key": "formula"}, "formula": "x^4 - 2x^2 + y^2"})

    def height_is_told() -> bool:
        here = race.change(start=tuple(start_of(tab)))
        return close(numbers(chips(tab)[0])[0], run_race(here, terrain_of(here)).height[0, 0])

    eventually(height_is_told)


WRONG = {
    "x^2 + (y": "bracket",
    "x + foo": "foo",
    "__import__('os').system('true')": "has no meaning here",
    "x.real": "A point belongs",
    "1" * 10_000: "at most 300",
}


def test_a_wrong_formula_is_told_and_the_last_good_one_stays(descent):
    tab = descent("v=1&surface=formula&f=x^2 - 2y^2")
    before, address = state(tab), query(tab)
    for wrong, said in WRONG.items():
        type_formula(tab, wrong)
        told = tab.get_by_text(re.compile(f"{re.escape(said)}.*The last good formula stays on the map."))
        told.wait_for()
        expect(tab.get_by_test_id("stCode").first).to_contain_text(re.compile(r"^\s*\^\s*$", re.M))
        assert "Traceback" not in tab.inner_text("body")
        assert state(tab)["revision"] == before["revision"] and query(tab) == address
    raced_again(tab, lambda: type_formula(tab, "x^2 - 3y^2"))
    expect(tab.get_by_text("The last good formula stays")).to_have_count(0)


def test_who_is_thrown_off_is_told_and_the_others_race_on(descent):
    tab = descent("v=1&surface=rosenbrock&runners=sgd@10-adam@0.05")
    scrub(tab, 300)
    wait_chip(tab, 0, re.compile(r"Thrown off at step \d+"))
    settle(0.2)
    assert "Thrown" not in chips(tab)[1]
    tab.locator(".chip-main").first.click()
    tab.get_by_text("the step that leaves the world").wait_for()
    assert "NaN" not in tab.inner_text("body") and "Infinity" not in tab.inner_text("body")


# ---- skiing, fog, ground


def test_skiing_by_hand_against_the_runners(descent):
    tab = descent()
    tab.get_by_text("Ski by hand").click()
    panel = tab.locator(".panel.skier")
    panel.get_by_text("no step yet").wait_for()
    press(tab, "One stride up right")
    expect(panel.locator(".skier-standing")).to_contain_text("after 1 step, place")
    tab.locator(".handle.ski").press("ArrowUp")
    standing = panel.locator(".skier-standing", has_text="after 2 steps")
    standing.wait_for()
    expect(standing).not_to_contain_text("≈")
    # from (-1.5, -0.01): a stride is 5 % of the map's width of 4, the first one slanted
    x, y = -1.5 + 0.2 / 2**0.5, -0.01 + 0.2 / 2**0.5 + 0.2
    assert close(numbers(standing.inner_text())[0], x * x - y * y)
    press(tab, "Take the last step back")
    expect(panel.locator(".skier-standing")).to_contain_text("after 1 step,")
    expect(panel.locator("tbody tr")).to_have_count(8)


def test_fog_hides_what_is_far_away(descent):
    tab = descent()
    tab.mouse.move(*on_map(tab, 0.85, 0.3))
    expect(tab.locator(".map-foot .readout")).to_contain_text("height")
    clear = settled_prints(tab)
    tab.locator("label.toggle", has_text="Fog").click()
    tab.mouse.move(*on_map(tab, 0.86, 0.3))
    expect(tab.locator(".map-foot .readout")).to_have_text("hidden by the fog")
    eventually(lambda: prints(tab) != clear)


def test_the_ground_at_the_pointer_is_the_servers_exact_answer(descent):
    tab = descent()
    tab.mouse.move(*on_map(tab, 0.7, 0.35))
    panel = tab.locator(".ground-panel")
    expect(panel.locator(".panel-note")).to_have_text("at the pointer")

    def exact_numbers_are_told() -> None:
        x, y = numbers(panel.locator("dd").first.inner_text())
        assert close(numbers(panel.locator("dd").nth(1).inner_text())[0], x * x - y * y) or abs(x * x - y * y) < 0.05
        assert [numbers(text)[0] for text in panel.locator(".matrix span").all_inner_texts()] == [2, 0, 0, -2]
        assert "≈" not in panel.locator(".ground-numbers").inner_text()

    eventually(exact_numbers_are_told)


# ---- measuring


def measure(tab, name: str, button: str) -> None:
    tab.get_by_role("tab", name=name).click()
    press(tab, button)


def test_the_map_of_winners_and_a_click_on_it(descent):
    tab = descent("v=1&steps=100")
    tab.get_by_role("tab", name="Who wins from here").click()
    tab.get_by_role("slider", name="Places").press("ArrowLeft")
    press(tab, "Work it out")
    tab.get_by_text("Shares of 1,600 places").wait_for()
    raced_again(tab, lambda: click_in(tab.locator(PLOT).first, 0.8, 0.2))
    query_has(tab, "start=")


def test_the_sweep_and_a_click_on_a_cell(descent):
    tab = descent("v=1&surface=quadratic&runners=momentum@0.01&steps=100")
    measure(tab, "Sweep", "Try them all")
    plot = tab.locator(PLOT).first
    plot.wait_for()
    before = query(tab)
    raced_again(tab, lambda: click_in(plot, 0.3, 0.7))
    tab.wait_for_function("(old) => decodeURIComponent(location.search.slice(1)) !== old", arg=before)
    assert "runners=momentum" in query(tab)


def test_the_escape_curves(descent):
    tab = descent()
    measure(tab, "Escape", "Measure it")
    tab.locator(".js-plotly-plot .main-svg").first.wait_for()
    tab.get_by_text("what theory says of gradient descent").wait_for()


def test_files_are_not_empty(descent):
    tab = descent("v=1&steps=50&runners=adam-sgd")
    held = {}
    for name in ("Path (CSV)", "Picture (SVG)", "Notebook", "Save the map as a picture (PNG)"):
        with tab.expect_download() as waiting:
            tab.get_by_role("button", name=name).first.click()
        held[waiting.value.suggested_filename] = Path(waiting.value.path()).read_bytes()
    rows = held["descent.csv"].decode().splitlines()
    assert len(rows) >= 2 * 51 + 1 and "adam" in rows[0] + rows[-1] + rows[1]
    assert held["descent.svg"].startswith(b"<svg") and held["descent.svg"].count(b"<path") + held["descent.svg"].count(b"<poly") > 5
    assert b'"cells"' in held["descent.ipynb"]
    picture = next(content for name, content in held.items() if name.endswith(".png"))
    assert picture.startswith(b"\x89PNG") and len(picture) > 10_000


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_its_width_and_wears_the_theme(open_tab, width, dark):
    tab = open_tab("descent", width=width, height=900, dark=dark)
    ready(tab)
    tab.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    expect(tab.get_by_role("alert")).to_have_count(0)
    expect(tab.locator(".descent-shell.dark")).to_have_count(int(dark))
    panels = tab.locator(".descent-view .panel")
    eventually(lambda: panels.evaluate_all("(all) => all.filter((p) => p.scrollWidth > p.clientWidth + 1).length") == 0)
    tab.locator(".descent-bar .play").click()
    until(tab, "p.playing && p.step > 2")
