"""What a stack's programs are compiled for, and how they run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from engines.experiment import StackNet
from engines.lazy import jax
from engines.nets import stack
from engines.nets.compiling import kept
from engines.nets.layers import LAYERS, arrays
from engines.nets.layers.table import Pass
from engines.nets.programs import activation, scaled
from engines.nets.updating import Rates, Weights

Array = Any
Chance = Callable[[int], Pass]
PIECE = 64
"""Digits whose maps, of a net like LeNet-5, lie in a core's cache together: a fifth quicker than 128."""


class StackSpec(NamedTuple):
    """net: what of a `StackNet` shapes its program, as `shaping` writes it. The rest as `engines.nets.programs.AnySpec`."""

    net: str
    cost: str
    optimizer: str
    batch: int
    slice: int
    precision: str = "float32"
    distorted: bool = False

    def chance(self, rates: Rates, key: Callable[[], Array], count: int) -> Chance:
        """What layer `index` may ask for in this training step."""
        net = net_of(self.net)
        places = {i: k for k, i in enumerate(i for i, layer in enumerate(net.layers) if layer.key == "dropout")}

        def on(index: int) -> Pass:
            rate = rates["dropout"][places[index]] if index in places else None
            return Pass(True, rate, lambda: jax.random.fold_in(key(), 2 + index))

        return on

    def pieces(self, count: int) -> int:
        """As `AnySpec.pieces`: 64 digits each on a CPU where windows slide; layers that normalise need the whole batch."""
        net = net_of(self.net)
        slides = any(LAYERS[layer.key].window(layer.settings) for layer in net.layers)
        cut = jax.default_backend() == "cpu" and slides and not has_norm(net) and count > PIECE and count % PIECE == 0
        return count // PIECE if cut else 1

    def logits(self, weights: Weights, x: Array, chance: Chance | None = None) -> Array:
        """As `AnySpec.logits`. Outside training the weights have to be settled (`settle`)."""
        return self._run(weights, x, chance)[-1].a.T

    def sums(self, weights: Weights, x: Array) -> list[tuple[str | None, Array]]:
        """As `AnySpec.sums`; for maps every place counts."""
        found = zip(stack.rows(net_of(self.net)), self._run(weights, x), strict=True)
        return [
            (None if row.label == stack.OUTPUT else row.activation, inner.z.reshape(len(inner.z), -1).T)
            for row, inner in found
            if row.weights is not None
        ]

    def _run(self, weights: Weights, x: Array, chance: Chance | None = None) -> list[stack.Inner]:
        net = net_of(self.net)
        return stack.run(net, weights, stack.prepared(net, x), activation, **({"on": chance} if chance else {}))


def shaping(net: StackNet) -> str:
    """What of `net` shapes a program, as text: all but the first weights and settings that are traced."""
    plain = net.model_dump(exclude={"initializer"})
    for layer in plain["layers"]:
        layer["settings"] = {k: v for k, v in layer["settings"].items() if k not in LAYERS[layer["key"]].traced}
    return json.dumps(plain, sort_keys=True)


@lru_cache(maxsize=64)
def net_of(text: str) -> StackNet:
    """The net that `shaping` wrote; what it left out takes its usual value."""
    return StackNet.model_validate_json(text)


def has_norm(net: StackNet) -> bool:
    """Whether some layer normalises by the batch, so that weights have to be settled before they are used outside training."""
    return any(layer.key == "norm" for layer in net.layers)


def settle(text: str, weights: Weights, x: Array) -> Weights:
    """The weights with every normalising layer's pair turned into the scale and shift that the statistics of x (b, 784) give.

    Source: Ioffe & Szegedy 2015, algorithm 2: after training, the statistics of the training set take the place of the batch's.
    """
    net = net_of(text)
    settled = list(weights)
    training = Pass(training=True)
    inner = stack.run(net, weights, stack.prepared(net, x), activation, on=lambda index: training)
    for row in stack.rows(net):
        if row.key == "norm":
            before = inner[row.index - 1].a if row.index else stack.prepared(net, x)
            settled[row.weights] = arrays.folded(*weights[row.weights], *arrays.moments(before))
    return tuple(settled)


@kept
def settle_program(text: str) -> Callable[[Weights, Array], Weights]:
    """`settle` for the net `text`, compiled."""
    return jax.jit(lambda weights, images: settle(text, weights, scaled(images)))
