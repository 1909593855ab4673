"""'Long lags': what comes early is needed late. Where the simple RNN fails, and the gated ones hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.reach import COMPARED
from engines.sequences.learner import Student
from engines.sequences.practice import Practice, Progress
from engines.sequences.starts import STARTS
from engines.sequences.tasks import TASKS
from playground import jobs
from playground.digits_panels.turns import begin, buttons, outcome
from playground.figures.text_curves import Line, success_figure
from playground.theme import is_dark

NAME = "text_lags"
LAGS = (3, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300)
STEPS = (200, 500, 1000, 2000, 5000, 10_000, 20_000)
RATES = (0.001, 0.003, 0.01, 0.03)
UNITS = (8, 16, 32, 64)
WORDS = {
    "waiting": "waiting",
    "training": "on its way",
    "solved": "solved",
    "done": "not solved",
    "stopped": "stopped on its way",
    "diverged": "its numbers overflowed",
}
_WORK, _TOLD = f"{NAME}.work", f"{NAME}.told"


def draw(run: Any) -> None:
    """The panel; it needs nothing of the page's own net."""
    st.caption(
        "Three nets of equal size learn a task in which something early is needed at the end. Begin with a lag of 10, where all "
        "three learn it; then make it longer, and see who still rises above guessing. Last, draw the first "
        "weights otherwise: even a gated net forgets when its gates begin half shut. The examples never repeat."
    )
    student, cells, steps = _chosen()
    work: Practice | None = st.session_state.get(_WORK)
    buttons(NAME, "Learning", work, lambda: _start(student, cells, steps), "Let them learn")
    for told in st.session_state.pop(_TOLD, []):
        st.warning(told, icon=":material/block:")
    outcome(NAME, work, work.share if work else 0.0)
    if work is not None:
        seconds = (
            st.segmented_control("Against", ["Steps", "Seconds"], default="Steps", required=True, key=f"{NAME}.x") == "Seconds"
        )
        dark = is_dark()
        if not jobs.partial(NAME, lambda: standing(work, seconds, dark)):
            standing(work, seconds, dark)


def _chosen() -> tuple[Student, list[str], int]:
    task = st.segmented_control(
        "Task", list(TASKS), format_func=TASKS.labels().__getitem__, default="first", required=True, key=f"{NAME}.task"
    )
    st.caption(f"{TASKS[task].help} ({TASKS[task].source})")
    one, two, three, four = st.columns(4, gap="medium")
    lag = one.select_slider("Lag", LAGS, 10, key=f"{NAME}.lag", help="Steps that have to be bridged.")
    steps = two.select_slider(
        "At most so many steps", STEPS, 1000, format_func="{:,}".format, key=f"{NAME}.steps", help="Of 32 examples each."
    )
    rate = three.select_slider("Learning rate", RATES, 0.01, format_func="{:g}".format, key=f"{NAME}.rate", help="Of Adam.")
    units = four.select_slider("Units", UNITS, 32, key=f"{NAME}.units")
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    start = right.segmented_control(
        "First weights",
        list(STARTS),
        format_func=STARTS.labels().__getitem__,
        default="long",
        required=True,
        key=f"{NAME}.first",
        help="  \n".join(f"**{entry.label}**: {entry.help} ({entry.source})" for entry in STARTS.values()),
    )
    cells = left.pills(
        "Who learns",
        list(COMPARED),
        selection_mode="multi",
        format_func=lambda key: CELLS[key].label,
        default=list(COMPARED),
        key=f"{NAME}.cells",
    )
    ordered = [cell for cell in COMPARED if cell in (cells or [])]
    return Student(TASKS[task], "rnn", int(lag), int(units), float(rate), start=start), ordered, int(steps)


def _start(student: Student, cells: list[str], steps: int) -> None:
    try:
        work = Practice([student._replace(cell=cell) for cell in cells], steps)
    except ValueError as problem:
        st.session_state[_TOLD] = [str(problem)]
        return
    before: Practice | None = st.session_state.get(_WORK)
    if before is not None:
        before.cancel()
    st.session_state[_WORK] = work
    begin(NAME, "Learning", work)


def standing(work: Practice, seconds: bool, dark: bool) -> None:
    """The curves and the table as they are now."""
    now = work.snapshot()
    student = work.students[0]
    task = student.task
    lines = [_line(progress, seconds) for progress in now if len(progress.rows)]
    if not lines:
        return
    begun = STARTS[student.start].label.lower()
    st.markdown(f"**{task.label}, lag {student.lag}**: {task.length(student.lag)} steps a sequence. First weights: {begun}.")
    x = "seconds of the net's own training" if seconds else "steps of 32 examples"
    st.plotly_chart(
        success_figure(lines, task.guess_share, dark=dark, x=x),
        key=f"{NAME}.chart",
        config={"displayModeBar": False},
        alt="Share of right answers of every net as it learns.",
    )
    st.dataframe(
        [row(progress) for progress in now],
        hide_index=True,
        key=f"{NAME}.table",
        column_config=_columns(task.classes),
        placeholder="–",
    )


def _line(progress: Progress, seconds: bool) -> Line:
    rows, cell = progress.rows, progress.student.cell
    return Line(CELLS[cell].label, cell, rows[:, 1 if seconds else 0], rows[:, 3])


def row(progress: Progress) -> dict[str, Any]:
    """One net's line of the table."""
    rows = progress.rows
    last = rows[-1] if len(rows) else np.full(4, np.nan)
    return {
        "who": CELLS[progress.student.cell].label,
        "status": WORDS[progress.status],
        "right": 100 * last[3],
        "cost": last[2],
        "steps": last[0],
        "seconds": last[1],
    }


def _columns(classes: bool) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "who": "Net",
        "status": "",
        "right": number("Right, %", format="%.1f", help="Of 256 sequences that are never learned from."),
        "cost": number("Nats an answer" if classes else "Mean squared error", format="%.4f"),
        "steps": number("Steps", format="localized"),
        "seconds": number("Seconds", format="%.2f", help="Of the net's own training on this server."),
    }
