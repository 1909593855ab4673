"""The Digits page: a net, built by the visitor, learns to read handwriting; around it a laboratory."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.experiment import FEWEST_DIGITS, digits_experiment
from engines.losses import CLASS_LOSSES
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from playground import digit_source, jobs, landscape_panel, onward, share
from playground.controls import Editor
from playground.digits_panels import draw_panels
from playground.digits_panels.builder import net_tab
from playground.digits_panels.distortion_controls import distortion_controls
from playground.explain import explain
from playground.live.component import is_polled, live_view, run_for
from playground.page import Page, view_and_controls

KEY, VIEW = "digits", "digits_view"
DEFAULT = digits_experiment()
TRAIN_COUNTS = [FEWEST_DIGITS, 20, 50, 100, 200, 500, 1000, 2000, 4000, 10_000, 20_000, 30_000]
BATCHES = [1, 5, 10, 20, 32, 50, 64, 100, 128, 256, 512, 1024, 2048, 4096]
ALL = 60_000


def render() -> None:
    """Draw the page: view first, controls beside it (below it on a phone), panels under it, explanations last."""
    run = run_for(KEY, DEFAULT, speed="max")
    problems = share.follow_link(KEY, run, DEFAULT)
    editor = Editor(run, KEY)
    share.head(KEY, run, DEFAULT)
    share.tell_problems(KEY, problems)
    digit_source.statement(run)
    download = st.container()
    view, controls = view_and_controls()
    with controls:
        onward.buttons(run, KEY)
        editor.tabs({"Net": net_tab, "Learning": _learning, "Data": _data, "Limits": _limits})
    with view:
        live = st.container()
    below, bar = st.container(), st.container()
    explain(KEY, editor.experiment)
    share.write_address(KEY, run.experiment, DEFAULT)
    _view_and_panels(run, live, below)
    landscape_panel.dialog(run, KEY)
    with download:
        digit_source.OFFER.progress()
    with bar:
        jobs.progress()


def _view_and_panels(run: Any, live: Any, below: Any) -> None:
    """The view comes before the panels, which may have to wait for the net; but where it polls, its timer has to come last."""
    drawn = [(live, lambda: live_view(run, KEY, key=VIEW)), (below, lambda: draw_panels(run))]
    for place, draw in reversed(drawn) if is_polled(VIEW) else drawn:
        with place:
            draw()


# ---- learning


def _learning(editor: Editor) -> None:
    editor.choose("cost", "Cost", CLASS_LOSSES)
    editor.entry("optimizer", "Optimizer", OPTIMIZERS, lambda key: {"learning_rate": OPTIMIZERS[key].wide_rate})
    chosen = OPTIMIZERS[editor.experiment.optimizer.key]
    why = " (a tenth of what suits the small nets of the Network page)" if chosen.adaptive else ""
    st.caption(
        f"Learning rate {editor.experiment.learning_rate:.3g} (slider above the picture). "
        f"A switch of optimizer sets the usual one: {chosen.wide_rate:.3g} for {chosen.label}{why}."
    )
    editor.entry("schedule", "Learning-rate schedule", SCHEDULES)
    editor.pick("epochs", "Train for", [0, 1, 2, 3, 5, 10, 20, 50, 100, 200], "Epochs of a run.", zero="No end")


# ---- data


def _data(editor: Editor) -> None:
    names = {"auto": "The full set if it is here", "full": "Full MNIST (60,000 + 10,000)", "builtin": "Built-in (4,000 + 1,000)"}
    st.selectbox("Digits", list(names), format_func=names.__getitem__, **editor.bind("data__source"))
    _train_count(editor)
    editor.pick(
        "batch_size",
        "Batch size",
        BATCHES,
        "Digits a step looks at.",
        zero="",
    )
    st.number_input("Seed", 0, 2**31 - 1, help="The same seed gives the same first weights and order.", **editor.bind("seed"))
    distortion_controls(editor)


def _train_count(editor: Editor) -> None:
    data = editor.experiment.data
    most = digit_source.available(data.source)
    options = [count for count in sorted({*TRAIN_COUNTS, data.train_count}) if count < most]
    key = f"{KEY}.train_count"
    st.session_state[key] = min(data.train_count, ALL) if data.train_count < most else ALL

    def changed() -> None:
        editor.change(data__train_count=st.session_state[key])

    st.select_slider(
        "Training digits",
        [*options, ALL],
        format_func=lambda n: f"all {most:,}" if n == ALL else f"{n:,}",
        help="Fewer digits are learned by heart sooner. The test digits stay the same.",
        key=key,
        on_change=changed,
    )


# ---- limits


def _limits(editor: Editor) -> None:
    editor.entry("penalty", "Penalty on weights", PENALTIES)
    editor.pick("max_norm", "Max-norm of a unit's weights", [0, 0.5, 1, 2, 3, 4, 5, 10], "Longer weight vectors are shortened.")
    editor.pick("clip_norm", "Clip the gradient at", [0, 0.01, 0.1, 0.5, 1, 2, 5, 10, 100], "Longest gradient followed in full.")
    editor.pick("patience", "Stop early after", [0, 1, 2, 3, 5, 10, 20, 50], "Epochs without a better test loss.", zero="Never")
    st.caption("Dropout is set under *Net*: a number of each dense layer, a layer of its own in a stack.")


PAGE = Page(
    key=KEY,
    title="Digits",
    icon=":material/looks_5:",
    section="",
    order=20,
    summary="Build a net that reads handwritten digits, draw some for it, and look at every layer while it learns.",
    render=render,
)
