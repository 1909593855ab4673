"""Many updates in one go, by the same rules: what the net has learned after 10,000 of them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.lazy import jax, jnp, lax
from engines.trace.net import Net, errors, in_precision, slope

MAX_UPDATES = 100_000
PROGRAMS = 64
"""Compiled programs that are kept: every sequence of activations is one of its own."""


def learn(net: Net, x: np.ndarray, t: np.ndarray, learning_rate: float, updates: int) -> tuple[Net, np.ndarray]:
    """`updates` steps of gradient descent in float64.

    Returns the net afterwards and the cost before each step and at the end (updates + 1,).

    The same net with another rate, other numbers or examples of the same shape does not compile again.
    Raises ValueError when updates lies outside 1 to 100,000.
    """
    if not 1 <= updates <= MAX_UPDATES:
        raise ValueError(f"updates must lie between 1 and {MAX_UPDATES:,}, not {updates}")
    net = net.cast(np.float64)
    with in_precision(np.float64):
        run = _program(net.activations, net.cost, net.train_biases, MAX_UPDATES if updates > 10_000 else 10_000)
        weights, biases, costs = run(
            net.weights, net.biases, np.asarray(x, float), np.asarray(t, float), float(learning_rate), updates
        )
    learned = replace(net, weights=tuple(map(np.asarray, weights)), biases=tuple(map(np.asarray, biases)))
    return learned, np.asarray(costs)[: updates + 1]


@lru_cache(maxsize=PROGRAMS)
def _program(activations: tuple[str, ...], cost: str, train_biases: bool, room: int) -> Any:
    functions = [ACTIVATIONS[key] for key in activations]

    def forward(weights: Any, biases: Any, x: Any) -> tuple[list, list]:
        inputs, sums, a = [], [], x
        for w, b, function in zip(weights, biases, functions, strict=True):
            inputs.append(a)
            sums.append(a @ w + b)
            a = function.apply(sums[-1])
        return [*inputs, a], sums

    def run(weights: Any, biases: Any, x: Any, t: Any, rate: Any, updates: Any) -> Any:
        total = lambda y: jnp.sum(errors(cost, y, t)) / x.shape[0]  # noqa: E731

        def step(i: Any, state: Any) -> Any:
            weights, biases, costs = state
            outputs, sums = forward(weights, biases, x)
            costs = costs.at[i].set(total(outputs[-1]))
            arriving = slope(cost, outputs[-1], t) / x.shape[0]
            new_w, new_b = list(weights), list(biases)
            for n in reversed(range(len(functions))):
                delta = arriving * functions[n].derivative(sums[n])
                new_w[n] = weights[n] - rate * outputs[n].T @ delta
                new_b[n] = biases[n] - rate * delta.sum(0) if train_biases else biases[n]
                arriving = delta @ weights[n].T
            return tuple(new_w), tuple(new_b), costs

        state = (weights, biases, jnp.zeros(room + 1, x.dtype))
        weights, biases, costs = lax.fori_loop(0, updates, step, state)
        return weights, biases, costs.at[updates].set(total(forward(weights, biases, x)[0][-1]))

    return jax.jit(run)
