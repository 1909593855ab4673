"""The layers a stack is built of: the table. One entry adds one to builder, links, engine, pictures and tests.

A shape is (channels, height, width) for maps, (units,) for a row of units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from engines.nets.layers import arrays, windows
from engines.tables import Entry, Setting, Table

Array = Any
Shape = tuple[int, ...]
Settings = Mapping[str, float]
MOST_UNITS, MOST_FILTERS = 2048, 128


class Pass(NamedTuple):
    """What a layer may ask for on its way forward. training: whether it learns just now (drop units, normalise by the batch).

    rate: a dropout layer's traced rate. key: () -> PRNG key of this layer and step. brief: whether it had better compile quickly
    than run quickly, as where there are few examples.
    """

    training: bool = False
    rate: Any = None
    key: Callable[[], Any] | None = None
    brief: bool = False


class Window(NamedTuple):
    """A window that slides over maps: places on a side, places from one to the next, zeros around the map."""

    size: int
    stride: int
    padding: int


@dataclass(frozen=True, kw_only=True)
class LayerKind(Entry):
    """A kind of layer.

    short: what it is called with a number behind it. activated: whether an activation follows inside the layer.
    shape: (shape in, settings) -> shape out; raises ValueError with a sentence where it does not fit.
    fan: (shape in, settings) -> (fan_in, fan_out) of its weights W, or None. start: (fan_in, fan_out, settings) -> the first W
    where it is not drawn. kept: settings -> (fan_in, fan_out) 0 or 1 where weights exist, or None for all.
    parameters, multiplies: (shape in, settings) -> how many weights and biases, how many multiplications for one digit.
    run: (W, b, x, settings, Pass) -> weighted sums (or the output, without an activation); examples on the last axis.
    window: settings -> the window that slides, or None. traced: settings that do not shape the program.
    """

    short: str
    activated: bool = False
    shape: Callable[[Shape, Settings], Shape]
    run: Callable[[Array, Array, Array, Settings, Pass], Array]
    fan: Callable[[Shape, Settings], tuple[int, int] | None] = lambda shape, s: None
    start: Callable[[int, int, Settings], np.ndarray] | None = None
    kept: Callable[[Settings], np.ndarray | None] = lambda s: None
    parameters: Callable[[Shape, Settings], int] = lambda shape, s: 0
    multiplies: Callable[[Shape, Settings], int] = lambda shape, s: 0
    window: Callable[[Settings], Window | None] = lambda s: None
    traced: tuple[str, ...] = ()


def _maps(shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ValueError(f"it slides over maps, but a row of {shape[0]:,} numbers reaches it; put it before the dense layers")
    return shape  # type: ignore[return-value]


def _slid(shape: Shape, window: Window) -> tuple[int, int]:
    """Rows and columns of places of the window."""
    _, height, width = _maps(shape)
    room = min(height, width) + 2 * window.padding
    if window.size > room:
        raise ValueError(f"its window of {window.size} x {window.size} does not fit into maps of {height} x {width}")
    return tuple((n + 2 * window.padding - window.size) // window.stride + 1 for n in (height, width))  # type: ignore[return-value]


def _conv_window(s: Settings) -> Window:
    return Window(int(s["size"]), int(s["stride"]), int(s["padding"]))


def _pool_window(s: Settings) -> Window:
    return Window(int(s["size"]), int(s.get("stride", s["size"])), 0)


def _conv_shape(shape: Shape, s: Settings) -> Shape:
    height, width = _slid(shape, _conv_window(s))
    if s["connections"] and (shape[0], s["filters"]) != (6, 16):
        raise ValueError(
            f"LeNet-5's table connects 6 maps with 16 filters, and here are {shape[0]} and {s['filters']:g}; connect all instead"
        )
    if s["padding"] >= s["size"]:
        raise ValueError(f"padding {s['padding']:g} is not smaller than its window of {s['size']:g}: filters would see only zeros")
    return int(s["filters"]), height, width


def _conv_fan(shape: Shape, s: Settings) -> tuple[int, int]:
    return int(s["size"]) ** 2 * _maps(shape)[0], int(s["filters"])


def _conv_kept(s: Settings) -> np.ndarray | None:
    return arrays.c3_mask(int(s["size"])) if s["connections"] else None


def _conv_weights(shape: Shape, s: Settings) -> int:
    kept = _conv_kept(s)
    return prod(_conv_fan(shape, s)) if kept is None else int(kept.sum())


def _convolved(w: Array, b: Array, x: Array, s: Settings, on: Pass) -> Array:
    kept = _conv_kept(s)
    window = _conv_window(s)
    y = windows.convolve(x, w if kept is None else w * kept, *window, on.brief)
    return y + arrays.by_channel(b, y)


def _pool_shape(shape: Shape, s: Settings) -> Shape:
    return (shape[0], *_slid(shape, _pool_window(s)))


def _pooled(how: Callable[[Array, int, int], Array]) -> Callable[..., Array]:
    return lambda w, b, x, s, on: how(x, *_pool_window(s)[:2])


def _subsampled(w: Array, b: Array, x: Array, s: Settings, on: Pass) -> Array:
    return arrays.affine(windows.pool_sum(x, *_pool_window(s)[:2]), w, b)


def _normalised(w: Array, b: Array, x: Array, s: Settings, on: Pass) -> Array:
    return arrays.affine(x, *(arrays.folded(w, b, *arrays.moments(x)) if on.training else (w, b)))


def _dropped(w: Array, b: Array, x: Array, s: Settings, on: Pass) -> Array:
    return arrays.dropped(x, on.rate, on.key) if on.training and on.key is not None else x


def _dense(w: Array, b: Array, x: Array, s: Settings, on: Pass) -> Array:
    return w.T @ arrays.flat(x) + b[:, None]


def _setting(key: str, label: str, default: float, low: float, high: float, unit: str = "", help: str = "") -> Setting:
    return Setting(key=key, label=label, default=default, low=low, high=high, unit=unit, help=help, whole=True)


_SIZE = _setting("size", "Window", 2, 2, 8, "pixels", "Places on a side that are made one.")
_STRIDE = _setting("stride", "Stride", 2, 1, 8, "pixels", "How far the window moves from one place to the next.")
_POOL: dict[str, Any] = {
    "shape": _pool_shape,
    "window": _pool_window,
    "settings": (_SIZE, _STRIDE),
}

LAYERS: Table[LayerKind] = Table(
    "layers",
    [
        LayerKind(
            key="conv",
            label="Convolution",
            short="conv",
            help="Small filters slide over the maps; each looks for one pattern everywhere, with the same few weights.",
            formula=r"z_{f,y,x} = b_f + \sum_{c,i,j} W_{f,c,i,j}\, a_{c,\,sy+i-p,\,sx+j-p}",
            source="LeCun et al. 1989; Fukushima 1980",
            settings=(
                _setting("filters", "Filters", 8, 1, MOST_FILTERS, "", "How many patterns it looks for; one map each."),
                _setting("size", "Window", 5, 1, 9, "pixels", "Rows and columns of a filter."),
                _setting("stride", "Stride", 1, 1, 4, "pixels", "How far the window moves from one place to the next."),
                _setting("padding", "Padding", 0, 0, 4, "pixels", "Zeros around each map, so that its edges are seen too."),
                _setting("connections", "LeNet-5's table", 0, 0, 1, "", "1: filters see only the maps that LeNet-5's C3 connects."),
            ),
            activated=True,
            shape=_conv_shape,
            fan=_conv_fan,
            kept=_conv_kept,
            parameters=lambda shape, s: _conv_weights(shape, s) + int(s["filters"]),
            multiplies=lambda shape, s: _conv_weights(shape, s) * prod(_conv_shape(shape, s)[1:]),
            window=_conv_window,
            run=_convolved,
        ),
        LayerKind(
            key="pool_max",
            label="Max pooling",
            short="max pool",
            help="Keeps the strongest answer under the window: whether the pattern was there, no longer exactly where.",
            formula=r"a_{c,y,x} = \max_{i,j} a_{c,\,sy+i,\,sx+j}",
            source="Riesenhuber & Poggio 1999; Scherer, Müller & Behnke 2010",
            run=_pooled(windows.pool_max),
            **_POOL,
        ),
        LayerKind(
            key="pool_average",
            label="Average pooling",
            short="average pool",
            help="The mean under the window: a smaller, smoother map.",
            formula=r"a_{c,y,x} = \tfrac{1}{k^2} \sum_{i,j} a_{c,\,sy+i,\,sx+j}",
            source="LeCun et al. 1989",
            multiplies=lambda shape, s: prod(_pool_shape(shape, s)),
            run=_pooled(windows.pool_average),
            **_POOL,
        ),
        LayerKind(
            key="pool_l2",
            label="L2 pooling",
            short="L2 pool",
            help="The root of the mean square under the window: between the average and the largest.",
            formula=r"a_{c,y,x} = \sqrt{\tfrac{1}{k^2} \sum_{i,j} a_{c,\,sy+i,\,sx+j}^2}",
            source="Hyvärinen & Hoyer 2001; Sermanet, Chintala & LeCun 2012",
            multiplies=lambda shape, s: prod(_pool_shape(shape, s)) * (int(s["size"]) ** 2 + 1),
            run=_pooled(windows.pool_l2),
            **_POOL,
        ),
        LayerKind(
            key="subsample",
            label="Trainable subsampling",
            short="subsample",
            help="Adds up the window, times one trained number a map, plus one trained bias: LeNet's own pooling.",
            formula=r"z_{c,y,x} = w_c \sum_{i,j} a_{c,\,ky+i,\,kx+j} + b_c",
            source="LeCun, Bottou, Bengio & Haffner 1998, section II.B",
            settings=(_SIZE,),
            activated=True,
            shape=_pool_shape,
            fan=lambda shape, s: (1, _maps(shape)[0]),
            start=lambda fan_in, fan_out, s: np.full((fan_in, fan_out), 1 / s["size"] ** 2),
            parameters=lambda shape, s: 2 * _maps(shape)[0],
            multiplies=lambda shape, s: prod(_pool_shape(shape, s)),
            window=_pool_window,
            run=_subsampled,
        ),
        LayerKind(
            key="norm",
            label="Batch normalisation",
            short="norm",
            help="Gives every map mean 0 and spread 1 over the batch, then a trained scale and shift. It follows a linear layer.",
            formula=r"z = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta",
            source="Ioffe & Szegedy 2015",
            activated=True,
            shape=lambda shape, s: shape,
            fan=lambda shape, s: (1, shape[0]),
            start=lambda fan_in, fan_out, s: np.ones((fan_in, fan_out)),
            parameters=lambda shape, s: 2 * shape[0],
            multiplies=lambda shape, s: prod(shape),
            run=_normalised,
        ),
        LayerKind(
            key="dropout",
            label="Dropout",
            short="dropout",
            help="Silences each value with this probability while it trains, so that none can rely on another.",
            formula=r"a = \frac{m}{1 - r}\, a,\quad m \sim \text{Bernoulli}(1 - r)",
            source="Hinton et al. 2012; Srivastava et al. 2014",
            settings=(Setting(key="rate", label="Rate", default=0.5, low=0.0, high=0.9, help="Share of values silenced."),),
            shape=lambda shape, s: shape,
            traced=("rate",),
            run=_dropped,
        ),
        LayerKind(
            key="flatten",
            label="Flatten",
            short="flatten",
            help="Lays the maps out in one row. Dense layers do it by themselves; this shows it.",
            formula=r"a_{(c \cdot h + y) \cdot w + x} = a_{c,y,x}",
            source="LeCun et al. 1989",
            shape=lambda shape, s: (prod(shape),),
            run=lambda w, b, x, s, on: arrays.flat(x),
        ),
        LayerKind(
            key="dense",
            label="Dense",
            short="dense",
            help="Every unit is connected with everything before it.",
            formula=r"z = W^\top a + b",
            source="Rosenblatt 1957; Rumelhart, Hinton & Williams 1986",
            settings=(_setting("units", "Units", 128, 1, MOST_UNITS, "", "How many units."),),
            activated=True,
            shape=lambda shape, s: (int(s["units"]),),
            fan=lambda shape, s: (prod(shape), int(s["units"])),
            parameters=lambda shape, s: (prod(shape) + 1) * int(s["units"]),
            multiplies=lambda shape, s: prod(shape) * int(s["units"]),
            run=_dense,
        ),
    ],
)
