"""What the Descent view asks while nothing reruns: the ground at a place, and the race from a start that is being dragged.

Both answer only for grounds that a page has already run a race on, so that no address can make this server compile.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from engines.descent.ground import ground
from engines.descent.paths import is_ready
from engines.descent.race import Race
from playground.descent.payload import preview
from playground.descent.raced import fresh, ground_of, is_known
from playground.live.wire import same_origin
from playground.race_links import from_query

MOST_WAITING = 40
MOST_PREVIEW_STEPS = 24 * 1000
_log = logging.getLogger(__name__)
_workers = ThreadPoolExecutor(2, thread_name_prefix="descent")
_waiting = 0


class Refused(Exception):
    """A request that is not answered: HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


async def ground_route(request: Request) -> Response:
    """`{base}/descent/ground?{link}&ui_x=&ui_y=`: height, slope, curvature, what they predict for each rate, as JSON."""
    return await _answer(request, _ground)


async def preview_route(request: Request) -> Response:
    """`{base}/descent/preview?{link}&ui_x=&ui_y=`: the race from another start; see `playground.descent.payload.preview`."""
    return await _answer(request, _preview)


def _ground(race: Race, x: float, y: float) -> Response:
    found = ground(ground_of(race)[0], x, y)
    return JSONResponse(found.plain() | {"words": [found.words(runner.learning_rate) for runner in race.runners]})


def _preview(race: Race, x: float, y: float) -> Response:
    if len(race.runners) * max(1, race.ring) * race.steps > MOST_PREVIEW_STEPS:
        raise Refused(409, "this race is too long to be run while the start is dragged")
    moved = race.change(start=(x, y))
    if not is_ready(moved, ground_of(moved)[0]):
        raise Refused(409, "this race has not been run yet")
    return Response(preview(fresh(moved)), media_type="application/octet-stream")


async def _answer(request: Request, work: Callable[[Race, float, float], Response]) -> Response:
    """Check who asks for what, then work in a thread."""
    try:
        race, x, y = _asked(request)
        return await _in_turn(lambda: work(race, x, y))
    except Refused as refusal:
        return JSONResponse({"error": refusal.sentence}, refusal.status)
    except ValueError as error:
        return JSONResponse({"error": str(error).splitlines()[0][:200]}, 422)
    except Exception:
        _log.exception("%s failed", request.url.path)
        return JSONResponse({"error": "something went wrong here; the log has the details"}, 500)


def _asked(request: Request) -> tuple[Race, float, float]:
    elsewhere = request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    if not same_origin(request) or (elsewhere and not request.headers.get("origin")):
        raise Refused(403, "this page belongs to another server")
    race, problems = from_query(dict(request.query_params), Race())
    place = tuple(_number(request.query_params.get(name, "")) for name in ("ui_x", "ui_y"))
    if problems or None in place:
        raise Refused(422, "this is no link to a race and a place in it")
    if not is_known(race):
        raise Refused(409, "no race has been run on this ground yet")
    return race, *place


def _number(text: str) -> float | None:
    try:
        value = float(text[:40])
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= 1e6 else None


async def _in_turn(work: Callable[[], Any]) -> Any:
    """`work` in one of two threads; Refused when too many wait already."""
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Refused(503, "the server is busy; ask again in a moment")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_workers, work)
    finally:
        _waiting -= 1


def routes() -> list[BaseRoute]:
    """Routes for `st.App`; they carry `server.baseUrlPath`, which Streamlit does not add to routes of an app's own."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    base = f"/{base}" if base else ""
    return [Route(base + "/descent/ground", ground_route), Route(base + "/descent/preview", preview_route)]
