"""The runs that a published result is made of: nets by recipe, and rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engines.experiment import Experiment
from engines.nets import count
from engines.reproduce.recipes import ALL, experiment_of
from engines.rivals import RIVALS

_OPERATIONS_A_SECOND, _BEGINNING_S = 2e10, 3.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run. label: '{n:,}' in it becomes the number of training digits. headline: whether the result is this run's.

    series, x, of: where it stands on a chart: which curve, at which number of what.
    """

    label: str
    train_count: int = ALL
    headline: bool = False
    series: str = ""
    x: float | None = None
    of: str = ""

    def within(self, available: int) -> Part:
        """The same with no more training digits than there are."""
        n = min(self.train_count, available)
        return replace(self, train_count=n, label=self.label.format(n=n), x=n if self.of == DIGITS else self.x)

    def how(self, seed: int, source: str, epochs: int | None) -> Any:
        """What it runs, as plain data."""
        raise NotImplementedError

    def seconds(self, epochs: int | None) -> float:
        """Roughly how long it takes on two cores: how much of the whole progress it is."""
        raise NotImplementedError


DIGITS = "training digits"


@dataclass(frozen=True, kw_only=True)
class NetPart(Part):
    """A net trained by a recipe. changes: as `Experiment.change` takes them. epochs: other than the recipe's."""

    recipe: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    epochs: int | None = None

    def experiment(self, seed: int, source: str, epochs: int | None = None) -> Experiment:
        """What is trained; `epochs` overrules."""
        return experiment_of(
            self.recipe,
            source=source,
            seed=seed,
            epochs=epochs or self.epochs,
            train_count=self.train_count,
            changes=self.changes,
        )

    def how(self, seed: int, source: str, epochs: int | None) -> dict[str, Any]:
        """The experiment as plain data."""
        return self.experiment(seed, source, epochs).model_dump(mode="json")

    def seconds(self, epochs: int | None) -> float:
        """By the multiplications of its net."""
        made = self.experiment(0, "full", epochs)
        work = 6 * count.multiplies(made.net) * made.epochs * (self.train_count + ALL / 20)
        return _BEGINNING_S + work / _OPERATIONS_A_SECOND


@dataclass(frozen=True, kw_only=True)
class RivalPart(Part):
    """A rival of `RIVALS`."""

    rival: str
    settings: Mapping[str, float] = field(default_factory=dict)

    def how(self, seed: int, source: str, epochs: int | None) -> dict[str, Any]:
        """Rival, settings and training digits."""
        settings = RIVALS[self.rival].defaults() | dict(self.settings)
        return {"rival": self.rival, "settings": settings, "train_count": self.train_count}

    def seconds(self, epochs: int | None) -> float:
        """As its entry says."""
        return RIVALS[self.rival].seconds(self.train_count)


def fitting(parts: Sequence[Part], available: int) -> list[Part]:
    """The parts with no more training digits than there are; of those that become the same place on a chart, the first."""
    kept: dict[str, Part] = {}
    for part in parts:
        less = part.within(available)
        same = kept.setdefault(less.label, less)
        kept[less.label] = replace(same, headline=same.headline or part.headline)
    return list(kept.values())


def differing(how: Any, base: Any, path: str = "") -> dict[str, Any]:
    """What of plain data `how` differs from `base`: {dotted path: value}; a list that differs is given whole."""
    if not (isinstance(how, dict) and isinstance(base, dict)):
        return {} if how == base else {path: how}
    found: dict[str, Any] = {}
    for name, value in how.items():
        found |= differing(value, base.get(name), f"{path}.{name}" if path else name)
    return found
