"""How many steps fit into a turn, and how many are due."""

from __future__ import annotations

from typing import NamedTuple

from engines.live.speeds import Speed

SHORTEST_CHUNK_S, USUAL_CHUNK_S = 0.0005, 0.016
LONGEST_PAUSE_S = 1.0
"""Between two chunks of training: a frame takes less, a program that a picture needs takes longer."""
YOUNG_GROWTH = 0.05
"""At full speed a chunk makes a run at most this much longer: the first moments, when most happens, are all recorded."""
UNWATCHED_PERIODS = 4
"""When runs have to share, one that nobody watches has a turn this many times more seldom."""
_GROWTH = 4
_LONGEST_DEBT_SECONDS = 0.1


class StepTimer:
    """Moving average of the seconds a step takes, so that a chunk of steps lasts as long as it should."""

    def __init__(self) -> None:
        self._average: float | None = None
        self._most = 1

    def fit(self, seconds: float) -> int:
        """Steps that fit into `seconds`, at least 1; at most four times as many as were ever done at once."""
        if self._average is None:
            return 1
        return max(1, min(int(seconds / self._average), _GROWTH * self._most))

    def note(self, steps: int, seconds: float) -> None:
        """Learn from a chunk. The average falls at once after a compile, else in halves; it rises slowly, as stalls pass."""
        if steps <= 0:
            return
        each = max(seconds / steps, 1e-8)
        self._most = max(self._most, steps)
        if self._average is None or each < self._average / 4:
            self._average = each
        else:
            self._average += (each - self._average) * (0.5 if each < self._average else 0.2)


class Metronome:
    """Steps due at a speed. A debt that cannot be paid within a tenth of a second is forgiven."""

    def __init__(self, speed: Speed) -> None:
        self.speed = speed
        self._debt = 0.0
        self._at = 0.0

    def start(self, now: float) -> None:
        """Play begins: the first step is due at once."""
        self._debt, self._at = 1.0, now

    def due(self, now: float, steps_per_epoch: int) -> float:
        """Steps due at `now`: a fraction below 1 means that none is yet."""
        owed = self._debt + self.speed.steps_due(now - self._at, steps_per_epoch)
        most = max(1.0, 2 * self.speed.steps_due(_LONGEST_DEBT_SECONDS, steps_per_epoch))
        self._debt, self._at = min(owed, most), now
        return self._debt

    def paid(self, steps: int) -> None:
        """Steps done."""
        self._debt = max(0.0, self._debt - steps) if self._debt != float("inf") else 0.0

    def wait_seconds(self, steps_per_epoch: int) -> float:
        """Seconds from the last `due` until the next whole step is due."""
        each = self.speed.steps_due(1.0, steps_per_epoch)
        return 0.0 if each == float("inf") else max(0.0, (1 - self._debt) / each)


class Meter:
    """Steps a second over the last half second or so.

    The first chunk and long pauses between chunks are left out: programs are compiled then.
    """

    def __init__(self) -> None:
        self.steps_per_second = 0.0
        self._since: float | None = None
        self._until = 0.0
        self._steps = 0

    def start(self, now: float) -> None:
        """Begin to count."""
        self._since, self._until, self._steps = now, now, 0

    def note(self, steps: int, began: float, now: float) -> None:
        """Count steps done from `began` to `now`."""
        if self._since is None:
            self.start(now)
            return
        pause, self._until = began - self._until, now
        self._since += pause if pause > LONGEST_PAUSE_S else 0.0
        self._steps += steps
        seconds = now - self._since
        if seconds >= 0.5:
            self.steps_per_second = self._steps / seconds
            self.start(now)
        elif self.steps_per_second == 0.0 and seconds > 0.05:
            self.steps_per_second = self._steps / seconds

    def stop(self) -> None:
        """Nothing is being counted."""
        self.steps_per_second, self._since = 0.0, None


def chunk_s(unpaced: bool, share_s: float, frame_in_s: float | None) -> float:
    """How long to train before the next look around.

    Until the next frame is due (None: nobody watches); when runs have to share, this run's part of a frame's time, `share_s`.
    """
    if not unpaced:
        return max(SHORTEST_CHUNK_S, share_s)
    return USUAL_CHUNK_S if frame_in_s is None else min(max(frame_in_s, USUAL_CHUNK_S / 8), USUAL_CHUNK_S)


class Goal(NamedTuple):
    """Where a run that was asked for one step or one epoch pauses again; both None: nowhere."""

    step: int | None = None
    epoch: float | None = None

    def reached(self, step: int, epochs_done: float) -> bool:
        """Whether so many steps or epochs are enough."""
        return (self.step is not None and step >= self.step) or (self.epoch is not None and epochs_done >= self.epoch)

    def most(self, steps: int, step: int, left_in_epoch: int) -> int:
        """At most `steps` steps, fewer where the goal lies nearer."""
        if self.step is not None:
            steps = min(steps, self.step - step)
        return steps if self.epoch is None else min(steps, left_in_epoch)
