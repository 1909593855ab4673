"""A stack of layers on digits: shapes, counts, receptive fields, first weights, and the forward pass in JAX.

Nothing but the functions that take arrays needs JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engines.data.scalings import SCALINGS
from engines.initializers import INITIALIZERS
from engines.lazy import jnp
from engines.nets.layers import LAYERS, Settings, Shape, arrays
from engines.nets.layers.prototypes import HEIGHT, PROTOTYPES, WIDTH
from engines.nets.layers.table import Pass, Window

if TYPE_CHECKING:
    from engines.experiment import DenseNet, StackNet

Array = Any
Pair = tuple[Array, Array]
SIDE, CLASSES = 28, 10
OUTPUT = "output"
MOST_PARAMETERS, MOST_MULTIPLIES = 5_100_000, 60_000_000


class Row(NamedTuple):
    """A layer of a stack, as its table shows it.

    index: its place, the output layer last. weights: its place among the pairs of weights, or None. window: what slides, or None.
    """

    index: int
    key: str
    label: str
    activation: str
    settings: Settings
    shape_in: Shape
    shape: Shape
    parameters: int
    multiplies: int
    weights: int | None
    window: Window | None


class Misfit(ValueError):
    """A layer that cannot stand where it stands: its place, what it is called, and why."""

    def __init__(self, index: int, label: str, why: str) -> None:
        super().__init__(f"layer {index + 1}, {label}: {why}")
        self.index, self.label, self.why = index, label, why


def rows(net: StackNet) -> tuple[Row, ...]:
    """Every layer of `net`, the output layer last. Raises Misfit for a layer, ValueError where all together do not fit."""
    shape: Shape = (1, SIDE + 2 * net.border, SIDE + 2 * net.border)
    found: list[Row] = []
    numbers: dict[str, int] = {}
    pairs = 0
    for index, layer in enumerate(net.layers):
        kind = LAYERS[layer.key]
        numbers[kind.short] = numbers.get(kind.short, 0) + 1
        label = f"{kind.short} {numbers[kind.short]}"
        try:
            after = kind.shape(shape, layer.settings)
        except ValueError as error:
            raise Misfit(index, label, str(error)) from None
        has = kind.fan(shape, layer.settings) is not None
        counts = (kind.parameters(shape, layer.settings), kind.multiplies(shape, layer.settings))
        weights = pairs if has else None
        window = kind.window(layer.settings)
        found.append(Row(index, layer.key, label, layer.activation, layer.settings, shape, after, *counts, weights, window))
        pairs, shape = pairs + has, after
    found.append(_output_row(net, len(net.layers), shape, pairs))
    _check_size(found)
    return tuple(found)


def _output_row(net: StackNet, index: int, shape: Shape, pairs: int) -> Row:
    units = prod(shape)
    if net.head == "rbf":
        if units != WIDTH * HEIGHT:
            raise ValueError(f"the radial basis output compares {WIDTH * HEIGHT} values with ten pictures, and {units:,} reach it")
        return Row(index, "rbf", OUTPUT, "linear", {}, shape, (CLASSES,), 0, units * CLASSES, None, None)
    return Row(index, "dense", OUTPUT, "linear", {}, shape, (CLASSES,), (units + 1) * CLASSES, units * CLASSES, pairs, None)


def _check_size(found: Sequence[Row]) -> None:
    for name, most, total in (
        ("weights", MOST_PARAMETERS, sum(row.parameters for row in found)),
        ("multiplications a digit", MOST_MULTIPLIES, sum(row.multiplies for row in found)),
    ):
        if total > most:
            raise ValueError(f"this stack has {total:,} {name}, and at most {most:,} are allowed; pool earlier or take fewer units")


def as_stack(net: DenseNet | StackNet) -> StackNet:
    """`net` itself, or the stack that is the same as a dense net, with the same pairs of weights in the same order."""
    from engines.experiment import StackLayer, StackNet

    if net.kind == "stack":
        return net
    layers = []
    for layer in net.layers:
        layers.append(StackLayer(key="dense", settings={"units": layer.units}, activation=layer.activation))
        layers += [StackLayer(key="dropout", settings={"rate": layer.dropout})] if layer.dropout else []
    return StackNet(layers=layers, initializer=net.initializer)


def receptive_field(net: StackNet, index: int, y: int, x: int) -> tuple[int, int, int, int]:
    """(top, left, height, width), in pixels of the 28 x 28 digit, of all that reaches the place (y, x) of layer `index`.

    It may hang over the edge. Behind a dense or flatten layer it is the whole input.
    """
    side = SIDE + 2 * net.border
    top, left, height, width = y, x, 1, 1
    for row in reversed(rows(net)[: index + 1]):
        if row.key in ("dense", "rbf", "flatten"):
            return -net.border, -net.border, side, side
        if row.window is not None:
            size, stride, padding = row.window
            top, left = top * stride - padding, left * stride - padding
            height, width = (height - 1) * stride + size, (width - 1) * stride + size
    return top - net.border, left - net.border, height, width


def initial_weights(net: StackNet, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(W (fan_in, fan_out), b (fan_out,)) a layer that has weights, float32, drawn layer by layer from NumPy's generator of `seed`.

    Convolutions are drawn by the number of values that one filter sees; connections that do not exist are 0.
    """
    rng = np.random.default_rng(seed)
    chosen = net.initializer
    draw = INITIALIZERS[chosen.key].draw
    pairs = []
    for row in rows(net):
        if row.weights is None:
            continue
        kind = LAYERS[row.key]
        settings = dict(row.settings) if row.label != OUTPUT else {"units": CLASSES}
        fan_in, fan_out = kind.fan(row.shape_in, settings)
        w = kind.start(fan_in, fan_out, settings) if kind.start else draw(rng, fan_in, fan_out, chosen.settings)
        kept = kind.kept(settings)
        pairs.append(((w if kept is None else w * kept).astype(np.float32), np.zeros(fan_out, np.float32)))
    return pairs


# ---- arrays


def prepared(net: StackNet, x: Array) -> Array:
    """What the first layer gets, (1, side, side, b), of pixels x (b, 784) in 0..1."""
    scaling = SCALINGS[net.scaling]
    maps = (x * np.float32(scaling.scale) + np.float32(scaling.shift)).T.reshape(1, SIDE, SIDE, -1)
    around = (net.border, net.border)
    return jnp.pad(maps, ((0, 0), around, around, (0, 0)), constant_values=scaling.shift)


@lru_cache(maxsize=1)
def _prototypes() -> np.ndarray:
    return PROTOTYPES.reshape(CLASSES, -1)


def distances(x: Array) -> Array:
    """Squared distance (10, n) of x (84, n) from each of the ten pictures. Source: LeCun et al. 1998, equation 7."""
    pictures = _prototypes()
    return jnp.square(x).sum(0) - 2 * (pictures @ x) + np.square(pictures).sum(1)[:, None]


class Inner(NamedTuple):
    """What a layer computed, examples on the last axis. z: before its activation; a: after it (the same where it has none)."""

    z: Array
    a: Array


def run(
    net: StackNet,
    weights: Sequence[Pair],
    x: Array,
    activate: Callable[[str], Callable[[Array], Array]],
    on: Callable[[int], Pass] = lambda index: Pass(),
    watch: Callable[[int, Array], Array] = lambda index, a: a,
) -> list[Inner]:
    """Every layer's z and a, the output layer's logits last (10, n), of x as `prepared` gives it.

    activate: key -> elementwise function. on(index): what layer `index` may ask for. watch(index, a) stands in for a layer's
    output on its way to the next, so that a gradient by it can be taken.
    """
    found = []
    h = x
    for row in rows(net):
        w, b = weights[row.weights] if row.weights is not None else (None, None)
        if row.key == "rbf":
            z = a = -distances(arrays.flat(h))
        else:
            z = LAYERS[row.key].run(w, b, h, row.settings, on(row.index))
            a = activate(row.activation)(z) if row.activation != "linear" else z
        h = watch(row.index, a)
        found.append(Inner(z, h))
    return found
