"""The Net tab of the Digits page: which kind of net, a known one to start from, and its layers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.experiment import MAX_DENSE_LAYERS, DenseNet, StackNet, WideLayer
from engines.initializers import INITIALIZERS
from engines.nets.catalogue import NETS
from engines.nets.count import is_same_net, multiplies, parameters, sizes
from engines.nets.stack import as_stack
from playground.controls import Editor
from playground.digits_panels.stack_rows import forget_open, stack_rows

KINDS = {"dense": "Dense net", "stack": "Convolutional stack"}
FIRST_STACK = "lenet5-modern"
UNITS = [1, 2, 4, 8, 16, 32, 64, 100, 128, 200, 256, 300, 400, 500, 512, 768, 1000, 1024]
_LAYER_BY_LAYER = "layer-by-layer"


def net_tab(editor: Editor) -> None:
    """Everything about the net but how it is trained."""
    net = editor.experiment.net
    _kept(editor)[net.kind] = net
    _kind(editor)
    _known_nets(editor)
    if isinstance(net, StackNet):
        stack_rows(editor)
        _compared(editor, net)
    else:
        _dense(editor)
    editor.entry("net__initializer", "First weights", INITIALIZERS)
    if editor.run.snapshot.run.step:
        st.caption("New first weights are drawn when you press *Reset*.")


# ---- the kind of net


def _kept(editor: Editor) -> dict[str, DenseNet | StackNet]:
    """The net of each kind that was there last, so that a switch back finds it again."""
    return st.session_state.setdefault(f"{editor.prefix}.kept_nets", {})


def _kind(editor: Editor) -> None:
    key = f"{editor.prefix}.net_kind"
    st.session_state[key] = editor.experiment.net.kind

    def changed() -> None:
        if st.session_state[key] != editor.experiment.net.kind:
            forget_open(editor)
            before = editor.experiment
            editor.change(net=switched(_kept(editor), st.session_state[key]))
            if not is_same_net(before, editor.experiment):
                _tell_end(editor, KINDS[editor.experiment.net.kind])

    st.segmented_control(
        "Kind of net",
        list(KINDS),
        format_func=KINDS.__getitem__,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        help="Your other net is kept for when you switch back.",
        key=key,
        on_change=changed,
    )


def switched(kept: dict[str, DenseNet | StackNet], kind: str) -> DenseNet | StackNet:
    """The net of this kind that was there last, else the usual one."""
    return kept.get(kind) or (DenseNet() if kind == "dense" else NETS[FIRST_STACK].net)


def _known_nets(editor: Editor) -> None:
    """A menu of nets worth starting from; only the net changes, how it is trained stays."""
    net, key = editor.experiment.net, f"{editor.prefix}.known_net"
    names = {name: entry.label for name, entry in NETS.items() if entry.net.kind == net.kind}
    dense = _kept(editor).get("dense")
    if net.kind == "stack" and dense is not None:
        names[_LAYER_BY_LAYER] = "Your dense net, layer by layer"

    def chosen() -> None:
        name = st.session_state[key]
        # what was chosen in the other kind's menu, moments ago, comes here once more: as a label, which this menu does not have
        if name in names:
            forget_open(editor)
            if name == _LAYER_BY_LAYER:
                editor.change(net=_as_stack(dense))
            else:
                _begin_with(editor, name)

    known = next((name for name, entry in NETS.items() if entry.net == net), None)
    st.session_state[key] = known
    st.selectbox(
        "A known net",
        list(names),
        index=None if known is None else 0,
        format_func=names.__getitem__,
        placeholder="Start from a known net …",
        label_visibility="collapsed",
        key=key,
        on_change=chosen,
    )
    if known is not None:
        st.caption(f"{NETS[known].help} *{NETS[known].source}.*")


def _begin_with(editor: Editor, name: str) -> None:
    """A known net begins from its first weights: figures of the net before it would be taken for its own."""
    editor.change(net=NETS[name].net)
    if editor.experiment.net == NETS[name].net:
        editor.run.reset()
        _tell_end(editor, NETS[name].label)


def _tell_end(editor: Editor, label: str) -> None:
    if editor.run.snapshot.run.step:
        back = "Your browser's Back button brings the former net, to begin anew."
        editor.run.say(f"{label}: not trained yet. The run of the net before is over. {back}")


def _as_stack(net: DenseNet | StackNet) -> DenseNet | StackNet:
    """The same net as a stack, which may not be as large as a dense net: then the dense net itself."""
    try:
        return as_stack(net)
    except ValueError:
        return net


def _compared(editor: Editor, net: StackNet) -> None:
    dense = _kept(editor).get("dense", DenseNet())
    whose = "Your dense net" if "dense" in _kept(editor) else "The dense net this page starts with"
    st.caption(
        f"**{parameters(net):,} parameters**, {multiplies(net):,} multiplications a digit. "
        f"{whose} has {parameters(dense):,} and needs {multiplies(dense):,}."
    )


# ---- dense nets


def _dense(editor: Editor) -> None:
    net = editor.experiment.net
    _layer_count(editor)
    st.caption(
        f"{' → '.join(f'{n:,}' for n in sizes(net))}: **{parameters(net):,} parameters**, "
        f"{multiplies(net):,} multiplications a digit"
    )
    for i, layer in enumerate(net.layers):
        _layer(editor, i, layer)


def _layer_count(editor: Editor) -> None:
    key = f"{editor.prefix}.layer_count"
    st.session_state[key] = len(editor.experiment.net.layers)

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
    key = f"{editor.prefix}.layer{i}.{name}"
    st.session_state[key] = getattr(editor.experiment.net.layers[i], name)

    def changed() -> None:
        layers = [layer.model_dump() for layer in editor.experiment.net.layers]
        if i < len(layers) and st.session_state[key] is not None:
            layers[i][name] = st.session_state[key]
            editor.change(net__layers=layers)

    widget(*arguments, key=key, on_change=changed, **options)
