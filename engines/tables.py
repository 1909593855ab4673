"""How a table of choices is made.

A table is an ordered, immutable mapping from key to entry. Keys are stable: they stand in links, saved runs and tests.
Menus, link keys, the reference page and the contract tests all follow from the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One number a visitor can set on an entry; sliders are drawn from it."""

    key: str
    label: str
    default: float
    low: float
    high: float
    unit: str = ""
    help: str = ""
    log: bool = False
    whole: bool = False

    def check(self, value: float) -> float:
        """Return `value` when it is a finite number within [low, high]; raise ValueError naming it otherwise."""
        number = float(value)
        if not self.low <= number <= self.high:
            raise ValueError(f"{self.key} must lie between {self.low:g} and {self.high:g}, not {number:g}")
        if self.whole and number != int(number):
            raise ValueError(f"{self.key} must be a whole number, not {number:g}")
        return number


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry of every table says about itself."""

    key: str
    label: str
    help: str
    formula: str = ""
    source: str
    settings: tuple[Setting, ...] = ()

    def defaults(self) -> dict[str, float]:
        """The default of each setting, by key."""
        return {setting.key: setting.default for setting in self.settings}


E = TypeVar("E", bound=Entry)


class Table(Mapping[str, E], Generic[E]):
    """Entries of one kind, in the order menus show them."""

    def __init__(self, name: str, entries: Sequence[E]) -> None:
        self.name = name
        self._entries = {entry.key: entry for entry in entries}
        if len(self._entries) != len(entries) or len({entry.label for entry in entries}) != len(entries):
            raise ValueError(f"table {name}: keys and labels must be unique")

    def __getitem__(self, key: str) -> E:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def index(self, key: str) -> int:
        """Position of `key`: what a compiled program switches on."""
        return list(self._entries).index(key)

    def labels(self) -> dict[str, str]:
        """Label of each entry, by key."""
        return {key: entry.label for key, entry in self._entries.items()}

    def describe(self) -> list[dict[str, Any]]:
        """The table as plain data, for `python -m engines tables`."""
        return [_describe(entry) for entry in self._entries.values()]


def _describe(entry: Entry) -> dict[str, Any]:
    plain = {"key": entry.key, "label": entry.label, "help": entry.help, "formula": entry.formula, "source": entry.source}
    settings = [
        {"key": s.key, "label": s.label, "default": s.default, "low": s.low, "high": s.high, "unit": s.unit, "help": s.help}
        for s in entry.settings
    ]
    return plain | ({"settings": settings} if settings else {})
