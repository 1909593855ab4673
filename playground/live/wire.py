"""The live WebSocket on Streamlit's own server: the newest frame out, credit by credit; control messages in."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from engines.live import LiveRun, compiles, hold_back, page_shown, resident_bytes, the_pool, warm_up
from playground.live.frames import Position, encode, pack
from playground.live.messages import obey

CREDITS = 12
FRAMES_PER_SECOND = 60
ALL_FRAMES_PER_SECOND = 1200
MESSAGES_PER_SECOND = 250
WRONG_ORIGIN, NO_SUCH_RUN, TOO_MUCH = 4403, 4404, 4429


class Bell:
    """Wakes connections from other threads: many rings in one call into the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rung: deque[asyncio.Event] = deque()
        self._lock = threading.Lock()
        self._called = False

    def ring(self, event: asyncio.Event) -> None:
        """Set `event` in the loop soon; from any thread."""
        self._rung.append(event)
        with self._lock:
            if self._called:
                return
            self._called = True
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        with self._lock:
            self._called = False
        while self._rung:
            self._rung.popleft().set()


class Connection:
    """One browser watching one run. At most `CREDITS` frames are on their way at any time."""

    def __init__(self, socket: WebSocket, run: LiveRun) -> None:
        self.socket, self.run = socket, run
        self.credits = CREDITS
        self.position = Position()
        self._event = asyncio.Event()
        self._gone = False
        self._next = 0.0
        self._allowance, self._asked = float(MESSAGES_PER_SECOND), time.monotonic()

    async def serve(self, bell: Bell) -> None:
        """Send frames until the browser or the run is gone."""
        handle = self.run.watch(lambda: bell.ring(self._event))
        reader = asyncio.create_task(self._read())
        try:
            await self._write()
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            self.run.unwatch(handle)
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def _write(self) -> None:
        sent = -1
        self._event.set()
        while True:
            await self._event.wait()
            self._event.clear()
            if self._gone:
                return
            if self.run.closed:
                await self.socket.close(NO_SUCH_RUN)
                return
            if self.credits <= 0 or self.run.snapshot.id == sent:
                continue
            await self._pace()
            snapshot = self.run.snapshot
            sent = snapshot.id
            self.credits -= 1
            _counts["frames"] += 1
            await self.socket.send_bytes(encode(snapshot, self.position))

    async def _pace(self) -> None:
        """Keep to this viewer's share of the frames that the server hands out; half a frame early is on time."""
        period = max(1 / FRAMES_PER_SECOND, len(_open) / ALL_FRAMES_PER_SECOND)
        now = time.monotonic()
        if now < self._next - period / 2:
            await asyncio.sleep(self._next - now)
        self._next = max(self._next, now - period) + period

    async def _read(self) -> None:
        try:
            while self._within_limits():
                message = await self.socket.receive_text()
                if message == _ACK or obey(self.run, message) == "ack":
                    self._earn()
            await self.socket.close(TOO_MUCH)
        except (WebSocketDisconnect, RuntimeError, KeyError, OSError):
            pass
        finally:
            self._gone = True
            self._event.set()

    def _earn(self) -> None:
        """One frame has been shown. The writer is woken only when it was waiting for this."""
        if self.credits <= 0:
            self._event.set()
        self.credits = min(CREDITS, self.credits + 1)

    def _within_limits(self) -> bool:
        now = time.monotonic()
        earned = (now - self._asked) * MESSAGES_PER_SECOND
        self._allowance, self._asked = min(2.0 * MESSAGES_PER_SECOND, self._allowance + earned) - 1, now
        return self._allowance > 0


_ACK = '{"do":"ack"}'
_open: set[Connection] = set()
_counts = {"frames": 0}
_bells: dict[int, Bell] = {}


def _bell() -> Bell:
    loop = asyncio.get_running_loop()
    bell = _bells.get(id(loop))
    if bell is None or bell._loop is not loop:
        _bells.clear()
        bell = _bells[id(loop)] = Bell(loop)
    return bell


def same_origin(socket: WebSocket) -> bool:
    """Whether the page that asks came from this server, or from an origin that Streamlit's settings allow."""
    origin, host = socket.headers.get("origin"), socket.headers.get("host")
    if not origin:
        return True
    return urlsplit(origin).netloc == host or _allowed_elsewhere(origin)


def _allowed_elsewhere(origin: str) -> bool:
    """As for Streamlit's own socket: other origins where the administrator names them, any where protection is switched off."""
    if st.get_option("server.enableCORS") is False:
        return True
    allowed = st.get_option("server.corsAllowedOrigins") or []
    return origin.rstrip("/") in {str(item).rstrip("/") for item in allowed}


async def live(socket: WebSocket) -> None:
    """The WebSocket `{base}/live/{token}`: see `playground.live.frames` and `playground.live.messages`."""
    if not same_origin(socket):
        await socket.close(WRONG_ORIGIN)
        return
    run = the_pool().find(socket.path_params["token"])
    await socket.accept()
    if run is None:
        await socket.close(NO_SUCH_RUN)
        return
    page_shown()
    connection = Connection(socket, run)
    _open.add(connection)
    try:
        await connection.serve(_bell())
    finally:
        _open.discard(connection)


def status() -> dict[str, Any]:
    """What the server does just now, in numbers."""
    pool = the_pool()
    return {
        "open": len(_open),
        "runs": len(pool.runs),
        "waiting": pool.waiting,
        "playing": len(pool.playing),
        "frames": _counts["frames"],
        "turns": pool.turns,
        "rss_bytes": resident_bytes(),
        "compiles": compiles(),
        "threads": threading.active_count(),
    }


async def livez(request: Request) -> JSONResponse:
    """`{base}/livez`: `status` as JSON, for tests and benchmarks."""
    return JSONResponse(status())


def routes() -> list[BaseRoute]:
    """Routes for `st.App`; they carry `server.baseUrlPath`, which Streamlit does not add to routes of an app's own."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    base = f"/{base}" if base else ""
    return [WebSocketRoute(base + "/live/{token}", live), Route(base + "/livez", livez)]


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """For `st.App`: the pool starts and warms up in the background; its threads are joined at the end."""
    pool = the_pool()
    pool.encode = pack
    pool.start()
    hold_back()
    warm_up()
    try:
        yield {}
    finally:
        await asyncio.to_thread(pool.stop)
