"""Live runs: LiveRun and the pool that hosts them. Importing this does not import JAX."""

from engines.live.diagnosis import Evidence, Finding, diagnose
from engines.live.memory import resident_bytes
from engines.live.pool import Pool, the_pool
from engines.live.remedies import REMEDIES, Remedy
from engines.live.run import LiveRun
from engines.live.snapshot import CurveView, DataView, RecordingView, RunState, Snapshot
from engines.live.speeds import SPEEDS, Speed
from engines.live.warm import compiles, hold_back, page_shown, warm_up

__all__ = [
    "REMEDIES",
    "SPEEDS",
    "CurveView",
    "DataView",
    "Evidence",
    "Finding",
    "LiveRun",
    "Pool",
    "RecordingView",
    "Remedy",
    "RunState",
    "Snapshot",
    "Speed",
    "compiles",
    "diagnose",
    "hold_back",
    "page_shown",
    "resident_bytes",
    "the_pool",
    "warm_up",
]
