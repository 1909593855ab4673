"""Two small nets with every kind of layer, a random picture on its way through them, and what NumPy makes of it in float64."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engines.experiment import StackNet
from engines.nets import inside_pass, stack
from tests.engines.nets import numpy_stack


def layer(key, activation="linear", **how):
    return {"key": key, "settings": how, "activation": activation}


MIXED = StackNet(
    border=1,
    scaling="lenet",
    layers=[
        layer("conv", filters=3, size=4, stride=3, padding=1),
        layer("norm", "tanh"),
        layer("dropout", rate=0.4),
        layer("pool_max", size=2, stride=1),
        layer("conv", "relu", filters=4, size=3, padding=1),
        layer("pool_average", size=3, stride=3),
        layer("flatten"),
        layer("dense", "sigmoid", units=14),
        layer("norm"),
    ],
)
SPARSE = StackNet(
    border=2,
    scaling="standard",
    head="rbf",
    layers=[
        layer("conv", "scaled_tanh", filters=6, size=5, stride=3),
        layer("subsample", "scaled_tanh"),
        layer("conv", "tanh", filters=16, size=3, connections=1),
        layer("pool_l2", size=2, stride=1),
        layer("dense", "scaled_tanh", units=84),
    ],
)
COSTS = {
    "softmax_cross_entropy": lambda z, t: np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1) - z[:, t],
    "map_criterion": lambda z, t: np.log(np.exp(-0.1) + np.exp(z).sum(1)) - z[:, t],
}
NETS = {"mixed": (MIXED, "softmax_cross_entropy", 7), "sparse": (SPARSE, "map_criterion", None)}


class Case:
    """A net with random weights, a random picture, what the engine and what NumPy make of it."""

    def __init__(self, net, cost, truth):
        rng = np.random.default_rng(5)
        self.net, self.cost, self.truth, self.rows = net, cost, truth, stack.rows(net)
        self.weights = [
            (w + 0.1 * rng.standard_normal(w.shape).astype(np.float32) * (w != 0), rng.normal(0, 0.3, b.shape).astype(np.float32))
            for w, b in stack.initial_weights(net, 3)
        ]
        self.picture = (rng.random((28, 28)) ** 3 * 255).astype(np.uint8)
        self.seen = inside_pass.passed(net, cost, self.weights, self.picture, truth)
        self.oracle = self.numpy()

    def numpy(self, weights=None, pixels=None):
        pixels = self.picture.reshape(1, -1) / 255 if pixels is None else pixels
        return numpy_stack.forward(self.net, weights or self.weights, pixels, "folded")

    def costs(self, found):
        return COSTS[self.cost](found[-1][1], self.seen.target)


@lru_cache(maxsize=2)
def case_of(name):
    """The case `name` of `NETS`, made once."""
    return Case(*NETS[name])
