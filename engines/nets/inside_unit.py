"""How one unit comes to its value: what it sees, what it multiplies that with, and what it adds up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.activations import ACTIVATIONS
from engines.experiment import StackNet
from engines.lazy import jax
from engines.nets import stack
from engines.nets.inside_pass import Pairs, Passed
from engines.nets.layers import LAYERS
from engines.nets.layers.prototypes import PROTOTYPES
from engines.nets.stack import Row

Unit = tuple[int, int, int, int]
TOP, CHANNELS = 12, 8
"""Products named one by one, the largest; channels whose windows are shown, the first."""


class Case(NamedTuple):
    """A unit to be explained: its layer, what reaches that layer, its W and b, its place, and what an input is called."""

    row: Row
    before: np.ndarray
    w: np.ndarray
    b: np.ndarray
    place: tuple[int, int, int]
    name: Callable[[int], str]


class Sum(NamedTuple):
    """What a unit adds up.

    terms: how many products. bias: what is added to them. parts: {channel, sum} of every channel that it is connected with.
    top: [input's name, its value, weight, product] of the largest products, by size. rest: the sum of the other products.
    winner: (row, column) within the window, of a maximum. channels: those that window and kernel (c, height, width) show.
    """

    terms: int
    bias: float = 0.0
    parts: Sequence[dict[str, Any]] = ()
    top: Sequence[list[Any]] = ()
    rest: float | None = None
    winner: tuple[int, int] | None = None
    channels: Sequence[int] = ()
    window: np.ndarray | None = None
    kernel: np.ndarray | None = None


def explained(net: StackNet, weights: Pairs, seen: Passed, unit: Unit) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Sections and facts of `unit` (layer, channel, row, column), (layer, unit, 0, 0) in rows of units; None if there is none.

    Facts: layer, kind, label, channel, y, x; field (top, left, height, width) in pixels of the digit; activation, sum z, value a,
    slope of the activation at z, gradient of the cost by a; and the fields of `Sum` but its arrays. Of the output layer also all
    ten logits and probabilities. Sections: unit_window and unit_kernel, float32, where there are such.
    """
    rows = stack.rows(net)
    index, *place = unit
    if not 0 <= index < len(rows):
        return None
    row = rows[index]
    inside = (*place[: len(row.shape)],)
    if any(not 0 <= at < size for at, size in zip(inside, row.shape, strict=True)) or any(place[len(row.shape) :]):
        return None
    with np.errstate(all="ignore"):
        found = SUMS[row.key](_case(net, rows, weights, seen, row, tuple(place)))
    z, a, gradient = (float(one[index][inside]) for one in (seen.z, seen.a, seen.d))
    facts = {
        "layer": index,
        "kind": row.key,
        "label": row.label,
        **dict(zip(("channel", "y", "x"), place, strict=True)),
        "field": list(stack.receptive_field(net, index, place[1], place[2])),
        "activation": row.activation,
        "sum": z,
        "value": a,
        "slope": float(_slope(row.activation)(np.float32(z))),
        "gradient": gradient,
        **{name: value for name, value in found._asdict().items() if name not in ("window", "kernel")},
        "logits": seen.a[-1].tolist() if row.label == stack.OUTPUT else None,
        "probabilities": seen.probabilities.tolist() if row.label == stack.OUTPUT else None,
    }
    shown = {"unit_window": found.window, "unit_kernel": found.kernel}
    return {name: np.ascontiguousarray(array, np.float32) for name, array in shown.items() if array is not None}, facts


@lru_cache(maxsize=64)
def _slope(key: str) -> Callable[[Any], Any]:
    return jax.jit(ACTIVATIONS[key].derivative)


def _case(net: StackNet, rows: Sequence[Row], weights: Pairs, seen: Passed, row: Row, place: tuple[int, ...]) -> Case:
    w, b = weights[row.weights] if row.weights is not None else (np.zeros((1, 1)), np.zeros(1))
    before = seen.a[row.index - 1] if row.index else seen.x
    border = net.border if all(earlier.key == "dropout" for earlier in rows[: row.index]) else None
    return Case(row, before, np.asarray(w), np.asarray(b), place, lambda flat: _named(before.shape, flat, border))


def _named(shape: tuple[int, ...], flat: int, border: int | None) -> str:
    """What input number `flat` is called. border: of the digit, where inputs are its pixels."""
    if len(shape) == 1:
        return f"unit {flat}"
    channel, y, x = (int(at) for at in np.unravel_index(flat, shape))
    return f"map {channel} ({y}, {x})" if border is None else f"pixel ({y - border}, {x - border})"


def _parts(channels: Sequence[int], products: np.ndarray) -> list[dict[str, Any]]:
    return [{"channel": int(c), "sum": float(part.sum())} for c, part in zip(channels, products, strict=True)]


def _largest(name: Callable[[int], str], values: np.ndarray, weights: np.ndarray, products: np.ndarray) -> dict[str, Any]:
    """Fields top, rest, window and kernel of a `Sum` of products (n,)."""
    order = np.argsort(-np.abs(products), kind="stable")[:TOP]
    top = [[name(int(i)), float(values[i]), float(weights[i]), float(products[i])] for i in order]
    return {"top": top, "rest": float(np.delete(products, order).sum()), "window": values[order], "kernel": weights[order]}


def _window(case: Case, channels: Sequence[int]) -> np.ndarray:
    """What of those channels lies under the window, (c, size, size); 0 beyond the edges."""
    size, stride, padding = case.row.window
    _, y, x = case.place
    around = np.pad(case.before[list(channels)], ((0, 0), (padding, padding), (padding, padding)))
    return around[:, y * stride : y * stride + size, x * stride : x * stride + size]


def _conv(case: Case) -> Sum:
    size, unit = case.row.window.size, case.place[0]
    kept = LAYERS["conv"].kept(case.row.settings)

    def by_channel(w: np.ndarray) -> np.ndarray:
        return w[:, unit].reshape(size, size, -1).transpose(2, 0, 1)

    linked = np.flatnonzero(by_channel(kept).any((1, 2))) if kept is not None else np.arange(len(case.before))
    window, kernel = _window(case, linked), by_channel(case.w)[linked]
    parts = _parts(linked, window.astype(np.float64) * kernel)
    shown = {"channels": linked[:CHANNELS].tolist(), "window": window[:CHANNELS], "kernel": kernel[:CHANNELS]}
    return Sum(window.size, float(case.b[unit]), parts, **shown)


def _pool(case: Case) -> Sum:
    window = _window(case, [case.place[0]])
    return Sum(window.size, channels=[case.place[0]], window=window)


def _pool_max(case: Case) -> Sum:
    found = _pool(case)
    winner = np.unravel_index(int(found.window[0].argmax()), found.window[0].shape)
    return found._replace(winner=(int(winner[0]), int(winner[1])))


def _subsample(case: Case) -> Sum:
    found, channel = _pool(case), case.place[0]
    kernel = np.full(found.window.shape, case.w[0, channel])
    parts = _parts([channel], found.window.astype(np.float64) * kernel)
    return found._replace(bias=float(case.b[channel]), parts=parts, kernel=kernel)


def _norm(case: Case) -> Sum:
    """Settled: one scale and one shift a channel."""
    channel = case.place[0]
    value = np.full((1, 1, 1), case.before[case.place[: case.before.ndim]])
    scale = np.full((1, 1, 1), case.w[0, channel])
    parts = _parts([channel], value.astype(np.float64) * scale)
    return Sum(1, float(case.b[channel]), parts, channels=[channel], window=value, kernel=scale)


def _passed_on(case: Case) -> Sum:
    """The layer hands on what it gets."""
    flat = int(np.ravel_multi_index(case.place[: len(case.row.shape)], case.row.shape))
    value = float(case.before.reshape(-1)[flat])
    return Sum(1, top=[[case.name(flat), value, 1.0, value]], rest=0.0)


def _dense(case: Case) -> Sum:
    values, weights = case.before.reshape(-1), case.w[:, case.place[0]]
    products = values.astype(np.float64) * weights
    maps = len(case.before) if case.before.ndim == 3 else 0
    parts = _parts(range(maps), products.reshape(maps, -1)) if maps > 1 else []
    return Sum(values.size, float(case.b[case.place[0]]), parts, **_largest(case.name, values, weights, products))


def _rbf(case: Case) -> Sum:
    """Minus the squared distance from the drawn digit."""
    drawn = PROTOTYPES[case.place[0]].astype(np.float32)
    values = case.before.reshape(-1)
    products = -np.square(values.astype(np.float64) - drawn.reshape(-1))
    pictures = {"window": values.reshape(1, *drawn.shape), "kernel": drawn[None]}
    return Sum(values.size, channels=[0], **(_largest(case.name, values, drawn.reshape(-1), products) | pictures))


SUMS: dict[str, Callable[[Case], Sum]] = {
    "conv": _conv,
    "pool_max": _pool_max,
    "pool_average": _pool,
    "pool_l2": _pool,
    "subsample": _subsample,
    "norm": _norm,
    "dropout": _passed_on,
    "flatten": _passed_on,
    "dense": _dense,
    "rbf": _rbf,
}
"""How each kind of layer adds up: an entry a layer of `LAYERS`, and one for the radial basis output."""
