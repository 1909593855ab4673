"""Points of any description, and edits of the visitor's own."""

import numpy as np
import pytest

from engines.data.own import add_point, as_own, materialize, move_point, remove_point, train_rows
from engines.data.points import DATASETS
from engines.experiment import MAX_POINTS, Axis, Experiment, OwnPoint, PointsData
from engines.live.material import DataFinder

OWN = PointsData(source="own", own=(OwnPoint(x=1, y=2, t=1), OwnPoint(x=-1, y=0, t=-1, test=True), OwnPoint(x=3, y=3, t=-1)))


@pytest.mark.parametrize("key", DATASETS)
def test_generated_points_are_split_in_order(key):
    data = PointsData(source=key, count=101, noise=0.1, train_fraction=0.3, seed=5)
    train, test = materialize(data)
    whole = DATASETS[key].generate(np.random.default_rng(5), 101, 0.1)
    assert len(train.t) == 30 and len(test.t) == 71
    np.testing.assert_array_equal(np.concatenate([train.xy, test.xy]), whole.xy)


@pytest.mark.parametrize(("count", "share", "rows"), [(10, 0.1, 1), (10, 0.9, 9), (2, 0.9, 1), (2, 0.1, 1), (400, 0.5, 200)])
def test_both_parts_get_a_row(count, share, rows):
    assert train_rows(count, share) == rows


def test_own_points_are_parted_by_their_flag():
    train, test = materialize(OWN)
    np.testing.assert_array_equal(train.xy, [[1, 2], [3, 3]])
    np.testing.assert_array_equal(test.t, [-1])
    assert train.xy.dtype == train.t.dtype == np.float32


def test_own_points_without_a_test_part_give_empty_arrays():
    _, test = materialize(PointsData(source="own", own=(OwnPoint(x=1, y=2, t=1),)))
    assert test.xy.shape == (0, 2) and test.t.shape == (0,)


@pytest.mark.parametrize("key", DATASETS)
def test_freezing_keeps_the_points_to_three_decimals(key):
    data = PointsData(source=key, count=300, noise=0.2)
    frozen = as_own(data)
    assert frozen.source == "own" and frozen.task == data.task
    for before, after in zip(materialize(data), materialize(frozen), strict=True):
        np.testing.assert_allclose(after.xy, before.xy, atol=5.1e-4)
        np.testing.assert_allclose(after.t, before.t, atol=5.1e-4)


def test_adding_moving_and_removing():
    more = add_point(OWN, 9.0, -9.0, 1)
    assert more.own[2] == OwnPoint(x=6, y=-6, t=1), "training points first, at the edge where it lay outside"
    assert [point.test for point in more.own] == [False, False, False, True]
    moved = move_point(OWN, 2, 0.12345, 7)
    assert (moved.own[2].x, moved.own[2].y, moved.own[2].test) == (0.123, 6, True)
    assert len(remove_point(OWN, 2).own) == 2


def test_edits_that_cannot_be_done():
    for index in (-1, 3):
        with pytest.raises(ValueError, match="there is no point"):
            move_point(OWN, index, 0, 0)
        with pytest.raises(ValueError, match="there is no point"):
            remove_point(OWN, index)
    with pytest.raises(ValueError, match="last training point"):
        remove_point(PointsData(source="own", own=(OwnPoint(x=1, y=2, t=1),)), 0)
    with pytest.raises(ValueError, match="2,000"):
        add_point(PointsData(count=MAX_POINTS), 0, 0, 1)


def test_a_made_set_has_plain_axes_whatever_table_was_there_before():
    table = OWN.model_copy(update={"axes": (Axis(name="height", low=1.5, high=2.0), Axis(name="weight", low=40, high=90))})
    assert table.axes_shown == as_own(table).axes == table.axes
    made = PointsData.model_validate(table.model_dump() | {"source": "spiral"})
    plain = PointsData().axes
    assert made.axes_shown == plain and as_own(made).axes == plain and add_point(made, 0, 0, 1).axes == plain
    assert DataFinder().view(Experiment(data=made), object()).axes == tuple(axis.model_dump() for axis in plain)
