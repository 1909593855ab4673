"""How one field of a link is written and read; what links to experiments and to races have in common.

What a link says is data like any other: once read it goes through the repair of its description.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from engines.descriptions import Choice, replaced
from engines.problems import Problem, short
from engines.tables import Table
from playground.packing import Unreadable

VERSION = "1"
MAX_VALUE = 500
NUMBER = r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:e-?[0-9]{1,3})?"
_IGNORED = ("ui_", "embed")


class Key(NamedTuple):
    """One key of a link: the field it stands for, and how the field is written and read. read raises Unreadable.

    path: names of fields, and places in lists as digits. longest: characters beyond which a value is not even read.
    """

    name: str
    path: tuple[str, ...]
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    longest: int = MAX_VALUE


def write_number(value: float) -> str:
    """The shortest text that is exactly `value` again; '+' would turn into a space."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value)).replace("e+", "e")


def read_number(text: str) -> float:
    """The number that `text` is. Raises Unreadable."""
    if not re.fullmatch(NUMBER, text):
        raise Unreadable(f"{short(text)} is not a number")
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else float(text)


def write_numbers(values: Sequence[float]) -> str:
    """Numbers with commas between them."""
    return ",".join(map(write_number, values))


def read_numbers(text: str) -> list[float]:
    """Numbers with commas between them. Raises Unreadable."""
    return [read_number(part) for part in text.split(",")]


def write_choice(table: Table) -> Callable[[Choice], str]:
    """A writer of choices: the key and, behind colons, the settings that are not the entry's defaults."""

    def write(choice: Choice) -> str:
        usual = table[choice.key].defaults()
        return "".join([choice.key, *(f":{k}~{write_number(v)}" for k, v in choice.settings.items() if v != usual[k])])

    return write


def read_choice(text: str) -> dict[str, Any]:
    """A choice as plain data, of whatever table. Raises Unreadable."""
    key, *parts = text.split(":")
    settings = {}
    for part in parts:
        name, mark, value = part.partition("~")
        if not mark or not re.fullmatch(NUMBER, value):
            raise Unreadable(f"{short(part)} should be a setting and its number, like rate~0.01")
        settings[name] = float(value)
    return {"key": key, "settings": settings}


def number(name: str, *path: str) -> Key:
    """A key for a number."""
    return Key(name, path, write_number, read_number)


def text(name: str, *path: str) -> Key:
    """A key for text that stands in the link as it is."""
    return Key(name, path, str, str)


def choice(name: str, table: Table, *path: str) -> Key:
    """A key for an entry of a table and its settings."""
    return Key(name, path, write_choice(table), read_choice)


def given(params: Mapping[str, Any]) -> dict[str, str]:
    """The keys and values of an address as texts, of repeated ones the last, without those that belong to the page itself."""
    return {str(k)[:60]: _last(v) for k, v in list(params.items())[:100] if not str(k).startswith(_IGNORED)}


def _last(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = value[-1] if value else ""
    return value if isinstance(value, str) else str(value)[:MAX_VALUE]


def differing(keys: Sequence[Key], description: Any, base: Any, always: Collection[str] = ()) -> dict[str, str]:
    """What of `description` is not as in `base`, as keys and values; and the keys that are `always` said."""
    return {
        key.name: key.write(_value_at(description, key.path))
        for key in keys
        if key.name in always or _value_at(description, key.path) != _value_at(base, key.path)
    }


def _value_at(description: Any, path: tuple[str, ...]) -> Any:
    value: Any = description
    for name in path:
        value = value[int(name)] if name.isdecimal() else getattr(value, name)
    return value


def fill(raw: dict[str, Any], values: Mapping[str, str], keys: Sequence[Key]) -> tuple[dict[str, Any], list[Problem]]:
    """Plain data `raw` with what a link's `values` say written into it, and what of them could not be read."""
    known = {key.name: key for key in keys}
    problems = []
    for name, value in values.items():
        key = known.get(name)
        if key is not None:
            try:
                raw = replaced(raw, key.path, _read(key, value))
            except Unreadable as error:
                path = tuple(int(part) if part.isdecimal() else part for part in key.path)
                problems.append(Problem(path, str(error), f"using the default ({name}= in the link)"))
        elif name != "v":
            problems.append(Problem((name,), "there is no such key in a link", "ignored"))
        elif value != VERSION:
            said = f"this link is of version {short(value)}, this playground reads {VERSION}"
            problems.append(Problem(("v",), said, "reading what fits"))
    return raw, problems


def _read(key: Key, value: str) -> Any:
    if len(value) > key.longest:
        raise Unreadable("is far too long")
    return key.read(value)


def as_text(query: Mapping[str, str]) -> str:
    """A query as one text, without '?'; what browsers leave as it is stays readable."""
    return urlencode(query, safe=":~,@")
