"""A stack in float64 NumPy, one loop a place: slow, and written without a look at the engine's own."""

from __future__ import annotations

import numpy as np

from engines.nets.layers.arrays import C3_MAPS
from engines.nets.layers.prototypes import PROTOTYPES
from engines.nets.stack import rows

ACTIVATE = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "scaled_tanh": lambda z: 1.7159 * np.tanh(2 / 3 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
SCALE = {"unit": (1.0, 0.0), "standard": (1 / 0.3081, -0.1307 / 0.3081), "lenet": (1.275, -0.1)}


def conv(x, w, b, size, stride, padding, connections=0):
    """x (n, c, h, w); w (size * size * c, filters), rows by window row, window column, channel."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, channels, height, width = x.shape
    tall, wide = (height - size) // stride + 1, (width - size) // stride + 1
    kernel = w.reshape(size, size, channels, -1)
    y = np.zeros((n, kernel.shape[-1], tall, wide))
    for f in range(kernel.shape[-1]):
        for c in C3_MAPS[f] if connections else range(channels):
            for i in range(tall):
                for j in range(wide):
                    window = x[:, c, i * stride : i * stride + size, j * stride : j * stride + size]
                    y[:, f, i, j] += (window * kernel[:, :, c, f]).sum((1, 2))
    return y + b[:, None, None]


def pool(x, size, stride, how):
    n, channels, height, width = x.shape
    tall, wide = (height - size) // stride + 1, (width - size) // stride + 1
    windows = np.zeros((n, channels, tall, wide, size, size))
    for i in range(tall):
        for j in range(wide):
            windows[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
    return {
        "pool_max": lambda: windows.max((4, 5)),
        "pool_average": lambda: windows.mean((4, 5)),
        "pool_l2": lambda: np.sqrt((windows**2).mean((4, 5))),
        "sum": lambda: windows.sum((4, 5)),
    }[how]()


def normalise(x, gamma, beta, mean, variance):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    return gamma.reshape(shape) * (x - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + 1e-5) + beta.reshape(shape)


def forward(net, weights, pixels, statistics="batch", upto=None):
    """Every layer's (z, a), examples first, of pixels (n, 784) in 0..1. statistics: 'batch', or 'folded' scale and shift."""
    scale, shift = SCALE[net.scaling]
    x = pixels.reshape(-1, 1, 28, 28).astype(np.float64) * scale + shift
    x = np.pad(x, ((0, 0), (0, 0), (net.border,) * 2, (net.border,) * 2), constant_values=shift)
    found = []
    for row in rows(net):
        w, b = (np.asarray(p, np.float64) for p in weights[row.weights]) if row.weights is not None else (None, None)
        s = {key: int(value) for key, value in row.settings.items() if key != "rate"}
        if row.key == "conv":
            z = conv(x, w, b, **{key: s[key] for key in ("size", "stride", "padding", "connections")})
        elif row.key.startswith("pool"):
            z = pool(x, s["size"], s["stride"], row.key)
        elif row.key == "subsample":
            z = w[0][:, None, None] * pool(x, s["size"], s["size"], "sum") + b[:, None, None]
        elif row.key == "norm":
            axes = (0, 2, 3) if x.ndim == 4 else (0,)
            given = (x.mean(axes), x.var(axes)) if statistics == "batch" else (np.zeros(x.shape[1]), np.full(x.shape[1], 1 - 1e-5))
            z = normalise(x, w[0], b, *given)
        elif row.key == "dense":
            z = x.reshape(len(x), -1) @ w + b
        elif row.key == "rbf":
            z = -((x.reshape(len(x), 1, -1) - PROTOTYPES.reshape(1, 10, -1)) ** 2).sum(-1)
        else:
            z = x.reshape(len(x), -1) if row.key == "flatten" else x
        x = ACTIVATE[row.activation](z)
        found.append((z, x))
    return found
