"""A net without non-linearities is one matrix: the net above with its functions taken out, and that matrix, give the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from engines.trace.effort import collapse
from engines.trace.net import Net
from engines.trace.passes import trace
from playground.backprop.traced import Traced
from playground.backprop_panels.weight import number

MOST_SIDE, MOST_ROWS = 6, 4


def collapse_panel(traced: Traced) -> None:
    """The matrices multiplied out, then the outputs of both, and how far they are apart."""
    net = traced.trace.net
    bare = replace(net, activations=("linear",) * len(net.weights), cost="half_squared")
    matrix, bias = collapse(bare)
    x = traced.trace.values["X"]
    layered = trace(bare, x, np.zeros((len(x), net.widths[-1])), 1.0, np.float64).values["Y"]
    flat = x @ matrix + bias
    linear = all(key == "linear" for key in net.activations)
    st.markdown(
        ("The net above has no non-linearities. " if linear else "Take the functions out of the net above. ")
        + f"Then its {_count(len(net.weights))} can be multiplied into **one**, once and for all; so can the biases. However deep, "
        "it can do no more than a single layer."
    )
    _product(bare, matrix)
    st.latex(rf"Y = {nested(len(net.weights))} = X M + c")
    if len(bias) <= MOST_SIDE:
        st.latex(f"c = {pmatrix(bias[None])}")
    off = float(np.abs(layered - flat).max() / max(1e-300, np.abs(layered).max()))
    _outputs(layered, flat)
    over = f"over all {len(x):,} examples" if len(x) > 1 else "for the example above"
    st.markdown(f"**The same**: layer by layer and by the one matrix they differ by at most {number(off)}, relatively, {over}.")
    if not linear:
        st.caption("With its functions the net is not a matrix: *Linear* as the function of every layer makes the pass above one.")


def nested(matrices: int) -> str:
    """The layers as one expression in LaTeX; of many only the inner ones are written."""
    text = "X W_1 + b_1"
    for n in range(2, min(matrices, 3) + 1):
        text = rf"({text})\, W_{n} + b_{n}"
    return text if matrices <= 3 else rf"(\cdots ({text}) \cdots)\, W_{{{matrices}}} + b_{{{matrices}}}"


def _count(matrices: int) -> str:
    return "one matrix" if matrices == 1 else f"{matrices} matrices"


def _product(net: Net, matrix: np.ndarray) -> None:
    """The product written out where the matrices are small; else their shapes."""
    names = r"\, ".join(f"W_{{{n}}}" for n in range(1, len(net.weights) + 1))
    if max(net.widths) <= MOST_SIDE and len(net.weights) <= 3:
        written = r"\,".join(map(pmatrix, net.weights))
        product = rf"\underbrace{{{written}}}_{{{names}}}"
        st.latex(rf"\begin{{aligned}} &{product} \\ &= \underbrace{{{pmatrix(matrix)}}}_M \end{{aligned}}")
        return
    shapes = r"\,".join(rf"\underbrace{{W_{{{n}}}}}_{{{w.shape[0]} \times {w.shape[1]}}}" for n, w in enumerate(net.weights, 1))
    st.latex(rf"{shapes} = \underbrace{{M}}_{{{matrix.shape[0]} \times {matrix.shape[1]}}}")


def pmatrix(matrix: np.ndarray) -> str:
    """A matrix as LaTeX, three significant digits an entry."""
    rows = r" \\ ".join(" & ".join(number(float(value), tex=True) for value in row) for row in matrix)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _outputs(layered: np.ndarray, flat: np.ndarray) -> None:
    """Both ways' outputs for the first few examples, side by side."""
    if layered.shape[1] > MOST_SIDE:
        return
    few = slice(0, MOST_ROWS)
    more = r" \\ \vdots" if len(layered) > MOST_ROWS else ""
    parts = [pmatrix(part[few]).replace(r" \end{pmatrix}", more + r" \end{pmatrix}") for part in (layered, flat)]
    st.latex(rf"\underbrace{{{parts[0]}}}_{{\text{{layer by layer}}}} = \underbrace{{{parts[1]}}}_{{X M + c}}")
