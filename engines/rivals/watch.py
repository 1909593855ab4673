"""What a long computation is watched with: how far it is, and whether it should stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Predict = Callable[[Any], Any]
"""images (m, 28, 28) uint8 -> labels (m,)."""
Progress = Callable[[float], None]
IsCancelled = Callable[[], bool]


class Cancelled(Exception):
    """Somebody asked for it to stop."""


def _nothing(share: float) -> None:
    """Nobody looks."""


def _never() -> bool:
    return False


class Watch:
    """progress(share 0..1) is told how far it is; cancelled() is asked whether to stop. Parts of the work get a `part` each."""

    def __init__(self, progress: Progress = _nothing, cancelled: IsCancelled = _never) -> None:
        self._progress, self._cancelled = progress, cancelled

    def at(self, share: float) -> None:
        """`share` (0..1) is done. Raises Cancelled when it should go no further."""
        self.check()
        self._progress(min(1.0, max(0.0, share)))

    def check(self) -> None:
        """Raises Cancelled when it should go no further."""
        if self._cancelled():
            raise Cancelled

    @property
    def cancelled(self) -> bool:
        """Whether it should stop."""
        return self._cancelled()

    def part(self, low: float, high: float) -> Watch:
        """A watch for a piece of the work: its 0..1 are `low`..`high` here."""
        return Watch(lambda share: self._progress(low + (high - low) * share), self._cancelled)
