"""Drawings become pictures as MNIST's were made; moves are exact where they can be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engines.data.drawn import BOUNDS, Moves, as_digit, bounded, moved
from tests.engines.data.reader import examples, read


def canvas(side: int, *boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Paper with rectangles of ink: top, left, height, width."""
    raster = np.zeros((side, side), np.uint8)
    for top, left, height, width in boxes:
        raster[top : top + height, left : left + width] = 255
    return raster


def inked(picture: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    return rows[0], columns[0], rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]


def centre(picture: np.ndarray) -> np.ndarray:
    places = np.indices(picture.shape).reshape(2, -1)
    return places @ picture.reshape(-1).astype(float) / picture.sum()


@pytest.mark.parametrize("factor", [1, 3, 4, 8])
def test_mnist_enlarged_comes_out_as_it_went_in(factor):
    pictures, _ = examples()
    for picture in pictures[:: 20 * factor]:
        assert (as_digit(np.kron(picture, np.ones((factor, factor), np.uint8))) == picture).all()


def test_the_place_and_the_size_of_a_drawing_do_not_matter():
    picture = examples()[0][3]
    top, left, height, width = inked(picture)
    ink = np.kron(picture[top : top + height, left : left + width], np.ones((3, 3), np.uint8))
    for side, y, x in ((64, 0, 0), (112, 49, 2), (112, 0, 112 - ink.shape[1]), (224, 100, 150)):
        raster = np.zeros((side, side), np.uint8)
        raster[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
        assert (as_digit(raster) == picture).all()


@settings(max_examples=150, deadline=None)
@given(some.data())
def test_the_box_fits_the_aspect_is_kept_and_the_centre_of_mass_is_the_centre(data):
    side = data.draw(some.integers(28, 224))
    boxes = []
    for _ in range(data.draw(some.integers(1, 3))):
        height, width = (data.draw(some.integers(-(-side // 8), side)) for _ in range(2))
        boxes.append((data.draw(some.integers(0, side - height)), data.draw(some.integers(0, side - width)), height, width))
    raster = canvas(side, *boxes)
    picture = as_digit(raster)
    before, after = np.array(inked(raster)[2:]), np.array(inked(picture)[2:])
    assert after.max() == 20
    wanted = 20 * before / before.max()
    # a cell with next to no ink in it rounds to paper
    assert ((after >= np.floor(wanted)) & (after <= np.ceil(wanted))).all()
    assert picture.sum() == pytest.approx(raster.sum(dtype=float) * (20 / before.max()) ** 2, rel=0.02, abs=300)
    corner = np.array(inked(picture)[:2])
    at_edge = (corner == 0) | (corner + np.ceil(wanted) >= 28)
    assert (at_edge | (np.abs(centre(picture) - 14) <= 0.55)).all()


def test_a_lopsided_drawing_stays_inside_the_picture():
    picture = as_digit(canvas(112, (0, 0, 112, 8), (104, 0, 8, 112)))
    top, left, height, width = inked(picture)
    assert (top, left, height, width) == (0, 8, 20, 20)
    heavy = as_digit(canvas(100, (0, 0, 100, 5), (0, 0, 3, 100)))
    assert inked(heavy)[2:] == (20, 20) and inked(heavy)[1] == 8


@pytest.mark.parametrize(
    "raster",
    [canvas(112), canvas(112, (50, 50, 9, 9)), canvas(112, (50, 50, 13, 13)), canvas(28)],
    ids=["empty", "dot", "blot", "small"],
)
def test_next_to_nothing_is_none(raster):
    assert as_digit(raster) is None


def test_a_thin_line_is_something():
    picture = as_digit(canvas(112, (20, 50, 80, 1)))
    assert inked(picture) == (4, 14, 20, 1) and picture.max() == round(255 / 4)


@pytest.mark.parametrize("shape", [(28, 27), (28,), (2, 28, 28), (0, 0), (5000, 5000)])
def test_what_is_no_drawing_is_named(shape):
    with pytest.raises(ValueError, match="square of bytes"):
        as_digit(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float64"):
        as_digit(np.zeros((28, 28)))


# ---- moves


@pytest.mark.parametrize("turns", [-2, -1, 1, 2])
def test_a_quarter_turn_is_numpys(turns):
    picture = examples()[0][7]
    assert (moved(picture, Moves(rotation=90 * turns)) == np.rot90(picture, turns)).all()


@pytest.mark.parametrize(("x", "y"), [(0, 0), (3, 0), (0, -5), (-14, 14), (7, 2)])
def test_whole_shifts_are_exact_and_paper_comes_in(x, y):
    picture = examples()[0][11]
    framed = np.pad(picture, 14)
    assert (moved(picture, Moves(shift_x=x, shift_y=y)) == framed[14 - y : 42 - y, 14 - x : 42 - x]).all()


def test_half_a_pixel_is_the_mean_of_two():
    picture = examples()[0][5].astype(float)
    wanted = (picture + np.pad(picture, ((0, 0), (1, 0)))[:, :28]) / 2
    assert np.abs(moved(picture.astype(np.uint8), Moves(shift_x=0.5)) - wanted).max() <= 0.5


def test_half_the_size_is_the_mean_of_four_and_twice_is_in_between():
    picture = examples()[0][9]
    small = moved(picture, Moves(scale=0.5))
    assert np.abs(small[7:21, 7:21] - picture.reshape(14, 2, 14, 2).mean((1, 3))).max() <= 0.5
    assert not small[:7].any() and not small[:, 21:].any()
    large = moved(small, Moves(scale=2))
    assert large.sum() == pytest.approx(picture.sum(), rel=0.05)


@settings(max_examples=60, deadline=None)
@given(
    angle=some.floats(-math.pi, math.pi),
    scale=some.floats(0.7, 1.5),
    x=some.floats(-6, 6),
    y=some.floats(-6, 6),
)
def test_a_blob_goes_where_the_formula_says(angle, scale, x, y):
    rows, columns = np.mgrid[0:28, 0:28]
    picture = np.rint(255 * np.exp(-((rows - 16) ** 2 + (columns - 11) ** 2) / 4.5)).astype(np.uint8)
    after = moved(picture, Moves(shift_x=x, shift_y=y, rotation=math.degrees(angle), scale=scale))
    # counter-clockwise as seen, with rows counted downwards
    right, up = 11 - 13.5, -(16 - 13.5)
    turned = complex(right, up) * scale * complex(math.cos(angle), math.sin(angle))
    wanted = np.array([13.5 - turned.imag + y, 13.5 + turned.real + x])
    if (wanted > 5).all() and (wanted < 22).all():
        assert np.abs(centre(after) - wanted).max() < 0.12


def test_noise_has_the_spread_it_says_and_repeats():
    grey = np.full((28, 28), 128, np.uint8)
    noisy = moved(grey, Moves(noise=0.1), seed=4)
    assert (noisy == moved(grey, Moves(noise=0.1), seed=4)).all() and (noisy != moved(grey, Moves(noise=0.1), seed=5)).any()
    assert np.std(noisy.astype(float)) == pytest.approx(25.5, rel=0.1)
    assert np.mean(noisy) == pytest.approx(128, abs=3)


def test_a_moved_digit_is_still_read_and_an_unmoved_one_is_a_copy():
    pictures, labels = examples()
    same = moved(pictures[0], Moves())
    assert (same == pictures[0]).all() and not np.shares_memory(same, pictures[0])
    small = Moves(shift_x=0.4, shift_y=-0.3, rotation=6, scale=1.05, noise=0.03)
    plain = np.mean([read(p) == t for p, t in zip(pictures[:60], labels[:60], strict=True)])
    assert np.mean([read(moved(p, small)) == t for p, t in zip(pictures[:60], labels[:60], strict=True)]) >= plain - 0.07


def test_bounds():
    assert tuple(BOUNDS) == Moves._fields and bounded(Moves()) == Moves()
    assert bounded(Moves(99, -99, 999, 0, -1)) == Moves(14, -14, 180, 0.4, 0)
    for name in Moves._fields:
        with pytest.raises(ValueError, match=name):
            bounded(Moves()._replace(**{name: math.nan}))
