"""What every trainer offers, so that a live run, the command line and a sweep drive plane nets and dense nets alike."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np

from engines.data.drawn import Moves
from engines.experiment import Experiment

State = Any
Saved = tuple[np.ndarray, ...]


class Metrics(NamedTuple):
    """The columns of a curve. Accuracies are 0..1, and nan where targets are numbers."""

    epoch: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float


class Advance(NamedTuple):
    """What a call of `advance` did.

    state: the trainer's state afterwards. rows: (k, 5) float32, columns as `Metrics`; one row a finished epoch, but trainers with
    `epochs_done` (of texts, whose epochs are long) say in each row how many epochs it comes after, with a fraction.
    steps: steps really done. stopped: None | "nan" | "early" | "budget".
    """

    state: State
    rows: np.ndarray
    steps: int
    stopped: str | None


class Inside(NamedTuple):
    """How a viewer looks inside a digits net: one digit on its way through every layer.

    digit: index of a test digit, not used where there is a picture (28, 28) uint8, drawn or photographed. moves: done to either
    before the net sees it. values: which values the maps show, by key of `INSIDE_VALUES`; weights: which the filters show, by
    key of `INSIDE_WEIGHTS`. unit: (layer, channel, row, column) to be explained, (layer, unit, 0, 0) in rows of units.
    maps: extra pictures, of `INSIDE_MAPS`.
    """

    digit: int = 0
    picture: np.ndarray | None = None
    moves: Moves = Moves()
    values: str = "a"
    weights: str = "w"
    unit: tuple[int, int, int, int] | None = None
    maps: tuple[str, ...] = ()


INSIDE_VALUES = {"a": "outputs", "z": "weighted sums", "d": "gradient of the cost by the outputs"}
INSIDE_WEIGHTS = {"w": "weights", "d": "gradient of the cost by the weights"}
INSIDE_MAPS = ("saliency", "occlusion")


class Writing(NamedTuple):
    """How a text net's live samples are written. prime: what it reads first; empty for a new line. length: characters to write.

    temperature 0: always the most probable character. top_k 0 and top_p 1: every character is in the running.
    """

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    prime: str = ""
    seed: int = 0
    length: int = 300


class Look(NamedTuple):
    """What a viewer looks at. hover: (layer, unit); warp: (layer, unit a, unit b). Layer 0 is the inputs, the last the output.

    inside: how a digits net is looked into; None while that is closed. writing: how a text net's samples are written; None for
    none. typed: a text after which a text net says what it expects; None for none. Compare looks by `is`: pictures are arrays.
    """

    hover: tuple[int, int] | None = None
    warp: tuple[int, int, int] | None = None
    inside: Inside | None = None
    writing: Writing | None = Writing()
    typed: str | None = None


KEEP: Any = object()
"""Stands for what is to stay as it is, where None has a meaning of its own."""


class Probe(NamedTuple):
    """Arrays for a picture.

    sections: name -> uint8 or float32 array, as the live view's messages name them.
    layers: one dict a weight layer: name, gradient (norm), units, dead (count), saturated (share), weights_near_zero (share).
    histogram: low, high, counts, near_zero (share), threshold; over all weights. Empty where there is nothing to show yet.
    facts: plain data that belong to the sections, by name. again_s: seconds after which another probe of the same moment would
    show more, or None.
    """

    sections: dict[str, np.ndarray]
    layers: list[dict[str, Any]]
    histogram: dict[str, Any]
    facts: Mapping[str, Any] = MappingProxyType({})
    again_s: float | None = None


class Trainer(Protocol):
    """A net being trained. Not thread-safe: one thread calls at a time. Arrays in and out are NumPy but for `state`."""

    experiment: Experiment
    state: State
    steps_per_epoch: int
    step: int

    def apply(self, experiment: Experiment) -> list[str]:
        """Adopt a changed experiment without a reset. Returns plain-word notes, for example on weights kept."""
        ...

    def reset(self, experiment: Experiment | None = None) -> None:
        """Back to step 0 with the initial weights that the seed gives; with `experiment`, adopt it first."""
        ...

    def advance(self, steps: int) -> Advance:
        """Train up to `steps` steps in a compiled program. Blocks; releases the GIL."""
        ...

    def probe(self, look: Look, health: bool = True, coarse: bool = False) -> Probe:
        """Arrays for a picture of the present state.

        health: False may leave out `layers` and `histogram`, where they cost time. coarse: True may give smaller pictures.
        """
        ...

    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(W (fan_in, fan_out), b (fan_out,)) a weight layer, the output layer last, float32."""
        ...

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        """Set one weight; row == fan_in means the bias. Raises ValueError naming an index that does not exist."""
        ...

    def save_state(self) -> Saved:
        """Everything `restore` needs, as a flat tuple of NumPy arrays; the sum of their nbytes is what a recording costs."""
        ...

    def restore(self, saved: Saved) -> None:
        """Back to a saved state of the same shapes. Raises ValueError when the net has another shape by now."""
        ...


def make_trainer(experiment: Experiment) -> Trainer:
    """The trainer for `experiment`: tiny tier for plane nets, large tier for the others. Imports JAX; compiles nothing yet."""
    if experiment.net.kind == "recurrent":
        from engines.nets.recurrent.trainer import TextTrainer

        return TextTrainer(experiment)
    if experiment.net.kind == "stack":
        from engines.nets.stack_trainer import StackTrainer

        return StackTrainer(experiment)
    if experiment.net.kind == "dense":
        from engines.nets.dense import DenseTrainer

        return DenseTrainer(experiment)
    from engines.tiny.trainer import TinyTrainer

    return TinyTrainer(experiment)
