"""Formulas without a height: refused where there is none anywhere, noted where there is none in parts of the domain."""

import pytest

from engines.formula import FormulaError, parse

DOMAIN = (-3.0, 3.0, -3.0, 3.0)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("log(-1 - x^2)", 0, "log"),
        ("x + sqrt(-1 - y^2)", 4, "sqrt of a negative number is complex"),
        ("(-1 - x^2)^0.5 + y", 10, "fractional power is complex"),
        ("1/(x - x)", 1, "divides by 0"),
        ("exp(exp(x + 9))", 0, "beyond what fits"),
        ("x / (y - y) + log(x)", 2, "divides by 0"),
    ],
)
def test_no_height_anywhere_is_refused_and_the_part_to_blame_pointed_at(text, place, words):
    with pytest.raises(FormulaError, match="no height anywhere") as refused:
        parse(text).notes(DOMAIN)
    assert words in str(refused.value) and refused.value.place == place


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1/x", "In places there is no height: it divides by 0"),
        ("log(x)", "51 % of the map there is no height: log of 0 is infinite"),
        ("sqrt(x) + y", "49 % of the map there is no height: sqrt of a negative number"),
        ("x^0.5", "a negative number to a fractional power"),
        ("x^-2", "0 to a negative power"),
        ("1/(x^2 + y^2)", "In places there is no height"),
        ("1/(x - y)", "In places there is no height"),
        ("log(x^2 + y^2 - 0.05)", "On a small part of the map"),
        ("exp(exp(x + 3))", "beyond what fits"),
        ("sqrt(x) + sqrt(-x)", "98 %"),
    ],
)
def test_no_height_in_parts_is_noted(text, words):
    (note,) = parse(text).notes(DOMAIN)
    assert words in note and note.endswith(".") and "domain" not in note


@pytest.mark.parametrize("text", ["x^2 - y^2", "3", "log(4 + x)", "1/(x - 0.123456)"])
def test_nothing_to_note(text):
    assert parse(text).notes(DOMAIN) == []


def test_the_place_is_one_in_what_was_typed():
    with pytest.raises(FormulaError) as refused:
        parse("3(x+1)  + log(-2 − x²)").notes(DOMAIN)
    assert refused.value.pointed().split("\n")[1].index("^") == "3(x+1)  + log(-2 − x²)".index("log")
