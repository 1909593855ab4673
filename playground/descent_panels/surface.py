"""Which ground: the menu of surfaces with their settings, and the box for a formula of one's own."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engines.descent.race import Race, moved
from engines.formula import FormulaError, parse
from engines.formula.tree import evaluate
from engines.surfaces import SURFACES
from playground.controls import Editor

KEY = "descent"
_BOX, _WRONG, _MOVED = f"{KEY}.formula", f"{KEY}.formula_wrong", f"{KEY}.start_moved"
_SIDE = 101
EXAMPLES = (
    "x^2 - y^2",
    "sin(x) cos(y) + 0.1 (x^2 + y^2)",
    "x^4 - 2x^2 + y^2",
    "abs(x) + 10 y^2",
    "tanh(5x)^2 + 0.1 y^2",
    "x exp(-x^2 - y^2)",
)


def surface_tab(editor: Editor) -> None:
    """The menu, and what belongs to the chosen surface."""
    race: Race = editor.experiment
    _menu(editor, race)
    entry = SURFACES[race.surface.key]
    if entry.typed:
        _formula_box(editor, race)
    elif entry.sliced:
        st.caption(
            "A slice of the loss of your own net, as it was when you pressed *Landscape*. The tab *Your net* below says more."
        )
    else:
        editor.settings("surface", SURFACES)
        st.markdown(f"${entry.formula}$" if entry.formula else "")
        st.caption(f"{entry.help} *Source: {entry.source}.*")


def _menu(editor: Editor, race: Race) -> None:
    key = f"{KEY}.surface.key"
    st.session_state[key] = race.surface.key

    def switched() -> None:
        st.session_state.pop(_WRONG, None)
        editor.run.apply(moved(editor.experiment, st.session_state[key]))
        _find_footing(editor)

    offered = [k for k, entry in SURFACES.items() if not entry.sliced or race.landscape]
    st.selectbox(
        "Surface",
        offered if race.surface.key in offered else [*offered, race.surface.key],
        format_func=lambda k: SURFACES[k].label,
        help="To walk on the loss of a net of your own, press *Landscape* on the Network or the Digits page.",
        key=key,
        on_change=switched,
    )


def _formula_box(editor: Editor, race: Race) -> None:
    wrong = _still_wrong(race)
    st.session_state[_BOX] = wrong[1] if wrong else race.formula
    st.text_input(
        "Height of x and y",
        key=_BOX,
        on_change=_typed,
        args=(editor,),
        help="x, y, numbers, + − * / ^, brackets, sin cos tan exp log sqrt abs tanh, pi, e. `2x y` is a product too.",
    )
    if wrong:
        st.code(wrong[2], language=None)
        st.caption(f"{wrong[3]} The last good formula stays on the map.")
    else:
        _said_of(race)
    _examples(editor)
    _window(editor)


def _typed(editor: Editor) -> None:
    """Adopt what stands in the box, where it can be read; else say why not, and leave the race as it is."""
    race, text = editor.experiment, " ".join(st.session_state[_BOX].split())
    st.session_state.pop(_WRONG, None)
    try:
        parse(text).notes(race.window)
    except FormulaError as error:
        st.session_state[_WRONG] = (race.formula, st.session_state[_BOX], error.pointed(), str(error))
        return
    editor.change(formula=text)
    _find_footing(editor)


def footing(race: Race) -> tuple[float, float]:
    """The start of a race on a formula; where that has no height, the nearest place in the window with land all round it."""
    tree = parse(race.formula).tree

    def is_land(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.isfinite(np.broadcast_to(evaluate(tree, x, y, np), x.shape).astype(np.float32))

    here = np.array(race.start, np.float64)
    if is_land(*here[:, None])[0]:
        return race.start
    left, right, low, high = race.window
    x, y = np.meshgrid(np.linspace(left, right, _SIDE), np.linspace(low, high, _SIDE))
    land = is_land(x, y)
    padded = np.pad(land, 1, mode="edge")
    inland = np.all([padded[i : i + _SIDE, j : j + _SIDE] for i in range(3) for j in range(3)], axis=0)
    away = np.where(inland if inland.any() else land, np.hypot(x - here[0], y - here[1]), np.inf).ravel()
    nearest = int(away.argmin())
    return (float(x.flat[nearest]), float(y.flat[nearest])) if np.isfinite(away[nearest]) else race.start


def _find_footing(editor: Editor) -> None:
    """Move the start to where a typed formula has a height: the slope of nothing leads nowhere."""
    race: Race = editor.experiment
    if not SURFACES[race.surface.key].typed:
        return
    try:
        place = footing(race)
    except FormulaError:
        return
    if place != race.start:
        editor.change(start=place)
        st.session_state[_MOVED] = editor.experiment.formula, editor.experiment.start


def _still_wrong(race: Race) -> tuple[str, str, str, str] | None:
    """What was wrong with the text typed last, unless another formula has come from elsewhere in the meantime."""
    wrong = st.session_state.get(_WRONG)
    return wrong if wrong is not None and wrong[0] == race.formula else None


def _said_of(race: Race) -> None:
    try:
        formula = parse(race.formula)
        notes = formula.notes(race.window)
    except FormulaError as error:
        st.code(error.pointed(), language=None)
        st.caption(f"{error}")
        return
    st.markdown(f"$z = {formula.latex}$")
    for note in notes:
        st.caption(f":material/info: {note}")
    if st.session_state.get(_MOVED) == (race.formula, race.start):
        x, y = race.start
        told = f"There is no height at the old start; the race now starts at the nearest place that has one, ({x:.3g}, {y:.3g})."
        st.caption(f":material/flag: {told}")


def _examples(editor: Editor) -> None:
    key = f"{KEY}.formula_example"
    st.session_state[key] = None

    def chosen() -> None:
        if st.session_state[key]:
            st.session_state.pop(_WRONG, None)
            editor.change(formula=st.session_state[key])
            _find_footing(editor)

    st.selectbox(
        "Examples", EXAMPLES, index=None, placeholder="Take an example …", label_visibility="collapsed", key=key, on_change=chosen
    )


def _window(editor: Editor) -> None:
    left, right = st.columns(2, gap="small")
    for i, (column, label) in enumerate([(left, "x from"), (right, "to"), (left, "y from"), (right, "to ")]):
        column.number_input(label, -1e4, 1e4, step=1.0, format="%.6g", **editor.bind(f"window__{i}"))
