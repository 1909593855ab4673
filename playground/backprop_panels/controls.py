"""The tabs of controls: which examples, which net, how it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.activations import ACTIVATIONS
from engines.descriptions import MAX_SEED
from engines.initializers import INITIALIZERS
from engines.live.warm import is_prepared
from engines.losses import CLASS_LOSSES, LOSSES
from engines.trace.brought import find
from engines.trace.examples import EXAMPLES
from engines.trace.passes import latex
from engines.trace.study import MAX_LAYERS, MAX_UNITS, HiddenLayer, Study, fixed_by, settled, typable_shapes
from playground.backprop.payload import LARGEST_SENT
from playground.backprop.traced import traced
from playground.controls import Editor, powers
from playground.held import Held

KEY = "backprop"
GONE = "That net lived only in the session where it was made; showing the worked example instead."
COSTS = {**LOSSES, **CLASS_LOSSES}
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256]
RATES = [rate for rate in powers(1e-4, 100.0)]


class StudyEditor(Editor):
    """An Editor that drops what a widget says of a layer, or a setting, that is there no more: it was on its way when that went."""

    def change(self, **changes: Any) -> None:
        """Change fields; late ones are dropped in silence. No dotted path is ever shown."""
        due = {path: value for path, value in changes.items() if not self._is_late(path)}
        if due:
            super().change(**due)

    def _is_late(self, path: str) -> bool:
        head, *rest = path.split("__")
        if head == "layers" and rest:
            return int(rest[0]) >= len(self.experiment.layers)
        return head == "initializer" and len(rest) == 2 and rest[1] not in self.experiment.initializer.settings


def settle(held: Held, first: bool = False) -> list[str]:
    """Take out what has no place in the net any more (typed numbers, a step). Returns what to tell the visitor of it.

    first: nothing has been shown in this session yet. Then a net that was brought and is gone gives way to the worked example;
    later the last net that was shown stays.
    """
    if first and held.experiment.examples == "brought" and not held.experiment.widths:
        held.apply(Study())
        return [GONE]
    study, _ = settled(held.experiment)
    gone = len(held.experiment.typed) - len(study.typed)
    held.apply(study)
    if not gone:
        return []
    said = "A number you typed has" if gone == 1 else f"{gone} numbers you typed have"
    return [f"{said} no place in this net any more and {'is' if gone == 1 else 'are'} left out."]


def examples_tab(editor: Editor) -> None:
    """Which examples, how many, and the numbers typed over."""
    study: Study = editor.experiment
    _menu(editor, study)
    fixed = fixed_by(study.examples)
    brought = study.examples == "brought"
    if "inputs" not in fixed and not brought:
        editor.number("inputs", "Inputs", 1, MAX_UNITS, 1, "Columns of the input matrix.")
    if "batch" not in fixed:
        editor.pick("batch", "Examples in the batch", BATCHES, "Rows of the input matrix.", zero="")
    if brought and (found := find(study.brought)) is not None:
        st.caption(found.said)
    else:
        st.caption(f"{EXAMPLES[study.examples].help} *Source: {EXAMPLES[study.examples].source}.*")
    if not (brought or study.published):
        st.number_input("Seed", 0, MAX_SEED, help="The same seed draws the same numbers.", **editor.bind("seed"))
    _typed(editor, study)


def _menu(editor: Editor, study: Study) -> None:
    offered = [key for key in EXAMPLES if key != "brought" or study.brought]
    editor.choose("examples", "Examples", EXAMPLES, offered)


def _typed(editor: Editor, study: Study) -> None:
    """What has been typed over, and the way back."""
    count = len(study.typed)
    if said := typable(study):
        st.caption(said)
    if not count:
        return
    st.button(
        f"Take back {'the number' if count == 1 else f'the {count} numbers'} you typed",
        icon=":material/undo:",
        key=f"{KEY}.untype",
        width="stretch",
        on_click=lambda: editor.change(typed=[]),
    )


def typable(study: Study) -> str:
    """Which matrices can be typed over; a matrix that is too large to be shown number by number cannot."""
    shapes = typable_shapes(study)
    large = [symbol for symbol, (rows, columns) in shapes.items() if rows * columns > LARGEST_SENT]
    if not large:
        return "Click a number of the inputs, targets, weights or biases in the matrices to type another." if shapes else ""
    free = ", ".join(f"${latex(symbol)}$" for symbol in shapes if symbol not in large)
    blocks = " and ".join(f"${latex(symbol)}$" for symbol in large)
    shown = "is shown in blocks and stays as it is" if len(large) == 1 else "are shown in blocks and stay as they are"
    return f"Click a number of {free} in the matrices to type another. {blocks} {shown}."


def net_tab(editor: Editor) -> None:
    """Layers, their units and functions, the outputs, and how weights are drawn."""
    study: Study = editor.experiment
    if study.examples == "brought":
        _brought_net(study)
        return
    _depth(editor, study)
    for i in range(len(study.layers)):
        units, function = st.columns([1, 1.6], gap="small")
        with units:
            st.number_input(f"Units {i + 1}", 1, MAX_UNITS, **editor.bind(f"layers__{i}__units"))
        with function:
            editor.choose(f"layers__{i}__activation", f"Function {i + 1}", ACTIVATIONS)
    outputs, function = st.columns([1, 1.6], gap="small")
    with outputs:
        fixed = "outputs" in fixed_by(study.examples)
        st.number_input("Outputs", 1, MAX_UNITS, disabled=fixed, **editor.bind("outputs"))
    with function:
        _output(editor, study)
    _drawn(editor, study)


def _brought_net(study: Study) -> None:
    st.caption(
        f"Your net: {' – '.join(map(str, study.widths))} units. Its layers stay as you brought them; "
        "choose other examples to build a net here, or change it where it comes from and bring it again."
        if study.widths
        else "The net you brought is no longer in memory."
    )


def _depth(editor: Editor, study: Study) -> None:
    key = f"{KEY}.depth"
    st.session_state[key] = len(study.layers)

    def changed() -> None:
        wanted, layers = st.session_state[key], editor.experiment.layers
        last = layers[-1] if layers else HiddenLayer()
        grown = (*layers, *[last] * (wanted - len(layers)))[:wanted]
        editor.change(layers=[layer.model_dump() for layer in grown])

    st.slider("Hidden layers", 0, MAX_LAYERS, key=key, on_change=changed)


def _output(editor: Editor, study: Study) -> None:
    if study.cost in CLASS_LOSSES:
        label = ACTIVATIONS[study.output_used].label
        st.selectbox("Output function", [label], disabled=True, help="This cost over classes takes the outputs as they are.")
    else:
        editor.choose("output", "Output function", ACTIVATIONS)


def _drawn(editor: Editor, study: Study) -> None:
    if study.published:
        st.caption("The weights are those the example was published with. Another number of units, and they are drawn.")
    else:
        editor.entry("initializer", "First weights", INITIALIZERS)


def learning_tab(editor: Editor) -> None:
    """Cost, learning rate, biases."""
    study: Study = editor.experiment
    brought = find(study.brought) if study.examples == "brought" else None
    if brought is None:
        _cost(editor, study)
    else:
        st.caption(f"Cost, as your net has it: **{COSTS[brought.net.cost].label}**")
    cost = brought.net.cost if brought else study.cost
    st.markdown(f"${COSTS[cost].formula}$")
    _contained(study, cost)
    editor.pick("learning_rate", "Learning rate", RATES, "How far each weight goes against its gradient.", zero="")
    st.toggle("Update the biases too", help="The worked example leaves its biases alone.", **editor.bind("train_biases"))


def _contained(study: Study, cost: str) -> None:
    """A cost that has the output's sigmoid in it: say so, and what the output means then."""
    if cost in LOSSES and not LOSSES[cost].regression:
        st.caption("Targets are −1 and 1 here: 0 and 1 count as these.")
    if cost != "cross_entropy":
        return
    st.caption(r"This cost contains the sigmoid: it takes the output $z$ as it is, and what the net says is $\sigma(z)$.")
    if is_prepared() and (said := likely(study)):
        st.caption(said)


def likely(study: Study) -> str:
    """The sigmoid of the outputs of the example that is looked at, in words; '' where there is no pass."""
    try:
        outputs = traced(study).trace.values["Y"]
    except ValueError:
        return ""
    row = min(max(study.example, 0), len(outputs) - 1)
    with np.errstate(over="ignore"):
        said = ", ".join(rf"$\sigma({z:.4g}) = {1 / (1 + np.exp(-z)):.4g}$" for z in outputs[row][:4])
    return (f"Example {row + 1}: " if len(outputs) > 1 else "Here: ") + said


def _cost(editor: Editor, study: Study) -> None:
    """The menu of costs. One that tells two classes apart takes outputs as they are: with it the output function becomes linear."""
    key = f"{KEY}.cost"
    st.session_state[key] = study.cost

    def changed() -> None:
        chosen = st.session_state[key]
        more: dict[str, Any] = {}
        if chosen in LOSSES and not LOSSES[chosen].regression:
            more["output"] = LOSSES[chosen].output
        elif editor.experiment.output == "linear" and editor.experiment.cost in LOSSES:
            more["output"] = "sigmoid"
        editor.change(cost=chosen, **more)

    st.selectbox("Cost", list(COSTS), format_func=lambda k: COSTS[k].label, help=COSTS[study.cost].help, key=key, on_change=changed)
