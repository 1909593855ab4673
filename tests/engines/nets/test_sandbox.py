"""The sandbox's inputs and kernels, and its map against sums worked out one by one."""

import numpy as np
import pytest

from engines.nets.sandbox import KERNELS, PADDINGS, PATTERNS, SIDES, SIZES, STRIDES, drawn, patch, places, slide


def slow(image, kernel, padding, stride):
    """Window by window in float64, without any padding routine."""
    size = len(kernel)
    read = lambda y, x: image[y, x] if 0 <= y < len(image) and 0 <= x < len(image) else 0.0  # noqa: E731
    last = len(image) + padding - size
    corners = range(-padding, last + 1, stride)
    return np.array(
        [[sum(read(y + i, x + j) * kernel[i, j] for i in range(size) for j in range(size)) for x in corners] for y in corners]
    )


@pytest.mark.parametrize(
    ("side", "size", "padding", "stride"), [(5, 3, 0, 1), (8, 3, 1, 2), (12, 5, 4, 3), (6, 1, 0, 4), (7, 4, 2, 1)]
)
def test_the_map_is_the_sum_of_products_at_every_place(side, size, padding, stride):
    rng = np.random.default_rng(side)
    image, kernel = rng.random((side, side)), rng.normal(size=(size, size))
    found = slide(image, kernel, padding, stride)
    expected = slow(image, kernel, padding, stride)
    assert found.shape == (places(side, size, padding, stride),) * 2 == expected.shape
    assert found == pytest.approx(expected, abs=1e-5)


def test_worked_by_hand():
    image = np.arange(25).reshape(5, 5)
    assert slide(image, np.array([[1, 0], [0, -1]]), 0, 3).tolist() == [[-6, -6], [-6, -6]]
    assert places(8, 3, 1, 1) == 8 and places(5, 5, 0, 4) == 1 and places(12, 5, 0, 4) == 2


def test_a_window_that_does_not_fit_is_refused_with_its_sizes():
    with pytest.raises(ValueError, match="window of 5 x 5 does not fit into 4 x 4"):
        places(4, 5, 0, 1)
    with pytest.raises(ValueError, match="does not fit"):
        slide(np.zeros((4, 4)), np.zeros((5, 5)), 0, 1)


@pytest.mark.parametrize(("side", "size", "padding", "name"), [(13, 3, 0, "image"), (8, 6, 0, "kernel"), (8, 3, 5, "padding")])
def test_what_is_too_large_is_refused_by_name(side, size, padding, name):
    with pytest.raises(ValueError, match=f"{name} .* larger than the sandbox"):
        slide(np.zeros((side, side)), np.zeros((size, size)), padding, 1)


def test_every_choice_that_is_offered_fits():
    assert places(SIDES[0], SIZES[1], PADDINGS[0], STRIDES[1]) >= 1


@pytest.mark.parametrize("key", PATTERNS)
@pytest.mark.parametrize("side", SIDES)
def test_a_pattern_is_ink_on_paper(key, side):
    image = drawn(key, side)
    assert image.shape == (side, side) and image.min() >= 0 and image.max() <= 1
    assert (image.max() > image.min()) == (key != "empty")


@pytest.mark.parametrize("key", KERNELS)
def test_a_kernel_does_what_it_says(key):
    kernel = np.array(KERNELS[key].values)
    assert kernel.shape[0] == kernel.shape[1] <= SIZES[1]
    blank = slide(np.ones((9, 9)), kernel, 0, 1)
    keeps = {"blur": 1, "gauss": 1, "sharpen": 1, "emboss": 1, "same": 1}.get(key, 0)
    assert blank == pytest.approx(keeps, abs=1e-6)


def test_edges_are_told_by_direction():
    edge = drawn("edge", 8)
    upright, lying = (slide(edge, np.array(KERNELS[key].values), 0, 1) for key in ("upright", "lying"))
    assert upright.max() == 3 and not lying.any()
    dot = slide(drawn("dot", 7), np.array(KERNELS["emboss"].values), 0, 1)
    assert dot[1:4, 1:4] == pytest.approx(np.array(KERNELS["emboss"].values)[::-1, ::-1])


def test_a_patch_lies_around_the_ink():
    digit = np.zeros((28, 28), np.uint8)
    digit[20:24, 3:6] = 255
    cut = patch(digit, 8)
    assert cut.shape == (8, 8) and cut.sum() == 12 and set(np.unique(cut)) == {0.0, 1.0}
    assert patch(np.zeros((28, 28), np.uint8), 12).shape == (12, 12)
    assert patch(digit, 5).max() == 1
