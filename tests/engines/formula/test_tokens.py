"""Cutting a formula into pieces: each knows its place in what was typed."""

import pytest

from engines.formula.tokens import tokens
from engines.formula.words import FormulaError


def test_pieces_and_places():
    pieces = [(token.kind, token.text, token.place) for token in tokens("2.5e-3 X**sin(−y)")]
    assert pieces == [
        ("number", "2.5e-3", 0),
        ("name", "x", 7),
        ("sign", "^", 8),
        ("name", "sin", 10),
        ("sign", "(", 13),
        ("sign", "-", 14),
        ("name", "y", 15),
        ("sign", ")", 16),
        ("end", "", 17),
    ]


def test_raised_digits_are_a_power():
    assert [token.text for token in tokens("x⁻¹²")] == ["x", "^", "-", "12", ""]


def test_a_run_of_x_and_y_is_their_product():
    assert [(token.text, token.place) for token in tokens("xyy")] == [("x", 0), ("y", 1), ("y", 2), ("", 3)]


@pytest.mark.parametrize("text", ["x_1", "x'", '"', "x@y", "x\\y", "№", "x\x00"])
def test_other_signs_are_refused(text):
    with pytest.raises(FormulaError):
        list(tokens(text))
