"""Where the race starts, how long it is, and how noisy."""

from __future__ import annotations

import math

import streamlit as st

from engines.descent.race import LARGEST_PLACE, MAX_RING, Race
from engines.descriptions import MAX_SEED
from engines.landscape import find
from engines.landscape.terrain import start_of
from engines.surfaces import SURFACES
from playground.controls import Editor, powers
from playground.descent.raced import ground_of, is_known

KEY = "descent"
NOISES = [0, *(noise for noise in powers(1e-4, 10.0) if noise > 0)]


def start_tab(editor: Editor) -> None:
    """One place or a ring of them."""
    race: Race = editor.experiment
    left, right, low, high = domain_of(race)
    x, y = st.columns(2, gap="small")
    for column, i, name, span in ((x, 0, "x", right - left), (y, 1, "y", high - low)):
        step = 10.0 ** round(math.log10(span / 60))
        column.number_input(f"Start {name}", -LARGEST_PLACE, LARGEST_PLACE, step=step, format="%.6g", **editor.bind(f"start__{i}"))
    st.caption("Or drag the start on the map.")
    _buttons(editor, race)
    editor.number("ring", "Ring of starts", 0, MAX_RING, 1, "So many starts on a circle around this place; 0 is the place alone.")
    if race.ring:
        size = math.hypot(right - left, high - low)
        radii = [radius for radius in powers(1e-6, LARGEST_PLACE) if size / 1e5 <= radius <= size / 2]
        editor.pick("ring_radius", "Radius of the ring", radii, zero="")


def _buttons(editor: Editor, race: Race) -> None:
    saddles = saddles_of(race)
    nearest = min(saddles, key=lambda place: math.dist(place, race.start), default=None)
    left, right = st.columns(2, gap="small")
    left.button(
        "Exactly on the saddle",
        key=f"{KEY}.on_saddle",
        width="stretch",
        disabled=nearest is None,
        help="The slope is 0 there: only noise can move anybody." if nearest else "There is no saddle on this map.",
        on_click=lambda: editor.change(start=nearest, ring=0),
    )
    right.button("Usual start", key=f"{KEY}.usual_start", width="stretch", on_click=lambda: editor.change(start=usual_start(race)))


def usual_start(race: Race) -> tuple[float, float]:
    """A good first start on the race's surface; on a formula's window, off its middle."""
    entry = SURFACES[race.surface.key]
    made = find(race.landscape) if entry.sliced else None
    if made is not None:
        return start_of(made)
    if not entry.typed:
        return entry.start
    left, right, low, high = domain_of(race)
    return left + 0.3 * (right - left), low + 0.52 * (high - low)


def domain_of(race: Race) -> tuple[float, float, float, float]:
    """x low, x high, y low, y high of the race's map."""
    if is_known(race):
        return ground_of(race)[0].domain
    entry = SURFACES[race.surface.key]
    return race.window if entry.typed else entry.domain


def saddles_of(race: Race) -> list[tuple[float, float]]:
    """Where the saddles are, as far as is known before the race has been run."""
    if is_known(race):
        return [(point.x, point.y) for point in ground_of(race)[0].stationary if point.kind == "saddle"]
    return list(SURFACES[race.surface.key].saddles)


def noise_tab(editor: Editor) -> None:
    """Steps, noise, glances, seed."""
    race: Race = editor.experiment
    editor.pick("steps", "Steps", [10, 20, 50, 100, 200, 300, 500, 1000, 1500, 2000], "How long the race is.", zero="")
    editor.pick(
        "noise",
        "Noise on the gradient",
        NOISES,
        "Standard deviation of what is added to each component of each gradient, as a short glance would. "
        "Gradient descent always sees the exact gradient.",
    )
    if SURFACES[race.surface.key].glance is not None:
        editor.pick(
            "glance", "Digits a glance", [0, 1, 2, 5, 10, 20, 50, 100, 200, 500], "Examples a step looks at.", zero="All of them"
        )
    st.number_input("Seed", 0, MAX_SEED, help="The same seed gives the same noise.", **editor.bind("seed"))
