"""The visitor's own points, and the points of any PointsData: generated, frozen, edited, or read from a CSV file."""

from __future__ import annotations

import numpy as np

from engines.data.csv_file import OwnData, OwnDataError, parse_csv
from engines.data.points import DATASETS, DOMAIN, Points
from engines.experiment import MAX_POINTS, OwnPoint, PointsData

__all__ = ["OwnData", "OwnDataError", "add_point", "as_own", "materialize", "move_point", "parse_csv", "remove_point", "train_rows"]


def materialize(data: PointsData) -> tuple[Points, Points]:
    """The training and the test points of `data`: xy (n, 2) and t (n,), float32, the same for the same description.

    A generated set always has one of each at least; of the visitor's own points the test part may be empty (0 rows).
    """
    if data.source == "own":
        return _own(data, test=False), _own(data, test=True)
    rng = np.random.default_rng(data.seed)
    points = DATASETS[data.source].generate(rng, data.count, data.noise)
    split = train_rows(len(points.t), data.train_fraction)
    return Points(points.xy[:split], points.t[:split]), Points(points.xy[split:], points.t[split:])


def train_rows(count: int, train_fraction: float) -> int:
    """How many of `count` rows are for training: the nearest share that leaves at least one on either side."""
    return min(max(1, round(count * train_fraction)), count - 1)


def _own(data: PointsData, test: bool) -> Points:
    chosen = [point for point in data.own if point.test == test]
    xy = np.array([(point.x, point.y) for point in chosen], np.float32).reshape(-1, 2)
    return Points(xy, np.array([point.t for point in chosen], np.float32))


def as_own(data: PointsData) -> PointsData:
    """The same points as the visitor's own, so that they can be edited: training points first, three decimals."""
    if data.source == "own":
        return data.model_copy(update={"own": _train_first(data.own)})
    points = [
        OwnPoint(x=float(x), y=float(y), t=float(t), test=test)
        for test, part in zip((False, True), materialize(data), strict=True)
        for (x, y), t in zip(part.xy, part.t, strict=True)
    ]
    axes = tuple(axis.model_dump() for axis in data.axes_shown)
    return _rebuilt(data, tuple(points), own_task=data.task, source="own", axes=axes)


def _train_first(own: tuple[OwnPoint, ...]) -> tuple[OwnPoint, ...]:
    return tuple(sorted(own, key=lambda point: point.test))


def _rebuilt(data: PointsData, own: tuple[OwnPoint, ...], **changes: object) -> PointsData:
    return PointsData.model_validate(data.model_dump() | changes | {"own": [point.model_dump() for point in own]})


def _inside(value: float) -> float:
    return float(np.clip(value, -DOMAIN, DOMAIN))


def add_point(data: PointsData, x: float, y: float, t: float, test: bool = False) -> PointsData:
    """`data` as own points with one more; a place outside the picture is moved to its edge.

    Raises ValueError when there are 2,000 already.
    """
    own = as_own(data)
    if len(own.own) >= MAX_POINTS:
        raise ValueError(f"there is room for {MAX_POINTS:,} points, and all are used; remove one first")
    return _rebuilt(own, _train_first((*own.own, OwnPoint(x=_inside(x), y=_inside(y), t=t, test=test))))


def move_point(data: PointsData, index: int, x: float, y: float) -> PointsData:
    """`data` as own points with one moved; `index` counts training points first, then test points.

    Raises ValueError naming an index that does not exist.
    """
    own = as_own(data)
    points = list(own.own)
    _check_index(index, points)
    points[index] = points[index].model_copy(update={"x": round(_inside(x), 3), "y": round(_inside(y), 3)})
    return _rebuilt(own, tuple(points))


def remove_point(data: PointsData, index: int) -> PointsData:
    """`data` as own points without one; `index` as for `move_point`.

    Raises ValueError naming an index that does not exist, and when no training point would be left.
    """
    own = as_own(data)
    points = list(own.own)
    _check_index(index, points)
    del points[index]
    if all(point.test for point in points):
        raise ValueError("this is the last training point, and a net needs one to learn from")
    return _rebuilt(own, tuple(points))


def _check_index(index: int, points: list[OwnPoint]) -> None:
    if not 0 <= index < len(points):
        raise ValueError(f"there is no point {index}; there are {len(points)}")
