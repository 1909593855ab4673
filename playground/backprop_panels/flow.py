"""Gradient flow: what becomes of a signal, and of its gradient, in nets of up to a hundred layers."""

from __future__ import annotations

import math

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.initializers import INITIALIZERS
from engines.trace.flow import MAX_DEPTH, Flow, flow
from playground.backprop_panels.weight import number
from playground.figures.flow import WORDS, flow_figure
from playground.kept import Kept

KEY = "backprop.flow"
WIDTHS = (8, 16, 32, 64, 128)
FIRST = (("sigmoid", "xavier"), ("relu", "he"))
VANISHED, EXPLODED = 1e-3, 1e3
MOST_KEPT = 256
_flows: Kept[Flow] = Kept(MOST_KEPT, lambda _: 1)


def flow_panel(dark: bool) -> None:
    """Depth and width, two settings to compare, the chart, and what it says."""
    st.caption(
        "Random examples go forward through many equal layers, before any training; a random error of size 1 comes back. "
        "Where the lines fall or rise steadily, each layer multiplies by the same factor, and depth makes a power of it."
    )
    depth, width = _size()
    settings = [_setting(index, column) for index, column in enumerate(st.columns(2, gap="medium"))]
    shown = st.pills("Show", list(WORDS), selection_mode="multi", default=["signal", "gradient"], format_func=WORDS.__getitem__,
                     key=f"{KEY}.shown", label_visibility="collapsed")  # fmt: skip
    names = named(settings)
    flows = [_flow(depth, width, *setting) for setting in settings]
    drawn = {
        name: {"signal": f.signal, "delta": f.delta, "gradient": f.gradient}
        for name, f in dict(zip(names, flows, strict=True)).items()
    }
    st.plotly_chart(
        flow_figure(drawn, shown or list(WORDS), dark=dark),
        key=f"{KEY}.chart",
        config={"displayModeBar": False},
        alt="Size of signals and gradients by layer.",
    )
    same = len(drawn) == 1
    st.markdown("\n".join(f"- {verdict(name, f)}" for name, f in list(zip(names, flows, strict=True))[: 1 if same else 2]))


def _size() -> tuple[int, int]:
    left, right = st.columns(2, gap="medium")
    depth = left.slider("Layers", 1, MAX_DEPTH, 30, key=f"{KEY}.depth")
    width = right.select_slider(
        "Units in each", WIDTHS, 64, key=f"{KEY}.width", help="Another width is another program: it takes a moment."
    )
    return depth, width


def _setting(index: int, column: st.delta_generator.DeltaGenerator) -> tuple[str, str, float]:
    """Activation, initialisation and, where that has one, its setting; of the first net or of the one it is compared with."""
    activation, initializer = FIRST[index]
    line = "solid" if index == 0 else "dashed"
    with column:
        left, right = st.columns(2, gap="small")
        chosen = left.selectbox(
            f"Function, {line}", list(ACTIVATIONS), list(ACTIVATIONS).index(activation),
            format_func=lambda key: ACTIVATIONS[key].label, key=f"{KEY}.activation_{index}",
        )  # fmt: skip
        drawn = right.selectbox(
            f"First weights, {line}", list(INITIALIZERS), list(INITIALIZERS).index(initializer),
            format_func=lambda key: INITIALIZERS[key].label, key=f"{KEY}.initializer_{index}",
        )  # fmt: skip
        scale = math.nan
        for setting in INITIALIZERS[drawn].settings:
            scale = st.slider(
                f"{setting.label}, {line}", setting.low, setting.high, setting.default, 0.01, key=f"{KEY}.{drawn}_{index}"
            )
    return chosen, drawn, scale


def named(settings: list[tuple[str, str, float]]) -> list[str]:
    """'Sigmoid with Xavier / Glorot', with the setting behind it where there is one."""
    return [
        f"{ACTIVATIONS[activation].label} with {INITIALIZERS[initializer].label}" + ("" if math.isnan(scale) else f" {scale:g}")
        for activation, initializer, scale in settings
    ]


def _flow(depth: int, width: int, activation: str, initializer: str, scale: float) -> Flow:
    settings = {setting.key: scale for setting in INITIALIZERS[initializer].settings}
    key = f"{depth} {width} {activation} {initializer} {settings}"
    return _flows.get(key, lambda: flow(depth, width, activation, initializer, settings))


def verdict(name: str, found: Flow) -> str:
    """What the lines of a net say, in a sentence."""
    first, last, end = float(found.gradient[0]), float(found.gradient[-1]), float(found.signal[-1])
    said = f"**{name}**: "
    if not all(map(math.isfinite, (first, last, end))):
        return said + "the numbers overflow on the way."
    if first == 0:
        said += "the first layer gets **no gradient at all**: nothing it does can be learned."
    elif len(found.gradient) == 1:
        return said + "one layer has nothing to be compared with."
    else:
        times = number(first / last) if last else "∞"
        said += f"the gradient of the first layer is {times} times that of the last: {_word(first, last)}."
    dead = float(found.saturated.mean())
    return said + (f" {dead:.0%} of the units are on a flat stretch of the function." if dead >= 0.005 else "")


def _word(first: float, last: float) -> str:
    share = first / last if last else math.inf
    if share < VANISHED:
        return "it **vanishes** on its way back"
    return "it **explodes** on its way back" if share > EXPLODED else "it arrives"
