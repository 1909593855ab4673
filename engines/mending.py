"""What every repair of a description needs: plain data cut down to size, and a walk that notes what it had to replace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from engines.descriptions import Choice
from engines.problems import Path, Problem, sentence, short
from engines.tables import Table

MAX_ITEMS, MAX_FIELDS = 2000, 100
_MAX_DEPTH, _MAX_TEXT = 8, 400


def plain(value: Any, depth: int = 0) -> Any:
    """`value` cut down to what a description could hold: few levels, few fields, short texts, numbers of ordinary size."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 60 else float("inf") if value > 0 else float("-inf")
    if isinstance(value, str):
        return value[:_MAX_TEXT].encode("utf-8", "replace").decode()
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {str(plain(key, _MAX_DEPTH))[:41]: plain(value[key], depth + 1) for key in list(value)[:MAX_FIELDS]}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value[: MAX_ITEMS + 1]]
    return f"<{type(value).__name__}>"


class Mender:
    """Walks along a description, field by field, and collects what it had to replace in `problems`.

    whole: the path under which a problem of the whole description is told.
    """

    whole: Path = ()

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, path: Path, text: str, remedy: str) -> None:
        """Remember that `path` did not fit, why, and what was done about it."""
        self.problems.append(Problem(path, text, remedy))

    def opened(self, raw: Any) -> dict[str, Any] | None:
        """`raw` as an object of a bounded size; None where it is none, and that is noted."""
        if not isinstance(raw, Mapping):
            self.note(self.whole, f"{short(raw)} should be an object with named fields", "using the default")
            return None
        if len(raw) > MAX_FIELDS:
            self.note(self.whole, f"has {len(raw):,} fields", f"reading the first {MAX_FIELDS}")
        return plain(raw)

    def version(self, raw: dict[str, Any]) -> None:
        """Note where the description is of another version than 1."""
        if raw.get("version", 1) != 1:
            self.note(("version",), f"{short(raw['version'])} is not 1, the version this playground reads", "reading what fits")

    def unknown(self, raw: dict[str, Any], model: type[BaseModel], path: Path) -> None:
        """Note the fields that the model does not have."""
        for name in raw:
            if name not in model.model_fields:
                self.note((*path, name[:40]), "there is no such field", "ignored")

    def scalar(self, model: type[BaseModel], name: str, raw: dict[str, Any], fallback: Any, path: Path) -> Any:
        """Field `name` of `raw` as `model` reads it on its own, else the fallback."""
        if name not in raw:
            return fallback
        try:
            return getattr(model.model_validate({name: raw[name]}), name)
        except ValidationError as error:
            first = error.errors()[0]
            self.note((*path, *first["loc"]), sentence(first), f"using {named(fallback)}")
            return fallback

    def part(self, raw: Any, fallback: Any, path: Path) -> dict[str, Any]:
        """`raw` where it is an object; nothing given is silently the fallback's fields, anything else is named."""
        if isinstance(raw, dict):
            return raw
        if raw is not None:
            self.note(path, f"{short(raw)} should be an object with named fields", f"using {named(fallback)}")
        return {}

    def choice(self, raw: Any, table: Table, base: Choice, path: Path) -> Choice:
        """An entry of `table` with its settings; a setting that does not fit takes the entry's default."""
        raw = self.part({"key": raw} if isinstance(raw, str) else raw, base, path)
        if not raw:
            return base
        self.unknown(raw, Choice, path)
        key = raw.get("key")
        if not isinstance(key, str) or key not in table:
            self.note((*path, "key"), f"{short(key)} is none of {', '.join(table)}", f"using {table[base.key].label}")
            return base
        settings = self.part(raw.get("settings"), {}, (*path, "settings"))
        kept = {name: value for name, value in settings.items() if self.setting(table, key, name, value, path)}
        return Choice(key=key, settings=kept).on(table)

    def setting(self, table: Table, key: str, name: str, value: Any, path: Path) -> bool:
        """Whether a setting of entry `key` fits; noted where it does not."""
        defaults = table[key].defaults()
        place = (*path, "settings", name[:40])
        if name not in defaults:
            self.note(place, f"{table[key].label} has no such setting", "ignored")
            return False
        try:
            Choice(key=key, settings={name: value}).on(table)
        except ValidationError as error:
            self.note(place, sentence(error.errors()[0]), f"using {short(defaults[name])}")
            return False
        except ValueError as error:
            self.note(place, str(error), f"using {short(defaults[name])}")
            return False
        return True


def named(fallback: Any) -> str:
    """What a field is replaced by, in words: 'using ...'."""
    if isinstance(fallback, BaseModel | dict):
        return "the default's"
    if isinstance(fallback, tuple) and all(isinstance(part, int | float | str) for part in fallback):
        return ", ".join(map(named, fallback))
    return short(fallback).strip("'") or "none"
