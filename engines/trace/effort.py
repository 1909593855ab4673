"""What backpropagation costs, counted and measured, against finite differences."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engines.trace.net import Net, in_precision
from engines.trace.passes import Pass

REPEATS, WARM_UPS = 25, 3


@dataclass(frozen=True)
class Effort:
    """Multiplications and additions of the matrix products, for one gradient of all weights; and seconds, nan where not measured.

    forward: to the cost. backward: from there to the gradients of all matrices and biases; the update is in neither.
    differences: one-sided, one forward pass for each parameter and one more. Its seconds are those of one forward pass times how
    many are needed: waiting for them all would be the point, and a bore.
    """

    parameters: int
    forward: int
    backward: int
    differences: int
    forward_s: float = float("nan")
    backward_s: float = float("nan")
    differences_s: float = float("nan")


def count(widths: tuple[int, ...], examples: int) -> Effort:
    """Counted operations for a net of `widths` (inputs first).

    A product (n, i)(i, o) takes n·i·o multiplications and as many additions.
    Backward: one product for the gradient of each matrix and one for the errors below it; none below the first layer.
    """
    products = [2 * examples * i * o for i, o in pairwise(widths)]
    parameters = sum(i * o + o for i, o in pairwise(widths))
    forward = sum(products)
    return Effort(parameters, forward, 2 * forward - products[0], (parameters + 1) * forward)


def measure(net: Net, x: np.ndarray, t: np.ndarray, repeats: int = REPEATS) -> Effort:
    """As `count`, with seconds: of each the smallest of `repeats`, in float32, after passes of this size that are not counted.

    The smallest, since whatever else the machine does can only add to a time.
    """
    net, x, t = net.cast(np.float32), np.asarray(x, np.float32), np.asarray(t, np.float32)
    for _ in range(WARM_UPS):
        _timed(net, x, t)
    forward, backward = (min(times) for times in zip(*(_timed(net, x, t) for _ in range(repeats)), strict=True))
    counted = count(net.widths, len(x))
    return replace(counted, forward_s=forward, backward_s=backward, differences_s=forward * (counted.parameters + 1))


def _timed(net: Net, x: np.ndarray, t: np.ndarray) -> tuple[float, float]:
    """Seconds of the way forward and of the way back."""
    work = Pass(net, x, t, np.float32(0.1))
    with np.errstate(all="ignore"), in_precision(np.float32):
        begin = time.perf_counter()
        work.forward()
        work.error()
        middle = time.perf_counter()
        work.backward()
        return middle - begin, time.perf_counter() - middle


def collapse(net: Net) -> tuple[np.ndarray, np.ndarray]:
    """The one matrix and the one bias that a net without non-linearities is worth: Y = X M + c."""
    matrix, bias = net.weights[0], net.biases[0]
    for weight, more in zip(net.weights[1:], net.biases[1:], strict=True):
        matrix, bias = matrix @ weight, bias @ weight + more
    return matrix, bias
