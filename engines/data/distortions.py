"""How training digits are changed at every look: the table, and the function that does it on the device.

Every entry says where the ink of a pixel comes from; `distort` follows the pixels of a changed digit back through all entries, in
the table's order, and reads the digit there, between its pixels where need be. So an entry added here is used everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engines.lazy import jax, jnp, lax
from engines.tables import Entry, Setting, Table

Array = Any
Place = tuple[Array, Array]

SIDE = 28
CENTRE = (SIDE - 1) / 2
SMOOTHNESS = 4.0
"""Standard deviation, in pixels, of the Gaussian that smooths an elastic field; also the distance of the drawn arrows."""
NODES = 9
"""Drawn arrows on a side; the outer ones lie just outside the digit."""


@dataclass(frozen=True, kw_only=True)
class Distortion(Entry):
    """A kind of change. Its one setting, `amount`, says how far it may go; 0 is off.

    draws: numbers drawn for each digit, uniformly in -1..1. back: ((x, y), drawn, amount) -> where in the digit the ink comes from
    that is wanted at (x, y). x, y: pixels from the digit's centre, to the right and down, each of a shape that broadcasts with
    (b, 28, 28); drawn: (draws, b, 1, 1).
    """

    draws: int
    back: Callable[[Place, Array, Array], Place]


def _amount(label: str, high: float, unit: str, help: str) -> tuple[Setting, ...]:
    return (Setting(key="amount", label=label, default=0.0, low=0.0, high=high, unit=unit, help=help),)


def _shifted(at: Place, drawn: Array, amount: Array) -> Place:
    return at[0] - amount * drawn[0], at[1] - amount * drawn[1]


def _rotated(at: Place, drawn: Array, amount: Array) -> Place:
    angle = amount * drawn[0] * np.float32(np.pi / 180)
    c, s = jnp.cos(angle), jnp.sin(angle)
    return c * at[0] + s * at[1], c * at[1] - s * at[0]


def _scaled(at: Place, drawn: Array, amount: Array) -> Place:
    return at[0] * jnp.exp(-amount * drawn[0]), at[1] * jnp.exp(-amount * drawn[1])


def _sheared(at: Place, drawn: Array, amount: Array) -> Place:
    return at[0] - amount * drawn[0] * at[1], at[1]


@lru_cache(maxsize=1)
def smoother() -> np.ndarray:
    """(81, 784) float32: what each of the 9 x 9 arrows adds to each pixel of a field.

    Scaled so that, with numbers uniform in -1..1, the field has a standard deviation of 1 pixel at every place.
    """
    places = CENTRE + SMOOTHNESS * (np.arange(NODES) - (NODES - 1) / 2)
    bell = np.exp(-0.5 * ((np.arange(SIDE)[:, None] - places) / SMOOTHNESS) ** 2)
    bell /= np.sqrt(np.square(bell).sum(1, keepdims=True))
    return (np.sqrt(3) * np.einsum("yi,xj->ijyx", bell, bell)).reshape(NODES**2, SIDE**2).astype(np.float32)


def _bent(at: Place, drawn: Array, amount: Array) -> Place:
    count = drawn.shape[1]
    rows = drawn.reshape(2, NODES**2, count).transpose(0, 2, 1).reshape(2 * count, NODES**2)
    field = amount * (rows @ smoother()).reshape(2, count, SIDE, SIDE)
    return at[0] + field[0], at[1] + field[1]


DISTORTIONS: Table[Distortion] = Table(
    "distortions",
    [
        Distortion(
            key="shift",
            label="Shift",
            help="Moves the digit by up to so many pixels, across and down, each drawn by itself.",
            formula=r"(x, y) \to (x + s u,\; y + s v),\quad u, v \sim U(-1, 1)",
            source="LeCun, Bottou, Bengio & Haffner 1998",
            settings=_amount("Shift", 4.0, "pixels", "The most a digit moves, across and down."),
            draws=2,
            back=_shifted,
        ),
        Distortion(
            key="rotation",
            label="Rotation",
            help="Turns the digit around its centre, either way. Too much, and a 6 becomes a 9.",
            formula=r"(x, y) \to (x \cos\theta - y \sin\theta,\; x \sin\theta + y \cos\theta),\quad \theta \sim U(-r, r)",
            source="Simard, Steinkraus & Platt 2003",
            settings=_amount("Rotation", 45.0, "degrees", "The most a digit is turned, either way."),
            draws=1,
            back=_rotated,
        ),
        Distortion(
            key="scale",
            label="Scale",
            help="Makes the digit larger or smaller; width and height each by a factor of its own, so that it is also squeezed.",
            formula=r"(x, y) \to (e^{s u} x,\; e^{s v} y),\quad u, v \sim U(-1, 1)",
            source="LeCun, Bottou, Bengio & Haffner 1998",
            settings=_amount(
                "Scale", 0.4, "", "0.1 is up to 10 % smaller or larger; 0.4 up to a third smaller or half as large again."
            ),
            draws=2,
            back=_scaled,
        ),
        Distortion(
            key="shear",
            label="Shear",
            help="Slants the digit to the left or to the right, as handwriting does.",
            formula=r"(x, y) \to (x + k u y,\; y),\quad u \sim U(-1, 1)",
            source="LeCun, Bottou, Bengio & Haffner 1998",
            settings=_amount("Shear", 0.5, "", "Pixels aside for each pixel up or down, at most."),
            draws=1,
            back=_sheared,
        ),
        Distortion(
            key="elastic",
            label="Elastic",
            help="Bends strokes as a trembling hand would: every pixel moves a little, neighbours together (within about 4).",
            formula=r"a(x, y) \to a\big((x, y) + \alpha\, (G_4 * U)(x, y)\big)",
            source="Simard, Steinkraus & Platt 2003, whose strength of 34 is 1.4 here",
            settings=_amount(
                "Elastic", 4.0, "pixels", "How far pixels move along each axis, root mean square; 1.4 is the classic."
            ),
            draws=2 * NODES**2,
            back=_bent,
        ),
    ],
)
DRAWS = sum(entry.draws for entry in DISTORTIONS.values())


def drawn(key: Array, count: int) -> Array:
    """The numbers (draws of all entries, count) float32 in -1..1 that decide what becomes of `count` digits."""
    return jax.random.uniform(key, (DRAWS, count), jnp.float32, -1.0, 1.0)


def sources(numbers: Array, amounts: Mapping[str, Array]) -> Place:
    """Columns and rows (b, 28, 28) in the digits, in pixels, that the pixels of the changed digits are read from.

    numbers: (draws of all entries, b). amounts: of every entry, by key.
    """
    shape = (numbers.shape[1], SIDE, SIDE)
    along = np.arange(SIDE, dtype=np.float32) - np.float32(CENTRE)
    at = jnp.broadcast_to(along[None, :], shape), jnp.broadcast_to(along[:, None], shape)
    first = 0
    for entry in DISTORTIONS.values():
        at = entry.back(at, numbers[first : first + entry.draws, :, None, None], amounts[entry.key])
        first += entry.draws
    return at[0] + np.float32(CENTRE), at[1] + np.float32(CENTRE)


def sampled(images: Array, x: Array, y: Array) -> Array:
    """images (b, 28, 28) read at columns x and rows y (b, 28, 28), bilinearly; paper (0) all around. (b, 28, 28) float32.

    Four gathers from one flat array: on a CPU twice as fast as packing neighbours together to gather less, and six times as
    fast as two passes of one-dimensional products (measured at 128 digits).
    """
    count, wide = images.shape[0], SIDE + 2
    each = wide * wide + wide + 1  # the last pixel's neighbours are read too, with weight 0
    flat = jnp.pad(jnp.pad(images, ((0, 0), (1, 1), (1, 1))).reshape(count, -1), ((0, 0), (0, wide + 1))).reshape(-1)
    x, y = jnp.clip(x, -1, SIDE), jnp.clip(y, -1, SIDE)
    left, top = jnp.floor(x), jnp.floor(y)
    start = np.arange(count, dtype=np.int32)[:, None, None] * each
    index = ((top + 1) * wide + (left + 1)).astype(jnp.int32) + start

    def read(offset: int) -> Array:
        return flat.at[index + offset].get(mode="clip")

    right, low = x - left, y - top
    upper = (1 - right) * read(0) + right * read(1)
    return (1 - low) * upper + low * ((1 - right) * read(wide) + right * read(wide + 1))


def distort(key: Array, images: Array, amounts: Mapping[str, Array]) -> Array:
    """images (b, 28, 28) float32 in 0..1, each changed by itself; the same images, bit by bit, where every amount is 0.

    amounts: float32 scalars of every entry of DISTORTIONS, by key; traced, so that changing one compiles nothing. 0 costs nothing.
    """
    any_at_all = sum(amounts[entry] for entry in DISTORTIONS) > 0
    return lax.cond(any_at_all, lambda: sampled(images, *sources(drawn(key, images.shape[0]), amounts)), lambda: images)


@lru_cache(maxsize=1)
def _program() -> Callable[..., Array]:
    def run(seed: Array, images: Array, amounts: Mapping[str, Array]) -> Array:
        return distort(jax.random.key(seed), images.astype(jnp.float32) * np.float32(1 / 255), amounts)

    return jax.jit(run)


def whole(distortions: Mapping[str, float]) -> dict[str, np.float32]:
    """The amounts of every entry of the table, those that are not in `distortions` 0."""
    return {key: np.float32(distortions.get(key, 0.0)) for key in DISTORTIONS}


def preview(images: np.ndarray, distortions: Mapping[str, float], seed: int) -> np.ndarray:
    """images (k, 28, 28) uint8 as a step might see them, (k, 28, 28) uint8. distortions: amounts by key; seed: 0..2**32 - 1."""
    seen = _program()(np.uint32(seed), images, whole(distortions))
    return np.rint(np.asarray(seen) * 255).astype(np.uint8)
