"""Pictures of weights of any size, as nets that have nearly overflowed, or faded away, have them."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets.evaluate import BINS, filters, histogram

SIZES = (1e-40, 1e-30, 1.0, 1e20, 2e38, 3.4e38)


def ramp(size: float) -> np.ndarray:
    """(784, 3) float32 from -size to size."""
    return np.linspace(-1, 1, 784 * 3).reshape(784, 3).astype(np.float32) * np.float32(size)


@pytest.mark.parametrize("size", SIZES)
def test_filters_look_alike_at_every_size(size):
    shown = filters(ramp(size)).astype(int)
    assert (shown.min(), shown.max()) == (1, 255)
    assert np.abs(shown - filters(ramp(1.0))).max() <= 1


@pytest.mark.parametrize("size", SIZES[2:])
def test_a_histogram_counts_weights_of_every_size(size):
    found = histogram([ramp(size)])
    assert sum(found["counts"]) == 784 * 3 and found["high"] == pytest.approx(size)
    assert max(found["counts"]) - min(found["counts"]) <= 2 and len(found["counts"]) == BINS


def test_what_is_no_number_is_left_out():
    found = histogram([np.array([[np.nan, np.inf, -np.inf, 0.5, -0.5]], np.float32)])
    assert (found["counts"][0], found["counts"][-1], sum(found["counts"])) == (1, 1, 2)
    assert (filters(np.full((784, 1), np.nan, np.float32)) == 128).all()
