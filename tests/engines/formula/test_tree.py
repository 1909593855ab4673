"""Evaluation of the tree: against Python's own reading of the same text in float64, and slopes where they are delicate."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings

from engines.formula import FormulaError, parse
from engines.formula.tree import constant, evaluate, every
from engines.formula.writing import text_of
from tests.engines.formula.trees import oracle, trees

X = np.array([-2.3, -1.0, -0.4, 0.0, 0.3, 1.0, 1.7, 2.9])
Y = np.array([0.6, -1.9, 0.0, 1.1, -0.7, 2.2, -2.8, 1.0])


@settings(derandomize=True, max_examples=300, deadline=None)
@given(trees)
def test_it_agrees_with_an_independent_evaluator(tree):
    try:
        constant(tree)
    except FormulaError:
        assume(False)
    with np.errstate(all="ignore"):
        largest = max(np.nan_to_num(np.abs(oracle(text_of(part), X, Y)), posinf=1e300).max() for part in every(tree))
        assume(largest < 1e6)  # beyond, sin and tan amplify the last digit's rounding
        ours, theirs = evaluate(tree, X, Y, np), oracle(text_of(tree), X, Y)
    np.testing.assert_allclose(
        np.broadcast_to(ours, X.shape), np.broadcast_to(theirs, X.shape), rtol=1e-7, atol=1e-9 * (1 + largest)
    )


@pytest.mark.parametrize(
    "text",
    [
        "x^2 - y^2",
        "x^3 - 3x y^2",
        "(1 - x)^2 + 100(y - x^2)^2",
        "20 + x^2 - 10cos(2pi x) + y^2 - 10cos(2pi y)",
        "e^(-x^2 - y^2) * sin(3x) / (1 + y^2)",
        "abs(x) + tanh(y)^3 + sqrt(1 + x^2)",
        "log(2 + x y / 20) - tan(x / 4)",
        "(x^2)^0.75 + 2^y + x^-2",
        "pi",
        "-y",
    ],
)
def test_jnp_agrees_with_float64(text):
    formula = parse(text)
    x, y = X.astype(np.float32), Y.astype(np.float32)
    ours = np.asarray(formula.evaluate(jnp.asarray(x), jnp.asarray(y)))
    assert ours.dtype == np.float32 and ours.shape == x.shape
    theirs = np.broadcast_to(oracle(formula.text, x.astype(np.float64), y.astype(np.float64)), x.shape)
    np.testing.assert_allclose(ours, theirs, rtol=3e-6, atol=3e-5)


def test_any_shape():
    formula = parse("x y + 1")
    for shape in [(), (3,), (2, 3, 4)]:
        assert formula.evaluate(jnp.ones(shape), jnp.ones(shape)).shape == shape
        assert parse("3").evaluate(jnp.ones(shape), jnp.ones(shape)).shape == shape


@pytest.mark.parametrize(
    ("text", "slope", "bend"), [("x^2", 0.0, 2.0), ("x^3", 0.0, 0.0), ("x^1", 1.0, 0.0), ("x^(1+1)", 0.0, 2.0)]
)
def test_whole_powers_have_exact_slopes_at_0(text, slope, bend):
    height = lambda x: parse(text).evaluate(x, jnp.float32(1))  # noqa: E731
    assert float(jax.grad(height)(jnp.float32(0))) == slope
    assert float(jax.grad(jax.grad(height))(jnp.float32(0))) == bend


@pytest.mark.parametrize(("text", "slope"), [("x^2", -3.0), ("x^3", 6.75), ("x^-1", -1 / 2.25), ("x^0", 0.0), ("2x^2y", -12.0)])
def test_whole_powers_have_slopes_left_of_0(text, slope):
    height = lambda x: parse(text).evaluate(x, jnp.float32(2))  # noqa: E731
    assert float(jax.grad(height)(jnp.float32(-1.5))) == pytest.approx(slope, rel=1e-6)


def test_slopes_agree_with_finite_differences():
    formula = parse("sin(x)cos(y) + exp(-x^2 - y^2) x / (1 + y^2) + log(3 + x^2) tanh(y) + sqrt(4 + x y) - 1.5^x")
    h = 1e-6
    by_x = (oracle(formula.text, X + h, Y) - oracle(formula.text, X - h, Y)) / (2 * h)
    by_y = (oracle(formula.text, X, Y + h) - oracle(formula.text, X, Y - h)) / (2 * h)
    finite = np.isfinite(by_x)
    slopes = jax.jit(jax.grad(lambda x, y: formula.evaluate(x, y)[finite].sum(), argnums=(0, 1)))
    ours = slopes(jnp.asarray(X, jnp.float32), jnp.asarray(Y, jnp.float32))
    np.testing.assert_allclose(np.asarray(ours[0])[finite], by_x[finite], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(np.asarray(ours[1])[finite], by_y[finite], rtol=1e-4, atol=1e-4)


def test_constants_are_exact():
    assert constant(parse("2^(1/2) + e*pi").tree) == 2**0.5 + np.e * np.pi
    assert constant(parse("x + 1").tree) is None
