"""Pictures of text nets: colours by value, nothing of a visitor's text unescaped, axes that hold what is shown."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engines.nets.recurrent.cells import CELLS
from playground.colours import GRADIENT, NEGATIVE, POSITIVE
from playground.figures.text_colour import LEVELS, background, coloured, plain, scale, shades
from playground.figures.text_curves import CELL_COLOURS, CELL_MARKS, SMALLEST, Line, loss_figure, reach_figure, success_figure
from playground.figures.text_places import KINDS, characters_figure, kind_of, sign, strip_figure
from playground.figures.text_unrolled import bar_length, moment_of, shape_html, walk_html

NASTY = '<img src=x onerror="alert(1)">&\n'


def test_every_cell_has_a_colour_and_a_mark_of_its_own():
    assert set(CELL_COLOURS) == set(CELL_MARKS) == set(CELLS)
    for theme in (0, 1):
        assert len({colours[theme] for colours in CELL_COLOURS.values()}) == len(CELLS)


def test_plain_text_is_escaped_and_nothing_else():
    shown = plain(NASTY + "  two  spaces", name='"box"')
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;\n  two  spaces</div>" in shown and "<img" not in shown
    assert 'aria-label="&quot;box&quot;"' in shown and "white-space:pre-wrap" in shown


def test_shades_go_from_full_orange_to_full_blue_and_nan_is_nothing():
    assert shades(np.array([-9, -1, -0.5, 0, 0.06, 1, 7, np.nan]), 1.0).tolist() == [-LEVELS, -LEVELS, -4, 0, 0, LEVELS, LEVELS, 0]
    assert background(0, dark=False) == "" and background(LEVELS, dark=False).startswith(POSITIVE)
    assert background(-1, dark=True).startswith(NEGATIVE) and background(3, dark=True, surprise=True).startswith(GRADIENT["dark"])
    opacities = [int(background(level, dark=False)[-2:], 16) for level in range(1, LEVELS + 1)]
    assert opacities == sorted(set(opacities)) and opacities[-1] < 255


def test_text_is_escaped_line_breaks_are_kept_and_a_phrase_is_framed():
    titles = [f'"{c}"' for c in NASTY]
    shown = coloured(NASTY, np.linspace(-1, 1, len(NASTY)), 1.0, dark=False, name='a "name"', titles=titles, marked=(1, 4))
    assert "<img" not in shown and 'onerror="' not in re.sub(r"<[^>]*>", "", shown).replace("&quot;", "")
    assert shown.count("border-left") == shown.count("border-right") == 1 and shown.count("border-top") == 3
    assert "↵</span>\n" in shown and 'aria-label="a &quot;name&quot;"' in shown and shown.count("title=") == len(NASTY)
    with pytest.raises(ValueError):
        coloured("ab", np.zeros(3), 1.0, dark=False, name="")


def test_a_scale_leaves_out_what_is_below_nothing():
    assert scale("-1", "0", "1", dark=False).count("inline-block") == LEVELS + 1
    assert scale("", "0", "1", dark=True).count("inline-block") == LEVELS // 2 + 1 and "-1" not in scale("", "0", "1", dark=True)


def lines(y, **options):
    return [Line("LSTM", "lstm", np.arange(len(y)), np.array(y, np.float64), **options)]


def test_gradients_that_vanish_altogether_stay_on_the_axis():
    figure = reach_figure(lines([1.0, 1e-5, 0.0, 1e-30, np.inf]), dark=False)
    low, high = figure.layout.yaxis.range
    assert figure.layout.yaxis.type == "log" and 10.0**low <= SMALLEST and high >= 0
    np.testing.assert_allclose(figure.data[0].y, [1, 1e-5, SMALLEST, SMALLEST, np.nan])
    assert reach_figure([], dark=True).layout.yaxis.range and "characters" in figure.layout.xaxis.title.text


def test_success_is_shown_in_per_cent_beside_guessing():
    figure = success_figure(lines([0.25, 1.0], wide=True), 0.25, dark=True)
    assert figure.data[0].y.tolist() == [25, 100] and figure.layout.shapes[0].y0 == 25
    assert "25 %" in figure.layout.annotations[0].text and figure.data[0].line.width > lines_width()


def lines_width():
    return success_figure(lines([0.5]), 0.5, dark=True).data[0].line.width


def test_losses_have_their_levels_named():
    figure = loss_figure([*lines([4.0, 2.0]), *lines([4.0, 3.0], dash=1)], {"pairs": 2.5}, "characters", dark=False)
    assert figure.data[0].line.dash != figure.data[1].line.dash and figure.layout.annotations[0].text == "pairs: 2.50"


def test_characters_lie_where_they_should_and_are_escaped():
    text = "\n <aBé7…"
    points = np.arange(2 * len(text), dtype=float).reshape(-1, 2)
    figure = characters_figure(text, points, ("one", "two"), dark=False)
    shown = {t: (x, y) for trace in figure.data for t, x, y in zip(trace.text, trace.x, trace.y, strict=True)}
    wanted = ["↵", "␣", "&lt;", "a", "<b>B</b>", "é", "7", "…"]
    assert [shown[name] for name in wanted] == [tuple(p) for p in points.tolist()]
    assert {kind_of(c) for c in text} == set(KINDS) and sign("\x07") == "U+0007"


def test_a_strip_has_a_row_a_unit_and_escaped_ticks():
    values = np.array([[0.5, -1.0, 0], [0, 0.25, 1]])
    figure = strip_figure("a<\n", ["unit 1", "<b>"], values, 1.0, low=-1.0, dark=True)
    np.testing.assert_array_equal(figure.data[0].z, values)
    assert list(figure.layout.xaxis.ticktext) == ["a", "&lt;", "↵"] and figure.layout.yaxis.ticktext[1] == "&lt;b&gt;"
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1.0, 1.0)


def test_a_walk_shows_only_what_it_has_reached():
    rng = np.random.default_rng(0)
    hidden, norms = rng.normal(size=(2, 3, 12)), np.array([[1.0, 2, 3], [4, 5, 60]])
    guesses = [("b", 0.5), ("<", 0.25), ("c", 0.125)]

    def at(tick):
        return walk_html("ab<d", hidden, norms, np.array([0.11, 0.22, 0.33]), guesses, moment_of(tick, 3), dark=False)

    assert "0.11" in at(1) and "0.22" not in at(1) and at(1).count("display:flex") == 2 and "<small>50%" in at(1)
    assert at(3).count("display:flex") == 6 and GRADIENT["light"] not in at(3)
    assert "60</small>" in at(4) and ">5</small>" not in at(4) and ">5</small>" in at(5) and ">4</small>" in at(6)
    assert "b ✓" in at(3) and "c ✓" not in at(3) and ">< " not in at(3)


def test_bars_are_logarithmic():
    norms = np.array([1.0, 10**-1.5, 1e-9, 0.0])
    assert [bar_length(norms, t) for t in range(4)] == pytest.approx([1, 0.5, 0.02, 0])
    assert bar_length(np.zeros(2), 0) == 0


def test_a_wrong_answer_says_what_was_wanted():
    shown = shape_html(["a", "b"], ["x", "<"], ["y", "<"], [True, False], [True, True], dark=False)
    assert "not y" in shown and "not &lt;" not in shown and "1 of 2 answers right" in shown and ">b<" not in shown
