"""How fast a run goes: the table of speeds."""

from __future__ import annotations

from dataclasses import dataclass

from engines.tables import Entry, Table


@dataclass(frozen=True, kw_only=True)
class Speed(Entry):
    """A pace: epochs a second or, where that is 0, steps a second. Both 0: as fast as the machine can."""

    epochs_per_second: float = 0.0
    steps_per_second: float = 0.0

    def steps_due(self, seconds: float, steps_per_epoch: int) -> float:
        """Steps, with a fraction, that belong into `seconds`; infinite for the fastest speed."""
        if self.steps_per_second:
            return seconds * self.steps_per_second
        return seconds * self.epochs_per_second * steps_per_epoch if self.epochs_per_second else float("inf")


_SOURCE = "ours; 1 epoch a frame after TensorFlow Playground (Smilkov & Carter 2016)"

SPEEDS: Table[Speed] = Table(
    "speeds",
    [
        Speed(key="slow", label="3 steps/s", help="Slow enough to watch every single step.", source=_SOURCE, steps_per_second=3),
        Speed(key="0.25", label="¼×", help="15 epochs a second.", source=_SOURCE, epochs_per_second=15),
        Speed(key="1", label="1×", help="60 epochs a second: one a frame.", source=_SOURCE, epochs_per_second=60),
        Speed(key="10", label="10×", help="600 epochs a second.", source=_SOURCE, epochs_per_second=600),
        Speed(key="max", label="Max", help="As fast as this machine can.", source=_SOURCE),
    ],
)
