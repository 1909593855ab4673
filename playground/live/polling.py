"""Frames for a browser that no WebSocket reaches: kept until Streamlit's next message takes a batch of them along."""

from __future__ import annotations

import base64
import time
from collections import deque

from engines.live import LiveRun, Snapshot
from playground.live.frames import Position, encode

MOST_FRAMES = 90
ABANDONED_S = 5.0


class Poll:
    """One polling viewer. It stops watching by itself when nobody has asked for frames for `ABANDONED_S` seconds.

    sent: the id of the newest frame that has left; -1 before the first. A busy page may pass over a batch when the next one
    follows at once; it sees from `sent` that it has missed something.
    """

    def __init__(self, run: LiveRun) -> None:
        self.run = run
        self.ended = False
        self.sent = -1
        self._position = Position()
        self._kept: deque[Snapshot] = deque(maxlen=MOST_FRAMES)
        self._asked = time.monotonic()
        self._handle: int | None = None
        self._handle = run.watch(self._keep)

    def _keep(self) -> None:
        if time.monotonic() - self._asked > ABANDONED_S:
            self.end()
        else:
            self._kept.append(self.run.snapshot)

    def start_over(self) -> None:
        """Something that was sent has not arrived: begin again, with all there is now."""
        self._position, self.sent = Position(), -1
        self._kept.clear()
        self._kept.append(self.run.snapshot)

    def end(self) -> None:
        """Watch no longer."""
        self.ended = True
        self._kept.clear()
        if self._handle is not None:
            self.run.unwatch(self._handle)

    def frames(self) -> list[str]:
        """The frames since the last call, oldest first, base64."""
        self._asked = time.monotonic()
        taken = [self._kept.popleft() for _ in range(len(self._kept))]
        if taken:
            self.sent = taken[-1].id
        return [base64.b64encode(encode(snapshot, self._position)).decode() for snapshot in taken]
