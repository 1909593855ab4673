"""The rows of a stack in the Net tab: input, layers, output. Closed, a row says what it is and what comes out; open, it is edited.

One is open at a time: dozens of widgets at once would be slow, and hard to find one's way in.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.data.scalings import SCALINGS
from engines.experiment import MAX_BORDER, StackLayer, StackNet
from engines.losses import CLASS_LOSSES
from engines.nets import building
from engines.nets.layers import LAYERS, Shape
from engines.nets.stack import SIDE, Row, receptive_field, rows
from engines.tables import Setting
from playground.controls import Editor

INPUT = -1
HEADS = {"dense": "Ten units", "rbf": "Ten drawn digits"}
_RBF_COST = "map_criterion"


def stack_rows(editor: Editor) -> None:
    """All rows of the stack as it stands."""
    net = editor.experiment.net
    found = rows(net)
    editor.refusals()
    with st.container(gap="small"):
        _input(editor, net)
        for row in found[:-1]:
            _layer(editor, net, row)
        _output(editor, net, found[-1])


# ---- which row is open


def _open_key(editor: Editor) -> str:
    return f"{editor.prefix}.stack_open"


def forget_open(editor: Editor) -> None:
    """Close whatever row is open: the net has become another."""
    st.session_state.pop(_open_key(editor), None)


def _row(editor: Editor, index: int, label: str) -> Any:
    """A row's expander; index INPUT, a layer's, or one more for the output."""
    key, opened = f"{editor.prefix}.stack{index}.open", _open_key(editor)
    st.session_state[key] = st.session_state.get(opened) == index

    def toggled() -> None:
        st.session_state[opened] = index if st.session_state[key] else None

    return st.expander(label, key=key, on_change=toggled)


def _change(editor: Editor, change: Callable[..., StackNet], *arguments: Any, then: int | None = None) -> None:
    """Make a change of `engines.nets.building` and open row `then`; nothing where it is refused, which is told."""
    try:
        layers = change(editor.experiment.net, *arguments).layers
    except ValueError as error:
        editor.refuse(str(error))
        return
    editor.change(net__layers=[layer.model_dump() for layer in layers])
    st.session_state[_open_key(editor)] = then


# ---- input and output


def _input(editor: Editor, net: StackNet) -> None:
    side = SIDE + 2 * net.border
    opened = _row(editor, INPUT, f"**Input** {SCALINGS[net.scaling].label} :gray[→ {shape_text((1, side, side))}]")
    if not opened.open:
        return
    with opened:
        help_ = f"Pixels of paper added on every side; 2 makes {SIDE} x {SIDE} into 32 x 32."
        st.number_input("Border (pixels)", 0, MAX_BORDER, step=1, help=help_, **editor.bind("net__border"))
        editor.choose("net__scaling", "Pixels as numbers", SCALINGS)
        _add(editor, net, 0)


def _output(editor: Editor, net: StackNet, row: Row) -> None:
    opened = _row(editor, row.index, f"**Output** {HEADS[net.head].lower()} {_came_out(row)}")
    if not opened.open:
        return
    with opened:
        st.selectbox("Output layer", list(HEADS), format_func=HEADS.__getitem__, **editor.bind("net__head"))
        other = next(head for head in HEADS if head != net.head)
        refused = building.wants_head(net, other)
        if refused:
            st.caption(f"{HEADS[other]} cannot stand here: {refused}.")
        if net.head == "rbf":
            _drawn_digits(editor)


def _drawn_digits(editor: Editor) -> None:
    """What the radial basis output is, and the cost that it was made for."""
    st.caption("Each output is the distance from a drawing of its digit, 7 x 12 pixels; the nearest drawing is the answer.")
    if editor.experiment.cost != _RBF_COST:
        st.button(
            "Use the cost it was made for",
            help=CLASS_LOSSES[_RBF_COST].help,
            key=f"{editor.prefix}.rbf_cost",
            width="stretch",
            on_click=lambda: editor.change(cost=_RBF_COST),
        )


# ---- layers


def _layer(editor: Editor, net: StackNet, row: Row) -> None:
    layer = net.layers[row.index]
    opened = _row(editor, row.index, f"**{row.index + 1} {LAYERS[layer.key].label}** {layer_text(layer)} {_came_out(row)}")
    if not opened.open:
        return
    with opened:
        st.caption(LAYERS[layer.key].help + _seen(net, row))
        _settings(editor, net, row.index)
        if LAYERS[layer.key].activated:
            _activation(editor, row.index)
        _buttons(editor, net, row.index)
        _add(editor, net, row.index + 1)


def layer_text(layer: StackLayer) -> str:
    """What is set of a layer, in a few words: '6 filters, 5 × 5, padding 2, ReLU'."""
    kind = LAYERS[layer.key]
    parts = []
    for place, setting in enumerate(kind.settings):
        value = layer.settings[setting.key]
        if setting.key == "size":
            parts.append(_unbroken(f"{value:g} × {value:g}"))
        elif is_switch(setting):
            parts += [setting.label] if value else []
        elif place == 0 or value != _unsaid(layer, setting):
            name = setting.label.lower()
            parts.append(f"{value:g} {name}" if place == 0 and setting.whole else f"{name} {value:g}")
    if layer.activation != "linear":
        parts.append(ACTIVATIONS[layer.activation].label)
    return ", ".join(parts)


def _unsaid(layer: StackLayer, setting: Setting) -> float:
    """The value of a setting that goes without saying: the usual one; for windows that usually do not overlap, their size."""
    usual = LAYERS[layer.key].defaults()
    return layer.settings["size"] if setting.key == "stride" and usual["stride"] == usual["size"] else setting.default


def shape_text(shape: Shape) -> str:
    """'6 × 24 × 24', or '120'; no line is broken in it."""
    return _unbroken(" × ".join(f"{n:,}" for n in shape))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _came_out(row: Row) -> str:
    """Shape and counts of what a row makes, in grey."""
    counts = [f"{n:,} {what}" for n, what in ((row.parameters, "weights"), (row.multiplies, "multiplications")) if n]
    return f":gray[{' · '.join(map(_unbroken, [f'→ {shape_text(row.shape)}', *counts]))}]"


def _seen(net: StackNet, row: Row) -> str:
    """How many pixels of the digit one of its units looks at, where that says something."""
    if len(row.shape) != 3 or row.window is None:
        return ""
    _, _, height, width = receptive_field(net, row.index, 0, 0)
    return f" Each unit looks at {height} × {width} pixels of the input."


def is_switch(setting: Setting) -> bool:
    """Whether a setting is but on or off."""
    return setting.whole and (setting.low, setting.high) == (0, 1)


def _settings(editor: Editor, net: StackNet, index: int) -> None:
    settings = LAYERS[net.layers[index].key].settings
    for pair in zip_longest(settings[::2], settings[1::2]):
        columns = st.columns(2, gap="small", vertical_alignment="bottom") if None not in pair else [st.container()]
        for setting, column in zip(pair, columns, strict=False):
            with column:
                _setting(editor, net, index, setting)


def _setting(editor: Editor, net: StackNet, index: int, setting: Setting) -> None:
    """A widget on one setting of layer `index`; what would not fit is said in its help."""
    key, value = f"{editor.prefix}.stack{index}.{setting.key}", net.layers[index].settings[setting.key]
    fits = building.values_that_fit(net, index, setting)
    told = " ".join(part for part in (setting.help, fits_text(fits, setting)) if part)
    label = f"{setting.label} ({setting.unit})" if setting.unit else setting.label
    options: dict[str, Any] = {"help": told or None, "key": key, "on_change": lambda: _set(editor, index, setting.key, key)}
    if is_switch(setting):
        st.session_state[key] = bool(value)
        st.toggle(label, disabled=fits == [int(value)] == [0], **options)
    elif setting.whole:
        st.session_state[key] = int(value)
        st.number_input(label, int(setting.low), int(setting.high), step=1, **options)
    else:
        st.session_state[key] = value
        st.number_input(label, setting.low, setting.high, step=0.05, format="%.4g", **options)


def _set(editor: Editor, index: int, name: str, key: str) -> None:
    layers = [layer.model_dump() for layer in editor.experiment.net.layers]
    if index < len(layers) and name in layers[index]["settings"] and st.session_state[key] is not None:
        layers[index]["settings"][name] = float(st.session_state[key])
        editor.change(net__layers=layers)


def fits_text(fits: list[int] | None, setting: Setting) -> str:
    """Which values work as the stack stands, where not all do: 'Fits here: 1 to 6.'"""
    if not fits or len(fits) == setting.high - setting.low + 1:
        return ""
    if is_switch(setting):
        return f"Here it can only be {'on' if fits == [1] else 'off'}."
    unbroken = fits == list(range(fits[0], fits[-1] + 1)) and len(fits) > 2
    return f"Fits here: {f'{fits[0]} to {fits[-1]}' if unbroken else ', '.join(map(str, fits))}."


def _activation(editor: Editor, index: int) -> None:
    key = f"{editor.prefix}.stack{index}.activation"
    st.session_state[key] = editor.experiment.net.layers[index].activation

    def changed() -> None:
        layers = [layer.model_dump() for layer in editor.experiment.net.layers]
        if index < len(layers) and LAYERS[layers[index]["key"]].activated:
            layers[index]["activation"] = st.session_state[key]
            editor.change(net__layers=layers)

    st.selectbox("Activation", list(ACTIVATIONS), format_func=lambda k: ACTIVATIONS[k].label, key=key, on_change=changed)


def _buttons(editor: Editor, net: StackNet, index: int) -> None:
    """Up, down, a copy, away: what cannot be done says why."""
    actions = (
        ("up", "arrow_upward", "Move up", building.moved, (index, -1), index - 1),
        ("down", "arrow_downward", "Move down", building.moved, (index, 1), index + 1),
        ("copy", "content_copy", "Duplicate", building.doubled, (index,), index + 1),
        ("remove", "delete", "Remove", building.removed, (index,), None),
    )
    with st.container(horizontal=True, gap="small"):
        for name, icon, label, change, arguments, then in actions:
            refused = building.why_not(change, net, *arguments)
            st.button(
                f":material/{icon}:",
                key=f"{editor.prefix}.stack{index}.{name}",
                help=f"{label}: not possible, {refused}." if refused else f"{label} layer {index + 1}",
                disabled=bool(refused),
                on_click=_change,
                args=(editor, change, *arguments),
                kwargs={"then": then},
            )


def _add(editor: Editor, net: StackNet, place: int) -> None:
    """A menu of the layers that fit before layer `place`, and why others do not."""
    fits, refused = building.addable(net, place)
    key = f"{editor.prefix}.stack{place}.add"

    def chosen() -> None:
        kind = st.session_state.get(key)
        if kind is not None:
            _change(editor, building.inserted, place, kind, then=place)

    st.menu_button(
        "Add a layer here" if place == 0 else "Add a layer after this one",
        list(fits),
        format_func=lambda k: LAYERS[k].label,
        icon=":material/add:",
        key=key,
        width="stretch",
        disabled=not fits,
        on_click=chosen,
    )
    if refused:
        (first, why), *others = refused.items()
        names = ", ".join(LAYERS[k].label for k, _ in others)
        also = f" Neither {'do' if len(others) > 1 else 'does'} {names}." if others else ""
        st.caption(f"{LAYERS[first].label} does not fit here: {why}.{also}")
