"""'Sandbox': one kernel over one small input, by hand: what is put in, what comes out, and how large it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.data import digits
from engines.nets import sandbox
from engines.nets.sandbox import KERNELS, PATTERNS
from playground.sandbox.component import payload, sandbox_view

KEY = "digits.sandbox"
DIGIT, OWN = "digit", "own"
MOST_NUMBER = 99.0
_PAINTED = f"{KEY}.painted"


def draw(run: Any) -> None:
    """The panel: choices on the left, the grids on the right, the sizes below. It needs no net, and changes none."""
    chosen, shown = st.columns([1, 2.6], gap="large")
    with chosen:
        source, image = _image(run)
        kernel = _kernel()
        padding, stride = _way()
    with shown:
        _show(source, image, kernel, padding, stride)


def size_latex(side: int, size: int, padding: int, stride: int) -> str:
    """The rule for the side of the map, with its numbers put in. Raises ValueError where the window fits nowhere."""
    found = sandbox.places(side, size, padding, stride)
    rule = r"\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1"
    filled = rf"\left\lfloor \frac{{{side} + 2 \cdot {padding} - {size}}}{{{stride}}} \right\rfloor + 1 = {found}"
    return rf"\begin{{aligned}} &{rule} \\ &= {filled} \end{{aligned}}"


def own_kernel(table: Any) -> np.ndarray:
    """What stands in the editor as (size, size) numbers of bounded size; what is no number counts as 0."""
    values = np.array([[np.nan if cell is None else cell for cell in row] for row in np.asarray(table, object)], np.float64)
    return np.clip(np.nan_to_num(values, nan=0.0, posinf=MOST_NUMBER, neginf=-MOST_NUMBER), -MOST_NUMBER, MOST_NUMBER)


def _image(run: Any) -> tuple[str, np.ndarray]:
    """What is slid over, (n, n): a pattern or part of a test digit, or what was painted over it; and what names the former."""
    names = PATTERNS.labels() | {DIGIT: "Part of a test digit"}
    key = st.selectbox("Input", list(names), index=1, format_func=names.__getitem__, key=f"{KEY}.input")
    side = st.slider("Pixels on a side", *sandbox.SIDES, value=8, key=f"{KEY}.side")
    number = 0
    if key == DIGIT:
        tests = digits.load(run.experiment.data.source).test_images
        number = st.number_input("Test digit", 1, len(tests), key=f"{KEY}.number") - 1
        image = sandbox.patch(tests[number], side)
    else:
        image = sandbox.drawn(key, side)
    source = f"{key} {side} {number}"
    over, painted = st.session_state.get(_PAINTED, ("", None))
    if over != source:
        return source, image
    if st.button("Paint it anew", icon=":material/undo:", key=f"{KEY}.anew", help="Back to the input as it was."):
        del st.session_state[_PAINTED]
        return source, image
    return source, painted


def _kernel() -> np.ndarray:
    names = KERNELS.labels() | {OWN: "Own numbers"}
    key = st.selectbox("Kernel", list(names), format_func=names.__getitem__, key=f"{KEY}.kernel")
    if key != OWN:
        st.caption(KERNELS[key].help)
        return np.array(KERNELS[key].values)
    size = st.slider("Its rows and columns", *sandbox.SIZES, value=3, key=f"{KEY}.size")
    start = np.zeros((size, size))
    start[size // 2, size // 2] = 1.0
    edited = st.data_editor(start, hide_index=True, column_config={str(i): str(i + 1) for i in range(size)}, key=f"{KEY}.own{size}")
    return own_kernel(edited)


def _way() -> tuple[int, int]:
    padding, stride = st.columns(2, gap="small")
    with padding:
        around = st.number_input("Padding", *sandbox.PADDINGS, key=f"{KEY}.padding", help="Zeros put around the input.")
    with stride:
        step = st.number_input("Stride", *sandbox.STRIDES, key=f"{KEY}.stride", help="How far the window moves at a time.")
    return around, step


def _show(source: str, image: np.ndarray, kernel: np.ndarray, padding: int, stride: int) -> None:
    try:
        rule = size_latex(len(image), len(kernel), padding, stride)
    except ValueError as error:
        st.info(f"No map: {error}.", icon=":material/grid_off:")
        return
    output = sandbox.slide(image, kernel, padding, stride)

    def painted(changed: np.ndarray) -> None:
        st.session_state[_PAINTED] = (source, changed)

    sandbox_view(payload(image, kernel, output, padding, stride), key=f"{KEY}.view", painted=painted)
    st.markdown("Rows and columns of the map:")
    st.latex(rule)
    st.caption(
        "*n* pixels on a side, padding *p*, a kernel of *k* rows, stride *s*. The map is computed by the same layer that the net "
        "above uses. Like every net it does not turn the kernel around: mathematics calls that cross-correlation."
    )
