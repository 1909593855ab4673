"""An independent race: float64 NumPy, one runner at a time, slopes and rules written out by hand."""

from __future__ import annotations

import numpy as np


def _beale(x, y):
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1), 2 * a * x + 4 * b * x * y + 6 * c * x * y**2


def _himmelblau(x, y):
    a, b = x * x + y - 11, x + y * y - 7
    return 4 * x * a + 2 * b, 2 * a + 4 * y * b


def _rosenbrock(x, y):
    return -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)


SLOPES = {
    "saddle": lambda x, y: (2 * x, -2 * y),
    "monkey_saddle": lambda x, y: (3 * x * x - 3 * y * y, -6 * x * y),
    "long_valley": lambda x, y: (x * (x * x - 4) / 16, 10 * y),
    "quadratic": lambda x, y: (10 * x / 50, 10 * y),
}
"""Surface -> slope (x, y), where rounding stays small for hundreds of steps; the quadratic with its default condition number."""

WILD_SLOPES = {"beale": _beale, "himmelblau": _himmelblau, "rosenbrock": _rosenbrock}
"""The same, where some optimizers' paths part ways sooner or later."""


def _gradient(g, p, m, v, t, rate, s):
    return -rate * g, m, v


def _mu(t, s):
    return s["start"] + (s["momentum"] - s["start"]) * (min(t / s["ramp"], 1.0) if s["ramp"] > 0 else 1.0)


def _momentum(g, p, m, v, t, rate, s):
    m = _mu(t, s) * m + g
    return -rate * m, m, v


def _nesterov(g, p, m, v, t, rate, s):
    m = _mu(t, s) * m + g
    return -rate * (_mu(t, s) * m + g), m, v


def _adagrad(g, p, m, v, t, rate, s):
    v = v + g * g
    return np.where(v > 0, -rate * g / np.sqrt(v + s["eps"]), 0.0), m, v


def _adadelta(g, p, m, v, t, rate, s):
    v = s["rho"] * v + (1 - s["rho"]) * g * g
    step = np.sqrt(m + s["eps"]) / np.sqrt(v + s["eps"]) * g
    return -rate * step, s["rho"] * m + (1 - s["rho"]) * step * step, v


def _rmsprop(g, p, m, v, t, rate, s):
    v = s["decay"] * v + (1 - s["decay"]) * g * g
    return -rate * g / np.sqrt(v + s["eps"]), m, v


def _averages(g, m, v, s):
    return s["b1"] * m + (1 - s["b1"]) * g, s["b2"] * v + (1 - s["b2"]) * g * g


def _adam(g, p, m, v, t, rate, s):
    m, v = _averages(g, m, v, s)
    return -rate * m / (1 - s["b1"] ** (t + 1)) / (np.sqrt(v / (1 - s["b2"] ** (t + 1))) + s["eps"]), m, v


def _adamw(g, p, m, v, t, rate, s):
    change, m, v = _adam(g, p, m, v, t, rate, s)
    return change - rate * s["weight_decay"] * p, m, v


def _nadam(g, p, m, v, t, rate, s):
    m, v = _averages(g, m, v, s)
    mean = s["b1"] * m / (1 - s["b1"] ** (t + 2)) + (1 - s["b1"]) * g / (1 - s["b1"] ** (t + 1))
    return -rate * mean / (np.sqrt(v / (1 - s["b2"] ** (t + 1))) + s["eps"]), m, v


def _lion(g, p, m, v, t, rate, s):
    direction = np.sign(s["b1"] * m + (1 - s["b1"]) * g)
    return -rate * (direction + s["weight_decay"] * p), s["b2"] * m + (1 - s["b2"]) * g, v


RULES = {
    "gradient_descent": _gradient,
    "sgd": _gradient,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "nadam": _nadam,
    "lion": _lion,
}
"""Optimizer -> (gradient, place, slots, step from 0, rate, settings) -> change and slots."""


def run(slope, optimizer, settings, rates, start, noise=None):
    """Places (steps + 1, 2) and changes (steps, 2) in float64; it goes on wherever it leads.

    rates (steps,): scheduled. noise (steps, 2): added to each gradient.
    """
    place, m, v = np.array(start, np.float64), np.zeros(2), np.zeros(2)
    places, changes = [place], []
    for t, rate in enumerate(np.asarray(rates, np.float64)):
        seen = np.array(slope(*place), np.float64) + (0 if noise is None else noise[t])
        change, m, v = RULES[optimizer](seen, place, m, v, t, rate, settings)
        place = place + change
        places.append(place)
        changes.append(change)
    return np.array(places), np.array(changes)
