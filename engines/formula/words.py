"""What is said when a formula cannot be understood: one sentence and a caret under the place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 36


class FormulaError(ValueError):
    """A formula that cannot be used. str() and `message`: one sentence; place: index into `text` of what it is about."""

    def __init__(self, message: str, place: int = 0, text: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.text = text

    def pointed(self) -> str:
        """The formula (a long one: the part around the place) on one line, and a caret under the place on the next."""
        place = min(self.place, len(self.text))
        low, high = max(0, place - _SHOWN), place + _SHOWN
        line = "".join(character if character.isprintable() else " " for character in self.text[low:high])
        before, after = "…" * (low > 0), "…" * (high < len(self.text))
        return f"{before}{line}{after}\n{' ' * (place - low + len(before))}^"


SIGN_HINTS = {
    ",": "A comma has no meaning here: write 0.5 with a point, and one value in a function's brackets.",
    ".": "A point belongs inside a number, as in 0.5.",
    "=": "Write only the height itself, without the equals sign.",
    "|": "Write abs(x) for the absolute value of x.",
    "[": "Use round brackets: ( and ).",
    "]": "Use round brackets: ( and ).",
    "{": "Use round brackets: ( and ).",
    "}": "Use round brackets: ( and ).",
    "%": "Write / for division; the percent sign has no meaning here.",
    "!": "Factorials are not known here; try a product.",
}

ALIASES = {"ln": "log", "arctan": "tanh", "log10": "log", "cbrt": "sqrt", "sgn": "abs", "sinh": "tanh", "cosh": "exp"}

EXAMPLE = "for example x^2 - y^2"


def unknown_sign(character: str) -> str:
    """The sentence for a character that no formula contains."""
    if character in SIGN_HINTS:
        return SIGN_HINTS[character]
    shown = f"“{character}”" if character.isprintable() else f"The hidden character U+{ord(character):04X}"
    return f"{shown} has no meaning here; a formula has x, y, numbers, + - * / ^, brackets and functions such as sin(x)."


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The sentence for a name that is not known, with the nearest that is, or with all of them."""
    known = list(known)
    near = ALIASES.get(name) or next(iter(difflib.get_close_matches(name, known, 1, 0.55)), None)
    shown = name if len(name) <= 24 else name[:24] + "…"
    if near:
        return f"“{shown}” is not known here; did you mean {near}?"
    return f"“{shown}” is not known here; known are {', '.join(known)}."
