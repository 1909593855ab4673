"""The parser: what it understands, what it refuses and how, and that nothing else can come out of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.formula import MAX_CHARACTERS, FormulaError, parse
from engines.formula.parser import MAX_DEPTH, MAX_NODES, tree_of
from engines.formula.tree import every
from engines.formula.writing import text_of
from tests.engines.formula.trees import trees


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("x^2-y^2", "x^2 - y^2"),
        (" X ** 2 \n + Y", "x^2 + y"),
        ("2x y", "2*x*y"),
        ("2xy", "2*x*y"),
        ("xyx", "x*y*x"),
        ("3(x+1)", "3*(x + 1)"),
        ("(x+1)(y-2)", "(x + 1)*(y - 2)"),
        ("x(y)", "x*y"),
        ("2 sin(x) cos(y)", "2*sin(x)*cos(y)"),
        ("2exp(x)", "2*exp(x)"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^-x^2", "2^-x^2"),
        ("x^y^2", "x^y^2"),
        ("(x^y)^2", "(x^y)^2"),
        ("x - (y - 1)", "x - (y - 1)"),
        ("x - y - 1", "x - y - 1"),
        ("x/(y/2)", "x/(y/2)"),
        ("1/2x", "1/2*x"),
        ("+x", "x"),
        ("--x", "--x"),
        ("x*(-y)", "x*-y"),
        ("-x*y", "-x*y"),
        ("-(x*y)", "-(x*y)"),
        ("2e-3x", "0.002*x"),
        ("2e x", "2*e*x"),
        (".5 + 1.", "0.5 + 1"),
        ("x² − 10·cos(2πx) × 3 ÷ y⁻¹", "x^2 - 10*cos(2*pi*x)*3/y^-1"),
        ("√(x²)", "sqrt(x^2)"),
        ("x^(1/2)", "x^(1/2)"),
    ],
)
def test_what_is_understood(typed, canonical):
    formula = parse(typed)
    assert formula.text == canonical
    assert parse(formula.text) == formula


@pytest.mark.parametrize(
    ("typed", "place", "words"),
    [
        ("", 0, "Type a formula"),
        (" \n\t ", 0, "Type a formula"),
        ("((x+y)", 0, "never closed"),
        ("x+(y", 2, "never closed"),
        ("x+y)", 3, "no opening"),
        ("sin(", 4, "stops too early"),
        ("()", 0, "nothing between"),
        ("x+", 2, "stops too early"),
        ("x*/y", 2, "missing before this “/”"),
        ("^x", 0, "missing before this “^”"),
        ("z+x", 0, "known are x, y, pi, e"),
        ("1+sn(x)", 2, "did you mean sin"),
        ("ln(x)", 0, "did you mean log"),
        ("sqr(x)", 0, "did you mean sqrt"),
        ("sin x", 0, "write sin(x)"),
        ("sin^2(x)", 0, "sin(x)^2"),
        ("x2", 1, "between these two"),
        ("1.2.3", 3, "between these two"),
        ("(x 2)", 3, "between these two"),
        ("x.real", 1, "inside a number"),
        ("x.__class__", 1, "inside a number"),
        ("__import__('os')", 0, "has no meaning"),
        ("lambda: 0", 0, "not known"),
        ("exec(x)", 0, "not known"),
        ("x if y else 1", 2, "not known"),
        ("x; y", 1, "has no meaning"),
        ("x[0]", 1, "round brackets"),
        ("max(x, y)", 0, "not known"),
        ("sin(x, y)", 5, "comma"),
        ("0,5x", 1, "comma"),
        ("z = x^2", 2, "without the equals sign"),
        ("|x|", 0, "abs(x)"),
        ("x\u200b", 1, "U+200B"),
        ("x⁻", 1, "raised"),
        ("1/0", 1, "divides by 0"),
        ("x/(1-1)", 1, "divides by 0"),
        ("0^-1", 1, "divides by 0"),
        ("x + log(-1)", 4, "complex or infinite"),
        ("log(0)", 0, "complex or infinite"),
        ("sqrt(-2)x", 0, "complex"),
        ("(-8)^0.5", 4, "complex"),
        ("10^400", 2, "too high"),
        ("10^90", 2, "too large"),
        ("x + 1e999", 4, "too large"),
        ("exp(800)", 0, "too large"),
        ("1e-300 x", 0, "too close to 0"),
        ("x^1000", 1, "too high"),
        ("9^9^9^9", 3, "too high"),
    ],
)
def test_what_is_refused_is_told_in_one_sentence_with_the_place(typed, place, words):
    with pytest.raises(FormulaError, match=r"[.?]$") as refused:
        parse(typed)
    assert words in str(refused.value)
    assert refused.value.place == place
    line, caret = refused.value.pointed().split("\n")
    assert caret.index("^") == place and line.strip() == "".join(c if c.isprintable() else " " for c in typed).strip()


@pytest.mark.parametrize("typed", ["x" * 10_000, "+".join("x" * 5_000), "(" * 10_000, "1" * 10_000])
def test_ten_thousand_characters_are_refused_at_once(typed):
    with pytest.raises(FormulaError, match="characters; at most 300") as refused:
        parse(typed)
    assert max(map(len, refused.value.pointed().split("\n"))) < 80


@pytest.mark.parametrize("open_close", [("(", ")"), ("sin(", ")"), ("-", ""), ("x^", ""), ("(-", ")")])
def test_deep_nesting_is_refused(open_close):
    opening, closing = open_close
    assert parse(opening * 10 + "x" + closing * 10)
    depth = min(60, (MAX_CHARACTERS - 1) // (len(opening) + len(closing)))
    assert depth > MAX_DEPTH
    with pytest.raises(FormulaError, match="nested too deeply"):
        parse(opening * depth + "x" + closing * depth)


def test_too_many_parts_are_refused():
    with pytest.raises(FormulaError, match="too many parts"):
        parse("xy" * 100)


@settings(deadline=None)
@given(trees)
def test_a_tree_written_out_reads_back_as_the_same_tree(tree):
    for space in (" ", ""):
        text = text_of(tree, space)
        if len(text) > MAX_CHARACTERS:
            continue
        try:
            assert tree_of(text) == tree
        except FormulaError as error:
            assert any(words in error.message for words in ("0", "too", "complex"))


FRAGMENTS = [
    "x",
    "y",
    "(",
    ")",
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "sin",
    "log(",
    "sqrt(",
    "2",
    "0",
    ".",
    "1e9",
    "e",
    "pi",
    " ",
    "²",
    "π",
]


@settings(deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join)))
def test_any_text_gives_a_formula_that_reads_back_or_a_sentence(text):
    try:
        formula = parse(text)
    except FormulaError as error:
        assert error.message.endswith((".", "?")) and "\n" not in error.message and len(error.message) < 200
        assert 0 <= error.place <= len(text)
        line, caret = error.pointed().split("\n")
        assert caret.strip(" ") == "^" and len(caret) <= len(line) + 1
        return
    assert parse(formula.text) == formula and len(formula.text) <= MAX_CHARACTERS
    assert sum(1 for _ in every(formula.tree)) <= MAX_NODES
    assert formula.latex and formula.code
