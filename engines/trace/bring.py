"""From a live run to the Backprop page: the net as it is now, and one example. Importing this does not import JAX."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.data import digits
from engines.data.inputs import INPUTS, featurize
from engines.data.own import materialize
from engines.data.sources import DataProblem
from engines.experiment import Experiment
from engines.trace.brought import Brought, keep
from engines.trace.net import Net
from engines.trace.study import Study

if TYPE_CHECKING:
    from engines.live.driver import Driver
    from engines.live.run import LiveRun

PATIENCE_S = 20.0
_LOOK_AGAIN_S = 0.05
Weights = list[tuple[np.ndarray, np.ndarray]]


class NothingToBring(RuntimeError):
    """There is no net or no example to take along; says why, in one sentence for the visitor."""


def bring(run: LiveRun, index: int, patience_s: float = PATIENCE_S) -> Study:
    """The net that `run` shows now and example number `index`, kept in memory, as a study for the Backprop page.

    Blocks until the run's next turn. Raises NothingToBring.
    """
    experiment, weights, epoch = _taken(run, patience_s)
    if not all(np.isfinite(part).all() for layer in weights for part in layer):
        raise NothingToBring("These weights have overflowed. Reset the net, or go back in the recording.")
    return study_of(experiment, weights, index, epoch)


def study_of(experiment: Experiment, weights: Weights, index: int, epoch: float = 0.0) -> Study:
    """A study of a net of `experiment` with these weights (as `Trainer.weights` gives them) and example number `index`.

    Dropout is off, as when the net is tested. Examples are those of `examples_of`. Raises NothingToBring, also for stacks.
    """
    if experiment.net.kind == "stack":
        raise NothingToBring("The Backprop page follows dense nets only, and this net is a stack of other layers too.")
    x, t, said, names = example(experiment, index)
    functions = (*(layer.activation for layer in experiment.net.layers), experiment.output)
    parts = zip(*((np.asarray(w, np.float32), np.asarray(b, np.float32)) for w, b in weights), strict=True)
    net = Net(*map(tuple, parts), functions, experiment.cost)
    said = f"Your net from the {experiment.page.capitalize()} page after {epoch:.4g} epochs, with {said}."
    side = digits.SIDE if experiment.data.kind == "digits" else 0
    token = keep(Brought(net, x, t, experiment.page, said, experiment.learning_rate, names, side))
    return Study(examples="brought", brought=token, cost=experiment.cost, train_biases=True, learning_rate=experiment.learning_rate)


def examples_of(experiment: Experiment) -> int:
    """How many examples there are to choose from: training points, then test points; for digits the test digits.

    Raises NothingToBring where there are no data.
    """
    if experiment.data.kind == "digits":
        return len(_digits(experiment).test_labels)
    return sum(len(part.t) for part in materialize(experiment.data))


def example(experiment: Experiment, index: int) -> tuple[np.ndarray, np.ndarray, str, tuple[str, ...]]:
    """Inputs (1, inputs), targets (1, outputs), what it is in words, and the inputs' names (none for pixels).

    Raises NothingToBring where there is no such example.
    """
    count = examples_of(experiment)
    if not 0 <= index < count:
        raise NothingToBring(f"There is no example {index + 1:,}; choose from 1 to {count:,}.")
    return _digit(experiment, index) if experiment.data.kind == "digits" else _point(experiment, index)


def _digit(experiment: Experiment, index: int) -> tuple[np.ndarray, np.ndarray, str, tuple[str, ...]]:
    found = _digits(experiment)
    pixels, label = found.test_images[index].reshape(1, -1), int(found.test_labels[index])
    said = f"test digit {index + 1:,}, a {label}"
    return pixels.astype(np.float32) / np.float32(255), np.eye(digits.CLASSES, dtype=np.float32)[[label]], said, ()


def picture(experiment: Experiment, index: int) -> tuple[np.ndarray, int]:
    """Test digit number `index` (28, 28) uint8, and which digit it is. Raises NothingToBring."""
    found = _digits(experiment)
    return found.test_images[index], int(found.test_labels[index])


def _digits(experiment: Experiment) -> digits.Digits:
    try:
        return digits.load(experiment.data.source)
    except DataProblem as problem:
        raise NothingToBring(str(problem)) from None


def _point(experiment: Experiment, index: int) -> tuple[np.ndarray, np.ndarray, str, tuple[str, ...]]:
    train, test = materialize(experiment.data)
    part, place = (train, index) if index < len(train.t) else (test, index - len(train.t))
    xy, t = part.xy[place : place + 1], np.asarray(part.t[place : place + 1], np.float32)
    which = f"{'training' if part is train else 'test'} point {place + 1:,}"
    said = f"{which} at x = {xy[0, 0]:.3g}, y = {xy[0, 1]:.3g}, target {t[0]:.3g}"
    names = tuple(INPUTS[key].label for key in experiment.net.inputs)
    return featurize(np.asarray(xy, np.float32), experiment.net.inputs), t[:, None], said, names


def _taken(run: LiveRun, patience_s: float) -> tuple[Experiment, Weights, float]:
    """Experiment, weights and epoch, taken in the trainer's thread between two chunks."""
    taken: list[Any] = []
    answered = threading.Event()

    def take(driver: Driver) -> None:
        with suppress(Exception):  # it must not fail the run: whoever asked is told
            taken.append((driver.experiment, driver.ready.weights(), driver.epoch))
        answered.set()

    run.visit(take)
    end = time.monotonic() + patience_s
    while not answered.wait(_LOOK_AGAIN_S):
        if run.closed or run.status == "failed" or time.monotonic() > end:
            break
    if not taken:
        raise NothingToBring("This run has no weights to look at just now. Press reset, then try again.")
    return taken[0]
