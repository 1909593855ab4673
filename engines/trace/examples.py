"""What goes through the net on the Backprop page: a table. An entry gives inputs, targets and, where it has its own, weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engines.tables import Entry, Table

Draw = Callable[[np.random.Generator, int, int, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, kw_only=True)
class Examples(Entry):
    """draw(rng, batch, inputs, outputs) -> inputs (batch, inputs) and targets (batch, outputs), float64.

    code: the same as lines of NumPy that give `x` and `t` from `rng`, `batch`, `inputs` and `outputs`, for exported scripts; empty
    where these carry the numbers along. inputs, outputs, batch: what the examples themselves fix; 0 leaves it to the visitor.
    weights, biases: what a published example starts from, by layer, for the net it was published with.
    """

    draw: Draw
    code: str = ""
    inputs: int = 0
    outputs: int = 0
    batch: int = 0
    weights: tuple[tuple[tuple[float, ...], ...], ...] = ()
    biases: tuple[tuple[float, ...], ...] = ()


def _worked(rng: np.random.Generator, batch: int, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])


def _pixels(rng: np.random.Generator, batch: int, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Red, green and blue of made-up pixels; output k should be 1 where colour k is the brightest."""
    x = rng.random((batch, 3))
    return x, (x.argmax(1)[:, None] == np.arange(outputs)[None]).astype(float)


def _xor(rng: np.random.Generator, batch: int, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return x, (x.sum(1) % 2)[:, None]


def _random(rng: np.random.Generator, batch: int, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Normal inputs; the targets come from a made-up linear rule, so that there is something to learn."""
    x = rng.standard_normal((batch, inputs))
    rule = rng.standard_normal((inputs, outputs))
    return x, (x @ rule > 0).astype(float)


EXAMPLES: Table[Examples] = Table(
    "examples",
    [
        Examples(
            key="worked_example",
            label="The worked example",
            help="Two inputs, two hidden and two output units, one training pair: every number can be followed by hand.",
            source="Mazur 2015, A step by step backpropagation example",
            draw=_worked,
            code="x = np.array([[0.05, 0.10]])\nt = np.array([[0.01, 0.99]])",
            inputs=2,
            outputs=2,
            batch=1,
            weights=(((0.15, 0.25), (0.20, 0.30)), ((0.40, 0.50), (0.45, 0.55))),
            biases=((0.35, 0.35), (0.60, 0.60)),
        ),
        Examples(
            key="pixels",
            label="Pixels",
            help="Each example is one pixel: red, green, blue. 128 of them make a matrix of 128 x 3.",
            source="made here, from a seed",
            draw=_pixels,
            code="x = rng.random((batch, 3))\nt = (x.argmax(1)[:, None] == np.arange(outputs)).astype(float)",
            inputs=3,
        ),
        Examples(
            key="xor",
            label="XOR",
            help="Four examples; the target is 1 where exactly one input is 1.",
            source="Rumelhart, Hinton & Williams 1986",
            draw=_xor,
            code="x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])\nt = (x.sum(1) % 2)[:, None]",
            inputs=2,
            outputs=1,
            batch=4,
        ),
        Examples(
            key="random",
            label="Random numbers",
            help="Normal inputs, and targets of 0 or 1 by a hidden linear rule.",
            source="made here, from a seed",
            draw=_random,
            code="x = rng.standard_normal((batch, inputs))\nt = (x @ rng.standard_normal((inputs, outputs)) > 0).astype(float)",
        ),
        Examples(
            key="brought",
            label="Your net",
            help="The net you brought from Network or Digits, with the example you chose there.",
            source="your own run",
            draw=_random,
            batch=1,
        ),
    ],
)
