"""A text whose characters are coloured by what a unit does, or by how much they surprised the net; HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from playground.colours import GRADIENT, NEGATIVE, POSITIVE

SURPRISE, SURPRISING = GRADIENT, 6.0
"""As the live view colours its samples: nats from which on the colour is full."""
LEVELS, STRONGEST = 8, 0.72
"""Shades to each side of nothing, and how opaque the last is: the letters have to be read through it."""
_BOX = (
    "font-family:var(--st-code-font,monospace);font-size:0.95rem;line-height:1.65;white-space:pre-wrap;overflow-wrap:anywhere;"
    "max-height:24rem;overflow:auto;padding:0.6rem 0.75rem;border:1px solid rgba(128,128,128,.3);border-radius:0.5rem"
)
BREAK = "↵"


def shades(values: np.ndarray, high: float) -> np.ndarray:
    """values (n,) as whole levels -8..8: 0 for nothing, 8 from `high` on."""
    scaled = np.nan_to_num(np.asarray(values, np.float64)) / max(high, 1e-12)
    return np.rint(np.clip(scaled, -1, 1) * LEVELS).astype(int)


def background(level: int, *, dark: bool, surprise: bool = False) -> str:
    """The colour of a level, '#RRGGBBAA'; empty for level 0."""
    if level == 0:
        return ""
    tone = SURPRISE["dark" if dark else "light"] if surprise else POSITIVE if level > 0 else NEGATIVE
    return f"{tone}{round(255 * STRONGEST * abs(level) / LEVELS):02X}"


def coloured(
    text: str,
    values: np.ndarray,
    high: float,
    *,
    dark: bool,
    name: str,
    surprise: bool = False,
    titles: Sequence[str] = (),
    marked: tuple[int, int] | None = None,
) -> str:
    """HTML of `text`, escaped, line breaks kept and shown.

    values: (n,), one a character; `high` and beyond gets the full colour. titles: what pointing at each character says.
    marked: [start, stop) of a phrase to be framed. name: what a screen reader calls it.
    """
    parts = []
    for i, (c, level) in enumerate(zip(text, shades(values, high).tolist(), strict=True)):
        tone = background(level, dark=dark, surprise=surprise)
        style = (f"background:{tone};" if tone else "") + (_frame(i, marked) if marked else "")
        title = f' title="{html.escape(titles[i])}"' if titles else ""
        shown = f'<span style="opacity:.45">{BREAK}</span>\n' if c == "\n" else html.escape(c)
        parts.append(f'<span style="{style}"{title}>{shown}</span>' if style or title else shown)
    return _boxed("".join(parts), name)


def plain(text: str, *, name: str) -> str:
    """HTML of `text`, escaped and without colours, in the same box. Lighter than `st.code`, which brings 1.5 MB to the browser."""
    return _boxed(html.escape(text), name)


def _boxed(content: str, name: str) -> str:
    return f'<div role="group" tabindex="0" aria-label="{html.escape(name)}" style="{_BOX}">{content}</div>'


def _frame(i: int, marked: tuple[int, int]) -> str:
    start, stop = marked
    if not start <= i < stop:
        return ""
    sides = ["border-top", "border-bottom", *(["border-left"] if i == start else []), *(["border-right"] if i == stop - 1 else [])]
    return "".join(f"{side}:2px solid currentColor;" for side in sides)


def scale(low: str, middle: str, high: str, *, dark: bool, surprise: bool = False) -> str:
    """The colours from the least to the most with their words; HTML. low is left out where there is nothing below 0."""
    levels = range(0 if surprise or not low else -LEVELS, LEVELS + 1, 2)
    tones = [background(level, dark=dark, surprise=surprise) or "transparent" for level in levels]
    cells = "".join(f'<span style="display:inline-block;width:14px;height:12px;background:{tone}"></span>' for tone in tones)
    words = [word for word in (low or middle, high) if word]
    left, right = html.escape(words[0]), html.escape(words[-1])
    frame = "display:inline-flex;border:1px solid rgba(128,128,128,.3);border-radius:3px;overflow:hidden"
    return (
        '<div style="display:flex;gap:8px;align-items:center;font-size:0.8rem;opacity:.9">'
        f'<span>{left}</span><span style="{frame}" aria-hidden="true">{cells}</span><span>{right}</span></div>'
    )
