"""Many updates in one go, and the weights they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from engines.trace.learn import learn
from engines.trace.net import Net
from engines.trace.passes import trace
from engines.trace.study import LARGEST, MAX_TYPED
from playground.backprop.traced import Traced
from playground.backprop_panels.weight import number
from playground.controls import Editor
from playground.figures.updates import updates_figure
from playground.kept import Kept

KEY = "backprop"
COUNTS = (1, 10, 100, 1_000, 10_000)
DIGITS = 9
MOST_WORK = 3_000_000_000
"""Weights times updates: about ten seconds for a net that the processor's cache cannot hold. Nobody could stop it halfway."""
MAX_KEPT_BYTES = 64_000_000
_RAN = f"{KEY}.ran"


@dataclass(frozen=True)
class Learned:
    """What so many updates made of a study's net. costs: before each update and at the end, (updates + 1,)."""

    updates: int
    net: Net
    costs: np.ndarray
    outputs: np.ndarray
    targets: np.ndarray

    @property
    def thrown_at(self) -> int | None:
        """The first update after which the cost was no number any more."""
        bad = np.flatnonzero(~np.isfinite(self.costs))
        return int(bad[0]) if len(bad) else None

    @property
    def nbytes(self) -> int:
        """Memory that its arrays take."""
        return sum(part.nbytes for part in (*self.net.weights, *self.net.biases, self.costs))


_learned: Kept[Learned] = Kept(MAX_KEPT_BYTES, lambda learned: learned.nbytes)


def learned(traced: Traced, updates: int) -> Learned:
    """So many updates of the study's net, computed once."""
    return _learned.get(f"{updates} {traced.key}", lambda: _learn(traced, updates))


def _learn(traced: Traced, updates: int) -> Learned:
    before = traced.trace
    x, t = before.values["X"], before.values["T"]
    net, costs = learn(before.net, x, t, before.learning_rate, updates)
    outputs = trace(net, x[:1], t[:1], before.learning_rate, np.float64).values["Y"][0]
    return Learned(updates, net, costs, outputs, t[0])


def updates_panel(editor: Editor, traced: Traced, dark: bool) -> None:
    """How many; then the cost on the way, where it ends, and the weights to take over."""
    st.caption("The update of this page, again and again, on the same examples: that is gradient descent.")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for count in COUNTS:
            said = "1 update" if count == 1 else f"{count:,} updates"
            refused = too_many(traced.trace.net, count)
            options = {"on_click": _ask, "args": (traced.key, count), "disabled": bool(refused), "help": refused or None}
            st.button(said, key=f"{KEY}.run_{count}", **options)
    asked_of, count = st.session_state.get(_RAN, ("", 0))
    if asked_of != traced.key:
        st.caption("The net has changed since the last run; run it again." if asked_of else "")
        return
    found = learned(traced, count)
    st.markdown(_said(found))
    st.plotly_chart(
        updates_figure(found.costs, dark=dark), key=f"{KEY}.curve", config={"displayModeBar": False}, alt="Cost against updates."
    )
    _adopt(editor, traced, found)


def too_many(net: Net, updates: int) -> str:
    """Why a net is not updated so often in one go, as a sentence; '' where it can be."""
    if net.parameters * updates <= MOST_WORK:
        return ""
    return f"This net has {net.parameters:,} weights and biases: so many updates of them would take minutes."


def _ask(key: str, count: int) -> None:
    st.session_state[_RAN] = (key, count)


def _said(found: Learned) -> str:
    thrown = found.thrown_at
    times = "one update" if found.updates == 1 else f"{found.updates:,} updates"
    if thrown is not None:
        return f"After update {thrown:,} the numbers overflow: the learning rate is too large for this net."
    said = f"After {times} the cost is **{number(float(found.costs[-1]), 6)}**; it began with {number(float(found.costs[0]), 9)}."
    if len(found.outputs) > 8:
        return said
    outputs, targets = (", ".join(number(float(value)) for value in values) for values in (found.outputs, found.targets))
    which = "Outputs now" if len(found.outputs) > 1 else "Output now"
    return f"{said} {which}, for the first example: {outputs} (wanted: {targets})."


# ---- taking the weights over


def _adopt(editor: Editor, traced: Traced, found: Learned) -> None:
    typed = typed_numbers(traced, found)
    st.button(
        "Put these weights into the net",
        icon=":material/input:",
        key=f"{KEY}.adopt",
        disabled=typed is None,
        help="They stand in the matrices as numbers you typed; the address carries them.",
        on_click=lambda: editor.change(typed=typed),
    )
    if typed is None:
        st.caption(why_not(traced, found))


def why_not(traced: Traced, found: Learned) -> str:
    """Why learned weights cannot be put into the net."""
    carried = f"The address can carry at most {MAX_TYPED} typed numbers, none of them larger than {LARGEST:,.0f}"
    if found.thrown_at is not None:
        return f"{carried}; these weights overflow."
    moved = {"W", "b"} if found.net.train_biases else {"W"}
    count = found.net.parameters + sum(typed.matrix[0] not in moved for typed in traced.study.typed)
    return f"{carried}; this net would need {count:,}." if count > MAX_TYPED else f"{carried}; some of these weights are larger."


def typed_numbers(traced: Traced, found: Learned) -> list[dict[str, Any]] | None:
    """The study's typed numbers with the learned weights in place of the net's; None where they are too many or too large."""
    net, study = found.net, traced.study
    learned_names = {"W", "b"} if net.train_biases else {"W"}
    kept = [typed.model_dump() for typed in study.typed if typed.matrix[0] not in learned_names]
    if net.parameters + len(kept) > MAX_TYPED:
        return None
    matrices = {f"W{n}": w for n, w in enumerate(net.weights, 1)}
    if net.train_biases:
        matrices |= {f"b{n}": b[None] for n, b in enumerate(net.biases, 1)}
    if not all(np.isfinite(matrix).all() and np.abs(matrix).max() <= LARGEST for matrix in matrices.values()):
        return None
    return kept + [
        {"matrix": name, "row": row, "column": column, "value": float(f"{value:.{DIGITS}g}")}
        for name, matrix in matrices.items()
        for (row, column), value in np.ndenumerate(matrix)
    ]
