"""The loss of a net with exactly two weights on real digits: one number in, w2 * tanh(w1 * ink) out.

`ink` is the share of dark pixels in the middle 4 x 4 of a digit: nearly none in a 0, which is hollow there, most in a 1. The
target is the digit itself. The feature takes 17 values, so the loss over all 1,000 digits is an exact sum over 17 counts.
At w1 = w2 = 0 the slope is zero: a saddle, as in every net of two layers that starts with all weights at 0.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from engines.data import digits
from engines.lazy import jax, jnp

Array = Any

LEVELS = 17
DARK = 127
MAX_GLANCE = 500
_MIDDLE = slice(12, 16)

FORMULA = r"\frac{1}{2N} \sum_{i=1}^{N} \bigl(w_2 \tanh(w_1 \mathrm{ink}_i) - \mathrm{digit}_i\bigr)^2"
_OUTPUT = "jnp.expand_dims(y, -1) * jnp.tanh(jnp.expand_dims(x, -1) * jnp.arange(17) / 16)"
CODE = (
    f"0.5 * (jnp.array({{zeros}}) * ({_OUTPUT}) ** 2 + jnp.array({{ones}}) * ({_OUTPUT} - 1) ** 2).sum(-1)"
    " / jnp.array({zeros} + {ones}).sum()"
)


@functools.cache
def data() -> Mapping[str, np.ndarray]:
    """The built-in zeros and ones, read when first asked for and then kept.

    ink (17,): the feature's values. zeros, ones (17,): how many of each digit have that much ink; all float32.
    example (n,): int32, for each digit its cell 17 * digit + level: what a glance draws from.
    Raises engines.data.sources.DataProblem when the built-in digits cannot be read.
    """
    found = digits.load("builtin")
    images = np.concatenate([found.train_images, found.test_images])
    labels = np.concatenate([found.train_labels, found.test_labels]).astype(np.int32)
    level = (images[:, _MIDDLE, _MIDDLE] > DARK).sum((1, 2)).astype(np.int32)
    example = (LEVELS * labels + level)[labels <= 1]
    counts = np.bincount(example, minlength=2 * LEVELS).reshape(2, LEVELS).astype(np.float32)
    ink = np.arange(LEVELS, dtype=np.float32) / (LEVELS - 1)
    return {"ink": ink, "zeros": counts[0], "ones": counts[1], "example": example}


def height(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    """Mean half squared error at w1 = x, w2 = y, elementwise; x and y of any one shape. params: as `data` gives them.

    The square is multiplied out, so that two sums over the levels remain, which XLA keeps in registers: a map of winners takes a
    fifth of the time.
    """
    everybody = params["zeros"] + params["ones"]
    squares = crossed = 0.0
    for level in range(1, LEVELS):
        output = jnp.tanh(x * params["ink"][level])
        squares += everybody[level] * output**2
        crossed += params["ones"][level] * output
    return 0.5 * (y**2 * squares - 2 * y * crossed + params["ones"].sum()) / everybody.sum()


def glance(x: Array, y: Array, params: Mapping[str, Array], rng: Array, count: Array) -> Array:
    """The same loss seen in `count` of the digits drawn at random, with replacement: a mini-batch.

    rng: a JAX key; count: 1..MAX_GLANCE, a number or traced (one program serves all). x and y of any one shape.
    """
    examples = jnp.asarray(params["example"])
    drawn = examples[jax.random.randint(rng, (MAX_GLANCE,), 0, examples.shape[0])]
    seen = jnp.zeros(2 * LEVELS, x.dtype).at[drawn].add((jnp.arange(MAX_GLANCE) < count).astype(x.dtype))
    return height(x, y, {"ink": params["ink"], "zeros": seen[:LEVELS], "ones": seen[LEVELS:]})
