"""The Shakespeare page in Chromium: how soon it writes, how soon a wish is answered, how soon it knows its Shakespeare."""

from __future__ import annotations

import functools
import time
from statistics import median
from typing import Any

from bench.chromium import browser
from bench.live import do, visit
from bench.report import Measured
from bench.server import Server

GOAL_NATS, MARGIN, LIMIT_S = 1.75, 0.05, 900.0
"""The page measures on the first 32,768 characters of the validation text while it trains: the whole was seen 0.03 nats above."""
PRESET = "shakespeare-lstm"
TEMPERATURES = (0.1, 1.5, 0.5, 2.0)
NO_TEXT = "Tiny Shakespeare is not here: set PLAYGROUND_DATA_DIR, or download it on the page"


def first_sample(quick: bool) -> Measured:
    """From play to the first text that a net wrote which had trained."""
    samples = [_first_sample() for _ in range(1 if quick else 3)]
    return Measured(median(samples), samples=samples)


def temperature(quick: bool) -> Measured:
    """From slider to text."""
    return _page(quick)["temperature"]


def to_goal(quick: bool) -> Measured:
    """From play to the validation loss that was aimed at; compiling included."""
    return _page(quick)["goal"]


def memory(quick: bool) -> Measured:
    """The most, over all of it."""
    return _page(quick)["memory"]


def _first_sample() -> float:
    with Server() as server, browser() as chromium, visit(chromium, f"{server.url}/shakespeare") as page:
        start = time.perf_counter()
        do(page, "play")
        page.wait_for_function("() => __playground.text && __playground.text.shown > 0", timeout=60_000)
        return time.perf_counter() - start


@functools.cache
def _page(quick: bool) -> dict[str, Measured]:
    from engines.data import text
    from engines.presets import PRESETS
    from playground.links import to_text
    from playground.pages.shakespeare import DEFAULT

    experiment = PRESETS[PRESET].experiment
    if text.load("shakespeare").source == "builtin":
        return dict.fromkeys(("temperature", "goal", "memory"), Measured(None, note=NO_TEXT))
    address = f"/shakespeare?{to_text(experiment, DEFAULT)}"
    with Server() as server, browser() as chromium, visit(chromium, server.url + address) as page:
        start = time.monotonic()
        do(page, "play")
        page.wait_for_timeout(5000)
        answers = [_answer(page, TEMPERATURES[turn % len(TEMPERATURES)]) for turn in range(4 if quick else 12)]
        seconds, memory = _until(page, server, start, 20.0 if quick else LIMIT_S)
        page.get_by_role("button", name="Look inside now").click()
        samples = [*memory, *(_memory(page, server) for _ in range(4 if quick else 20))]
    shown = f"{GOAL_NATS - MARGIN:.2f} on the page, which measures a part of the text while it trains"
    reached = f"{shown}; with {len(answers)} changes of temperature on the way."
    return {
        "temperature": Measured(median(answers), samples=answers),
        "goal": Measured(seconds, note=reached if seconds else f"not within {LIMIT_S:g} s"),
        "memory": Measured(max(samples), samples=samples[:: max(1, len(samples) // 40)]),
    }


def _memory(page: Any, server: Server) -> float:
    page.wait_for_timeout(500)
    return server.memory_mb()


def _until(page: Any, server: Server, start: float, limit: float) -> tuple[float | None, list[float]]:
    """Seconds since `start` until the headline is that far under the goal, None past the limit; the server's memory on the way."""
    memory = []
    while time.monotonic() - start < limit:
        memory.append(_memory(page, server))
        if float(page.locator(".headline-now").inner_text()) <= GOAL_NATS - MARGIN:
            return time.monotonic() - start, memory
    return None, memory


_ASK = """async (value) => {
  const written = __bench.find(".page .written"), field = __bench.find("input.wish-number.temperature");
  const before = written.textContent, start = performance.now();
  field.value = value;
  field.dispatchEvent(new Event("change"));
  const end = await __bench.until(() => !written.textContent.startsWith(before));
  return end === null ? null : end - start;
}"""


def _answer(page: Any, value: float) -> float:
    """Milliseconds until the text is another one than that which was being written."""
    page.wait_for_timeout(1700)
    milliseconds = page.evaluate(_ASK, str(value))
    if milliseconds is None:
        raise RuntimeError(f"no text at temperature {value}")
    return milliseconds
