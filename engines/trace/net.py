"""The net that a pass goes through: matrices, biases, and the function of each layer, by key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.lazy import jax, jnp
from engines.losses import CLASS_LOSSES, LOSSES

Array = Any
COSTS = {key: entry.label for table in (LOSSES, CLASS_LOSSES) for key, entry in table.items()}


@dataclass(frozen=True)
class Net:
    """weights[l]: (inputs, outputs); biases[l]: (outputs,); activations[l], cost: keys of their tables.

    A cost of CLASS_LOSSES takes logits: its last activation is 'linear'. train_biases: whether an update moves biases too.
    Raises ValueError naming both shapes where two neighbours do not fit.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    activations: tuple[str, ...]
    cost: str = "half_squared"
    train_biases: bool = True

    def __post_init__(self) -> None:
        if not len(self.weights) == len(self.biases) == len(self.activations) > 0:
            counts = len(self.weights), len(self.biases), len(self.activations)
            raise ValueError(f"a net needs as many biases and functions as matrices, at least one: got {counts}")
        for before, after in zip(self.weights, self.weights[1:], strict=False):
            if before.shape[1] != after.shape[0]:
                raise ValueError(
                    f"a matrix {before.shape} cannot be followed by {after.shape}: {before.shape[1]} != {after.shape[0]}"
                )
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if bias.shape != weight.shape[1:]:
                raise ValueError(f"biases {bias.shape} do not fit a matrix {weight.shape}")
        for key in self.activations:
            if key not in ACTIVATIONS:
                raise ValueError(f"there is no activation called {key[:40]!r}")
        if self.cost not in COSTS:
            raise ValueError(f"there is no cost called {self.cost[:40]!r}")

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each layer, the inputs first."""
        return (self.weights[0].shape[0], *(weight.shape[1] for weight in self.weights))

    @property
    def parameters(self) -> int:
        """How many numbers an update may change."""
        return sum(w.size for w in self.weights) + (sum(b.size for b in self.biases) if self.train_biases else 0)

    def cast(self, dtype: Any) -> Net:
        """The same net in another precision."""
        return replace(
            self, weights=tuple(np.asarray(w, dtype) for w in self.weights), biases=tuple(np.asarray(b, dtype) for b in self.biases)
        )


def in_precision(dtype: Any) -> Any:
    """A context in which JAX computes in `dtype`: float64 has to be switched on."""
    return jax.enable_x64(np.dtype(dtype) == np.float64)


def errors(cost: str, y: Array, t: Array) -> Array:
    """Cost of each output (examples, outputs); a cost over classes is shared out so that a row sums to it."""
    return LOSSES[cost].value(y, t) if cost in LOSSES else CLASS_LOSSES[cost].each(y, t)


def slope(cost: str, y: Array, t: Array) -> Array:
    """Derivative of an example's cost by each of its outputs (examples, outputs)."""
    return (LOSSES[cost] if cost in LOSSES else CLASS_LOSSES[cost]).slope(y, t)


def loss(net: Net, weights: Any, biases: Any, x: Array, t: Array) -> Array:
    """Mean over the examples of the cost summed over outputs: what autodiff and finite differences are taken of."""
    a = x
    for w, b, key in zip(weights, biases, net.activations, strict=True):
        a = ACTIVATIONS[key].apply(a @ w + b)
    table = LOSSES if net.cost in LOSSES else CLASS_LOSSES
    cost = table[net.cost].value(a, t)
    return jnp.sum(cost) / x.shape[0]
