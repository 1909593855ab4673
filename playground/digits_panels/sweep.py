"""Sweep: two settings, every value of one with every value of the other, as a map of test errors to click."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.experiment import Experiment
from engines.trials import Knob, Line, Sweep, knobs
from engines.trials.axis import Span, Value
from engines.trials.sweep import MOST_SEEDS, MOST_VALUES, Cells
from playground import jobs
from playground.digits_panels.turns import begin, buttons, outcome
from playground.figures.trials import Side, map_figure
from playground.theme import is_dark

NAME = "digits.sweep"
BUDGETS = [500, 1000, 2000, 4000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000]
MOST = 1e9
"""Ends of a side lie within this: numbers beyond leave no room to be spaced in."""
USUAL_ACROSS, USUAL_UP = "learning_rate", ("batch_size", "units.0", "activation")
_SWEEP, _TOLD, _CELL, _CHART = f"{NAME}.sweep", f"{NAME}.told", f"{NAME}.cell", f"{NAME}.map"
WORDS = {"waiting": "not computed yet", "training": "being trained now", "diverged": "diverged: its numbers overflowed"}


def draw(run: Any) -> None:
    """What is varied, how finely and how long; then the map, and what to do with a cell of it."""
    st.caption(
        "Every cell is a net of its own, trained on the same number of digits from the same seed: see how two settings depend on "
        "each other, and take the best cell over to the page."
    )
    found = {knob.key: knob for knob in knobs(run.experiment)}
    count, examples, seeds = _numbers()
    left, right = st.columns(2, gap="medium")
    with left:
        across = _side(run.experiment, found, "across", count, "Across", USUAL_ACROSS)
    others = {key: knob for key, knob in found.items() if knob.fits(across.knob)}
    with right:
        usual = next(key for key in (*USUAL_UP, *others) if key in others)
        up = _side(run.experiment, others, "up", count, "Up", usual)
    cells = len(across.values) * len(up.values)
    st.caption(f"{cells} cells with {seeds} {'seed' if seeds == 1 else 'seeds'} each: {cells * seeds * examples:,} digits in all.")
    sweep: Sweep | None = st.session_state.get(_SWEEP)
    buttons(NAME, "Sweeping", sweep, lambda: _start(run.experiment, across, up, examples, seeds), "Start the sweep")
    for told in st.session_state.pop(_TOLD, []):
        st.warning(told, icon=":material/block:")
    outcome(NAME, sweep, sweep.share if sweep else 0.0)
    if sweep is not None:
        _shown(run, sweep)


# ---- what is varied


def _numbers() -> tuple[int, int, int]:
    """Values a side, digits a cell, seeds."""
    a, b, c = st.columns(3, gap="medium")
    count = a.select_slider("Values a side", range(2, MOST_VALUES + 1), 5, key=f"{NAME}.count")
    examples = b.select_slider(
        "Digits for each cell", BUDGETS, 4000, format_func=lambda n: f"{n:,}", key=f"{NAME}.budget", help="Repeats counted."
    )
    seeds = c.select_slider("Seeds", range(1, MOST_SEEDS + 1), 1, key=f"{NAME}.seeds", help="More seeds tell skill from luck.")
    return int(count), int(examples), int(seeds)


def _side(experiment: Experiment, found: dict[str, Knob], side: str, count: int, label: str, usual: str) -> Line:
    """The menu of one side, and the values it takes."""
    key = f"{NAME}.{side}"
    if st.session_state.get(key) not in found:
        st.session_state[key] = usual
    chosen = found[st.selectbox(label, list(found), format_func=lambda k: found[k].label, key=key)]
    span = chosen.span(experiment)
    values = _choices(experiment, chosen, side, count) if span is None else _spread(experiment, chosen, span, side, count)
    st.caption(", ".join(chosen.text(value) for value in values) or "Choose at least one value.")
    return Line(chosen, values)


def _choices(experiment: Experiment, knob: Knob, side: str, count: int) -> tuple[Value, ...]:
    options = list(knob.axis.options or ())
    return tuple(
        st.multiselect(
            "Which",
            options,
            list(knob.values(experiment, count)),
            format_func=knob.text,
            max_selections=MOST_VALUES,
            key=f"{NAME}.{side}.{knob.key}.{count}",
            help=knob.axis.help,
        )
    )


def _spread(experiment: Experiment, knob: Knob, span: Span, side: str, count: int) -> tuple[Value, ...]:
    """From and to; the present value is one of those between where it lies there."""
    a, b = st.columns(2, gap="small")
    key = f"{NAME}.{side}.{knob.key}"
    shape = {"format": "%.6g", "step": 1.0 if span.whole else None, "min_value": -MOST, "max_value": MOST}
    low = a.number_input("From", value=float(span.low), key=f"{key}.low", help=knob.axis.help, **shape)
    high = b.number_input("to", value=float(span.high), key=f"{key}.high", **shape)
    now = knob.read(experiment)
    return _between(span, low, high).values(count, now if isinstance(now, int | float) else None)


def _between(span: Span, low: float | None, high: float | None) -> Span:
    """The span with other ends; what its scale cannot hold is spaced evenly, and left to the experiment to refuse."""
    low, high = sorted((span.low if low is None else low, span.high if high is None else high))
    sound = low > 0 if span.scale == "log" else high < 1 if span.scale == "share" else True
    return span._replace(low=low, high=high, scale=span.scale if sound else "even")


def _start(experiment: Experiment, across: Line, up: Line, examples: int, seeds: int) -> None:
    try:
        _refuse_limits(experiment, across, up)
        sweep = Sweep(experiment, across, up, examples, seeds)
    except ValueError as problem:
        st.session_state[_TOLD] = [str(problem)]
        return
    before: Sweep | None = st.session_state.get(_SWEEP)
    if before is not None:
        before.cancel()
    st.session_state[_SWEEP] = sweep
    st.session_state.pop(_CELL, None)
    begin(NAME, "Sweeping", sweep)


def _refuse_limits(experiment: Experiment, *lines: Line) -> None:
    """Raise ValueError where an end of a side is out of bounds; what only a net's shape forbids is marked, cell by cell."""
    for line in lines:
        if line.knob.axis.shared:
            for value in line.values[:1] + line.values[-1:]:
                line.knob.change(experiment, value)


# ---- the map


def _shown(run: Any, sweep: Sweep) -> None:
    dark = is_dark()
    if jobs.partial(NAME, lambda: _map(run, sweep, dark, clickable=False)):
        return
    cells = sweep.snapshot()
    chart, told = st.columns([2.4, 1], gap="medium")
    with chart:
        _map(run, sweep, dark, clickable=True)
    with told:
        _cell(run, sweep, cells)


def _map(run: Any, sweep: Sweep, dark: bool, clickable: bool) -> None:
    cells = sweep.snapshot()
    figure = map_figure(
        _titled(sweep.across),
        _titled(sweep.up),
        100 * cells.mean,
        cells.status,
        _texts(sweep, cells),
        best=cells.best,
        now=cell_of(run.experiment, sweep),
        chosen=_picked(sweep) if clickable else None,
        dark=dark,
    )
    more: dict[str, Any] = (
        {"on_select": _clicked, "selection_mode": "points", "key": _CHART} if clickable else {"key": f"{_CHART}.live"}
    )
    alt = f"Map of test errors: {sweep.across.knob.label} across, {sweep.up.knob.label} up."
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt, **more)


def _titled(line: Line) -> Side:
    return Side(line.knob.label, [line.knob.text(value) for value in line.values])


def _texts(sweep: Sweep, cells: Cells) -> np.ndarray:
    texts = np.empty(cells.status.shape, dtype=object)
    for row, column in np.ndindex(*texts.shape):
        pair = (sweep.across, column), (sweep.up, row)
        where = "<br>".join(f"{line.knob.label}: {line.knob.text(line.values[i])}" for line, i in pair)
        texts[row, column] = f"{where}<br>{said_of(cells, row, column)}"
    return texts


def said_of(cells: Cells, row: int, column: int) -> str:
    """What became of a cell, in words."""
    status = str(cells.status[row, column])
    if status == "impossible":
        return str(cells.told[row, column])
    if status != "done":
        return WORDS[status]
    errors = 100 * cells.errors[row, column]
    errors = errors[np.isfinite(errors)]
    text = f"test error {errors.mean():.3g} %"
    if len(errors) > 1:
        text += f" ({errors.min():.3g} to {errors.max():.3g})"
    lost = int(cells.diverged[row, column])
    return f"{text}, {lost} of {cells.errors.shape[2]} seeds diverged" if lost else text


def cell_of(experiment: Experiment, sweep: Sweep) -> tuple[int, int] | None:
    """The cell (row, column) that has the values of `experiment`, where the map has one."""
    places = []
    for line in (sweep.up, sweep.across):
        try:
            now = line.knob.read(experiment)
        except (LookupError, AttributeError, TypeError, ValueError):
            return None
        if now not in line.values:
            return None
        places.append(line.values.index(now))
    return places[0], places[1]


def _clicked() -> None:
    cell = clicked_cell(st.session_state.get(_CHART))
    if cell is not None:
        st.session_state[_CELL] = cell


def clicked_cell(event: Any) -> tuple[int, int] | None:
    """Row and column of the cell that was clicked, from a Plotly selection; None where it is none."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    for point in points:
        values = point.get("customdata") or []
        if len(values) == 3 and all(isinstance(value, int) and value >= 0 for value in values[1:]):
            return values[1], values[2]
    return None


def _picked(sweep: Sweep) -> tuple[int, int] | None:
    """The cell that the visitor has clicked, where this map has it."""
    cell = st.session_state.get(_CELL)
    return cell if cell is not None and cell[0] < len(sweep.up.values) and cell[1] < len(sweep.across.values) else None


def _cell(run: Any, sweep: Sweep, cells: Cells) -> None:
    """What stands in the chosen cell, and the way to the page with it."""
    done = int((~np.isin(cells.status, ["waiting", "training"])).sum())
    st.markdown(f"{done} of {cells.status.size} cells done. Click a cell to choose it.")
    cell = _picked(sweep) or cells.best
    if cell is None:
        return
    lines = [
        f"- {line.knob.label}: **{line.knob.text(line.values[i])}**" for line, i in ((sweep.across, cell[1]), (sweep.up, cell[0]))
    ]
    best = "The best cell so far" if cell == cells.best else "The chosen cell"
    st.markdown("\n".join([f"{best}:\n", *lines, f"- {said_of(cells, *cell)}"]))
    st.button(
        "Use these settings",
        icon=":material/check:",
        key=f"{NAME}.use",
        width="stretch",
        disabled=str(cells.status[cell]) == "impossible",
        help="The net on this page takes them over. Press Reset above to start from fresh first weights.",
        on_click=lambda: use(run, sweep, cell),
    )


def use(run: Any, sweep: Sweep, cell: tuple[int, int]) -> None:
    """Let the page's run have the experiment of a cell, for as many epochs as it was to run."""
    taken = sweep.experiment_at(*cell).model_copy(update={"epochs": run.experiment.epochs})
    run.apply(taken)
    values = f"{sweep.across.knob.label} {sweep.across.knob.text(sweep.across.values[cell[1]])}"
    values += f", {sweep.up.knob.label.lower()} {sweep.up.knob.text(sweep.up.values[cell[0]])}"
    st.toast(f"Now on the page: {values}", icon=":material/check:")
