"""Random expression trees, and an evaluator of formulas that shares nothing with the project's: Python's own grammar, NumPy."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import strategies as st

from engines.formula.tree import CONSTANTS, FUNCTIONS, VARIABLES, Call, Name, Negative, Number, Operation

numbers = st.one_of(
    st.integers(0, 12).map(float),
    st.sampled_from([0.5, 0.25, 0.1, 2.625, 1e-05, 1e15, 123456.0]),
    st.floats(1e-6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.4g}")),
)
leaves = st.one_of(numbers.map(Number), st.sampled_from([*VARIABLES, *CONSTANTS]).map(Name))


def _nodes(below):
    return st.one_of(
        st.builds(Operation, st.sampled_from("+-*/^"), below, below),
        st.builds(Negative, below),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), below),
    )


trees = st.recursive(leaves, _nodes, max_leaves=12)

_NUMBER = re.compile(r"(?<![a-z\d.])(\d+(?:\.\d*)?(?:e[+-]?\d+)?)")


def oracle(text, x, y):
    """Heights in float64 of a formula's canonical text, read by Python itself. Complex and infinite values come out not finite."""
    names = {name: getattr(np, name) for name in FUNCTIONS}
    python = _NUMBER.sub(r"N(\1)", text.replace("^", "**"))
    with np.errstate(all="ignore"):
        return eval(
            python, {"__builtins__": {}}, {**names, "N": np.float64, "x": x, "y": y, "pi": np.float64(np.pi), "e": np.float64(np.e)}
        )
