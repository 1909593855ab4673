"""The keys of a link to a text experiment: the text but for one of the visitor's own, and the recurrent net.

    ?v=1&text=sonnets&cell=gru&layers=2&units=256&emb=0&drop=0.2&seq=50&carry=no&held=0.2&clipval=0.1

A text of the visitor's own is far too long for an address: `text=own` says only that there was one.
"""

from __future__ import annotations

from typing import Any

from engines.problems import Problem, listed, short
from playground.keys import Key, number, text
from playground.packing import Unreadable

OWN = "own"
_CARRY = {"yes": True, "no": False}
NOT_CARRIED = Problem(
    ("data", "source"),
    "a link does not carry a text of your own: paste or open it again, or use the JSON file",
    "using the text that is found (text= in the link)",
)


def _write_carry(value: bool) -> str:
    return "yes" if value else "no"


def _read_carry(value: str) -> bool:
    if value not in _CARRY:
        raise Unreadable(f"{short(value)} should be yes or no")
    return _CARRY[value]


TEXT_KEYS = (
    text("text", "data", "source"),
    number("held", "data", "validation"),
    number("seq", "data", "sequence"),
    Key("carry", ("data", "carry"), _write_carry, _read_carry),
    text("cell", "net", "cell"),
    number("layers", "net", "layers"),
    number("units", "net", "units"),
    number("emb", "net", "embedding"),
    number("drop", "net", "dropout"),
    number("clipval", "clip_value"),
)


def without_own(values: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """What a link says but for a text of somebody's own, and the sentence that says so."""
    if values.get("text") != OWN:
        return values, []
    return {name: value for name, value in values.items() if name != "text"}, [NOT_CARRIED]


def without_own_text() -> str:
    """The sentence about a text that a link does not carry, as the page is told it."""
    return listed([NOT_CARRIED])[0]


def is_text(values: Any) -> bool:
    """Whether a link is to a text, whatever page reads it."""
    return any(key.name in values for key in TEXT_KEYS)
