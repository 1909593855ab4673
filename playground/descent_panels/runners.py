"""Who races: pills to choose optimizers, and an editor for one runner at a time."""

from __future__ import annotations

import streamlit as st

from engines.descent.race import MAX_RUNNERS, USUAL, Race, Runner, all_runners, default_runners
from engines.optimizers import OPTIMIZERS
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from playground.controls import Editor, powers
from playground.descent.names import full_names, optimizer_name

KEY = "descent"
_CHOSEN = f"{KEY}.chosen"
RATES = [rate for rate in powers(1e-6, 100.0) if rate >= 1e-5]


def runners_tab(editor: Editor) -> None:
    """The pills, and below them the chosen runner's rate, settings and schedule."""
    _who(editor)
    chosen = _chosen(editor)
    _edit(editor, chosen)
    _copies(editor, chosen)


def usual_rate(race: Race, optimizer: str) -> float:
    """The learning rate that shows this optimizer well on the race's surface."""
    return SURFACES[race.surface.key].rates.get(optimizer, OPTIMIZERS[optimizer].learning_rate)


def with_optimizers(race: Race, wanted: list[str]) -> tuple[Runner, ...]:
    """The runners of the race whose optimizer is wanted, and new ones, with usual rates, for wanted ones that are missing."""
    kept = [runner for runner in race.runners if runner.optimizer.key in wanted]
    missing = [key for key in wanted if key not in {runner.optimizer.key for runner in kept}]
    return (*kept, *default_runners(race.surface.key, missing))[:MAX_RUNNERS]


def _who(editor: Editor) -> None:
    key = f"{KEY}.who"
    racing = {runner.optimizer.key for runner in editor.experiment.runners}
    st.session_state[key] = [k for k in OPTIMIZERS if k in racing]

    def changed() -> None:
        wanted = st.session_state[key]
        if not wanted:
            st.session_state[f"{KEY}.refused"] = ["at least one runner has to race"]
            return
        editor.change(runners=with_optimizers(editor.experiment, wanted))

    st.pills(
        "Who races",
        list(OPTIMIZERS),
        selection_mode="multi",
        format_func=optimizer_name,
        key=key,
        on_change=changed,
    )
    left, right = st.columns(2, gap="small")
    left.button("All of them", key=f"{KEY}.all", width="stretch", on_click=lambda: _take(editor, list(OPTIMIZERS)))
    right.button("The usual seven", key=f"{KEY}.usual", width="stretch", on_click=lambda: _take(editor, list(USUAL)))


def _take(editor: Editor, wanted: list[str]) -> None:
    surface = editor.experiment.surface.key
    editor.change(runners=all_runners(surface) if len(wanted) == len(OPTIMIZERS) else default_runners(surface, wanted))


def choose(index: int) -> None:
    """Let the settings shown be those of this runner, by its place in the race; what is out of range counts as the last."""
    st.session_state[_CHOSEN] = index


def _chosen(editor: Editor) -> int:
    """Place of the runner that is edited. It is kept apart from the menu, which forgets it while its tab is closed."""
    names = full_names(editor.experiment.runners)
    key = f"{KEY}.chosen_runner"
    st.session_state[key] = min(st.session_state.get(_CHOSEN, 0), len(names) - 1)
    return st.selectbox(
        "Settings of",
        range(len(names)),
        format_func=names.__getitem__,
        key=key,
        on_change=lambda: choose(st.session_state[key]),
    )


def _edit(editor: Editor, i: int) -> None:
    runner = editor.experiment.runners[i]
    usual = usual_rate(editor.experiment, runner.optimizer.key)
    editor.pick(f"runners__{i}__learning_rate", "Learning rate", [*RATES, usual], f"Usual here: {usual:.3g}.", zero="")
    race = editor.experiment
    editor.entry(
        f"runners__{i}__optimizer",
        "Optimizer",
        OPTIMIZERS,
        lambda key: {f"runners__{i}__learning_rate": usual_rate(race, key)},
    )
    editor.entry(f"runners__{i}__schedule", "Learning-rate schedule", SCHEDULES)


def _copies(editor: Editor, i: int) -> None:
    runners = editor.experiment.runners
    left, right = st.columns(2, gap="small")
    left.button(
        "Race a copy",
        icon=":material/content_copy:",
        key=f"{KEY}.copy",
        width="stretch",
        disabled=len(runners) >= MAX_RUNNERS,
        help="The same optimizer once more, with a dashed trail; then give it another rate or setting.",
        on_click=_copy,
        args=(editor, i),
    )
    right.button(
        "Take out",
        icon=":material/person_remove:",
        key=f"{KEY}.remove",
        width="stretch",
        disabled=len(runners) == 1,
        on_click=lambda: editor.change(runners=[r for k, r in enumerate(editor.experiment.runners) if k != i]),
    )


def _copy(editor: Editor, i: int) -> None:
    runners = list(editor.experiment.runners)
    editor.change(runners=[*runners[: i + 1], runners[i], *runners[i + 1 :]])
    choose(i + 1)
