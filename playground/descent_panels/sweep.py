"""Learning rate x momentum, all at once."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.descent.race import Race, Runner
from engines.descent.sweep import Sweep, sweep
from engines.optimizers import OPTIMIZERS
from playground import jobs
from playground.controls import Editor
from playground.descent.names import full_names, optimizer_name
from playground.descent.raced import Raced
from playground.figures.sweep import counted, sweep_figure

NAME, CHART, WHO = "sweep", "descent.sweep_map", "descent.sweep_runner"


def sweep_panel(editor: Editor, raced: Raced, dark: bool) -> None:
    """Which runner, the button, then the map; a click on a cell races it."""
    race = raced.race
    st.caption(
        "One runner with a thousand pairs of learning rate and momentum (or its first other setting), from the race's start."
    )
    index = _which(race)
    key = key_of(race, index)
    st.button(
        "Try them all",
        icon=":material/apps:",
        key="descent.sweep_go",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=lambda: _begin(raced, index, key),
    )
    found = jobs.found(NAME, key)
    jobs.tell(NAME)
    if found is None:
        st.caption("The race has changed since the last sweep; sweep again." if jobs.is_outdated(NAME, key) else "")
        return
    left, right = st.columns([2.2, 1], gap="medium")
    with left:
        _figure(editor, race, found, dark)
    right.markdown("\n".join(_said(found)))


def _which(race: Race) -> int:
    """Place of the runner that is swept: the one chosen, else the first with momentum, else the first."""
    names = full_names(race.runners)
    usual = next((i for i, runner in enumerate(race.runners) if "momentum" in runner.optimizer.settings), 0)
    st.session_state[WHO] = min(st.session_state.get(WHO, usual), len(names) - 1)
    return st.selectbox("Runner", range(len(names)), format_func=names.__getitem__, key=WHO, width=320)


def key_of(race: Race, index: int) -> str:
    """What the map depends on: everything but the other runners, and the two settings that are swept."""
    runner = race.runners[index]
    swept = [setting.key for setting in OPTIMIZERS[runner.optimizer.key].settings[:1]]
    settings = {name: value for name, value in runner.optimizer.settings.items() if name not in swept}
    alone = {"optimizer": {"key": runner.optimizer.key, "settings": settings}, "schedule": runner.schedule.model_dump()}
    return f"{index} {race.change(runners=[alone], ring=0).to_json()}"


def _begin(raced: Raced, index: int, key: str) -> None:
    race = raced.race
    jobs.begin(
        NAME,
        key,
        "Sweeping",
        lambda progress, cancelled: sweep(race, index, progress=progress, cancelled=cancelled, terrain=raced.terrain),
    )


def _figure(editor: Editor, race: Race, found: Sweep, dark: bool) -> None:
    def clicked() -> None:
        cell = cell_in(st.session_state.get(CHART), found)
        if cell is not None:
            editor.change(**found.changes(*cell))
            st.toast(_taken(editor.experiment.runners[found.runner], found), icon=":material/flag:")

    runner = race.runners[found.runner]
    now = runner.learning_rate, runner.optimizer.settings[found.setting.key] if found.setting else 0.0
    figure = sweep_figure(
        found.rates,
        found.momenta,
        found.steps,
        found.status,
        boundary=found.boundary,
        now=now,
        across=found.setting.label if found.setting else "no other setting",
        limit=found.limit,
        dark=dark,
    )
    st.plotly_chart(
        figure,
        key=CHART,
        on_select=clicked,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Map of learning rate and momentum, coloured by the steps to the goal.",
    )


def _taken(runner: Runner, found: Sweep) -> str:
    """The rate and the other setting that the runner races with now."""
    said = f"Now racing {optimizer_name(runner.optimizer.key)} with rate {runner.learning_rate:.3g}"
    if found.setting is None:
        return said
    return f"{said} and {found.setting.label.lower()} {runner.optimizer.settings[found.setting.key]:.3g}"


def cell_in(event: Any, found: Sweep) -> tuple[int, int] | None:
    """Row and column of the cell that was clicked, from a Plotly selection; None where it is none."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    for point in points:
        values = point.get("customdata") or []
        if len(values) >= 4 and all(isinstance(value, int) for value in values[2:4]):
            row, column = values[2:4]
            if 0 <= row < len(found.momenta) and 0 <= column < len(found.rates):
                return row, column
    return None


def _said(found: Sweep) -> list[str]:
    """What became of all the cells, as a list."""
    size = found.status.size
    lines = [f"- {n / size:.0%} {words}" for words, n in counted(found.status)]
    if (found.steps >= 0).any():
        lines.append(f"- soonest: **{int(found.steps[found.steps >= 0].min()):,} steps**")
    if found.boundary is not None:
        lines.append(
            f"\nThe dashed line is the largest stable rate by theory, for the largest curvature here, {found.curvature:.3g}."
        )
    return [f"Of {size:,} cells:\n", *lines, "\nClick a cell to race it."]
