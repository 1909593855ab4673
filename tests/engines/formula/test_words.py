"""Sentences and carets."""

from engines.formula.words import FormulaError, unknown_name, unknown_sign


def test_the_caret_stands_under_the_place():
    assert FormulaError("m", 2, "x+?").pointed() == "x+?\n  ^"
    assert FormulaError("m", 9, "x+").pointed() == "x+\n  ^"


def test_long_formulas_are_shown_around_the_place():
    line, caret = FormulaError("m", 200, "x" * 199 + "?!" + "y" * 90).pointed().split("\n")
    assert line.startswith("…x") and line.endswith("y…") and len(line) < 80
    assert line[caret.index("^")] == "!"


def test_line_breaks_do_not_shift_the_caret():
    assert FormulaError("m", 3, "x\n\t?").pointed() == "x  ?\n   ^"


def test_unknown_names_suggest_the_nearest():
    known = ["x", "sin", "cos"]
    assert "did you mean sin?" in unknown_name("sinn", known)
    assert "known are x, sin, cos" in unknown_name("q" * 300, known) and len(unknown_name("q" * 300, known)) < 120


def test_hidden_characters_are_named():
    assert "U+0007" in unknown_sign("\x07") and "“@”" in unknown_sign("@")
