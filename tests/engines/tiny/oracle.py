"""An independent float64 implementation of plane nets: NumPy, one example at a time, written without looking at the engine."""

from __future__ import annotations

import math

import numpy as np

PHI = np.vectorize(lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2))))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


FORWARD = {
    "step": lambda z: (z > 0).astype(float),
    "step_surrogate": lambda z: (z > 0).astype(float),
    "linear": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "scaled_tanh": lambda z: 1.7159 * np.tanh(2 * z / 3),
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "softplus": lambda z: np.log1p(np.exp(z)),
    "gelu": lambda z: z * PHI(z),
    "silu": lambda z: z * sigmoid(z),
    "sine": np.sin,
    "gaussian": lambda z: np.exp(-(z**2)),
    "quadratic": lambda z: z**2,
}

COST = {
    "half_squared": lambda y, t: 0.5 * (y - t) ** 2,
    "absolute": lambda y, t: abs(y - t),
    "cross_entropy": lambda y, t: np.log1p(np.exp(-t * y)),
    "hinge": lambda y, t: np.maximum(0, 1 - t * y),
    "huber": lambda y, t: np.where(abs(y - t) <= 1, 0.5 * (y - t) ** 2, abs(y - t) - 0.5),
}


def forward(weights, activations, x):
    """x (n, inputs) -> outputs (n,) in float64; activations: one key a layer, the output's last."""
    h = np.asarray(x, np.float64)
    for (w, b), key in zip(weights, activations, strict=True):
        h = FORWARD[key](h @ np.asarray(w, np.float64) + np.asarray(b, np.float64))
    return h[:, 0]


def mean_cost(weights, activations, cost, x, t):
    """Mean cost over examples, float64."""
    return float(np.mean(COST[cost](forward(weights, activations, x), np.asarray(t, np.float64))))


def finite_difference(weights, activations, cost, x, t, eps=1e-6):
    """Gradient of the mean cost by central differences, shaped like the weights."""
    weights = [(np.array(w, np.float64), np.array(b, np.float64)) for w, b in weights]
    gradient = [(np.zeros_like(w), np.zeros_like(b)) for w, b in weights]
    for pair, slots in zip(weights, gradient, strict=True):
        for array, slot in zip(pair, slots, strict=True):
            for place in np.ndindex(array.shape):
                kept = array[place]
                array[place] = kept + eps
                up = mean_cost(weights, activations, cost, x, t)
                array[place] = kept - eps
                down = mean_cost(weights, activations, cost, x, t)
                array[place] = kept
                slot[place] = (up - down) / (2 * eps)
    return gradient
