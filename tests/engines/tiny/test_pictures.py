"""The histogram of a plane net's weights, whatever they have become."""

from __future__ import annotations

import numpy as np
import pytest

from engines.tiny.pictures import BINS, histogram_of


@pytest.mark.parametrize("size", [1.0, 1e20, 2e38, 3.4e38])
def test_weights_of_every_size_are_counted(size):
    w = (np.linspace(-1, 1, 820) * size).astype(np.float32).reshape(20, 41)
    found = histogram_of([(w, np.zeros(41, np.float32)), (np.full((2, 1), np.nan, np.float32), np.zeros(1, np.float32))])
    assert sum(found["counts"]) == 820 and len(found["counts"]) == BINS
    assert found["high"] == pytest.approx(size)
