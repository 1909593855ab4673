"""Characters in the plane by what a net makes of them, and units as strips beside the text they read."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from playground.colours import INK, NEGATIVE, PAGE, POSITIVE
from playground.figures.style import styled

KINDS = {
    "vowels": ("#B5246B", "#FF8FC4"),
    "other letters": ("#1D5FA8", "#7FB8FF"),
    "digits": ("#8C6D00", "#E8C04A"),
    "spaces and line breaks": ("#00806B", "#3CCFAE"),
    "other signs": ("#54606E", "#AEB8C2"),
}
_NAMES = {" ": "␣", "\n": "↵", "\t": "⇥"}
_SPOKEN = {" ": "space", "\n": "line break", "\t": "tab"}


def kind_of(c: str) -> str:
    """The key of `KINDS` for a character."""
    if c.isspace():
        return "spaces and line breaks"
    if c.isdigit():
        return "digits"
    if c.isalpha():
        return "vowels" if c.lower() in "aeiou" else "other letters"
    return "other signs"


def sign(c: str) -> str:
    """What stands for a character in a picture: itself, or a sign for what cannot be seen."""
    return _NAMES.get(c, c if c.isprintable() else f"U+{ord(c):04X}")


def spoken(c: str) -> str:
    """A character's name in a sentence."""
    return _SPOKEN.get(c, c if c.isprintable() else f"U+{ord(c):04X}")


def characters_figure(characters: str, points: np.ndarray, axes: tuple[str, str], *, dark: bool, height: int = 520) -> go.Figure:
    """points (A, 2), one a character, drawn as the character itself in the colour of its kind; capitals are bold."""
    figure = go.Figure()
    for kind, colours in KINDS.items():
        mine = [i for i, c in enumerate(characters) if kind_of(c) == kind]
        if not mine:
            continue
        signs = [html.escape(sign(characters[i])) for i in mine]
        figure.add_scatter(
            x=points[mine, 0],
            y=points[mine, 1],
            mode="text",
            text=[f"<b>{s}</b>" if characters[i].isupper() else s for i, s in zip(mine, signs, strict=True)],
            textfont={"color": colours[dark], "size": 16},
            name=kind,
            customdata=[html.escape(spoken(characters[i])) for i in mine],
            hovertemplate="%{customdata}<extra></extra>",
        )
    styled(figure, *axes, dark=dark, height=height)
    return figure.update_layout(legend_itemsizing="constant")


def strip_figure(text: str, rows: Sequence[str], values: np.ndarray, high: float, *, low: float, dark: bool) -> go.Figure:
    """values (rows, characters) as a heatmap under the text: orange below 0, blue above; low 0 where nothing is below it."""
    theme = "dark" if dark else "light"
    ground = PAGE[theme]
    tones = [(0.0, ground), (1.0, POSITIVE)] if low >= 0 else [(0.0, NEGATIVE), (0.5, ground), (1.0, POSITIVE)]
    signs = [html.escape(sign(c)) for c in text]
    places = np.arange(len(text))
    figure = go.Figure(
        go.Heatmap(
            z=np.asarray(values, np.float64),
            x=places,
            y=list(range(len(rows))),
            zmin=low,
            zmax=high,
            colorscale=tones,
            colorbar={"thickness": 8, "title": ""},
            customdata=np.broadcast_to(np.array(signs, dtype=object), (len(rows), len(text))),
            hovertemplate="%{customdata}: %{z:.3f}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    styled(figure, "", "", dark=dark, height=110 + 30 * max(2, len(rows)))
    ticks = {"tickfont": {"size": 12, "color": INK[theme]}, "showgrid": False}
    figure.update_xaxes(
        tickvals=places.tolist() if len(text) <= 120 else [], ticktext=signs if len(text) <= 120 else [], tickangle=0, **ticks
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=[html.escape(row) for row in rows], autorange="reversed", automargin=True, **ticks
    )
    return figure
