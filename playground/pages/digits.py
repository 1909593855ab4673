"""The Digits page: a dense net learns to read handwriting in front of the visitor."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.experiment import MAX_DENSE_LAYERS, WideLayer, digits_experiment
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES
from engines.nets.count import parameters, sizes
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from playground import digit_source, landscape_panel, onward, share
from playground.controls import Editor
from playground.explain import explain
from playground.live.component import live_view, run_for
from playground.page import Page

KEY = "digits"
DEFAULT = digits_experiment()
UNITS = [1, 2, 4, 8, 16, 32, 64, 100, 128, 200, 256, 300, 400, 500, 512, 768, 1024]
TRAIN_COUNTS = [100, 200, 500, 1000, 2000, 4000, 10_000, 20_000, 30_000]
BATCHES = [1, 5, 10, 20, 32, 50, 64, 100, 128, 256, 512, 1024, 2048, 4096]
ALL = 60_000


def render() -> None:
    """Draw the page: view first, controls beside it (below it on a phone), explanations last."""
    run = run_for(KEY, DEFAULT, speed="max")
    problems = share.follow_link(KEY, run, DEFAULT)
    editor = Editor(run, KEY)
    share.head(KEY, run, DEFAULT)
    share.tell_problems(KEY, problems)
    editor.refusals()
    digit_source.statement(run)
    download = st.container()
    view, controls = st.columns([3.3, 1], gap="medium")
    with controls:
        onward.buttons(run, KEY)
        editor.tabs({"Net": _net, "Learning": _learning, "Data": _data, "Limits": _limits})
    with view:
        live = st.container()
    explain(KEY, editor.experiment)
    share.write_address(KEY, run.experiment, DEFAULT)
    with live:
        live_view(run, KEY, key="digits_view")
    landscape_panel.dialog(run, KEY)
    with download:
        digit_source.progress()


# ---- net


def _net(editor: Editor) -> None:
    net = editor.experiment.net
    _layer_count(editor)
    st.caption(f"{' → '.join(f'{n:,}' for n in sizes(net))}: **{parameters(net):,} parameters**")
    for i, layer in enumerate(net.layers):
        _layer(editor, i, layer)
    editor.entry("net__initializer", "First weights", INITIALIZERS)
    if editor.run.snapshot.run.step:
        st.caption("New first weights are drawn when you press *Reset*.")


def _layer_count(editor: Editor) -> None:
    key = f"{KEY}.layer_count"
    layers = editor.experiment.net.layers
    st.session_state[key] = len(layers)

    def changed() -> None:
        count = st.session_state[key]
        now = editor.experiment.net.layers
        added = [now[-1] if now else WideLayer(units=128)] * max(0, count - len(now))
        editor.change(net__layers=[layer.model_dump() for layer in [*now[:count], *added]])

    st.select_slider("Hidden layers", range(MAX_DENSE_LAYERS + 1), key=key, on_change=changed)


def _layer(editor: Editor, i: int, layer: WideLayer) -> None:
    with st.container(border=True, gap="small"):
        _layer_field(editor, i, "units", st.select_slider, f"Units of layer {i + 1}", sorted({*UNITS, layer.units}))
        kind, dropout = st.columns([1.5, 1], gap="small")
        with kind:
            label = lambda k: ACTIVATIONS[k].label  # noqa: E731
            _layer_field(editor, i, "activation", st.selectbox, "Activation", list(ACTIVATIONS), format_func=label)
        with dropout:
            options = {"help": "Share of units silenced at each training step.", "format": "%.2f"}
            _layer_field(editor, i, "dropout", st.number_input, "Dropout", 0.0, 0.9, step=0.1, **options)


def _layer_field(editor: Editor, i: int, name: str, widget: Any, *arguments: Any, **options: Any) -> None:
    """A widget on one field of hidden layer `i`."""
    key = f"{KEY}.layer{i}.{name}"
    st.session_state[key] = getattr(editor.experiment.net.layers[i], name)

    def changed() -> None:
        layers = [layer.model_dump() for layer in editor.experiment.net.layers]
        if i < len(layers) and st.session_state[key] is not None:
            layers[i][name] = st.session_state[key]
            editor.change(net__layers=layers)

    widget(*arguments, key=key, on_change=changed, **options)


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
        [1, 5, 10, 20, 32, 50, 64, 100, 128, 256, 512, 1024, 2048, 4096],
        "Digits a step looks at.",
        zero="",
    )
    st.number_input("Seed", 0, 2**31 - 1, help="The same seed gives the same first weights and order.", **editor.bind("seed"))


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
    st.caption("Dropout is set layer by layer under *Net*.")


PAGE = Page(
    key=KEY,
    title="Digits",
    icon=":material/looks_5:",
    section="",
    order=20,
    summary="Watch a net learn to read handwritten digits, and look at what it gets wrong.",
    render=render,
)
