"""What backpropagation costs: counted and measured, against a finite difference for every weight, as the net grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from engines.trace.effort import REPEATS, Effort, count, measure
from engines.trace.net import Net
from playground import jobs
from playground.backprop.traced import Traced
from playground.figures.effort import effort_figure

NAME = "backprop effort"
UNITS = (2, 4, 8, 16, 32, 64, 128, 256)
LAYERS, EXAMPLES = 3, 32


@dataclass(frozen=True)
class Measured:
    """The efforts of growing nets, with seconds."""

    efforts: tuple[Effort, ...]


def effort_panel(traced: Traced, dark: bool) -> None:
    """The visitor's net in numbers, the chart of what is counted, and beside it of what is measured."""
    net = traced.trace.net
    st.markdown(sentence(count(net.widths, traced.trace.examples)))
    st.caption(
        f"Nets of {LAYERS} layers, {UNITS[0]} to {UNITS[-1]} units in each, {EXAMPLES} examples; multiplications and additions "
        "of the matrix products for one gradient of all weights. Both scales are logarithmic: a steeper line is a higher power."
    )
    counted = [count((units,) * (LAYERS + 1), EXAMPLES) for units in UNITS]
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(effort_figure(counted, seconds=False, dark=dark), "counted", "Operations against the number of weights.")
    with right:
        _measured(dark)


def _measured(dark: bool) -> None:
    found: Measured | None = jobs.found(NAME, NAME)
    jobs.tell(NAME)
    if found is not None:
        _chart(effort_figure(found.efforts, seconds=True, dark=dark), "measured", "Seconds against the number of weights.")
    st.button(
        "Measure it on this machine" if found is None else "Measure again",
        icon=":material/timer:",
        key="backprop.effort_go",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=_begin,
    )
    if found is None:
        st.caption("Sends the examples through nets of every size, forward and back, and times it. It takes some seconds.")
    else:
        st.caption(
            f"The shortest of {REPEATS} times for each size, after passes that are not counted; other work on this machine still "
            "shows. Finite differences: one forward pass, measured, times as many as are needed (one-sided: one more a weight). "
            "Small nets all take the same time: there the machine is busy with being asked, not with multiplying."
        )


def _chart(figure: object, name: str, alt: str) -> None:
    st.plotly_chart(figure, key=f"backprop.effort_{name}", config={"displayModeBar": False}, alt=alt)


def _begin() -> None:
    jobs.begin(NAME, NAME, "Measuring", work)


def work(progress: jobs.Progress, cancelled: object) -> Measured | None:
    """Measure the growing nets, the smallest first; None when it is cancelled."""
    efforts = []
    for i, units in enumerate(UNITS):
        if cancelled():
            return None
        efforts.append(measure(*_net(units)))
        progress((i + 1) / len(UNITS))
    return Measured(tuple(efforts))


def _net(units: int) -> tuple[Net, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    weights = tuple(rng.standard_normal((units, units)) / np.sqrt(units) for _ in range(LAYERS))
    net = Net(weights, tuple(np.zeros(units) for _ in weights), ("tanh",) * LAYERS)
    return net, rng.standard_normal((EXAMPLES, units)), rng.standard_normal((EXAMPLES, units))


def sentence(effort: Effort) -> str:
    """The three ways to one gradient of all weights, counted, for the net that is shown above."""
    more = effort.differences / (effort.forward + effort.backward)
    return (
        f"**The net above** has {effort.parameters:,} weights and biases. Forward it takes {effort.forward:,} operations, backward "
        f"{effort.backward:,}: **{effort.backward / effort.forward:.3g} times** as many, and all gradients are there. By one-sided "
        f"finite differences, one more forward pass a weight, it would be {effort.differences:,}: **{more:,.3g} times** as much as "
        "both passes. (The check in *Chain rule* uses two passes a weight, for accuracy.)"
    )
