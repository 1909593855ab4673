"""The curve stays bounded, keeps its newest row, and never changes under a view."""

import itertools

import numpy as np
import pytest

from engines.live.curve import Curve


def rows(first: int, count: int) -> np.ndarray:
    epochs = np.arange(first, first + count, dtype=np.float32)
    return np.stack([epochs, 1 / epochs, 2 / epochs, epochs * 0, epochs * 0], 1)


@pytest.mark.parametrize("batch", [1, 3, 7, 64, 1000])
def test_thinned_evenly_with_newest(batch: int) -> None:
    curve = Curve(capacity=64)
    for first in range(1, 5001, batch):
        curve.add(rows(first, batch))
        table = curve.view().table()
        assert len(table) == len(curve) <= 65
        assert table[0, 0] == 1
        assert table[-1, 0] == first + batch - 1 == curve.last()[0]
        kept = table[: curve.view().count, 0]
        assert (np.diff(kept) == curve.stride).all()


def test_same_rows_whatever_the_batches() -> None:
    whole, single = Curve(capacity=32), Curve(capacity=32)
    whole.add(rows(1, 777))
    for epoch in range(1, 778):
        single.add(rows(epoch, 1))
    np.testing.assert_array_equal(whole.view().table(), single.view().table())


def test_views_stay_as_they_are_and_versions_grow() -> None:
    curve = Curve(capacity=16)
    seen = []
    for epoch in range(1, 100):
        curve.add(rows(epoch, 1))
        seen.append((curve.view(), curve.view().table().copy()))
    for view, copy in seen:
        np.testing.assert_array_equal(view.table(), copy)
    assert [v.version for v, _ in seen] == sorted(v.version for v, _ in seen)
    for (one, before), (two, after) in itertools.pairwise(seen):
        if one.version == two.version:
            np.testing.assert_array_equal(before[: one.count], after[: one.count])


def test_cut_and_go_on() -> None:
    curve = Curve(capacity=16)
    curve.add(rows(1, 100))
    version = curve.version
    curve.cut(40.0)
    assert curve.version > version
    assert curve.last()[0] <= 40
    curve.add(rows(41, 3))
    table = curve.view().table()
    assert table[-1, 0] == 43
    assert (np.diff(table[:, 0]) > 0).all()


def test_the_row_of_an_epoch() -> None:
    curve = Curve()
    assert curve.at(3.0) is None
    curve.add(rows(2, 9))
    assert curve.at(1.0) is None
    assert curve.at(4.7)[0] == 4
    assert curve.at(99.0)[0] == 10


def test_infinities_become_nan() -> None:
    curve = Curve()
    curve.add(np.array([[1, np.inf, -np.inf, np.nan, 0.5]], np.float32))
    assert np.isnan(curve.last()[1:4]).all()
    curve.restart()
    assert curve.last() is None
    assert len(curve) == 0


def test_the_row_of_a_moment_is_found_however_late_it_is() -> None:
    curve = Curve()
    epochs = [5000 + step / 93 for step in range(400)]
    for epoch in epochs:
        curve.add(np.array([[epoch, 1, 2, 3, 4]], np.float32))
    for epoch in epochs:
        assert curve.at(epoch)[0] == np.float32(epoch)
