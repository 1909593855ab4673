"""Results as they are kept: their shape, and the file of those measured by us, which comes with the project."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from engines.descriptions import MAX_SEED, Frozen, describe_error
from engines.experiment import Experiment
from engines.rivals import RIVALS

MEASURED = Path(__file__).with_name("measured.json")
FULL_COUNTS = (60_000, 10_000)
Share = Literal["full", "builtin"]


class Number(Frozen):
    """One number of a result. seconds: it took; how: what ran, as far as it differs from the headline's run.

    series, x, of: its place on a chart, where it has one.
    """

    label: str
    value: float | None
    unit: str
    seconds: float | None = None
    how: dict[str, Any] = Field(default_factory=dict)
    series: str = ""
    x: float | None = None
    of: str = ""


class Data(Frozen):
    """Which digits, and how many there were to learn from and to be tested on."""

    source: Share
    train: int = Field(ge=1)
    test: int = Field(ge=1)
    sentence: str


class Machine(Frozen):
    """What ran it. cores: of the processor, usable by the process; count: devices."""

    platform: str
    device: str
    count: int = Field(ge=1)
    cores: int = Field(ge=1)

    def said(self) -> str:
        """In a few words."""
        if self.platform == "cpu":
            return f"{self.device}, {self.cores} core{'s' if self.cores > 1 else ''}"
        return f"{f'{self.count} x ' if self.count > 1 else ''}{self.device}"


class Record(Frozen):
    """A result that was measured. measured: in `unit`, what `measure` says; date: UTC, YYYY-MM-DD.

    experiment: what the headline run was: an Experiment, or {rival, settings, train_count}. epochs_overruled: None but for trials.
    """

    name: str
    label: str
    published: float | None
    published_text: str = ""
    published_source: str
    measure: str
    unit: str
    measured: float
    seconds: float = Field(ge=0)
    cpu_seconds: float = Field(ge=0)
    seed: int = Field(ge=0, le=MAX_SEED)
    data: Data
    machine: Machine
    versions: dict[str, str]
    experiment: dict[str, Any]
    epochs_overruled: int | None = None
    date: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    parts: tuple[Number, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_run(self) -> Record:
        if "rival" in self.experiment:
            if self.experiment["rival"] not in RIVALS:
                raise ValueError(f"there is no rival called {str(self.experiment['rival'])[:40]!r}")
        elif "net" not in self.experiment:
            raise ValueError("an experiment has a net or a rival")
        return self

    @property
    def key(self) -> tuple[str, str, int]:
        """What there is one record of."""
        return self.name, self.data.source, self.seed

    def opened(self) -> Experiment | None:
        """The experiment, where it is one and still fits this version."""
        try:
            return None if "rival" in self.experiment else Experiment.model_validate(self.experiment)
        except ValidationError:
            return None


def load(path: Path = MEASURED) -> tuple[Record, ...]:
    """The records kept in `path`, sorted; none where there is no file. Raises ValueError naming what does not fit."""
    try:
        return _load(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return ()


@lru_cache(maxsize=4)
def _load(path: Path, changed_ns: int) -> tuple[Record, ...]:
    try:
        raw = json.loads(path.read_text("utf-8"))
        if not isinstance(raw, list):
            raise ValueError("it should hold a list of records")
        return tuple(sorted((Record.model_validate(one) for one in raw), key=lambda record: record.key))
    except ValidationError as error:
        raise ValueError(f"{path.name}: {describe_error(error)[0]}") from None
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def save(record: Mapping[str, Any], path: Path = MEASURED) -> None:
    """Put a record into `path`, in place of one of the same name, data and seed; sorted. The file appears whole or not at all.

    Raises ValueError for a record that does not fit or is only a trial, OSError where the file cannot be written.
    """
    new = Record.model_validate(dict(record))
    if new.epochs_overruled is not None:
        raise ValueError("a run with other epochs than its recipe's is a trial, and is not kept")
    if new.data.source == "full" and (new.data.train, new.data.test) != FULL_COUNTS:
        raise ValueError(f"the full MNIST has {FULL_COUNTS[0]:,} and {FULL_COUNTS[1]:,} digits; this run had other data")
    kept = {old.key: old for old in load(path)} | {new.key: new}
    _write(sorted(kept.values(), key=lambda one: one.key), path)


def _write(records: Iterable[Record], path: Path) -> None:
    text = json.dumps([one.model_dump(mode="json") for one in records], indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
