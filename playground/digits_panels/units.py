"""'Units': what every unit of a layer likes best, the test digits that excite it most, each with the part that it looks at."""

from __future__ import annotations

import html
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.nets import stack
from engines.nets.favourites import Favourites, favourites
from engines.nets.readings import Taken, capture
from engines.nets.stack import Row
from playground import jobs
from playground.digits_panels import thumbs
from playground.digits_panels.reading import when
from playground.theme import is_dark

NAME = "digits_units"
EACH, SHOWN, SIZE = 9, 32, 48
LAYER = "digits.units_layer"
LAYERS_WITHOUT = ("dropout", "flatten")
FADED = 0.25
_GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,31rem),1fr));gap:1rem 1.5rem"


class Found(NamedTuple):
    """Favourites of one layer of the net `taken`."""

    taken: Taken
    layer: int
    best: Favourites


def draw(run: Any) -> None:
    """The panel."""
    st.caption(
        "For every unit the nine test digits that excite it most, the strongest first. Early units like strokes and edges wherever "
        "they are, later ones parts, the last ones whole digits. What a unit does not see of a digit is pale."
    )
    net = stack.as_stack(run.experiment.net)
    chosen, go = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with chosen:
        layer = _layer(net)
    go.button(
        "Find what they like",
        icon=":material/favorite:",
        key="digits.units_go",
        type="primary",
        width="stretch",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=_begin,
        args=(run, layer),
    )
    jobs.tell(NAME)
    found: Found | None = jobs.found(NAME, run.token)
    if found is not None and found.taken.net == net and found.layer == layer:
        _show(found)
    elif found is not None and not jobs.is_running(NAME):
        what = "layer" if found.taken.net == net else "net"
        st.info(
            f"This is another {what} than the one looked at last. Look again to see what its units like.", icon=":material/refresh:"
        )


def _layer(net: Any) -> int:
    rows = {row.index: row for row in stack.rows(net) if row.key not in LAYERS_WITHOUT}
    if st.session_state.get(LAYER) not in rows:
        st.session_state[LAYER] = next(iter(rows))
    return st.segmented_control("Layer", list(rows), format_func=lambda i: rows[i].label, key=LAYER, required=True)


def _begin(run: Any, layer: int) -> None:
    def work(progress: Any, cancelled: Any) -> Found | None:
        taken = capture(run, cancelled)
        best = favourites(taken.net, taken.weights, taken.digits.test_images, layer, EACH, progress, cancelled)
        return best and Found(taken, layer, best)

    jobs.begin(NAME, run.token, "Looking for favourites", work)


def _show(found: Found) -> None:
    row = stack.rows(found.taken.net)[found.layer]
    units = len(found.best.indices)
    rest = f"; the first {SHOWN} of {units:,} {_called(row)}s" if units > SHOWN else ""
    st.caption(f"{_capital(row.label)}, {when(found.taken)}{rest}.")
    cells = "".join(_unit(found, row, unit) for unit in range(min(SHOWN, units)))
    st.html(f'<div style="{_GRID}">{cells}</div>')


def _called(row: Row) -> str:
    """What one of a layer's units is called."""
    return "answer" if row.label == stack.OUTPUT else "map" if len(row.shape) == 3 else "unit"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unit(found: Found, row: Row, unit: int) -> str:
    """A unit's name, how strongly it answers, and its favourites; HTML."""
    best, digits = found.best, found.taken.digits
    values, indices = best.values[unit], best.indices[unit]
    silent = values[0] <= 0 and not np.ptp(values)
    number = unit if row.label == stack.OUTPUT else unit + 1
    said = f"stays at {values[0]:.3g} for every digit" if silent else f"up to {values[0]:.3g}"
    pictures = np.stack(
        [_seen(found, row, digits.test_images[i], place) for i, place in zip(indices, best.places[unit], strict=True)]
    )
    labels = [str(label) for label in digits.test_labels[indices]]
    names = [f"a {label}, {value:.3g}" for label, value in zip(labels, values, strict=True)]
    shown = thumbs.grid(pictures, labels, dark=is_dark(), size=SIZE, names=names)
    head = f"<b>{_capital(_called(row))} {number}</b> <span style='opacity:.75'>{html.escape(said)}</span>"
    return f'<div><div style="font-size:0.9rem;margin-bottom:4px">{head}</div>{shown}</div>'


def _seen(found: Found, row: Row, image: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The digit with all that the unit does not see of it pale."""
    if len(row.shape) != 3:
        return image
    top, left, height, width = stack.receptive_field(found.taken.net, found.layer, int(place[0]), int(place[1]))
    faded = (image * FADED).astype(np.uint8)
    seen = slice(max(0, top), max(0, top + height)), slice(max(0, left), max(0, left + width))
    faded[seen] = image[seen]
    return faded
