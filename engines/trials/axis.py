"""What a way to vary an experiment is made of: places where it can be turned, values worth trying, what a value changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from engines.descriptions import describe_error
from engines.experiment import Experiment
from engines.tables import Entry, Table

Value = float | int | str
Places = Mapping[str, str]


class Span(NamedTuple):
    """Numbers worth trying: from `low` to `high`, spaced as 'even', 'log', or 'share' (evenly in the logarithm of 1 - value)."""

    low: float
    high: float
    scale: str = "even"
    whole: bool = False

    def values(self, count: int, near: float | None = None) -> tuple[float | int, ...]:
        """At most `count` different numbers over the span, ends included, rounded to two digits or so, ascending.

        near: a number that is to be among them where it lies within; of those between the ends the closest makes room.
        """
        low, high, scale = self.low, self.high, self.scale
        if count < 2 or low == high:
            return (round(high),) if self.whole else (float(high),)
        if scale == "log":
            inner = [_rounded(v) for v in np.geomspace(low, high, count)[1:-1]]
        elif scale == "share":
            inner = [float(f"{1 - _rounded(v):.6g}") for v in np.geomspace(1 - low, 1 - high, count)[1:-1]]
        else:
            inner = [_rounded(v) for v in np.linspace(low, high, count)[1:-1]]
        found = [float(v) for v in (low, *(min(max(v, low), high) for v in inner), high)]
        if near is not None and low < near < high and len(found) > 2:
            found[1 + int(np.argmin([self._apart(v, near) for v in found[1:-1]]))] = near
        return tuple(sorted({round(v) for v in found} if self.whole else set(found)))

    def _apart(self, a: float, b: float) -> float:
        """How far two numbers are from each other on the scale."""
        if self.scale == "even":
            return abs(a - b)
        return abs(np.log(a / b)) if self.scale == "log" else abs(np.log((1 - a) / (1 - b)))


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


@dataclass(frozen=True, kw_only=True)
class Axis(Entry):
    """A way to vary an experiment.

    places: experiment -> place key -> what it is called there, for each place where it can be turned; where there is only one the
    key is '', and so may be the name: the label then. None where it does not suit.
    read: the value there now, None where there is none. change: the experiment with another value there; may raise ValueError.
    span: numbers worth trying, or options: the table whose keys are the values; one of the two.
    shared: whether all its values run by the same compiled program. excludes: keys of axes that it cannot be combined with.
    """

    places: Callable[[Experiment], Places] = lambda e: {"": ""}
    read: Callable[[Experiment, str], Value | None]
    change: Callable[[Experiment, str, Any], Experiment]
    span: Callable[[Experiment, str], Span] | None = None
    options: Table | None = None
    shared: bool = False
    excludes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Knob:
    """An axis at one place of an experiment. key: its name in links and widgets. label: what it is called there."""

    axis: Axis
    place: str
    label: str

    @property
    def key(self) -> str:
        """Stable name: 'learning_rate', 'units.0'."""
        return f"{self.axis.key}.{self.place}" if self.place else self.axis.key

    def read(self, experiment: Experiment) -> Value | None:
        """The value it has in `experiment`."""
        return self.axis.read(experiment, self.place)

    def change(self, experiment: Experiment, value: Value) -> Experiment:
        """`experiment` with this value. Raises ValueError with a sentence where that cannot be."""
        try:
            return self.axis.change(experiment, self.place, value)
        except ValidationError as error:
            raise ValueError(" ".join(describe_error(error))) from error
        except (LookupError, TypeError) as error:
            raise ValueError(f"{self.label} cannot be {value} here") from error

    def span(self, experiment: Experiment) -> Span | None:
        """Numbers worth trying; None where it is a choice."""
        return self.axis.span(experiment, self.place) if self.axis.span else None

    def values(self, experiment: Experiment, count: int) -> tuple[Value, ...]:
        """At most `count` values worth trying, the present one among them where there is one."""
        now = self.read(experiment)
        if self.axis.span is not None:
            return self.axis.span(experiment, self.place).values(count, now if isinstance(now, int | float) else None)
        keys = list(self.axis.options or ())
        first = max(0, min((keys.index(now) if now in keys else 0) - count // 2, len(keys) - count))
        return tuple(keys[first : first + count])

    def text(self, value: Value) -> str:
        """What a visitor reads for a value."""
        if isinstance(value, str):
            return self.axis.options[value].label if self.axis.options and value in self.axis.options else value
        if isinstance(value, int) or (value == int(value) and abs(value) < 1e6):
            return f"{int(value):,}"
        return f"{value:.3g}" if abs(value) < 0.99 else f"{value:.4g}"

    def fits(self, other: Knob) -> bool:
        """Whether both can be turned at once."""
        return self.key != other.key and other.axis.key not in self.axis.excludes and self.axis.key not in other.axis.excludes
