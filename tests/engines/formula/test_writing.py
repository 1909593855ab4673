"""Formulas written out: numbers, LaTeX and jnp code. (That text reads back as the same tree is tested with the parser.)"""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.formula import parse
from engines.formula.writing import number

X = np.linspace(-2, 2, 9, dtype=np.float32)
Y = np.linspace(1, -3, 9, dtype=np.float32)


@given(st.floats(0, 1e18, allow_nan=False))
def test_numbers_read_back_exactly(value):
    assert float(number(value)) == value


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x^2 - y^2", "x^{2} - y^{2}"),
        ("2x y", r"2\,x\,y"),
        ("x*2^y", r"x \cdot 2^{y}"),
        ("(x+1)/(y-2)", r"\frac{x + 1}{y - 2}"),
        ("x - (y - 1)", r"x - \left(y - 1\right)"),
        ("(-x)^2", r"\left(-x\right)^{2}"),
        ("sqrt(x+1) abs(y)", r"\sqrt{x + 1}\,\left|y\right|"),
        ("exp(-x)", "e^{-x}"),
        ("sin(pi x)", r"\sin\left(\pi\,x\right)"),
        ("1e-7x", r"10^{-7}\,x"),
        ("2.5e-7", r"2.5 \cdot 10^{-7}"),
    ],
)
def test_latex(text, latex):
    assert parse(text).latex == latex


@pytest.mark.parametrize(
    "text", ["x^2 - y^2", "e^x y / (1 + x^2)", "-x^3 + (-2)^3 y", "2^x - x^(1+2)", "abs(x)^1.5 - sin(2pi y)", "7", "-1"]
)
def test_code_is_the_same_arithmetic(text):
    formula = parse(text)
    code = eval(formula.code, {"__builtins__": {}}, {"jnp": jnp, "x": jnp.asarray(X), "y": jnp.asarray(Y)})
    np.testing.assert_array_equal(np.asarray(code), np.asarray(formula.evaluate(jnp.asarray(X), jnp.asarray(Y))))
