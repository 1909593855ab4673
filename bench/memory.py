"""The server's memory: after both pages were visited, with thirty visitors, and after they have left."""

from __future__ import annotations

import asyncio
import functools
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from bench import visitors
from bench.chromium import browser
from bench.crowd import COUNT
from bench.live import do, visit
from bench.report import Measured
from bench.server import Server

SAMPLE_S = 0.5
CALM_S = 5.0
FILL_S = 75.0
"""Longer than a recorded run takes to reach its largest size."""
LEAVE_LIMIT_S = 240.0


class Story(NamedTuple):
    """Megabytes: when the pages had been visited, with the crowd, since it left. seconds: until all its runs were gone."""

    start: float
    crowd: list[float]
    after: list[float]
    seconds: float


@functools.cache
def _story(quick: bool) -> Story:
    """The two pages stay open, paused, so that before and after are the same but for the crowd."""
    with (
        Server() as server,
        browser() as chromium,
        visit(chromium, f"{server.url}/network") as network,
        visit(chromium, f"{server.url}/digits") as digits,
    ):
        for page in (network, digits):
            _play_for(page, 2.0 if quick else 6.0)
        network.wait_for_timeout(1000 * CALM_S)
        runs, start = _runs(server), server.memory_mb()
        with ThreadPoolExecutor(1) as aside:  # Playwright's own event loop runs in this thread
            crowd = aside.submit(asyncio.run, _crowd(server, 5.0 if quick else FILL_S)).result()
        seconds, after = _settle(server, runs)
    return Story(start, crowd, after, seconds)


def _play_for(page: Any, seconds: float) -> None:
    do(page, "play")
    page.wait_for_timeout(1000 * seconds)
    if do(page, "counters")["status"] == "playing":  # a run of digits may be over by now
        do(page, "pause")


def _runs(server: Server) -> int:
    said = server.livez()
    if said is None:
        raise RuntimeError("the server does not answer")
    return said["runs"]


async def _crowd(server: Server, seconds: float) -> list[float]:
    """Memory while thirty visitors train."""
    crowd = await visitors.arrive(server.host, COUNT)
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(SAMPLE_S)
        samples.append(server.memory_mb())
    errors = visitors.errors_of(crowd)
    await visitors.leave(crowd)
    if errors:
        raise RuntimeError(errors[0])
    return samples


def _settle(server: Server, runs: int) -> tuple[float, list[float]]:
    """Seconds until the crowd's runs are dropped, and memory samples from then on. Raises RuntimeError when they stay."""
    start = time.monotonic()
    while _runs(server) > runs:
        if time.monotonic() - start > LEAVE_LIMIT_S:
            raise RuntimeError(f"{_runs(server) - runs} runs of the thirty visitors are still there after {LEAVE_LIMIT_S:g} s")
        time.sleep(1)
    seconds, samples = time.monotonic() - start, []
    for _ in range(int(CALM_S / SAMPLE_S)):
        time.sleep(SAMPLE_S)
        samples.append(server.memory_mb())
    return seconds, samples


def start(quick: bool) -> Measured:
    """Both pages open, played for a while, paused."""
    return Measured(_story(quick).start)


def thirty(quick: bool) -> Measured:
    """The most seen."""
    samples = _story(quick).crowd
    return Measured(max(samples), samples=samples)


def after(quick: bool) -> Measured:
    """The last sample over what it was before they came."""
    story = _story(quick)
    shares = [sample / story.start for sample in story.after]
    return Measured(shares[-1], samples=shares, note=f"Their runs were gone {story.seconds:.0f} s after they left.")
