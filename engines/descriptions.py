"""What every description that travels has in common: frozen, validated, changed by path, written as JSON; and choices of tables.

An Experiment says what a net is to learn, a Race who runs on which surface, a Study whose pass is looked at. Links, files and
controls carry all three.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engines.problems import Problem, listed, path_of, sentence
from engines.tables import Entry, Table

MAX_SEED = 2**31 - 1


class Frozen(BaseModel):
    """A part of a description: nothing in it can be reassigned, nothing unknown is let in, all numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class Description(Frozen):
    """A whole description: what a page holds, a link carries and a file keeps.

    noun: what a visitor calls it. Every kind also has `page`, the key of the page that shows it, and `subject`, what is
    looked at there: while it is the same, what was said about it still holds.
    """

    noun: ClassVar[str]

    @property
    def page(self) -> str:
        """Key of the page that shows it."""
        raise NotImplementedError

    @property
    def subject(self) -> Any:
        """What is looked at; equal for descriptions of the same thing."""
        raise NotImplementedError

    def change(self, **changes: Any) -> Self:
        """This description with fields replaced, validated. A dotted path is written with '__': net__layers=..., runners__0__...

        Raises ValueError (pydantic's ValidationError is one) naming the field that does not exist or does not fit.
        """
        raw = self.model_dump()
        for path, value in changes.items():
            plain = value.model_dump() if isinstance(value, BaseModel) else value
            try:
                raw = replaced(raw, path.split("__"), plain)
            except LookupError:
                raise ValueError(f"{path[:80].replace('__', '.')}: there is no such field") from None
        return type(self).model_validate(raw)

    def to_json(self) -> str:
        """The description as indented JSON."""
        return json.dumps(self.model_dump(mode="json"), indent=1)


@dataclass(frozen=True, kw_only=True)
class Preset(Entry):
    """A complete experiment, race or study, worth starting from. `help` says what to look at, then what to try."""

    experiment: Any

    @property
    def page(self) -> str:
        """Key of the page that shows it: 'network', 'digits', 'shakespeare', 'descent' or 'backprop'."""
        return self.experiment.page


def replaced(raw: Any, path: Sequence[str], value: Any) -> Any:
    """Plain data `raw` with the place that `path` names replaced: names of fields, and places in lists as digits.

    The last name may be new to its object. Raises LookupError where there is no such place. `raw` itself stays as it is.
    """
    if not path:
        return value
    name, *rest = path
    if isinstance(raw, dict) and (name in raw or not rest):
        return raw | {name: replaced(raw.get(name), rest, value)}
    if isinstance(raw, list | tuple) and name.isdecimal() and int(name) < len(raw):
        index = int(name)
        return [*raw[:index], replaced(raw[index], rest, value), *raw[index + 1 :]]
    raise LookupError(name)


def known(table: Table, key: str) -> str:
    """`key` where it is one of the table's. Raises ValueError naming those that are."""
    if key not in table:
        noun = {"losses": "cost", "class_losses": "cost for digits", "datasets": "data set"}.get(table.name, table.name[:-1])
        raise ValueError(f"there is no {noun} called {key[:40]!r}; choose from {', '.join(table)}")
    return key


class Choice(Frozen):
    """An entry of a table and its settings; what is not given takes the entry's default."""

    key: str = Field(max_length=40)
    settings: dict[str, float] = Field(default_factory=dict)

    def on(self, table: Table) -> Choice:
        """This choice with every setting of its entry filled in. Raises ValueError naming what does not fit."""
        entry = table[known(table, self.key)]
        defined = {setting.key: setting for setting in entry.settings}
        for name in self.settings:
            if name not in defined:
                raise ValueError(f"{entry.label} has no setting {name[:40]!r}")
        filled = {name: s.check(self.settings.get(name, s.default)) for name, s in defined.items()}
        return Choice.model_construct(key=self.key, settings=filled)


def describe_error(error: ValidationError) -> list[str]:
    """One sentence a problem, naming the field: 'learning rate: 1e9 is above the largest allowed, 100'."""
    return listed([Problem(path_of(e["loc"]), sentence(e)) for e in error.errors(include_url=False)])
