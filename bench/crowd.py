"""Thirty visitors, each with a Streamlit session and a run of their own, all training at full speed."""

from __future__ import annotations

import asyncio
import functools

from bench import visitors
from bench.report import Measured
from bench.server import Server

COUNT = 30


@functools.cache
def _crowd(quick: bool) -> tuple[list[float], list[str]]:
    """Frames a second of each, and what went wrong."""
    with Server() as server:
        rates, errors = asyncio.run(_watch(server.host, 5.0 if quick else 20.0))
        log = server.log()
    return rates, errors + [
        f"the server's log: {line[:200]}" for line in log.splitlines() if "Traceback" in line or "ERROR" in line
    ]


async def _watch(host: str, seconds: float) -> tuple[list[float], list[str]]:
    crowd = await visitors.arrive(host, COUNT)
    await asyncio.sleep(3)
    rates = await visitors.frames_per_second(crowd, seconds)
    errors = visitors.errors_of(crowd)
    await visitors.leave(crowd)
    return rates, errors


def frames(quick: bool) -> Measured:
    """The visitor who got fewest."""
    rates = _crowd(quick)[0]
    return Measured(min(rates), samples=sorted(rates), note=visitors.summary(rates))


def errors(quick: bool) -> Measured:
    """Connections lost, runs that do not play, errors in the server's log."""
    found = _crowd(quick)[1]
    return Measured(len(found), note=" ".join(found[:3]))
