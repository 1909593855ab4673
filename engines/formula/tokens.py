"""A typed formula cut into numbers, names and signs, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from engines.formula.tree import CONSTANTS, FUNCTIONS, VARIABLES
from engines.formula.words import FormulaError, unknown_name, unknown_sign

KNOWN = (*VARIABLES, *CONSTANTS, *FUNCTIONS)

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SIGNS = {sign: sign for sign in "+-*/^()"} | {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-", "＋": "+", "×": "*", "·": "*", "⋅": "*", "∙": "*",
    "•": "*", "∗": "*", "✕": "*", "⨯": "*", "÷": "/", "∕": "/", "⁄": "/", "／": "/", "（": "(", "）": ")", "ˆ": "^",
}  # fmt: skip
_LETTERS = {"π": "pi", "√": "sqrt", "ℯ": "e"}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))


class Token(NamedTuple):
    """One piece: text is canonical ('−' is '-', 'X' is 'x'), place an index into what was typed."""

    kind: Literal["number", "name", "sign", "end"]
    text: str
    place: int


def tokens(text: str) -> Iterator[Token]:
    """The pieces of `text` in order, and one of kind 'end'. Raises FormulaError at what is no part of any formula."""
    place = 0
    while place < len(text):
        character = text[place]
        if character.isspace():
            place += 1
        elif found := _NUMBER.match(text, place):
            yield Token("number", found.group(), place)
            place = found.end()
        elif text.startswith("**", place):
            yield Token("sign", "^", place)
            place += 2
        elif character in _SIGNS:
            yield Token("sign", _SIGNS[character], place)
            place += 1
        elif character in _LETTERS:
            yield Token("name", _LETTERS[character], place)
            place += 1
        else:
            end = _end_of_run(text, place)
            yield from _raised(text, place, end) if character in _RAISED else _names(text, place, end)
            place = end
    yield Token("end", "", len(text))


def _end_of_run(text: str, place: int) -> int:
    """Where the run of raised digits, or of letters, that starts at `place` ends. Raises FormulaError if there is none."""
    raised = text[place] in _RAISED
    end = place
    while end < len(text) and (text[end] in _RAISED if raised else text[end].isalpha() and text[end] not in _LETTERS):
        end += 1
    if end == place:
        raise FormulaError(unknown_sign(text[place]), place, text)
    return end


def _raised(text: str, place: int, end: int) -> Iterator[Token]:
    """x² means x^2."""
    raised = "".join(_RAISED[character] for character in text[place:end])
    digits = raised.removeprefix("-")
    if not digits.isdigit():
        raise FormulaError("This small raised sign needs digits, as in x².", place, text)
    yield Token("sign", "^", place)
    if digits != raised:
        yield Token("sign", "-", place)
    yield Token("number", digits, place)


def _names(text: str, place: int, end: int) -> Iterator[Token]:
    """The name from `place` to `end`; a run of nothing but x and y is their product."""
    name = text[place:end].lower()
    if name in KNOWN:
        yield Token("name", name, place)
    elif set(name) <= set(VARIABLES):
        yield from (Token("name", letter, place + i) for i, letter in enumerate(name))
    else:
        raise FormulaError(unknown_name(name, KNOWN), place, text)
