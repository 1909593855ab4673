"""'Sequence shapes': one to one, one to many, many to one, many to many, in step; each with a task that is learned in seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.reach import COMPARED
from engines.sequences.learner import Student
from engines.sequences.practice import Practice
from engines.sequences.shapes import SHAPES, Shape
from engines.sequences.task import Batch
from playground import jobs
from playground.digits_panels.turns import begin, buttons, outcome
from playground.figures.text_curves import Line, success_figure
from playground.figures.text_unrolled import shape_html
from playground.theme import is_dark

NAME = "text_shapes"
STEPS, RATE, UNITS, EXAMPLES = 2000, 0.01, 32, 3
_WORK = f"{NAME}.work"


def draw(run: Any) -> None:
    """The panel; it needs nothing of the page's own net."""
    st.caption(
        "The same cell can read and write in five shapes. What goes in stands below the boxes, what comes out above; the arrow "
        "between boxes is the state. Choose a shape, let it learn for some seconds, and compare its answers before and after."
    )
    one, two = st.columns([3, 1.4], gap="medium")
    key = one.segmented_control(
        "Shape", list(SHAPES), format_func=SHAPES.labels().__getitem__, default="synced", required=True, key=f"{NAME}.shape"
    )
    cell = two.segmented_control(
        "Cell", list(COMPARED), format_func=lambda c: CELLS[c].label, default="gru", required=True, key=f"{NAME}.cell"
    )
    shape = SHAPES[key]
    st.markdown(f"{shape.help} *{shape.asks}*", help=shape.source)
    kept: Practice | None = st.session_state.get(_WORK)
    work = kept if kept is not None and kept.students[0].task is shape and kept.students[0].cell == cell else None
    buttons(NAME, "Learning", work, lambda: _start(shape, cell), "Let it learn")
    outcome(NAME, work, work.share if work else 0.0)
    dark = is_dark()
    if work is None:
        _examples(shape, None, "What is wanted", dark)
    elif not jobs.partial(NAME, lambda: standing(work, dark)):
        standing(work, dark)


def examples_of(shape: Shape) -> Batch:
    """The examples that are drawn: always the same ones, no two of them alike."""
    batch = shape.draw(np.random.default_rng(11), 10 * EXAMPLES, 0)
    _, firsts = np.unique(batch.inputs, axis=1, return_index=True)
    kept = np.sort(firsts)[:EXAMPLES]
    return Batch(*(part[:, kept] for part in batch))


def _start(shape: Shape, cell: str) -> None:
    before: Practice | None = st.session_state.get(_WORK)
    if before is not None:
        before.cancel()
    work = st.session_state[_WORK] = Practice([Student(shape, cell, units=UNITS, rate=RATE)], STEPS, examples_of(shape).inputs)
    begin(NAME, "Learning", work)


def standing(work: Practice, dark: bool) -> None:
    """Answers before and now, and the curve."""
    (now,) = work.snapshot()
    shape = work.students[0].task
    if now.before is None or not len(now.rows):
        return
    last = now.rows[-1]
    left, right = st.columns(2, gap="medium")
    with left:
        _examples(shape, now.before, "Before", dark)
    with right:
        _examples(shape, now.after, f"After {last[0]:,.0f} steps ({last[1]:.2g} s): {last[3]:.1%} right", dark)
    line = Line(CELLS[now.student.cell].label, now.student.cell, now.rows[:, 0], now.rows[:, 3])
    st.plotly_chart(
        success_figure([line], shape.guess_share, dark=dark, height=280),
        key=f"{NAME}.chart",
        config={"displayModeBar": False},
        alt="Share of right answers as it learns.",
    )


def _examples(shape: Shape, said: np.ndarray | None, title: str, dark: bool) -> None:
    """said: (T, n) answers; those wanted where None."""
    batch = examples_of(shape)
    answers = batch.targets if said is None else said
    st.markdown(f"**{title}**")
    drawn = [_example(shape, batch, answers, b, dark) for b in range(EXAMPLES if said is not None else 1)]
    st.html("".join(f'<div style="margin-bottom:0.8rem">{one}</div>' for one in drawn))


def _example(shape: Shape, batch: Batch, answers: np.ndarray, b: int, dark: bool) -> str:
    read = [shape.shown[i] for i in batch.inputs[:, b]]
    said, wanted = ([shape.said[int(i)] for i in column[:, b]] for column in (answers, batch.targets))
    return shape_html(read, said, wanted, shape.reads, shape.writes, dark=dark)
