"""Long work in turns of about 50 ms: paused, taken up again and called off from any thread."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Self

from engines.live.memory import give_back_memory
from engines.live.pool import the_pool

TURN_S = 0.05
MOST_PAUSED = 2
"""Paused work keeps its nets in memory; of more than this the one paused first is given up."""
_REST_S, _REST_IN_COMPANY_S = 0.001, TURN_S / 2
_paused: list[weakref.ref[Turns]] = []
_paused_lock = threading.Lock()


def usual_rest_s() -> float:
    """Seconds to rest after a turn: longer while visitors' own nets play on this server, which should stay fluent."""
    return _REST_IN_COMPANY_S if the_pool().playing else _REST_S


class Turns:
    """Work that `_work` gives as a generator: it yields after every turn. Every method may be called from any thread.

    status: 'ready' | 'running' | 'paused' | 'cancelled' | 'done' | 'failed'. What was published stays after every end.
    """

    def __init__(self, rest_s: Callable[[], float] = usual_rest_s) -> None:
        self.status = "ready"
        self.told = ""
        self._rest_s = rest_s
        self._state = threading.Lock()
        self._pausing, self._cancelling = threading.Event(), threading.Event()
        self._turns: Iterator[None] | None = None

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        raise NotImplementedError

    def _work(self) -> Iterator[None]:
        raise NotImplementedError

    def _release(self) -> None:
        """Let go of everything but what was published."""

    @property
    def unfinished(self) -> bool:
        """Whether `run` would go on with it."""
        return self.status in ("ready", "paused")

    @property
    def stopping(self) -> bool:
        """Whether it has been asked to stop and still works at its last turn."""
        return self.status == "running" and (self._pausing.is_set() or self._cancelling.is_set())

    def pause(self) -> None:
        """Stop after the present turn (a program being compiled is finished first), to be taken up by `resume` and `run`."""
        self._pausing.set()

    def resume(self) -> None:
        """Take a pause back: `run` will go on."""
        self._pausing.clear()

    def cancel(self) -> None:
        """Stop after the present turn for good; what was published stays."""
        self._cancelling.set()
        with self._state:
            if not self.unfinished:
                return
            self.status = "cancelled"
        self._let_go()

    def run(self, progress: Callable[[float], None] = lambda share: None, cancelled: Callable[[], bool] = lambda: False) -> Self:
        """Work until it is done, paused, or called off by `cancel` or `cancelled`; in the thread that calls. Returns itself.

        Raises ValueError with a sentence where it cannot be done at all. In a second thread meanwhile it returns at once.
        """
        with self._state:
            if not self.unfinished:
                return self
            self.status = "running"
        status = "failed"
        try:
            status = self._go_on(progress, cancelled)
        except Exception as error:
            self.told = str(error) if isinstance(error, ValueError) else "Something went wrong inside the playground."
            raise
        finally:
            with self._state:
                if status == "paused" and self._cancelling.is_set():  # called off after the last look at it
                    status = "cancelled"
                self.status = status
            if status == "paused":
                _keep_few(self)
            else:
                self._let_go()
        return self

    def _go_on(self, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> str:
        if self._turns is None:
            self._turns = self._work()
        while True:
            progress(self.share)
            if self._cancelling.is_set() or cancelled():
                return "cancelled"
            if self._pausing.is_set():
                return "paused"
            if next(self._turns, self) is self:
                return "done"
            time.sleep(self._rest_s())

    def _let_go(self) -> None:
        self._turns = None
        self._release()
        give_back_memory()


def _keep_few(newest: Turns) -> None:
    with _paused_lock:
        held = [ref for ref in _paused if (work := ref()) is not None and work is not newest and work.status == "paused"]
        given_up, kept = held[: max(0, len(held) + 1 - MOST_PAUSED)], held[max(0, len(held) + 1 - MOST_PAUSED) :]
        _paused[:] = [*kept, weakref.ref(newest)]
    for ref in given_up:
        work = ref()
        if work is not None:
            work.told = "Others have paused here since, and the server can keep only a few: this one cannot go on."
            work.cancel()
