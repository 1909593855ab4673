"""The pass held against two independent ways to the same gradient: automatic differentiation and finite differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.lazy import jax, jnp
from engines.trace.net import Net, in_precision, loss
from engines.trace.passes import Trace

STEP = 1e-6


@dataclass(frozen=True)
class Check:
    """One weight's gradient, three ways, and how far the others are from the rules' own, relative to the larger of the two."""

    rules: float
    autodiff: float
    difference: float
    autodiff_error: float
    difference_error: float


def autodiff(trace: Trace, dtype: Any = np.float64) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Gradients of weights and biases by jax.grad on the same net and examples."""
    net = trace.net.cast(dtype)
    x, t = trace.values["X"].astype(dtype), trace.values["T"].astype(dtype)
    with in_precision(dtype):
        grads = jax.grad(lambda w, b: loss(net, w, b, jnp.asarray(x), jnp.asarray(t)), argnums=(0, 1))(net.weights, net.biases)
        return tuple(np.asarray(g) for g in grads[0]), tuple(np.asarray(g) for g in grads[1])


def cost_of(net: Net, x: np.ndarray, t: np.ndarray) -> float:
    """The cost in float64."""
    with in_precision(np.float64):
        net = net.cast(np.float64)
        return float(loss(net, net.weights, net.biases, jnp.asarray(x, jnp.float64), jnp.asarray(t, jnp.float64)))


def difference(trace: Trace, layer: int, row: int | None, column: int, step: float = STEP) -> float:
    """The derivative by one weight (row None: by a bias) from the cost a little to both sides, in float64."""
    costs = []
    for sign in (1, -1):
        net = trace.net.cast(np.float64)
        target = net.biases[layer - 1] if row is None else net.weights[layer - 1]
        moved = target.copy()
        moved[column if row is None else (row, column)] += sign * step
        parts = list(net.biases if row is None else net.weights)
        parts[layer - 1] = moved
        net = Net(
            net.weights if row is None else tuple(parts), tuple(parts) if row is None else net.biases, net.activations, net.cost
        )
        costs.append(cost_of(net, trace.values["X"], trace.values["T"]))
    return (costs[0] - costs[1]) / (2 * step)


def relative(value: float, other: float) -> float:
    """|value - other| over the larger of both; 0 where both are 0."""
    size = max(abs(value), abs(other))
    return abs(value - other) / size if size > 0 else 0.0


def check(trace: Trace, layer: int, row: int | None, column: int) -> Check:
    """One weight's gradient three ways. layer counts from 1; row None means the bias of unit `column`."""
    symbol = f"G{layer}" if row is not None else f"g{layer}"
    rules = float(trace.values[symbol][column if row is None else (row, column)])
    weights, biases = autodiff(trace)
    auto = float(biases[layer - 1][column] if row is None else weights[layer - 1][row, column])
    near = difference(trace, layer, row, column)
    return Check(rules, auto, near, relative(rules, auto), relative(rules, near))
