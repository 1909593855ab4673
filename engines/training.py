"""What every trainer offers, so that a live run, the command line and a sweep drive plane nets and dense nets alike."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

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

    state: the trainer's state afterwards. rows: (k, 5) float32, one row a finished epoch, columns as `Metrics`.
    steps: steps really done. stopped: None | "nan" | "early" | "budget".
    """

    state: State
    rows: np.ndarray
    steps: int
    stopped: str | None


class Look(NamedTuple):
    """What a viewer looks at. hover: (layer, unit); warp: (layer, unit a, unit b). Layer 0 is the inputs, the last the output."""

    hover: tuple[int, int] | None = None
    warp: tuple[int, int, int] | None = None


class Probe(NamedTuple):
    """Arrays for a picture.

    sections: name -> uint8 or float32 array, as the live view's messages name them.
    layers: one dict a weight layer: name, gradient (norm), units, dead (count), saturated (share), weights_near_zero (share).
    histogram: low, high, counts, near_zero (share), threshold; over all weights. Empty where there is nothing to show yet.
    """

    sections: dict[str, np.ndarray]
    layers: list[dict[str, Any]]
    histogram: dict[str, Any]


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
    """The trainer for `experiment`: tiny tier for plane nets, large tier for dense ones. Imports JAX; compiles nothing yet."""
    if experiment.net.kind == "dense":
        from engines.nets.dense import DenseTrainer

        return DenseTrainer(experiment)
    from engines.tiny.trainer import TinyTrainer

    return TinyTrainer(experiment)
