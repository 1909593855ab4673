"""Many visitors without browsers: each opens a real Streamlit session, and the live WebSocket of the run it finds there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import struct
import time
from statistics import median
from typing import Any

STREAM = "/_stcore/stream"
TOKEN = re.compile(rb'"token": ?"([\w-]{16,})"')
ACK = '{"do":"ack"}'
OPEN_LIMIT_S = 60.0


class Visitor:
    """One session on the Network page. frames: messages of the live WebSocket so far; errors: sentences on what went wrong."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.frames = 0
        self.errors: list[str] = []
        self._last = b""
        self._tasks: list[asyncio.Task[None]] = []
        self._open = contextlib.AsyncExitStack()

    async def arrive(self) -> None:
        """Open the page as a browser does: run the script, find the run's token, connect to its live WebSocket."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from websockets.asyncio.client import connect

        session = await self._open.enter_async_context(
            connect(f"ws://{self.host}{STREAM}", subprotocols=["streamlit"], max_size=None, compression=None)
        )
        message = BackMsg()
        message.rerun_script.page_name = "network"
        await session.send(message.SerializeToString())
        token = await asyncio.wait_for(_token(session), OPEN_LIMIT_S)
        self._tasks.append(asyncio.create_task(self._listen(session)))
        self.live = await self._open.enter_async_context(connect(f"ws://{self.host}/live/{token}", max_size=None, compression=None))
        self._tasks.append(asyncio.create_task(self._watch()))

    async def say(self, **message: Any) -> None:
        """Send a control message."""
        await self.live.send(json.dumps(message))

    async def leave(self) -> None:
        """Close both connections, as a closed tab does."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._open.aclose()

    def status(self) -> str:
        """What the newest frame says of the run."""
        if not self._last:
            return "no frame"
        size = struct.unpack_from("<I", self._last)[0]
        run = json.loads(self._last[4 : 4 + size])["run"]
        return f"{run['status']}: {run['message']}" if run["message"] else run["status"]

    async def _listen(self, session: Any) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._drain(session, "the session")

    async def _drain(self, socket: Any, name: str) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                await socket.recv()
        except ConnectionClosed as error:
            self.errors.append(f"{name} was closed: {error}")

    async def _watch(self) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                self._last = await self.live.recv()
                self.frames += 1
                await self.live.send(ACK)
        except ConnectionClosed as error:
            self.errors.append(f"the live connection was closed: {error}")


async def _token(session: Any) -> str:
    """Read the session's messages up to the one that mounts the live view."""
    while True:
        found = TOKEN.search(await session.recv())
        if found:
            return found.group(1).decode()


async def arrive(host: str, count: int) -> list[Visitor]:
    """`count` visitors, one after the other, all training at full speed."""
    visitors = [Visitor(host) for _ in range(count)]
    for visitor in visitors:
        await visitor.arrive()
        await visitor.say(do="speed", value="max")
        await visitor.say(do="play")
    return visitors


async def frames_per_second(visitors: list[Visitor], seconds: float) -> list[float]:
    """Frames a second of each visitor over the next `seconds`."""
    before, start = [visitor.frames for visitor in visitors], time.monotonic()
    await asyncio.sleep(seconds)
    passed = time.monotonic() - start
    return [(visitor.frames - frames) / passed for visitor, frames in zip(visitors, before, strict=True)]


def errors_of(visitors: list[Visitor]) -> list[str]:
    """What went wrong, and who is not playing."""
    idle = [f"a run is not playing but {status}" for v in visitors if not (status := v.status()).startswith("playing")]
    return [error for visitor in visitors for error in visitor.errors] + idle


async def leave(visitors: list[Visitor]) -> None:
    """All go."""
    await asyncio.gather(*(visitor.leave() for visitor in visitors))


def summary(rates: list[float]) -> str:
    """A sentence on the spread."""
    return f"Median {median(rates):.3g}, largest {max(rates):.3g} frames/s of {len(rates)} visitors."
