"""The Descent page in a real Chromium: how smoothly a race plays, how soon it starts, how soon another race is on screen."""

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.chromium import browser
from bench.report import Measured
from bench.server import Server

STOPWATCH = Path(__file__).with_name("playback.js")
SIZE = {"width": 1440, "height": 1000}
SURFACE, STEPS = "beale", 1000
SETTLE_MS = 700
_DRAWN = "() => window.__descent && window.__descent.ready && window.__descent.drawn > 0"


def frames(quick: bool) -> Measured:
    """Pictures drawn a second."""
    return _played(quick)["frames"]


def play(quick: bool) -> Measured:
    """From click to the first moved picture."""
    return _played(quick)["play"]


def formula(quick: bool) -> Measured:
    """From the Enter key to its race."""
    with Server() as server, browser() as chromium, _visit(chromium, f"{server.url}/descent?v=1&surface=formula") as page:
        return _formulas(page, 3 if quick else 11)


def control(quick: bool) -> Measured:
    """From a control to its race."""
    with Server() as server, browser() as chromium, _visit(chromium, f"{server.url}/descent") as page:
        return _controls(page, 1 if quick else 5)


@functools.cache
def _played(quick: bool) -> dict[str, Measured]:
    """What is measured of one visitor who only plays."""
    with Server() as server, browser() as chromium, _visit(chromium, f"{server.url}/descent?{_race_of_12()}") as page:
        return {"play": _play(page, 5 if quick else 21), "frames": _frames(page, 2 if quick else 7, 1 if quick else 3)}


def _race_of_12() -> str:
    """The link to a race of twelve runners: every optimizer, one of them twice."""
    from engines.descent.race import all_runners

    keys = [runner.optimizer.key for runner in all_runners(SURFACE)]
    return f"v=1&surface={SURFACE}&steps={STEPS}&runners={'-'.join([*keys, *keys][:12])}"


@contextlib.contextmanager
def _visit(chromium: Any, url: str) -> Iterator[Any]:
    """A visitor's page with the stop watches in it, its first race drawn."""
    context = chromium.new_context(viewport=SIZE)
    page = context.new_page()
    page.add_init_script(path=STOPWATCH)
    try:
        page.goto(url)
        page.wait_for_function(_DRAWN, timeout=60_000)
        page.wait_for_timeout(2 * SETTLE_MS)
        yield page
    finally:
        context.close()


def _do(page: Any, what: str, *arguments: Any) -> Any:
    """Call a stop watch. Raises RuntimeError when what it waits for does not come."""
    value = page.evaluate("([what, given]) => __stopwatch[what](...given)", [what, list(arguments)])
    if value is None and what not in ("arm", "press"):
        raise RuntimeError(f"the page did not answer to {what}; it says {_do(page, 'counters')}")
    return value


def _play(page: Any, count: int) -> Measured:
    """Play, watch a little, back to the start, and again; the first time does not count."""
    samples = []
    for turn in range(count + 1):
        samples.append(_do(page, "play"))
        page.wait_for_timeout(200 + 17 * (turn % 5))
        _do(page, "press", '[aria-label="Back to the start"]')
        page.wait_for_timeout(200)
    return Measured(median(samples[1:]), samples=samples[1:])


def _frames(page: Any, count: int, seconds: float) -> Measured:
    """At usual speed, so that every view has something to draw in every frame; all views are on screen."""
    runners = page.locator(".runner-chip").count()
    rates = []
    for _ in range(count):
        _do(page, "press", '[aria-label="Back to the start"]')
        _do(page, "play")
        page.wait_for_timeout(SETTLE_MS)
        before = _do(page, "counters")
        page.wait_for_timeout(1000 * seconds)
        after = _do(page, "counters")
        rates.append((after["drawn"] - before["drawn"]) / (after["now"] - before["now"]) * 1000)
    return Measured(
        median(rates), samples=rates, note=f"{runners} runners; drawing takes {after['drawMs']:.2g} ms of script a frame."
    )


def _timed(page: Any, act: Callable[[], object]) -> float:
    """Milliseconds from the last key, click or release in `act` until another race is drawn."""
    _do(page, "arm")
    act()
    milliseconds = _do(page, "shown")
    page.wait_for_timeout(SETTLE_MS)
    return milliseconds


def _formulas(page: Any, count: int) -> Measured:
    """Formulas with numbers that nobody has typed before, so that no kept program fits."""
    box = page.get_by_role("textbox", name="Height of x and y")
    samples = []
    for _ in range(count + 1):
        a, b, c = (f"{random.uniform(0.2, 2):.6f}" for _ in range(3))
        box.fill(f"{a} x^2 + sin({b} x y) + {c} y^4 - tanh(x)")
        samples.append(_timed(page, lambda: box.press("Enter")))
    return Measured(median(samples[1:]), samples=samples[1:], note="Seven runners over 300 steps, compiling included.")


def _controls(page: Any, turns: int) -> Measured:
    """Every kind of control; each is used once before it counts, so that the surfaces it visits have been visited."""
    kinds = _kinds(page)
    samples: list[float] = []
    said = []
    for name, (tab, acts) in kinds.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(SETTLE_MS)
        for act in acts:
            _timed(page, act)
        own = [_timed(page, act) for _ in range(turns) for act in acts]
        said.append(f"{name} {median(own):.0f}")
        samples += own
    return Measured(median(samples), samples=samples, note=f"Medians by control, ms: {', '.join(said)}.")


def _kinds(page: Any) -> dict[str, tuple[str, Sequence[Callable[[], object]]]]:
    """Name -> the tab it is in, and what to do in turn so that the race ends as it began."""

    def press(name: str) -> Callable[[], object]:
        return lambda: page.get_by_role("button", name=name, exact=True).click()

    def key(slider: str, arrow: str) -> Callable[[], object]:
        return lambda: page.get_by_role("slider", name=slider).press(arrow)

    def take(menu: str, entry: str) -> Callable[[], object]:
        return lambda: _take(page, menu, entry)

    return {
        "surface": ("Surface", (take("Surface", "Beale"), take("Surface", "Saddle"))),
        "learning rate": ("Runners", (key("Learning rate", "ArrowRight"), key("Learning rate", "ArrowLeft"))),
        "another runner": ("Runners", (press("Race a copy"), press("Take out"))),
        "on the saddle": ("Start", (press("Exactly on the saddle"), press("Usual start"))),
        "steps": ("Steps, noise", (key("Steps", "ArrowRight"), key("Steps", "ArrowLeft"))),
        "noise": ("Steps, noise", (key("Noise on the gradient", "ArrowRight"), key("Noise on the gradient", "ArrowLeft"))),
    }


def _take(page: Any, menu: str, entry: str) -> None:
    page.get_by_role("combobox", name=menu).click()
    option = page.get_by_role("option", name=entry, exact=True)
    option.wait_for()
    page.wait_for_timeout(300)
    option.click()
