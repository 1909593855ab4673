"""The live view in a real Chromium: how smooth, how soon, at what price. One server and one page serve several figures."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.chromium import browser
from bench.digits import NOT_FULL
from bench.report import Measured
from bench.rounds import alternate
from bench.server import Server
from bench.worker import Worker

WATCH = Path(__file__).with_name("watch.js")
SIZE = {"width": 1280, "height": 1000}
SETTLE_S = 1.0


@contextlib.contextmanager
def visit(open_browser: Any, url: str, prepare: Callable[[Any], None] | None = None) -> Iterator[Any]:
    """A visitor's page with the stop watches in it, shown and connected. prepare: called with the page before it goes anywhere."""
    context = open_browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.add_init_script(path=WATCH)
    if prepare:
        prepare(page)
    try:
        page.goto(url)
        page.wait_for_function(_CONNECTED, timeout=60_000)
        page.wait_for_timeout(1000 * SETTLE_S)
        yield page
    finally:
        context.close()


_CONNECTED = """() => {
  const counter = window.__playground;
  return counter && counter.drawn > 0 && counter.status === "ready" && !__bench.find(".play").disabled;
}"""


def do(page: Any, what: str, *arguments: Any) -> Any:
    """Call a stop watch. Raises RuntimeError when what it waits for does not come."""
    value = page.evaluate("([what, given]) => __bench[what](...given)", [what, list(arguments)])
    if value is None and what not in ("speed", "arm"):
        raise RuntimeError(f"the page did not answer to {what}; it says {do(page, 'counters')}")
    return value


def rate_between(page: Any, key: str, seconds: float) -> float:
    """How much a counter of the view grows a second."""
    before = do(page, "counters")
    page.wait_for_timeout(1000 * seconds)
    after = do(page, "counters")
    return (after[key] - before[key]) / (after["now"] - before["now"]) * 1000


# ---- one visitor


@functools.cache
def _one_visitor(quick: bool) -> dict[str, Measured]:
    """Everything that is measured of one visitor on the Network page, on one server."""
    with Server() as server, browser() as chromium, visit(chromium, f"{server.url}/network") as page:
        compiled = (server.livez() or {})["compiles"]
        do(page, "speed", "max")
        return {
            **_play_and_pause(page, 5 if quick else 21),
            "frames": _frames(page, 3 if quick else 7, 1 if quick else 3),
            "throughput": _throughput(page, 2 if quick else 7, 1 if quick else 3),
            "rate": _rates(page, 6 if quick else 20),
            "control": _controls(page, 1 if quick else 4),
            "compiles": Measured((server.livez() or {})["compiles"] - compiled),
        }


def play(quick: bool) -> Measured:
    """From click to picture."""
    return _one_visitor(quick)["play"]


def pause(quick: bool) -> Measured:
    """From click to confirmation."""
    return _one_visitor(quick)["pause"]


def frames(quick: bool) -> Measured:
    """Pictures drawn a second."""
    return _one_visitor(quick)["frames"]


def throughput(quick: bool) -> Measured:
    """Steps a second with the view, against none."""
    return _one_visitor(quick)["throughput"]


def rate(quick: bool) -> Measured:
    """From slider to picture."""
    return _one_visitor(quick)["rate"]


def control(quick: bool) -> Measured:
    """From menu to picture."""
    return _one_visitor(quick)["control"]


def compiles(quick: bool) -> Measured:
    """By the server's own count."""
    return _one_visitor(quick)["compiles"]


def _samples(values: Sequence[float], note: str = "") -> Measured:
    return Measured(median(values), samples=values, note=note)


def _play_and_pause(page: Any, count: int) -> dict[str, Measured]:
    """Play, watch a little, pause, and again; the first time does not count."""
    samples = []
    for turn in range(count + 1):
        played = do(page, "play")
        page.wait_for_timeout(300 + 17 * (turn % 5))
        paused = do(page, "pause")
        page.wait_for_timeout(200)
        samples.append((played, paused))
    plays, pauses = zip(*samples[1:], strict=True)
    return {"play": _samples(plays), "pause": _samples(pauses)}


def _frames(page: Any, count: int, seconds: float) -> Measured:
    do(page, "play")
    page.wait_for_timeout(1000 * SETTLE_S)
    rates = [rate_between(page, "drawn", seconds) for _ in range(count)]
    milliseconds = do(page, "counters")["drawMs"]
    do(page, "pause")
    return _samples(rates, f"Drawing takes {milliseconds:.2g} ms of script a frame.")


def _throughput(page: Any, rounds: int, seconds: float) -> Measured:
    """The page's default net, viewed and without a view in turn, on the same cores."""
    with Worker("bench.live:Headless", cores=2, seconds=seconds) as headless:
        each = headless.do("steps_per_epoch")

        def viewed() -> float:
            do(page, "play")
            page.wait_for_timeout(500)
            epochs = rate_between(page, "epoch", seconds)
            do(page, "pause")
            return epochs * each

        return alternate(viewed, lambda: headless.do("round"), rounds, higher=True)


class Headless:
    """The Network page's default net, trained without a pause, without a view. Runs in a worker's process."""

    def __init__(self, seconds: float) -> None:
        from engines.device import enable_compilation_cache
        from engines.experiment import Experiment
        from engines.training import make_trainer

        enable_compilation_cache()
        self.trainer, self.seconds = make_trainer(Experiment()), seconds
        self.trainer.advance(1)

    def steps_per_epoch(self) -> int:
        """Steps of one epoch."""
        return self.trainer.steps_per_epoch

    def round(self) -> float:
        """Steps a second."""
        done, start = 0, time.perf_counter()
        while (passed := time.perf_counter() - start) < self.seconds:
            done += self.trainer.advance(4000).steps
        return done / passed


def _rates(page: Any, count: int) -> Measured:
    do(page, "play")
    samples = []
    for turn in range(count + 1):
        samples.append(do(page, "rate", 0.05 if turn % 2 else 0.02))
        page.wait_for_timeout(400 + 13 * (turn % 7))
    do(page, "pause")
    page.wait_for_timeout(1000)
    return _samples(samples[1:])


MENUS = (
    ("Learning", "Optimizer", ("Adam", "SGD")),
    ("Learning", "Cost", ("Cross-entropy", "Half squared error")),
    ("Data", "Data set", ("Spiral", "Circle")),
)
"""Tab, menu, and the entries to choose in turn (by the beginning of their labels)."""


def _controls(page: Any, turns: int) -> Measured:
    do(page, "play")
    samples: list[float] = []
    said = []
    for tab, menu, entries in MENUS:
        page.get_by_role("tab", name=tab, exact=True).click()
        own = [_choose(page, menu, entry) for _ in range(turns) for entry in entries]
        said.append(f"{menu.lower()} {median(own):.0f}")
        samples += own
    do(page, "pause")
    return _samples(samples, f"Medians by menu, ms: {', '.join(said)}.")


def _choose(page: Any, menu: str, entry: str) -> float:
    box = page.locator("[data-testid=stSelectbox]").filter(has_text=menu).first
    box.locator("input").click()
    option = page.get_by_role("option", name=entry).first
    option.wait_for()
    page.wait_for_timeout(300)
    do(page, "arm")
    option.click()
    milliseconds = do(page, "confirmed")
    page.wait_for_timeout(700)
    return milliseconds


# ---- the fallback, the first page, the Digits page


def frames_fallback(quick: bool) -> Measured:
    """Every WebSocket to the live route is closed at once; the view then polls."""

    def refuse(page: Any) -> None:
        page.route_web_socket("**/live/**", lambda socket: socket.close())

    with Server() as server, browser() as chromium, visit(chromium, f"{server.url}/network", refuse) as page:
        if do(page, "counters")["link"] != "polling":
            raise RuntimeError(f"the view is not polling: {do(page, 'counters')}")
        do(page, "speed", "max")
        do(page, "play")
        page.wait_for_timeout(3000)
        rates = [rate_between(page, "drawn", 2 if quick else 4) for _ in range(3 if quick else 7)]
        return _samples(rates)


def first_page(quick: bool) -> Measured:
    """The browser waits already; it asks until the server answers."""
    samples = []
    with browser() as chromium:
        for _ in range(1 if quick else 5):
            with Server(warm=False) as server, contextlib.closing(chromium.new_context(viewport=SIZE)) as context:
                samples.append(_seconds_to_title(server, context.new_page()))
    return _samples(samples)


def _seconds_to_title(server: Server, page: Any) -> float:
    from playwright.sync_api import Error

    while True:
        try:
            page.goto(server.url)
            break
        except Error:
            if time.monotonic() - server.started > 60:
                raise
            time.sleep(0.05)
    page.get_by_role("heading", level=1).first.wait_for()
    return time.monotonic() - server.started


def digits_page(quick: bool) -> Measured:
    """A visitor who has never been here; the server has warmed up."""
    return _opened("digits", quick)


def shakespeare_page(quick: bool) -> Measured:
    """The same on the Shakespeare page."""
    return _opened("shakespeare", quick)


def _opened(path: str, quick: bool) -> Measured:
    """Seconds from going to a page's address to its first picture; each time in a browser with nothing in its cache."""
    samples, kilobytes = [], []
    with Server() as server, browser() as chromium:
        for _ in range(2 if quick else 8):
            with contextlib.closing(chromium.new_context(viewport=SIZE)) as context:
                page, sizes = context.new_page(), []
                page.on("response", lambda response, sizes=sizes: sizes.append(int(response.headers.get("content-length", 0))))
                began = time.monotonic()
                page.goto(f"{server.url}/{path}")
                page.wait_for_function("() => window.__playground && window.__playground.drawn > 0", timeout=60_000)
                samples.append(time.monotonic() - began)
                kilobytes.append(sum(sizes) / 1000)
    return _samples(samples[1:], f"{median(kilobytes) / 1000:.1f} MB come to the browser.")


def digits_97(quick: bool) -> Measured:
    """The page as it opens, on a server that has just started; the score is read off the page."""
    from bench.digits import GOAL, LIMIT_S

    samples = []
    for _ in range(1 if quick else 3):
        with Server() as server, browser() as chromium, visit(chromium, f"{server.url}/digits") as page:
            if "10,000" not in page.inner_text("body").replace("\u202f", ",").replace("\u00a0", ","):
                return Measured(None, note=NOT_FULL)
            samples.append(do(page, "reach", 100 * GOAL, 1000 * LIMIT_S))
    return _samples(samples, "From the click on play, compiling included.")
