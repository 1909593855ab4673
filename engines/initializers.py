"""How the weights of a layer are drawn before training. Biases start at 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engines.tables import Entry, Setting, Table

Draw = Callable[[np.random.Generator, int, int, Mapping[str, float]], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Initializer(Entry):
    """draw(rng, fan_in, fan_out, settings) -> weights (fan_in, fan_out), float64. NumPy, so a script can repeat it.

    `code` is the same draw as a NumPy expression of `rng`, `fan_in`, `fan_out` and the settings, for exported scripts.
    """

    draw: Draw
    code: str


def _orthogonal(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    tall = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return q if fan_in >= fan_out else q.T


def _scale(default: float, label: str = "Scale") -> Setting:
    return Setting(key="scale", label=label, default=default, low=0.0, high=5.0, help="How large the first weights are.")


INITIALIZERS: Table[Initializer] = Table(
    "initializers",
    [
        Initializer(
            key="xavier",
            label="Xavier / Glorot",
            help="Keeps the size of signals and gradients alike for tanh and sigmoid layers.",
            formula=r"W \sim U(-a, a),\quad a = \sqrt{6 / (n_{in} + n_{out})}",
            source="Glorot & Bengio 2010",
            draw=lambda rng, i, o, s: rng.uniform(-1, 1, (i, o)) * np.sqrt(6 / (i + o)),
            code="rng.uniform(-1, 1, (fan_in, fan_out)) * np.sqrt(6 / (fan_in + fan_out))",
        ),
        Initializer(
            key="he",
            label="He",
            help="Makes up for the half that a ReLU throws away.",
            formula=r"W \sim N(0, 2 / n_{in})",
            source="He, Zhang, Ren & Sun 2015",
            draw=lambda rng, i, o, s: rng.standard_normal((i, o)) * np.sqrt(2 / i),
            code="rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)",
        ),
        Initializer(
            key="lecun",
            label="LeCun",
            help="Unit variance in, unit variance out, for a layer near its linear part.",
            formula=r"W \sim N(0, 1 / n_{in})",
            source="LeCun, Bottou, Orr & Müller 1998",
            draw=lambda rng, i, o, s: rng.standard_normal((i, o)) * np.sqrt(1 / i),
            code="rng.standard_normal((fan_in, fan_out)) * np.sqrt(1 / fan_in)",
        ),
        Initializer(
            key="uniform",
            label="Uniform",
            help="Even between minus and plus the scale.",
            formula=r"W \sim U(-s, s)",
            source="TensorFlow Playground uses s = 0.5",
            settings=(_scale(0.5),),
            draw=lambda rng, i, o, s: rng.uniform(-1, 1, (i, o)) * s["scale"],
            code="rng.uniform(-1, 1, (fan_in, fan_out)) * {scale}",
        ),
        Initializer(
            key="normal",
            label="Normal",
            help="Bell-shaped around 0 with the scale as standard deviation.",
            formula=r"W \sim N(0, s^2)",
            source="Rumelhart, Hinton & Williams 1986 (small random weights)",
            settings=(_scale(0.5),),
            draw=lambda rng, i, o, s: rng.standard_normal((i, o)) * s["scale"],
            code="rng.standard_normal((fan_in, fan_out)) * {scale}",
        ),
        Initializer(
            key="orthogonal",
            label="Orthogonal",
            help="A rotation: keeps every length, however deep the net.",
            formula=r"W^\top W = I",
            source="Saxe, McClelland & Ganguli 2014",
            draw=lambda rng, i, o, s: _orthogonal(rng, i, o),
            code="orthogonal(rng, fan_in, fan_out)",
        ),
        Initializer(
            key="constant",
            label="Constant",
            help="All alike: the units of a layer stay twins for ever.",
            formula=r"W = s",
            source="Goodfellow, Bengio & Courville 2016, section 8.4 (symmetry)",
            settings=(_scale(0.5, "Value"),),
            draw=lambda rng, i, o, s: np.full((i, o), s["scale"]),
            code="np.full((fan_in, fan_out), {scale})",
        ),
        Initializer(
            key="zeros",
            label="Zeros",
            help="Nothing to tell units apart: watch how little is learned.",
            formula=r"W = 0",
            source="Goodfellow, Bengio & Courville 2016, section 8.4 (symmetry)",
            draw=lambda rng, i, o, s: np.zeros((i, o)),
            code="np.zeros((fan_in, fan_out))",
        ),
    ],
)
