"""A description out of a file: repaired for the screen, strict for the command line; told apart by its fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, NamedTuple, TypeVar

from engines.descent.race import Race
from engines.descent.repair import find_race_problems
from engines.descriptions import Description
from engines.experiment import Experiment
from engines.problems import Problem, listed, with_article
from engines.repair import find_problems
from engines.trace.repair import find_study_problems
from engines.trace.study import Study

MAX_FILE_BYTES = 16_000_000
"""Of an experiment: two million characters of a visitor's own text, whatever they are, and all the rest."""
MAX_SMALL_BYTES = 1_000_000
D = TypeVar("D", Experiment, Race, Study)
K = TypeVar("K")


class _Kind(NamedTuple):
    """How a kind of description is read. fields: some that it has, for the visitor. most: bytes of its file."""

    find: Callable[[Any, Any], tuple[Any, list[Problem]]]
    fields: str
    most: int = MAX_SMALL_BYTES


_KINDS: dict[type[Description], _Kind] = {
    Experiment: _Kind(find_problems, "data, net and optimizer", MAX_FILE_BYTES),
    Race: _Kind(find_race_problems, "surface, runners and start"),
    Study: _Kind(find_study_problems, "examples, layers and step"),
}


class DescriptionError(ValueError):
    """A description that does not fit, for places that do not repair: one sentence, naming the first field."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
        super().__init__(problems[0].exact() + more)


class WrongKind(ValueError):
    """A file that holds a description of another kind, `found`: one sentence."""

    def __init__(self, found: Experiment | Race | Study) -> None:
        self.found = found
        super().__init__(f"it holds {with_article(found.noun)} for the {found.page.capitalize()} page")


def load_json(text: str | bytes, default: D | None = None) -> tuple[D, list[str]]:
    """The experiment, race or study in an uploaded file, repaired as by `engines.repair` and its siblings.

    default: what a missing field is taken from; it also says which kind is wanted. Without it, any is.
    Raises ValueError with one sentence where there is nothing to repair: no JSON, no object with the fields of a
    description, too large; WrongKind, with as much, where the file holds another one.
    """
    wanted = type(default) if default is not None else None
    raw, kind = _opened(text, wanted)
    if kind is None:
        raise ValueError(_nothing(wanted or Experiment))
    description, problems = _problems(raw, kind, default)
    return description, listed(problems)


def load_strict(text: str | bytes, wanted: type[D] = Experiment) -> D:
    """The description in a file in which everything must fit. Raises DescriptionError, WrongKind or ValueError in one sentence."""
    raw, _ = _opened(text, wanted)
    description, problems = _problems(raw, wanted, None)
    if problems:
        raise DescriptionError(problems)
    return description


def kind_of(raw: Any, wanted: type[Description] | None = None) -> type[Description] | None:
    """What plain data describe, by their fields: the kind that knows most of them, `wanted` where several know as many.

    None where they hold no field by which kinds could be told apart.
    """
    if not isinstance(raw, Mapping):
        return None
    for kind in _KINDS:
        name = kind.model_fields.get("kind")
        if name is not None and raw.get("kind") == name.default:
            return kind
    return likeliest(raw, {kind: kind.model_fields.keys() for kind in _KINDS}, wanted)


def likeliest(names: Iterable[str], known: Mapping[K, Set[str]], wanted: K | None = None) -> K | None:
    """Who of `known` knows most of the names that not all know; of several `wanted`, else the first. None where nobody does."""
    telling = set(names) - set.intersection(*map(set, known.values()))
    counts = {who: len(telling & set(theirs)) for who, theirs in known.items()}
    best = [who for who, count in counts.items() if count == max(counts.values()) > 0]
    return wanted if wanted in best else next(iter(best), None)


def _opened(text: str | bytes, wanted: type[Description] | None) -> tuple[Any, type[Description] | None]:
    """What the file holds and of which kind it is, None where that cannot be said. Raises ValueError, WrongKind."""
    usual = wanted or Experiment
    raw = _parse(text, usual)
    kind = kind_of(raw, wanted)
    if wanted and kind and kind is not wanted:
        raise WrongKind(_problems(raw, kind, None)[0])
    shared = isinstance(raw, dict) and set(raw) & usual.model_fields.keys()
    return raw, kind or (usual if shared else None)


def _problems(raw: Any, kind: type[Description], default: Any) -> tuple[Any, list[Problem]]:
    return _KINDS[kind].find(raw, default or kind())


def _nothing(kind: type[Description]) -> str:
    return f"the file holds JSON, but no {kind.noun}: it should be an object with fields such as {_KINDS[kind].fields}"


def _parse(text: str | bytes, kind: type[Description]) -> Any:
    what, most = with_article(kind.noun), _KINDS[kind].most
    if len(text) > most:
        raise ValueError(f"the file is larger than {most // 1_000_000} MB; {what} is at most a fraction of that")
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise ValueError(f"the file is not text in UTF-8, so it is no {kind.noun}") from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"the file is not JSON: {error.msg[:1].lower()}{error.msg[1:]} (line {error.lineno}, column {error.colno})"
        ) from None
    except (ValueError, RecursionError):
        raise ValueError(f"the file is not {what}: it holds a number or a nesting beyond all bounds") from None
