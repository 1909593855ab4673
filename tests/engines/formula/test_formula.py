"""A parsed formula as a value."""

import subprocess
import sys

from engines.formula import parse


def test_equal_by_canonical_text_and_frozen():
    assert parse("2x y") == parse("2*x * y") and hash(parse("2x y")) == hash(parse("2*x*y"))
    assert parse("x y") != parse("y x")
    assert parse("2x y") is parse("2x y")


def test_long_formulas_that_grow_when_written_out_still_read_back():
    formula = parse("+".join(["12.5x"] * 37))
    assert len(formula.text) <= 300 and " " not in formula.text and parse(formula.text) == formula


def test_parsing_does_not_import_jax():
    code = "import sys; from engines.formula import parse; parse('x^2').notes((-1., 1., -1., 1.)); sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
