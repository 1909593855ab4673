"""A text net as a live run holds it now, for panels that look into it while it goes on training; and where its characters lie."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engines.data.text import Corpus
from engines.experiment import Experiment
from engines.nets.readings import PATIENCE_S, NoAnswer, ask
from engines.nets.recurrent.shapes import Pairs

if TYPE_CHECKING:
    from engines.live.driver import Driver
    from engines.live.run import LiveRun


class TakenText(NamedTuple):
    """A net at one moment. weights: as `weight_shapes` orders them, float32. corpus: what it learns.

    key: the same for the same net. opened: whether its run began with weights from a file.
    """

    experiment: Experiment
    weights: Pairs
    step: int
    epoch: float
    corpus: Corpus
    key: str
    opened: bool = False


def capture(run: LiveRun, cancelled: Callable[[], bool] = lambda: False, patience_s: float = PATIENCE_S) -> TakenText:
    """The net that `run` shows now: the live one, or that of the recorded moment the visitor has gone back to.

    Blocks until the run's next turn. Raises NoAnswer with a sentence where there is no net to look at, `readings.Stopped` when
    `cancelled()` says so.
    """

    def question(driver: Driver) -> tuple[Any, ...]:
        trainer: Any = driver.ready
        return driver.experiment, trainer.weights(), driver.step, driver.epoch, trainer.corpus, trainer.opened

    experiment, weights, step, epoch, corpus, opened = ask(run, question, cancelled, patience_s)
    legible("These weights have overflowed, so there is nothing to read in them.", *(array for pair in weights for array in pair))
    mark = hashlib.blake2b(
        f"{experiment.net.model_dump_json()} {corpus.alphabet.characters}".encode("utf-8", "surrogatepass"), digest_size=16
    )
    for array in (array for pair in weights for array in pair):
        mark.update(np.ascontiguousarray(array))
    return TakenText(experiment, weights, step, epoch, corpus, mark.hexdigest(), opened)


def legible(told: str, *numbers: np.ndarray) -> None:
    """Raises NoAnswer with `told` and what to do where a number is none: finite weights, too, may be too large to be read with."""
    if not all(np.isfinite(part).all() for part in numbers):
        raise NoAnswer(f"{told} Reset the net, or go back in the recording.")


class Places(NamedTuple):
    """Characters in the plane. points: (A, 2). shares: (2,) of the variance that each axis holds."""

    points: np.ndarray
    shares: np.ndarray


def character_map(weights: Pairs) -> Places:
    """The characters by what the net makes of them first (their embedding, or their rows of the first matrix), by PCA.

    Each axis points to where its longest part lies, so that a map does not flip from one moment to the next without need.
    Source: Pearson 1901.
    """
    rows = np.asarray(weights[0][0], np.float64)
    centred = rows - rows.mean(0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    points = (u * s)[:, :2]
    if points.shape[1] < 2:
        points, s = np.pad(points, ((0, 0), (0, 2 - points.shape[1]))), np.pad(s, (0, 1))
    signs = np.sign(points[np.abs(points).argmax(0), [0, 1]])
    total = max(float((s * s).sum()), 1e-30)
    return Places(points * np.where(signs == 0, 1, signs), (s * s)[:2] / total)
