"""What a digits net answers to every test digit, read off a live run while it goes on training.

`ask` runs a question in the thread that trains; `capture` copies the weights there; `read` works the answers out anywhere.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from engines.data import digits
from engines.experiment import Experiment, StackNet
from engines.lazy import jax
from engines.losses import CLASS_LOSSES
from engines.nets import stack

if TYPE_CHECKING:
    from engines.live.driver import Driver
    from engines.live.run import LiveRun

A = TypeVar("A")
Cancelled = Callable[[], bool]
Progress = Callable[[float], None]
PATIENCE_S = 60.0
CLASSES, MOST_KEPT = 10, 12
_LOOK_AGAIN_S = 0.02
BUSY = "The net is busy just now, perhaps being compiled. Try again in a moment."


class NoAnswer(ValueError):
    """There is nothing to read; says why in a sentence."""


class Busy(NoAnswer):
    """There will be something to read in a moment."""


class Stopped(Exception):
    """Whoever asked does not want to know any more."""


class Taken(NamedTuple):
    """A net at one moment. weights: (W, b) float32 arrays a layer, as the net is used outside training (see `Trainer.settled`).

    step, epoch: when. digits: what it learns from and is tested on. key: the same for the same answers.
    opened: whether it began with weights from a file.
    """

    experiment: Experiment
    weights: tuple[tuple[np.ndarray, np.ndarray], ...]
    step: int
    epoch: float
    digits: digits.Digits
    key: str
    opened: bool = False

    @property
    def net(self) -> StackNet:
        """The net as a stack."""
        return stack.as_stack(self.experiment.net)


@dataclass(frozen=True, eq=False)
class Reading:
    """The answers of a net to all n test digits. probabilities: (n, 10) float32. taken: the net they come from."""

    taken: Taken
    probabilities: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """(n,) the true digits."""
        return self.taken.digits.test_labels

    @cached_property
    def answers(self) -> np.ndarray:
        """(n,) what the net takes each digit for."""
        return self.probabilities.argmax(1)

    @cached_property
    def sure(self) -> np.ndarray:
        """(n,) what the net gives its answer, 0 to 1."""
        return self.probabilities.max(1)

    @cached_property
    def confusion(self) -> np.ndarray:
        """(10, 10) counts, rows true, columns answered."""
        places = self.labels.astype(np.int64) * CLASSES + self.answers
        return np.bincount(places, minlength=CLASSES**2).reshape(CLASSES, CLASSES)

    def cell(self, true: int, answered: int) -> np.ndarray:
        """Test digits `true` that were taken for `answered`, (k,) indices, the surest first."""
        return self._surest(np.flatnonzero((self.labels == true) & (self.answers == answered)))

    def worst(self) -> np.ndarray:
        """All test digits got wrong, (k,) indices, the surest first."""
        return self._surest(np.flatnonzero(self.answers != self.labels))

    def _surest(self, chosen: np.ndarray) -> np.ndarray:
        return chosen[np.argsort(-self.sure[chosen], kind="stable")]


def ask(run: LiveRun, question: Callable[[Driver], A], cancelled: Cancelled = lambda: False, patience_s: float = PATIENCE_S) -> A:
    """What `question(driver)` (quick) returns in the thread that trains `run`, between two chunks. Blocks until it has its turn.

    Raises NoAnswer with a sentence where the run has no net, Busy where it takes longer than `patience_s`, Stopped when
    `cancelled()` says so.
    """
    answer: list[Any] = []
    answered = threading.Event()

    def visit(driver: Driver) -> None:
        try:
            answer.append(question(driver))
        except Exception as error:  # it must not fail the run: it is told to whoever asked
            answer.append(error)
        answered.set()

    run.visit(visit)
    end = time.monotonic() + patience_s
    while not answered.wait(_LOOK_AGAIN_S):
        if cancelled():
            raise Stopped
        if run.closed or run.status == "failed":
            raise NoAnswer("This run has no net to look at. Press reset, then try again.")
        if time.monotonic() > end:
            raise Busy(BUSY)
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]


def capture(run: LiveRun, cancelled: Cancelled = lambda: False, patience_s: float = PATIENCE_S) -> Taken:
    """The net that `run` shows now: the live one, or that of the recorded moment the visitor has gone back to. As `ask`."""

    def question(driver: Driver) -> tuple[Any, ...]:
        trainer: Any = driver.ready
        return driver.experiment, trainer.settled(), driver.step, driver.epoch, trainer.digits, trainer.opened

    *answer, opened = ask(run, question, cancelled, patience_s)
    return taken(*answer)._replace(opened=opened)


def taken(experiment: Experiment, weights: Any, step: int, epoch: float, found: digits.Digits) -> Taken:
    """A `Taken` of arrays of any kind. Raises NoAnswer when weights have overflowed."""
    pairs = tuple((np.asarray(w), np.asarray(b)) for w, b in weights)
    if not all(np.isfinite(array).all() for pair in pairs for array in pair):
        raise NoAnswer("These weights have overflowed, so the net answers nothing. Reset it, or go back in the recording.")
    mark = hashlib.blake2b(digest_size=16)
    mark.update(f"{_shape(experiment)} {experiment.cost} {found.source} {len(found.test_labels)} {digits.stamp()}".encode())
    for array in (array for pair in pairs for array in pair):
        mark.update(np.ascontiguousarray(array))
    return Taken(experiment, pairs, step, epoch, found, mark.hexdigest())


def _shape(experiment: Experiment) -> str:
    from engines.nets.stack_spec import shaping

    return shaping(stack.as_stack(experiment.net))


def multiplies(experiment: Experiment) -> int:
    """Multiplications that one digit takes: what a reading costs."""
    return sum(row.multiplies for row in stack.rows(stack.as_stack(experiment.net)))


@lru_cache(maxsize=16)
def _program(shape: str, cost: str) -> Callable[..., Any]:
    from engines.nets.programs import activation, scaled
    from engines.nets.stack_spec import net_of

    net = net_of(shape)

    def answers(weights: Any, images: Any) -> Any:
        inner = stack.run(net, weights, stack.prepared(net, scaled(images)), activation)
        return CLASS_LOSSES[cost].probability(inner[-1].a.T)

    return jax.jit(answers)


def answers(
    of: Taken, images: np.ndarray, progress: Progress = lambda share: None, cancelled: Cancelled = lambda: False
) -> np.ndarray:
    """Probabilities (n, 10) float32 that the net gives images (n, 28, 28) uint8, worked out in slices. Raises Stopped."""
    from engines.nets.programs import slice_for

    program = _program(_shape(of.experiment), of.experiment.cost)
    flat = images.reshape(len(images), -1)
    size = min(slice_for(multiplies(of.experiment), jax.default_backend()), max(1, len(flat)))
    weights, result = jax.device_put(of.weights), np.zeros((len(flat), CLASSES), np.float32)
    for start in range(0, len(flat), size):
        if cancelled():
            raise Stopped
        begin = min(start, len(flat) - size)
        result[begin : begin + size] = np.asarray(program(weights, flat[begin : begin + size]))
        progress(min(1.0, (start + size) / len(flat)))
    return result


_kept: OrderedDict[str, np.ndarray] = OrderedDict()
_lock = threading.Lock()


def read(of: Taken, progress: Progress = lambda share: None, cancelled: Cancelled = lambda: False) -> Reading:
    """The answers to all test digits; those of the nets asked for last are kept. Raises Stopped when `cancelled()` says so."""
    with _lock:
        known = _kept.get(of.key)
    if known is None:
        known = answers(of, of.digits.test_images, progress, cancelled)
        known.flags.writeable = False
    with _lock:
        _kept[of.key] = known
        _kept.move_to_end(of.key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return Reading(of, known)


def predictions(
    run: LiveRun,
    progress: Progress = lambda share: None,
    cancelled: Cancelled = lambda: False,
    patience_s: float = PATIENCE_S,
) -> Reading:
    """What the net that `run` shows now answers to every test digit. As `capture`, then `read`."""
    return read(capture(run, cancelled, patience_s), progress, cancelled)
