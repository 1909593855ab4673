"""How many of each digit there are; the colours of right and wrong answers."""

from __future__ import annotations

import numpy as np

from playground.colours import POSITIVE

VERDICT = {"light": ("#1B7837", "#762A83"), "dark": ("#66BD74", "#BA8FCD")}
"""Right and wrong answers: green and purple, which stay apart for every kind of colour vision, as in the live view."""
_ROW = "display:flex;align-items:flex-end;gap:4px;height:195px;font-size:0.75rem;font-variant-numeric:tabular-nums"
_COLUMN = "flex:1 1 0;min-width:0;display:flex;flex-direction:column;align-items:center;gap:2px"


def balance_html(counts: np.ndarray) -> str:
    """Bars of counts (k,): the training examples of each digit. No chart library has to be loaded for ten bars."""
    most, total = max(1, int(counts.max())), max(1, int(counts.sum()))
    bars = "".join(
        f'<div style="{_COLUMN}" title="digit {digit}: {count:,} examples ({100 * count / total:.3g} %)">'
        f'<span style="opacity:.75">{count:,}</span>'
        f'<span style="width:100%;height:{150 * count / most:.1f}px;background:{POSITIVE};border-radius:3px 3px 0 0"></span>'
        f'<b style="border-top:1px solid currentColor;width:100%;text-align:center">{digit}</b></div>'
        for digit, count in enumerate(counts.tolist())
    )
    said = "Training examples of each digit, " + ", ".join(f"{digit}: {count:,}" for digit, count in enumerate(counts.tolist()))
    return f'<div role="img" aria-label="{said}." style="{_ROW}">{bars}</div>'
