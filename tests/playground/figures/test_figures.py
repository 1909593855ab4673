"""The Plotly figures: what they draw is what they were given, axes have names, and places can be clicked."""

import numpy as np
import plotly.graph_objects as go
import pytest

from playground.colours import MAP, NOBODY, OPTIMIZER_COLOURS, looks
from playground.figures.contours import contours
from playground.figures.escape import THEORY_WORDS, escape_figure
from playground.figures.slice import curvature_figure, slice_figure, study_figure
from playground.figures.style import counted_steps, powers_of_ten, share_below
from playground.figures.sweep import counted, sweep_figure
from playground.figures.winners import NOBODY_WORDS, Cast, shares, winners_figure

CAST = Cast(("SGD", "Adam", "Adam (2)"), looks(["sgd", "adam", "adam"]))
LINE = np.linspace(-3, 3, 20)
X, Y = np.meshgrid(LINE, LINE)


def named(figure):
    return [trace.name for trace in figure.data if trace.name]


def the_clickable(figure):
    """The unseen marks: the only ones with custom data."""
    return next(trace for trace in figure.data if trace.customdata is not None)


def titled(figure):
    return figure.layout.xaxis.title.text, figure.layout.yaxis.title.text


# ---- winners


@pytest.fixture
def won():
    winner = np.where(X < 0, 0, 1)
    winner[:2] = -1
    steps = np.stack([np.full(X.shape, 10), np.full(X.shape, 20), np.full(X.shape, -1)])
    return winner, steps


@pytest.mark.parametrize("dark", [False, True])
def test_the_map_of_winners_is_in_the_runners_colours(won, dark):
    winner, steps = won
    lines = contours(LINE, LINE, X * X + Y, np.array([0.0, 1.0]))
    figure = winners_figure(LINE, LINE, winner, steps, CAST, lines=lines, start=(1.0, -1.0), dark=dark)
    scale = figure.data[0].colorscale
    assert scale[0][1] == NOBODY["dark" if dark else "light"]
    assert scale[2][1] == OPTIMIZER_COLOURS["sgd"][dark]
    assert len({colour for _, colour in scale}) == 4
    # the middle of band k is where runner k's value falls
    low, high = figure.data[0].zmin, figure.data[0].zmax
    assert [(k + 0.5 - low) / (high - low) for k in (-1, 0, 2)] == pytest.approx([0.125, 0.375, 0.875])
    assert titled(figure) == ("x of the start", "y of the start")
    assert named(figure) == ["SGD 45%", "Adam 45%", f"{NOBODY_WORDS} 10%", "start now"]


def test_every_place_can_be_clicked_and_says_who_wins(won):
    winner, steps = won
    figure = winners_figure(LINE, LINE, winner, steps, CAST, lines=contours(LINE, LINE, X, np.empty(0)), start=(0, 0), dark=False)
    marks = the_clickable(figure)
    assert len(marks.x) == 400
    said = {(round(x, 6), round(y, 6)): text[0] for x, y, text in zip(marks.x, marks.y, marks.customdata, strict=True)}
    assert said[-3.0, 3.0] == "SGD, 10 steps"
    assert said[3.0, 3.0] == "Adam, 20 steps"
    assert said[3.0, -3.0] == NOBODY_WORDS


def test_a_fine_map_has_not_too_many_places_to_click():
    fine = np.linspace(0, 1, 200)
    winner = np.zeros((200, 200), int)
    figure = winners_figure(
        fine,
        fine,
        winner,
        np.ones((3, 200, 200), int),
        CAST,
        lines=contours(fine, fine, winner, np.empty(0)),
        start=(0, 0),
        dark=True,
    )
    assert len(the_clickable(figure).x) == 2500


def test_shares_add_up(won):
    found = shares(won[0], 3)
    assert sum(found) == pytest.approx(1) and found[2] == 0


# ---- escape


def test_escape_draws_medians_bands_and_theory():
    distances = np.array([0.001, 0.01, 0.1])
    steps = np.stack(
        [np.array([[30, 34, 40], [20, 20, 20], [10, 10, 10]]), np.full((3, 3), -1), np.array([[5, 5, -1], [4, -1, -1], [3, 3, 3]])]
    )
    figure = escape_figure(distances, steps, np.array([31.0, 20.0, 9.0]), CAST, limit=300, dark=False)
    drawn = {trace.name: trace for trace in figure.data if trace.name}
    assert list(drawn) == ["SGD", "Adam (never)", "Adam (2)", THEORY_WORDS]
    assert list(drawn["SGD"].y) == [34, 20, 10]
    assert list(drawn["SGD"].x) == pytest.approx([-3, -2, -1])
    assert np.isnan(drawn["Adam (never)"].y).all()
    np.testing.assert_array_equal(drawn["Adam (2)"].y, [5, np.nan, 3])
    assert drawn["Adam (2)"].line.dash == "dash"
    assert [trace.fill for trace in figure.data].count("tonexty") == 1
    assert figure.layout.yaxis.range[1] == pytest.approx(1.05 * 40)
    assert list(figure.layout.xaxis.ticktext) == ["0.001", "0.01", "0.1"]


def test_escape_without_theory():
    figure = escape_figure(np.array([0.01, 0.1]), np.full((3, 2, 1), 7), None, CAST, limit=300, dark=True)
    assert named(figure) == ["SGD", "Adam", "Adam (2)"]


# ---- sweep


def swept(**changes):
    rates, momenta = np.array([0.01, 0.1, 1.0]), np.array([0.0, 0.5])
    steps = np.array([[100, 10, -1], [50, 12, -1]])
    status = np.array([["goal", "goal", "thrown"], ["goal", "goal", "going"]])
    usual = {"boundary": np.array([0.2, 0.3]), "now": (0.1, 0.5), "across": "Momentum", "limit": 300, "dark": False}
    return sweep_figure(rates, momenta, steps, status, **(usual | changes))


def test_the_sweep_shows_steps_boundary_and_where_the_race_is():
    figure = swept()
    heat = [trace for trace in figure.data if isinstance(trace, go.Heatmap)]
    np.testing.assert_allclose(heat[1].z, [[2, 1, np.nan], [np.log10(50), np.log10(12), np.nan]])
    np.testing.assert_array_equal(heat[0].z, [[0, 0, 1], [0, 0, 0]])
    assert named(figure) == ["thrown off", "not there", "largest stable rate, theory", "in the race now"]
    line = next(trace for trace in figure.data if trace.name == "largest stable rate, theory")
    assert list(line.x) == pytest.approx(np.log10([0.2, 0.3]))
    assert titled(figure) == ("learning rate", "Momentum")


def test_each_cell_carries_its_row_and_column():
    marks = the_clickable(swept())
    cells = {(row, column): (text, rate) for text, rate, row, column in marks.customdata}
    assert cells[0, 1] == ("10 steps to the goal", "0.1")
    assert cells[0, 2][0] == "thrown off the mountain" and cells[1, 2][0] == "still on the way"
    assert len(cells) == 6


def test_a_sweep_of_one_row_without_goal_and_boundary():
    figure = sweep_figure(
        np.array([0.1, 1.0]),
        np.array([0.0]),
        np.array([[-1, -1]]),
        np.array([["going", "saddle"]]),
        boundary=None,
        now=(0.1, 0.0),
        across="no other setting",
        limit=300,
        dark=True,
    )
    assert list(figure.layout.yaxis.range) == [-0.5, 0.5]
    assert "thrown off" not in named(figure)


def test_cells_are_counted_in_words():
    assert counted(np.array(["goal", "thrown", "goal"])) == [("at the goal", 2), ("thrown off the mountain", 1)]


# ---- slice and study


def test_a_slice_that_spans_powers_of_ten_is_shown_on_a_log_scale():
    path = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5]])
    loss = 10.0 ** (X + Y)
    figure = slice_figure(LINE, LINE, loss, path, names=("first", "second"), dark=False)
    np.testing.assert_allclose(figure.data[0].z, X + Y, atol=1e-9)
    assert {"0.01", "1", "100"} <= set(figure.data[0].colorbar.ticktext)
    assert (figure.layout.yaxis.scaleanchor, figure.layout.yaxis.scaleratio) == ("x", 1)
    assert named(figure) == ["the run's path", "first ○ and last ●"]
    assert titled(figure) == ("first", "second")


def test_a_gentle_slice_without_path():
    figure = slice_figure(LINE, LINE, 2 + np.sin(X), None, names=("first", "second"), dark=True)
    assert figure.data[0].colorbar.ticktext is None
    assert named(figure) == []


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_slice_has_gaps_where_the_net_overflows(bad):
    loss = 10.0 ** (X + Y)
    loss[0, 0] = bad
    figure = slice_figure(LINE, LINE, loss, None, names=("first", "second"), dark=False)
    assert np.isnan(figure.data[0].z[0, 0]) and np.isfinite(figure.data[0].z).sum() == loss.size - 1
    assert "100" in figure.data[0].colorbar.ticktext


def test_a_slice_that_is_a_strip_is_drawn_as_a_square():
    figure = slice_figure(LINE, LINE / 10, 2 + np.sin(X), None, names=("first", "second"), dark=True)
    assert figure.layout.yaxis.scaleratio == pytest.approx(10)


def test_curvature_along_the_path():
    curvature = np.array([[3.0, -1.0], [2.0, 0.5]])
    figure = curvature_figure(curvature, np.array([1.0, 0.5]), np.array([0.0, 12.5]), dark=False)
    assert named(figure) == ["largest curvature", "smallest curvature", "loss"]
    assert list(figure.data[1].y) == [-1.0, 0.5]
    assert list(figure.data[0].x) == [0, 12.5] and titled(figure) == ("epoch", "curvature in the plane")
    bare = curvature_figure(curvature, None, None, dark=True)
    assert list(bare.data[0].x) == [0, 1] and bare.layout.xaxis.title.text == "recorded moment of the run"


def test_the_surface_for_study_has_the_paths_on_it():
    path = np.column_stack([np.linspace(0, 1, 5), np.zeros(5), np.ones(5)])
    figure = study_figure(LINE, LINE, X * Y, [("SGD", "#FF0000", path)], names=("x", "y"), dark=False)
    assert isinstance(figure.data[0], go.Surface) and figure.data[1].name == "SGD"
    assert figure.layout.scene.zaxis.title.text == "height"
    assert figure.data[0].colorscale[0][1] == MAP["light"][0]


def test_shades_rise_with_height_and_a_steep_corner_leaves_some_for_the_rest():
    height = np.append(np.linspace(0, 1, 99), [1e6]).reshape(10, 10)
    height[0, 3] = np.nan
    shares = share_below(height)
    assert np.isnan(shares[0, 3]) and shares[0, 0] == 0 and shares[-1, -1] == 1
    assert 0.2 < shares[5, 0] < 0.3
    assert np.all(share_below(np.ones((2, 2))) == 0.5)


# ---- style


def test_steps_that_never_happened_are_no_numbers():
    np.testing.assert_array_equal(counted_steps(np.array([3, -1, 0])), [3, np.nan, 0])
    np.testing.assert_array_equal(counted_steps(np.array([np.inf, 2.5])), [np.nan, 2.5])


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-3, 0, ["0.001", "0.01", "0.1", "1"]),
        (-0.1, 1.05, ["1", "2", "5", "10"]),
        (np.log10(2.5), np.log10(60), ["5", "10", "20", "50"]),
    ],
)
def test_ticks_of_a_log_axis(low, high, texts):
    places, found = powers_of_ten(low, high)
    assert found == texts
    assert places == pytest.approx(np.log10([float(text) for text in texts]))
