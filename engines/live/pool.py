"""The pool: a few threads that train many runs in fair turns, each run by one thread at a time."""

from __future__ import annotations

import atexit
import heapq
import itertools
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engines.live.memory import give_back_memory

if TYPE_CHECKING:
    from engines.live.run import LiveRun
    from engines.live.snapshot import Snapshot

FRAMES_PER_SECOND = 60
ALL_FRAMES_PER_SECOND = 1200
TIDY_S = 1.0
_FULL = "This playground is full: {count} visitors are here. Yours starts by itself as soon as a place is free."
_BUSY = "This server trains {count} nets at once, and all are taken. Yours plays by itself as soon as one pauses."
_log = logging.getLogger(__name__)


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Hosts runs. Every worker takes the run that is due soonest, gives it one turn, and asks when it is due again.

    workers: threads; the usable cores unless said. max_runs: hosted at once; more wait for a place. max_playing: training at
    once. grace_s: seconds without a viewer before a run pauses. drop_s: before a run that no session holds is forgotten.
    forget_s: before one that a session does hold is. encode: Snapshot -> anything, called once a snapshot in a worker.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        max_runs: int = 200,
        max_playing: int | None = None,
        grace_s: float = 20.0,
        drop_s: float = 40.0,
        forget_s: float = 1800.0,
        encode: Callable[[Snapshot], Any] | None = None,
    ) -> None:
        self.workers = workers or usable_cores()
        self.max_runs = max_runs
        self.max_playing = max_playing or 32 * self.workers
        self.grace_s, self.drop_s, self.forget_s = grace_s, drop_s, forget_s
        self.encode = encode
        self.runs: dict[str, LiveRun] = {}
        self.playing: set[LiveRun] = set()
        self.turns = 0
        self._waiting: deque[LiveRun] = deque()
        self._wants_to_play: deque[LiveRun] = deque()
        self._ready = threading.Condition()
        self._queue: list[tuple[float, int, Any]] = []
        self._numbers = itertools.count()
        self._entry: dict[LiveRun, int] = {}
        self._busy: set[LiveRun] = set()
        self._again: set[LiveRun] = set()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    # Life

    def start(self) -> None:
        """Start the threads, unless they run already."""
        with self._ready:
            if self._threads:
                return
            self._stopping = False
            self._threads = [threading.Thread(target=self._work, name=f"trainer-{i}", daemon=True) for i in range(self.workers)]
            for thread in self._threads:
                thread.start()

    def stop(self, timeout_s: float = 60.0) -> None:
        """Stop and join the threads and forget every run. A compile in progress is waited for: it cannot be interrupted."""
        with self._ready:
            self._stopping = True
            threads, self._threads = self._threads, []
            self._ready.notify_all()
        for thread in threads:
            thread.join(timeout_s)
        for run in [*self.runs.values(), *self._waiting]:
            self.drop(run)
        with self._ready:
            self._queue.clear()

    # Runs

    def add(self, run: LiveRun) -> None:
        """Host `run`, or let it wait for a place."""
        self.start()
        with self._ready:
            placed = len(self.runs) < self.max_runs or self._evict()
            if placed:
                self.runs[run.token] = run
            else:
                self._waiting.append(run)
        if placed:
            self.wake(run)
        else:
            run.driver.show_waiting(_FULL.format(count=self.max_runs))
        self.watched(run)

    def find(self, token: str) -> LiveRun | None:
        """The run with `token`, hosted or waiting."""
        run = self.runs.get(token)
        return run or next((run for run in tuple(self._waiting) if run.token == token), None)

    @property
    def waiting(self) -> int:
        """Runs without a place."""
        return len(self._waiting)

    def drop(self, run: LiveRun) -> None:
        """Forget `run` and free its memory; after its turn, when it has one just now."""
        with self._ready:
            run.closed = True
            self.runs.pop(run.token, None)
            self._entry.pop(run, None)
            self._again.discard(run)
            for line in (self._waiting, self._wants_to_play):
                if run in line:
                    line.remove(run)
            busy = run in self._busy
            freed = self._seat_next()
        self.stop_playing(run)
        if not busy:
            run.driver.release()
            give_back_memory()
        for other in freed:
            self.wake(other)
            self.watched(other)

    def _seat_next(self) -> list[LiveRun]:
        seated = []
        while self._waiting and len(self.runs) < self.max_runs:
            run = self._waiting.popleft()
            self.runs[run.token] = run
            seated.append(run)
        return seated

    def _evict(self) -> bool:
        """Make a place by dropping the run that nobody has watched for longest, if for longer than the grace period."""
        unwatched = [run for run in self.runs.values() if run.unwatched_since is not None and run not in self._busy]
        oldest = min(unwatched, key=lambda run: run.unwatched_since or 0.0, default=None)
        if oldest is None or time.monotonic() - (oldest.unwatched_since or 0.0) < self.grace_s:
            return False
        oldest.closed = True
        del self.runs[oldest.token]
        self._entry.pop(oldest, None)
        self.stop_playing(oldest)
        oldest.driver.release()
        return True

    # Playing

    def may_play(self, run: LiveRun) -> str | None:
        """Ask for a turn at training: None when granted, else the sentence that says why not (it comes by itself later)."""
        with self._ready:
            if run in self.playing:
                return None
            if len(self.playing) < self.max_playing:
                self.playing.add(run)
                return None
            if run not in self._wants_to_play:
                self._wants_to_play.append(run)
            return _BUSY.format(count=self.max_playing)

    def stop_playing(self, run: LiveRun) -> None:
        """`run` trains no longer; the next in line may."""
        following = None
        with self._ready:
            self.playing.discard(run)
            if run in self._wants_to_play:
                self._wants_to_play.remove(run)
            if self._wants_to_play and len(self.playing) < self.max_playing:
                following = self._wants_to_play.popleft()
        if following is not None:
            following.play()
        else:
            self.call_at(time.monotonic() + TIDY_S, self._tidy)

    def _tidy(self) -> None:
        """Give freed memory back while nothing trains: a run frees many times what it holds."""
        if not self.playing:
            give_back_memory()

    def period_s(self) -> float:
        """Seconds between two frames of a run: 1/60, longer when many play."""
        return max(1 / FRAMES_PER_SECOND, len(self.playing) / ALL_FRAMES_PER_SECOND)

    def share_s(self) -> float:
        """Seconds of one thread that a run may take a frame: the web server keeps a third when threads are scarce."""
        playing, period = max(1, len(self.playing)), self.period_s()
        return period if not self.crowded else 0.67 * period * self.workers / playing

    @property
    def crowded(self) -> bool:
        """Whether more runs play than there are threads."""
        return len(self.playing) > self.workers

    # Turns

    def wake(self, run: LiveRun) -> None:
        """Give `run` a turn as soon as a thread is free."""
        with self._ready:
            if run.closed or run.token not in self.runs:
                return
            if run in self._busy:
                self._again.add(run)
            else:
                self._schedule(0.0, run)

    def call_at(self, due: float, task: Callable[[], None]) -> None:
        """Call `task` at `due` (monotonic seconds) in one of the threads."""
        with self._ready:
            self._push(due, next(self._numbers), task)

    def _schedule(self, due: float, run: LiveRun) -> None:
        number = next(self._numbers)
        self._entry[run] = number
        self._push(due, number, run)

    def _push(self, due: float, number: int, item: Any) -> None:
        heapq.heappush(self._queue, (due, number, item))
        if self._queue[0][1] == number:
            self._ready.notify()

    def _work(self) -> None:
        while (item := self._take()) is not None:
            if callable(item):
                self._attempt(item)
            else:
                self._turn(item)

    def _attempt(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception:
            _log.exception("a task of the pool failed")

    def _turn(self, run: LiveRun) -> None:
        due: float | None = None
        try:
            due = run.driver.turn(time.monotonic())
        finally:
            self._finish(run, due)

    def _take(self) -> Any:
        """Wait for the item due soonest. Who takes one wakes another thread, so that one is always waiting for the next."""
        with self._ready:
            while not self._stopping:
                wait = self._wait_s()
                if wait is not None and wait <= 0:
                    _, _, item = heapq.heappop(self._queue)
                    self._ready.notify()
                    if not callable(item):
                        del self._entry[item]
                        self._busy.add(item)
                        self.turns += 1
                    return item
                self._ready.wait(wait)
        return None

    def _wait_s(self) -> float | None:
        """Seconds until something is due; None when nothing is. Entries that a later one has replaced are thrown away."""
        while self._queue:
            due, number, item = self._queue[0]
            if callable(item) or self._entry.get(item) == number:
                return due - time.monotonic()
            heapq.heappop(self._queue)
        return None

    def _finish(self, run: LiveRun, due: float | None) -> None:
        with self._ready:
            self._busy.discard(run)
            again = run in self._again
            self._again.discard(run)
            if not run.closed and (again or due is not None):
                self._schedule(0.0 if again else due or 0.0, run)
        if run.closed:
            self.stop_playing(run)  # in its last turn it may have asked to play
            run.driver.release()
            give_back_memory()

    # Runs without a viewer

    def watched(self, run: LiveRun) -> None:
        """Viewers or the lease of `run` have changed: look at it again when its grace ends."""
        since = run.unwatched_since
        if since is None or run.closed:
            return
        for delay in (self.grace_s, self.drop_s, self.forget_s):
            self.call_at(since + delay, _Check(self, run, since))


class _Check:
    """Pause or drop a run that nobody has watched since `since`. Holds the run only as long as somebody else does."""

    def __init__(self, pool: Pool, run: LiveRun, since: float) -> None:
        self.pool, self.token, self.since = pool, run.token, since

    def __call__(self) -> None:
        run = self.pool.find(self.token)
        if run is None or run.unwatched_since != self.since:
            return
        idle = time.monotonic() - self.since
        if idle >= (self.pool.forget_s if run.leased else self.pool.drop_s):
            self.pool.drop(run)
        elif idle >= self.pool.grace_s:
            run.pause()  # also one that only waits to play: it would begin with nobody there


_shared: Pool | None = None
_lock = threading.Lock()


def the_pool() -> Pool:
    """The pool of this process, made when first asked for."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Pool()
            atexit.register(_shared.stop)
        return _shared
