"""Nets drawn unrolled in time: boxes side by side, one a step, as HTML tables that scroll where there is no room."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from playground.colours import GRADIENT
from playground.figures.digits_data import VERDICT
from playground.figures.text_colour import background, shades
from playground.figures.text_places import sign

_WRAP = "overflow-x:auto;padding-bottom:0.4rem"
_TABLE = "border-collapse:separate;border-spacing:4px 2px;font-family:var(--st-code-font,monospace);font-size:0.85rem;margin:0 auto"
_CELL = "min-width:46px;text-align:center;padding:2px 3px;border:0"
_BOX = (
    "min-width:46px;border:1.5px solid rgba(128,128,128,.45);border-radius:6px;padding:4px 3px;text-align:center;vertical-align:top"
)
_HEAD = "text-align:right;font-weight:400;opacity:.75;padding:0 6px;border:0;white-space:nowrap"
_BLANK, _DIM = f'<td style="{_CELL}"></td>', "opacity:.35"
UNITS_SHOWN = 10


class Moment(NamedTuple):
    """How far a walk has come. forward: steps read, 0..T. backward: steps the error has come back, 0..T, from the last one."""

    forward: int
    backward: int


def moment_of(tick: int, steps: int) -> Moment:
    """tick 0..2 steps: first all steps forward, then all of them back."""
    return Moment(min(tick, steps), max(0, tick - steps))


def walk_html(
    text: str,
    hidden: np.ndarray,
    norms: np.ndarray,
    costs: np.ndarray,
    guesses: Sequence[tuple[str, float]],
    moment: Moment,
    *,
    dark: bool,
) -> str:
    """A net unrolled over `text` (T characters and the one after them).

    hidden, (layers, T, units): up to ten units are drawn in each box. norms: (layers, T) of the gradient. costs: (T,) nats.
    guesses: (T,) the most probable next character and its chance. What the walk has not reached is empty.
    """
    layers, steps, _ = hidden.shape
    reached = range(moment.forward)
    back = range(steps - moment.backward, steps)
    chosen = (
        np.argsort(-hidden.std(1).max(0), kind="stable")[:UNITS_SHOWN]
        if steps > 1
        else np.arange(min(UNITS_SHOWN, hidden.shape[2]))
    )
    rows = [_row("cost, nats", [_text(f"{costs[t]:.2f}") if t in reached else _BLANK for t in range(steps)])]
    rows.append(_row("really next", [_character(text[t + 1]) if t in reached else _BLANK for t in range(steps)]))
    rows.append(_row("guess", [_guess(*guesses[t], text[t + 1], dark) if t in reached else _BLANK for t in range(steps)]))
    rows.append(_row("", [_text("↑") if t in reached else _BLANK for t in range(steps)]))
    for layer in reversed(range(layers)):
        boxes = [
            _box(hidden[layer, t, chosen] if t in reached else None, norms[layer] if t in back else None, t, dark)
            for t in range(steps)
        ]
        rows.append(_row(f"layer {layer + 1}" if layers > 1 else "layer", boxes))
        rows.append(_row("", [_text("↑") if t in reached else _BLANK for t in range(steps)]))
    rows.append(_row("read", [_character(text[t], t not in reached) for t in range(steps)]))
    name = f"The net unrolled over {steps} characters: {moment.forward} read, the error back through {moment.backward}"
    return _table(rows, name)


def _table(rows: Sequence[str], name: str) -> str:
    table = f'<table style="{_TABLE}">{"".join(rows)}</table>'
    return f'<div style="{_WRAP}" tabindex="0" role="group" aria-label="{html.escape(name)}">{table}</div>'


def _row(name: str, cells: Sequence[str]) -> str:
    return f'<tr><th scope="row" style="{_HEAD}">{html.escape(name)}</th>{"".join(cells)}</tr>'


def _text(text: str, style: str = "") -> str:
    return f'<td style="{_CELL};{style}">{html.escape(text)}</td>'


def _character(c: str, dim: bool = False) -> str:
    return _text(sign(c), "font-size:1.05rem;font-weight:600;" + (_DIM if dim else ""))


def _guess(c: str, chance: float, wanted: str, dark: bool) -> str:
    right = c == wanted
    tone = VERDICT["dark" if dark else "light"][not right]
    return f'<td style="{_CELL};color:{tone}">{html.escape(sign(c))} {"✓" if right else ""}<br><small>{chance:.0%}</small></td>'


def _box(values: np.ndarray | None, norms: np.ndarray | None, t: int, dark: bool) -> str:
    """A step of a layer: a stripe a unit once it has been read, a magenta bar for the gradient once the error has come back."""
    inside = ""
    if values is not None:
        levels = shades(values, 1.0).tolist()
        stripes = "".join(
            f'<span style="flex:1;height:22px;background:{background(level, dark=dark) or "transparent"}"></span>'
            for level in levels
        )
        inside += f'<div style="display:flex;border:1px solid rgba(128,128,128,.3)">{stripes}</div>'
    if norms is not None:
        tone = GRADIENT["dark" if dark else "light"]
        inside += (
            f'<div style="height:8px;margin-top:3px"><div style="height:8px;border-radius:2px;background:{tone};'
            f'width:{100 * bar_length(norms, t):.0f}%"></div></div><small style="color:{tone}">{norms[t]:.2g}</small>'
        )
    return f'<td style="{_BOX}">{inside or "&nbsp;"}</td>'


def bar_length(norms: np.ndarray, t: int, decades: float = 3.0) -> float:
    """How long a gradient's bar is, 0 to 1: logarithmic over three powers of ten below the largest norm (T,)."""
    largest = float(np.nanmax(norms))
    if not largest > 0 or not norms[t] > 0:
        return 0.0
    return float(np.clip(1 + np.log10(norms[t] / largest) / decades, 0.02, 1))


# ---- the five shapes


def shape_html(
    read: Sequence[str],
    answers: Sequence[str],
    wanted: Sequence[str],
    reads: Sequence[bool],
    writes: Sequence[bool],
    *,
    dark: bool,
) -> str:
    """One example of a shape: boxes in a row, what goes in below, what comes out above with what was wanted where that differs."""
    tones = VERDICT["dark" if dark else "light"]
    above = [
        f'<td style="{_CELL};color:{tones[said != want]}"><b>{html.escape(sign(said))}</b>'
        + (f"<br><small>not {html.escape(sign(want))}</small>" if said != want else "")
        + "</td>"
        if out
        else _BLANK
        for said, want, out in zip(answers, wanted, writes, strict=True)
    ]
    ups = [_text("↑") if out else _BLANK for out in writes]
    last = len(reads) - 1
    boxes = [f'<td style="{_BOX};min-width:46px">{"→" if t < last else "&nbsp;"}</td>' for t in range(len(reads))]
    ins = [_text("↑") if into else _BLANK for into in reads]
    below = [
        _text(sign(text) if len(text) == 1 else text, "font-weight:600") if into else _BLANK
        for text, into in zip(read, reads, strict=True)
    ]
    rows = [_row("out", above), _row("", ups), _row("net", boxes), _row("", ins), _row("in", below)]
    right = sum(s == w for s, w, o in zip(answers, wanted, writes, strict=True) if o)
    return _table(rows, f"{right} of {sum(writes)} answers right")
