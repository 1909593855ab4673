"""What a run learns from, as its viewers see it."""

from __future__ import annotations

import numpy as np

from engines.data.own import materialize
from engines.experiment import Experiment
from engines.live.snapshot import NO_DATA, DataView
from engines.training import Trainer


class DataFinder:
    """Works out the points of an experiment when they have changed."""

    def __init__(self) -> None:
        self._view = NO_DATA
        self._data: object = None
        self._counts: object = None

    def view(self, experiment: Experiment, trainer: Trainer | None) -> DataView:
        """The data of `experiment`; its version grows when they change."""
        counts = getattr(trainer, "counts", None)
        if trainer is not None and (experiment.data is not self._data or counts != self._counts):
            self._data, self._counts = experiment.data, counts
            fresh = _points(experiment) if experiment.data.kind == "points" else _counted(trainer, experiment.data.kind)
            if not _same(fresh, self._view):
                self._view = fresh._replace(version=self._view.version + 1)
        return self._view

    def train_count(self, experiment: Experiment, trainer: Trainer | None) -> int:
        """Training examples an epoch."""
        return self.view(experiment, trainer).train


def _same(one: DataView, other: DataView) -> bool:
    return one[1:5] == other[1:5] and np.array_equal(one.points, other.points)


def _points(experiment: Experiment) -> DataView:
    data = experiment.data
    train, test = materialize(data)
    xy, t = np.concatenate([train.xy, test.xy]), np.concatenate([train.t, test.t])
    axes = tuple(axis.model_dump() for axis in data.axes_shown)
    table = np.concatenate([xy, t[:, None]], 1).astype(np.float32)
    return DataView(0, len(train.t), len(test.t), data.task, axes, table)


def _counted(trainer: Trainer, kind: str) -> DataView:
    """Digits or characters: there are too many to be handed on, so they are only counted."""
    train, test = getattr(trainer, "counts", (0, 0))
    return NO_DATA._replace(train=int(train), test=int(test), task=kind)
