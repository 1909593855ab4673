"""The curve of a run: bounded, thinned evenly, its newest row always kept."""

from __future__ import annotations

import numpy as np

from engines.live.snapshot import CurveView

CAPACITY = 2048
_COLUMNS = 5


class Curve:
    """Rows of [epoch, train_loss, test_loss, train_accuracy, test_accuracy], at most `capacity` (an even number) of them.

    Every `stride`-th row is kept; when the room is full, every second kept row goes and the stride doubles. Views share the
    buffer: rows are only ever written behind the end of every view, and what rewrites them takes a new buffer and version.
    """

    def __init__(self, capacity: int = CAPACITY, version: int = 1) -> None:
        self.capacity = capacity
        self.version = version
        self.stride = 1
        self._clear()

    def _clear(self) -> None:
        self._rows = np.zeros((self.capacity, _COLUMNS), np.float32)
        self._count = 0
        self._seen = 0
        self._newest: np.ndarray | None = None

    def __len__(self) -> int:
        return self._count + (self._newest is not None)

    def add(self, rows: np.ndarray) -> None:
        """Append rows (k, 5), oldest first. Infinities become nan: both mean that there is nothing to draw."""
        if len(rows) == 0:
            return
        rows = np.where(np.isfinite(rows), rows, np.nan).astype(np.float32)
        kept = rows[(-self._seen) % self.stride :: self.stride]
        while len(kept):
            room = self.capacity - self._count
            part, kept = kept[:room], kept[room:]
            self._rows[self._count : self._count + len(part)] = part
            self._count += len(part)
            if self._count == self.capacity:
                self._thin()
                kept = kept[::2]
        self._seen += len(rows)
        self._newest = None if (self._seen - 1) % self.stride == 0 else rows[-1]

    def _thin(self) -> None:
        rows = np.zeros_like(self._rows)
        kept = self._rows[: self._count : 2]
        rows[: len(kept)] = kept
        self._rows, self._count = rows, len(kept)
        self.stride *= 2
        self.version += 1

    def restart(self) -> None:
        """Forget every row."""
        self.stride = 1
        self.version += 1
        self._clear()

    def cut(self, epoch: float) -> None:
        """Forget the rows after `epoch`."""
        table = self.view().table()
        kept = table[table[:, 0] <= epoch + 1e-6]
        self.version += 1
        self._rows = np.zeros_like(self._rows)
        self._rows[: len(kept)] = kept[: self.capacity]
        self._count = min(len(kept), self.capacity)
        self._seen = self._count * self.stride
        self._newest = None

    def view(self) -> CurveView:
        """What there is now; it stays as it is."""
        return CurveView(self.version, self._count, self._rows, self._newest)

    def copied(self, version: int) -> CurveView:
        """What there is now in a buffer of its own: an overlay, with a version of its own."""
        rows = self.view().table().copy()
        return CurveView(version, len(rows), rows, None)

    def last(self) -> np.ndarray | None:
        """The newest row (5,), None when there is none."""
        if self._newest is not None:
            return self._newest
        return self._rows[self._count - 1] if self._count else None

    def at(self, epoch: float) -> np.ndarray | None:
        """The newest row (5,) not after `epoch`, None when there is none."""
        table = self.view().table()
        place = int(np.searchsorted(table[:, 0], np.float32(epoch + 1e-6), side="right"))  # rounded as the rows are
        return table[place - 1] if place else None
