"""The Network page: a net on the plane, built, trained and taken apart in front of the visitor."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.data.own import OwnDataError, parse_csv
from engines.data.points import DATASETS
from engines.experiment import MAX_POINTS, Experiment, PointsData
from engines.initializers import INITIALIZERS
from engines.losses import LOSSES
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from playground import landscape_panel, onward, share
from playground.controls import Editor
from playground.explain import explain
from playground.live.component import live_view, run_for
from playground.page import Page, view_and_controls

KEY = "network"
DEFAULT = Experiment()
CSV_SAMPLE = "height,weight,label\n1.2,3.4,a\n2.3,1.1,b\n0.4,2.2,a"


def render() -> None:
    """Draw the page: view first, controls beside it (below it on a phone), explanations last."""
    run = run_for(KEY, DEFAULT)
    problems = share.follow_link(KEY, run, DEFAULT)
    editor = Editor(run, KEY)
    share.head(KEY, run, DEFAULT)
    share.tell_problems(KEY, problems)
    editor.refusals()
    view, controls = view_and_controls(3.4)
    with controls:
        onward.buttons(run, KEY)
        editor.tabs({"Data": _data, "Net": _net, "Learning": _learning, "Limits": _limits})
    with view:
        live = st.container()
    explain(KEY, editor.experiment)
    share.write_address(KEY, run.experiment, DEFAULT)
    with live:
        live_view(run, KEY, key="network_view")
    landscape_panel.dialog(run, KEY)


# ---- data


def _data(editor: Editor) -> None:
    data = editor.experiment.data
    _dataset_menu(editor)
    if data.source == "own":
        st.caption(f"Your own {len(data.own)} points. Choose a set above to go back to a made one.")
        for note in _notes(data):
            st.caption(share.literal(note))
    else:
        editor.number("data__count", "Points", 10, MAX_POINTS, 10, "Training and test points together.")
        editor.number("data__noise", "Noise", 0.0, 0.5, 0.01, "How far points are shaken from their place.")
        editor.number("data__train_fraction", "Share for training", 0.1, 0.9, 0.05, "The rest is kept for testing.")
        left, right = st.columns([1, 1], vertical_alignment="bottom")
        with left:
            st.number_input("Seed", 0, 2**31 - 1, help="The same seed gives the same points.", **editor.bind("data__seed"))
        right.button(
            "New points",
            icon=":material/casino:",
            key="network.regenerate",
            width="stretch",
            on_click=lambda: editor.change(data__seed=(editor.experiment.data.seed + 1) % 2**31),
        )
    editor.pick("batch_size", "Batch size", [1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000], "Examples a step looks at.", zero="")
    _csv(editor)


def _dataset_menu(editor: Editor) -> None:
    source = editor.experiment.data.source
    key = "network.dataset"
    st.session_state[key] = source

    def chosen() -> None:
        task = DATASETS[st.session_state[key]].task if st.session_state[key] in DATASETS else "classification"
        editor.change(data__source=st.session_state[key], **_cost_for(editor.experiment.cost, task))

    st.selectbox(
        "Data set",
        [*DATASETS, *(["own"] if source == "own" else [])],
        format_func=lambda k: DATASETS[k].label if k in DATASETS else "Your own points",
        help=DATASETS[source].help if source in DATASETS else "Points you drew or loaded.",
        key=key,
        on_change=chosen,
    )


def _cost_for(cost: str, task: str) -> dict[str, str]:
    """A cost that fits the task: numbers cannot be learned with a cost for classes."""
    return {"cost": "half_squared"} if task == "regression" and not LOSSES[cost].regression else {}


def _csv(editor: Editor) -> None:
    with st.popover("Bring your own data", icon=":material/upload_file:", width="stretch", key="network.csv"):
        st.caption(
            "Paste or upload a table: one or two columns of numbers, then a label. Two labels make two classes; many numbers "
            "make a regression. Up to 2,000 rows and 1 MB. You can also draw points right on the large map."
        )
        st.text_area("Paste CSV", placeholder=CSV_SAMPLE, height=120, max_chars=200_000, key="network.csv_text")
        st.file_uploader("or upload a CSV file", type=["csv", "txt", "tsv"], key="network.csv_file", max_upload_size=1)
        st.button("Use this data", type="primary", on_click=_use_csv, args=(editor,), key="network.csv_use", width="stretch")
        for problem in st.session_state.get("network.csv_problems", []):
            st.error(share.literal(problem))


def _use_csv(editor: Editor) -> None:
    file = st.session_state.get("network.csv_file")
    given = file.getvalue() if file is not None else st.session_state.get("network.csv_text", "")
    st.session_state["network.csv_problems"] = []
    try:
        own = parse_csv(given, editor.experiment.data.train_fraction, editor.experiment.data.seed)
    except OwnDataError as error:
        st.session_state["network.csv_problems"] = error.problems
        return
    editor.change(data=own.data, **_cost_for(editor.experiment.cost, own.data.task))
    st.session_state["network.csv_notes"] = (_table_of(own.data), own.notes)


def _notes(data: PointsData) -> list[str]:
    """What was said of the table brought last, as long as the points are still of it."""
    table, notes = st.session_state.get("network.csv_notes", (None, []))
    return notes if table == _table_of(data) else []


def _table_of(data: PointsData) -> tuple[Any, ...]:
    """What stays as it is while points of a table are moved, added and removed."""
    return data.axes, data.own_task


# ---- net


def _net(editor: Editor) -> None:
    st.caption("Add layers and units with the + and − of the diagram. Switch inputs on and off there too.")
    layers = editor.experiment.net.layers
    used = {layer.activation for layer in layers}
    key = "network.activation_all"
    st.session_state[key] = used.pop() if len(used) == 1 else None

    def all_layers() -> None:
        if st.session_state[key]:
            editor.change(
                net__layers=[x.model_dump() | {"activation": st.session_state[key]} for x in editor.experiment.net.layers]
            )

    st.selectbox(
        "Activation of all hidden layers",
        list(ACTIVATIONS),
        format_func=lambda k: ACTIVATIONS[k].label,
        placeholder="Different ones",
        disabled=not layers,
        key=key,
        on_change=all_layers,
    )
    editor.entry("net__initializer", "First weights", INITIALIZERS)
    if editor.run.snapshot.run.step:
        st.caption("New first weights are drawn when you press *Reset*.")
    used_now = ACTIVATIONS[editor.experiment.change(net__output="auto").output].label
    st.selectbox(
        "Output activation",
        ["auto", *ACTIVATIONS],
        format_func=lambda k: ACTIVATIONS[k].label if k in ACTIVATIONS else f"Automatic ({used_now})",
        help="Automatic takes what belongs to the cost and the data.",
        **editor.bind("net__output"),
    )
    st.number_input("Seed of the weights", 0, 2**31 - 1, help="The same seed gives the same first weights.", **editor.bind("seed"))


# ---- learning


def _learning(editor: Editor) -> None:
    regression = editor.experiment.data.task == "regression"
    editor.choose("cost", "Cost", LOSSES, [key for key, loss in LOSSES.items() if loss.regression or not regression])
    editor.entry("optimizer", "Optimizer", OPTIMIZERS, lambda key: {"learning_rate": OPTIMIZERS[key].learning_rate})
    rate = editor.experiment.learning_rate
    usual = OPTIMIZERS[editor.experiment.optimizer.key].learning_rate
    st.caption(f"Learning rate {rate:.3g} (slider beside *Play*); usual for this optimizer: {usual:.3g}.")
    editor.entry("schedule", "Learning-rate schedule", SCHEDULES)


# ---- limits


def _limits(editor: Editor) -> None:
    editor.entry("penalty", "Penalty on weights", PENALTIES)
    layers = editor.experiment.net.layers
    key = "network.dropout_all"
    st.session_state[key] = max((layer.dropout for layer in layers), default=0.0)

    def all_layers() -> None:
        editor.change(net__layers=[x.model_dump() | {"dropout": st.session_state[key]} for x in editor.experiment.net.layers])

    st.slider(
        "Dropout, all hidden layers",
        0.0,
        0.9,
        step=0.05,
        key=key,
        on_change=all_layers,
        disabled=not layers,
        help="Share of units silenced at each training step. Single layers can be set on the diagram.",
    )
    editor.pick("max_norm", "Max-norm of a unit's weights", [0, 0.5, 1, 2, 3, 4, 5, 10], "Longer weight vectors are shortened.")
    editor.pick(
        "clip_norm", "Clip the gradient at", [0, 0.01, 0.1, 0.5, 1, 2, 5, 10, 100], "Longest gradient that is followed in full."
    )
    editor.pick(
        "patience", "Stop early after", [0, 5, 10, 20, 50, 100, 200, 500, 1000], "Epochs without a better test loss.", zero="Never"
    )
    editor.pick("epochs", "Stop after epochs", [0, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10_000], zero="Never")


PAGE = Page(
    key=KEY,
    title="Network",
    icon=":material/hub:",
    section="",
    order=10,
    summary="Build a net, press play, and watch it bend the plane until the colours come apart.",
    render=render,
)
