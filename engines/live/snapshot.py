"""What a run shows at one moment: plain, immutable data that any number of viewers may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import Experiment
from engines.live.diagnosis import Finding
from engines.training import Metrics

STATUSES = ("starting", "compiling", "ready", "playing", "paused", "waiting", "stopped", "finished", "failed")


class RunState(NamedTuple):
    """Where a run stands. rate: the learning rate now; seconds: time spent training; progress: 0..1, None without an end."""

    status: str = "starting"
    message: str | None = None
    step: int = 0
    epoch: float = 0.0
    seconds: float = 0.0
    rate: float = 0.0
    steps_per_second: float = 0.0
    examples_per_second: float = 0.0
    progress: float | None = None
    seconds_left: float | None = None
    speed: str = "1"


class CurveView(NamedTuple):
    """Rows (count, 5) float32, columns as `Metrics`, that never change, then one row `newest` (5,) that may still be replaced.

    rows may be longer than count: only the first `count` belong to this view. version grows when earlier rows have changed.
    """

    version: int
    count: int
    rows: np.ndarray
    newest: np.ndarray | None

    def table(self, start: int = 0) -> np.ndarray:
        """Every row from index `start` on, the newest included: (k, 5) float32."""
        kept = self.rows[start : self.count]
        return kept if self.newest is None else np.concatenate([kept, self.newest[None]])


class RecordingView(NamedTuple):
    """How much is recorded. position: index of the moment shown, None at the live end. first, last: epochs."""

    count: int = 0
    position: int | None = None
    first: float = 0.0
    last: float = 0.0


class DataView(NamedTuple):
    """What is learned from. points: (train + test, 3) float32 x, y, target, training points first; empty for digits."""

    version: int
    train: int
    test: int
    task: str
    axes: tuple[dict[str, Any], ...]
    points: np.ndarray


NOT_RECORDED = RecordingView()
NO_ROWS = CurveView(0, 0, np.zeros((0, 5), np.float32), None)
NO_DATA = DataView(0, 0, 0, "classification", (), np.zeros((0, 3), np.float32))


class Snapshot(NamedTuple):
    """One moment of one run. Sections, layers, histogram and facts are as `engines.training.Probe` has them.

    packed: what the pool's `encode` made of it, once for all viewers; None without one.
    """

    id: int
    revision: int
    experiment: Experiment
    run: RunState
    metrics: Metrics | None = None
    curve: CurveView = NO_ROWS
    overlay: CurveView = NO_ROWS
    recording: RecordingView = NOT_RECORDED
    layers: Sequence[dict[str, Any]] = ()
    histogram: Mapping[str, Any] = MappingProxyType({})
    diagnosis: tuple[Finding, ...] = ()
    data: DataView = NO_DATA
    sections: Mapping[str, np.ndarray] = MappingProxyType({})
    facts: Mapping[str, Any] = MappingProxyType({})
    packed: Any = None
