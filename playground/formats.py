"""The ways in and out that each kind of description has: link, script, notebook. Each kind has its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engines.descent.race import Race
from engines.descriptions import Description
from engines.experiment import Experiment
from engines.files import likeliest
from engines.trace.study import Study
from playground import export, links, race_export, race_links, study_export, study_links, text_links


@dataclass(frozen=True)
class Format:
    """How a kind of description travels.

    page: key of the page that shows it; '' where more than its kind tells that. keys: names in its links.
    to_query, to_text, from_query: as in `playground.links`.
    to_script, to_notebook: as in `playground.export`.
    """

    page: str
    keys: frozenset[str]
    to_query: Callable[[Any, Any], dict[str, str]]
    to_text: Callable[[Any, Any], str]
    from_query: Callable[[Mapping[str, Any], Any], tuple[Any, list[str]]]
    to_script: Callable[[Any], str]
    to_notebook: Callable[[Any], str]


EXPERIMENT = Format(
    page="",
    keys=frozenset(
        key.name for key in links.POINT_KEYS + links.DIGIT_KEYS + links.STACK_KEYS + links.TEXT_KEYS + links.COMMON_KEYS
    ),
    to_query=links.to_query,
    to_text=links.to_text,
    from_query=links.from_query,
    to_script=export.to_script,
    to_notebook=export.to_notebook,
)
RACE = Format(
    page="descent",
    keys=frozenset(key.name for key in race_links.RACE_KEYS),
    to_query=race_links.to_query,
    to_text=race_links.to_text,
    from_query=race_links.from_query,
    to_script=race_export.to_script,
    to_notebook=race_export.to_notebook,
)
STUDY = Format(
    page="backprop",
    keys=frozenset(key.name for key in study_links.STUDY_KEYS),
    to_query=study_links.to_query,
    to_text=study_links.to_text,
    from_query=study_links.from_query,
    to_script=study_export.to_script,
    to_notebook=study_export.to_notebook,
)
_FORMATS: dict[type[Description], Format] = {Experiment: EXPERIMENT, Race: RACE, Study: STUDY}


def format_of(description: Description) -> Format:
    """How `description` travels."""
    return _FORMATS[type(description)]


def page_of_link(params: Mapping[str, Any], default: Description) -> str:
    """Key of the page that a link is for, as its keys tell; the page of `default` unless they clearly say otherwise."""
    names, mine = set(params), type(default)
    kind = likeliest(names, {kind: form.keys for kind, form in _FORMATS.items()}, mine) or mine
    if kind is not Experiment:
        return _FORMATS[kind].page
    if "digits" in names:
        return "digits"
    if text_links.is_text(names):
        return "shakespeare"
    return "network" if names & {"data", "points"} or kind is not mine else default.page
