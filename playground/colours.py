"""One colour and one mark for each optimizer, the same on every page, in light and in dark.

The colours were found by a search in OKLab: every two of them, and each of them and the gradient's magenta, stay apart
for normal vision and for full protanopia, deuteranopia and tritanopia (Machado, Oliveira & Fernandes 2009), and each has a
contrast of 3 to 1 with the page, in the dark also with the map's palest shade. Two that are closest have different marks.
The tests measure all of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NEGATIVE, POSITIVE = "#E66100", "#1A85FF"
PAGE = {"light": "#FFFFFF", "dark": "#14171C"}
INK = {"light": "#1D2430", "dark": "#E6EAF0"}
GRADIENT = {"light": "#D41159", "dark": "#FF5C95"}
NOBODY = {"light": "#DDE1E7", "dark": "#343B46"}
MAP = {
    "light": ("#9EB5CD", "#B3C6D9", "#C8D6E4", "#DDE7EF", "#F3F6FA"),
    "dark": ("#0A0E14", "#111821", "#18222E", "#202D3C", "#2A3A4B"),
}
"""Shades of heights, from the valley up, as the Descent view's map has them (`map_scale.js`)."""

OPTIMIZER_COLOURS: dict[str, tuple[str, str]] = {
    "gradient_descent": ("#666666", "#C1C7CB"),
    "sgd": ("#FA6011", "#C46A3E"),
    "momentum": ("#307013", "#66D837"),
    "nesterov": ("#8C2E9E", "#EF9FFF"),
    "adagrad": ("#0799E5", "#4887BE"),
    "adadelta": ("#4C4400", "#FDE72F"),
    "rmsprop": ("#192724", "#EBF4F2"),
    "adam": ("#243770", "#886BF7"),
    "adamw": ("#560DD8", "#958EF2"),
    "nadam": ("#019093", "#55AAAB"),
    "lion": ("#AF8C62", "#C39258"),
}
OPTIMIZER_MARKS: dict[str, str] = {
    "gradient_descent": "circle",
    "sgd": "square",
    "momentum": "triangle",
    "nesterov": "diamond",
    "adagrad": "cross",
    "adadelta": "star",
    "rmsprop": "diamond",
    "adam": "circle",
    "adamw": "triangle",
    "nadam": "star",
    "lion": "cross",
}
_UNKNOWN = ("#8A8F98", "#8A8F98")


class Look(NamedTuple):
    """How a runner is drawn: a colour for each theme, a mark, and whether its trail is dashed."""

    light: str
    dark: str
    mark: str
    dash: bool

    def colour(self, dark: bool) -> str:
        """The colour for the dark or the light theme, '#RRGGBB'."""
        return self.dark if dark else self.light


def looks(optimizers: Sequence[str]) -> tuple[Look, ...]:
    """How runners with these optimizers (keys) are drawn. The second of the same optimizer is dashed, the third not, and so on."""
    seen: dict[str, int] = {}
    made = []
    for key in optimizers:
        light, dark = OPTIMIZER_COLOURS.get(key, _UNKNOWN)
        made.append(Look(light, dark, OPTIMIZER_MARKS.get(key, "circle"), seen.get(key, 0) % 2 == 1))
        seen[key] = seen.get(key, 0) + 1
    return tuple(made)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it; all three as '#RRGGBB'."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
