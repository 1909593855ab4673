"""A recorded run: saved states, thinned so that memory stays bounded."""

from __future__ import annotations

from typing import NamedTuple

from engines.training import Saved

PLANE_BYTES = 8 * 2**20
DENSE_BYTES = 48 * 2**20


class Moment(NamedTuple):
    """One saved moment of a run. epoch has a fraction: epochs_done and the steps into the next one."""

    step: int
    epoch: float
    epochs_done: float
    into_epoch: int
    saved: Saved
    size_bytes: int


class Recording:
    """Moments in the order of their steps, at least `gap_steps` apart, no more than `limit_bytes` together.

    When they are too many, every second one goes (the first stays) and the gap doubles.
    """

    def __init__(self, limit_bytes: int = PLANE_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self.gap_steps = 1
        self._moments: list[Moment] = []

    def __len__(self) -> int:
        return len(self._moments)

    def __getitem__(self, index: int) -> Moment:
        return self._moments[index]

    def wants(self, step: int) -> bool:
        """Whether a moment at `step` would be kept: ask before saving a state, which costs time."""
        return not self._moments or step - self._moments[-1].step >= self.gap_steps

    def add(self, step: int, epoch: float, epochs_done: float, into_epoch: int, saved: Saved) -> None:
        """Keep a moment. One larger than the limit is not kept."""
        size = sum(array.nbytes for array in saved)
        if size > self.limit_bytes:
            return
        self._moments.append(Moment(step, epoch, epochs_done, into_epoch, saved, size))
        self.size_bytes += size
        while self.size_bytes > self.limit_bytes and len(self._moments) > 1:
            self._thin()

    def _thin(self) -> None:
        self._moments = self._moments[::2]
        self.size_bytes = sum(moment.size_bytes for moment in self._moments)
        span = self._moments[-1].step - self._moments[0].step
        self.gap_steps = max(2 * self.gap_steps, span // max(1, len(self._moments) - 1))

    def cut(self, index: int) -> None:
        """Forget what came after moment `index`."""
        del self._moments[index + 1 :]
        self.size_bytes = sum(moment.size_bytes for moment in self._moments)

    def restart(self) -> None:
        """Forget everything."""
        self._moments.clear()
        self.size_bytes, self.gap_steps = 0, 1
