"""One digit on its way through a net: everything each layer computes, what the cost says to it, and which pixels matter.

Programs are compiled once a shape of net and cost; weights are arguments, so training compiles nothing. Dropout sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import StackNet
from engines.lazy import jax, jnp
from engines.losses import CLASS_LOSSES
from engines.nets import stack
from engines.nets.compiling import compiler_options, kept
from engines.nets.layers.table import Pass
from engines.nets.programs import activation, scaled
from engines.nets.stack_spec import net_of, shaping

Array = Any
Pairs = Sequence[tuple[Array, Array]]
PLACES, PATCH = 14, 7
"""Places along a side that the occluding patch takes, and its side in pixels."""
PAPER = 0
BATCH = 28
"""Occluded pictures a call: what a large net keeps of them stays small."""


class Passed(NamedTuple):
    """A digit's way through a net, NumPy, float32.

    x: what the first layer gets, (1, side, side); dx: the gradient of the cost by it. z, a, d: of every layer its weighted sums,
    outputs, and the gradient of the cost by these outputs, each shaped as the layer is. kernels: layer -> gradient of the cost by
    the weights (fan_in, filters) of a convolution. probabilities: (10,), what the bars show. answer: the digit with the highest
    logit. target: the digit that the cost is measured against: the true one, or the answer where nobody knows better.
    """

    x: np.ndarray
    dx: np.ndarray
    z: list[np.ndarray]
    a: list[np.ndarray]
    d: list[np.ndarray]
    kernels: dict[int, np.ndarray]
    probabilities: np.ndarray
    cost: float
    answer: int
    target: int


def passed(net: StackNet, cost: str, weights: Pairs, picture: np.ndarray, truth: int | None) -> Passed:
    """`picture` (28, 28) uint8 sent through `net` and the cost sent back; `weights` settled, `cost` a key of `CLASS_LOSSES`."""
    found = _passing(shaping(net), cost)(tuple(weights), np.asarray(picture, np.uint8), np.int32(-1 if truth is None else truth))
    host = jax.device_get(found)
    maps = {name: [one[..., 0] for one in host[name]] for name in ("z", "a", "d")}
    whole = {name: int(host[name]) for name in ("answer", "target")}
    ends = {name: host[name][..., 0] for name in ("x", "dx")}
    return Passed(**maps, **whole, **ends, kernels=host["kernels"], probabilities=host["probabilities"], cost=float(host["cost"]))


def programs_of(net: StackNet, cost: str) -> tuple[Callable[..., Any], ...]:
    """What the functions below run for `net` and `cost`: whoever looks often holds it, so that no other net's pushes it out."""
    text = shaping(net)
    return _passing(text, cost), _pointing(text), _answering(text, cost)


def saliency(net: StackNet, weights: Pairs, picture: np.ndarray, digit: int) -> np.ndarray:
    """The gradient (28, 28) of the logit of `digit` by every pixel (0..1) of `picture` (28, 28) uint8.

    Source: Simonyan, Vedaldi & Zisserman 2013; here with its sign.
    """
    return np.asarray(_pointing(shaping(net))(tuple(weights), np.asarray(picture, np.uint8), np.int32(digit)))


def occlusion(net: StackNet, cost: str, weights: Pairs, picture: np.ndarray, digit: int) -> np.ndarray:
    """By how much the probability of `digit` falls, (14, 14), when a 7 x 7 patch of paper covers `picture` (28, 28) uint8 there.

    Place (i, j) is covered by the patch whose middle is pixel (2 i + 1, 2 j + 1). Source: Zeiler & Fergus 2014, section 4.2.
    """
    run, weights = _answering(shaping(net), cost), tuple(weights)
    covered = np.where(_patches(), np.uint8(PAPER), np.asarray(picture, np.uint8))
    found = [run(weights, covered[at : at + BATCH]) for at in range(0, len(covered), BATCH)]
    whole = run(weights, np.repeat(np.asarray(picture, np.uint8)[None], BATCH, 0))
    left = np.concatenate([np.asarray(part)[:, digit] for part in found])
    return (np.asarray(whole)[0, digit] - left).reshape(PLACES, PLACES)


@lru_cache(maxsize=1)
def _patches() -> np.ndarray:
    """(196, 28, 28) bool: what the patch covers, place by place."""
    pixels, middles = np.arange(stack.SIDE), 2 * np.arange(PLACES) + 1
    near = abs(pixels[None] - middles[:, None]) <= PATCH // 2
    return (near[:, None, :, None] & near[None, :, None, :]).reshape(-1, stack.SIDE, stack.SIDE)


def _seen(net: StackNet, pictures: Array) -> Array:
    """What the first layer gets, (1, side, side, b), of pictures (b, 28, 28) uint8."""
    return stack.prepared(net, scaled(pictures.reshape(-1, stack.SIDE**2)))


def _brief(index: int) -> Pass:
    """Few digits are looked at, and visitors change their nets often."""
    return Pass(brief=True)


def _exactly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled, with products in full float32: what is shown has to add up."""

    def run(*arguments: Any) -> Any:
        with jax.default_matmul_precision("highest"):
            return function(*arguments)

    return jax.jit(run, compiler_options=compiler_options())


@kept
def _passing(text: str, cost: str) -> Callable[..., dict[str, Any]]:
    net, loss = net_of(text), CLASS_LOSSES[cost]
    rows = stack.rows(net)
    convolutions = {row.index: row.weights for row in rows if row.key == "conv"}

    def cost_of(bumps: list[Array], kernels: dict[int, Array], weights: Pairs, x: Array, truth: Array) -> tuple[Array, Any]:
        """Bumps of 0 are added to everything that a gradient is wanted of."""
        pairs = list(weights)
        for index, place in convolutions.items():
            pairs[place] = (kernels[index], pairs[place][1])
        inner = stack.run(net, pairs, x + bumps[0], activation, _brief, lambda index, a: a + bumps[index + 1])
        logits = inner[-1].a[:, 0]
        answer = jnp.argmax(logits).astype(jnp.int32)
        target = jnp.where(truth < 0, answer, truth)
        wanted = jax.nn.one_hot(target, stack.CLASSES)
        ends = {"answer": answer, "target": target, "probabilities": loss.probability(logits)}
        return loss.value(logits, wanted), (inner, ends)

    def passing(weights: Pairs, picture: Array, truth: Array) -> dict[str, Any]:
        x = _seen(net, picture[None])
        bumps = [jnp.zeros(x.shape), *(jnp.zeros((*row.shape, 1)) for row in rows)]
        kernels = {index: weights[place][0] for index, place in convolutions.items()}
        slope = jax.value_and_grad(cost_of, argnums=(0, 1), has_aux=True)
        (value, (inner, ends)), (d, by_kernel) = slope(bumps, kernels, weights, x, truth)
        sums, outputs = [one.z for one in inner], [one.a for one in inner]
        return {"x": x, "dx": d[0], "z": sums, "a": outputs, "d": d[1:], "kernels": by_kernel, "cost": value} | ends

    return _exactly(passing)


@kept
def _pointing(text: str) -> Callable[..., Array]:
    net = net_of(text)

    def logit(pixels: Array, weights: Pairs, digit: Array) -> Array:
        return stack.run(net, weights, stack.prepared(net, pixels.reshape(1, -1)), activation, _brief)[-1].a[digit, 0]

    return _exactly(lambda weights, picture, digit: jax.grad(logit)(scaled(picture), weights, digit))


@kept
def _answering(text: str, cost: str) -> Callable[..., Array]:
    net, loss = net_of(text), CLASS_LOSSES[cost]

    def answers(weights: Pairs, pictures: Array) -> Array:
        return loss.probability(stack.run(net, weights, _seen(net, pictures), activation, _brief)[-1].a.T)

    return _exactly(answers)
