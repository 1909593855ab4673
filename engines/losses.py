"""Costs: what a net is punished for. Two tables: one output against a number or class, and ten outputs against a digit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engines.lazy import jax, jnp
from engines.tables import Entry, Table

Array = Any


@dataclass(frozen=True, kw_only=True)
class Loss(Entry):
    """The cost of one example with one output.

    value, slope: (y, t) -> cost and its derivative by y; y is the net's output, t the target (-1 or 1, or a number).
    output: key of the output activation that belongs to it when the target is a class.
    regression: whether it also fits numbers (the output is then linear).
    code: the cost as a JAX expression of `y` and `t`, for exported scripts.
    """

    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    code: str
    output: str
    regression: bool


LOSSES: Table[Loss] = Table(
    "losses",
    [
        Loss(
            key="half_squared",
            label="Half squared error",
            help="Half the squared distance between output and target. With a saturated output its gradient fades.",
            formula=r"C = \tfrac12 (y - t)^2",
            source="Rumelhart, Hinton & Williams 1986",
            value=lambda y, t: 0.5 * (y - t) ** 2,
            slope=lambda y, t: y - t,
            code="0.5 * (y - t) ** 2",
            output="tanh",
            regression=True,
        ),
        Loss(
            key="absolute",
            label="Mean absolute error",
            help="The distance itself: a far outlier pulls no harder than a near one.",
            formula=r"C = |y - t|",
            source="Laplace 1774; Boscovich 1757",
            value=lambda y, t: jnp.abs(y - t),
            slope=lambda y, t: jnp.sign(y - t),
            code="jnp.abs(y - t)",
            output="tanh",
            regression=True,
        ),
        Loss(
            key="cross_entropy",
            label="Cross-entropy (logistic)",
            help="The surprise at the true class. Its gradient stays large where the net is badly wrong.",
            formula=r"C = \ln(1 + e^{-t y})",
            source="Solla, Levin & Fleisher 1988",
            value=lambda y, t: jax.nn.softplus(-t * y),
            slope=lambda y, t: -t * jax.nn.sigmoid(-t * y),
            code="jax.nn.softplus(-t * y)",
            output="linear",
            regression=False,
        ),
        Loss(
            key="hinge",
            label="Hinge",
            help="No cost once the output is on the right side with a margin of 1; linear before that.",
            formula=r"C = \max(0, 1 - t y)",
            source="Cortes & Vapnik 1995",
            value=lambda y, t: jnp.maximum(0, 1 - t * y),
            slope=lambda y, t: jnp.where(t * y < 1, -t, jnp.zeros_like(y)),
            code="jnp.maximum(0, 1 - t * y)",
            output="linear",
            regression=False,
        ),
        Loss(
            key="huber",
            label="Huber",
            help="Squared near the target, absolute beyond a distance of 1.",
            formula=r"C = \tfrac12 e^2 \text{ if } |e| \le 1 \text{ else } |e| - \tfrac12,\quad e = y - t",
            source="Huber 1964",
            value=lambda y, t: jnp.where(jnp.abs(y - t) <= 1, 0.5 * (y - t) ** 2, jnp.abs(y - t) - 0.5),
            slope=lambda y, t: jnp.clip(y - t, -1, 1),
            code="jnp.where(jnp.abs(y - t) <= 1, 0.5 * (y - t) ** 2, jnp.abs(y - t) - 0.5)",
            output="tanh",
            regression=True,
        ),
    ],
)


@dataclass(frozen=True, kw_only=True)
class ClassLoss(Entry):
    """The cost of one example with one output a class.

    value, slope: (z, t) -> cost summed over classes and its gradient by z; z are the logits (..., classes), t is one-hot.
    each: (z, t) -> the same cost shared out over the classes (..., classes): a row of it sums to `value`.
    probability: logits -> what the bars show, each in 0 to 1.
    """

    value: Callable[[Array, Array], Array]
    each: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    probability: Callable[[Array], Array]
    code: str


def _squared_logistic(z: Array, t: Array) -> Array:
    return 0.5 * (jax.nn.sigmoid(z) - t) ** 2


def _squared_logistic_slope(z: Array, t: Array) -> Array:
    y = jax.nn.sigmoid(z)
    return (y - t) * y * (1 - y)


def _with_none(z: Array) -> Array:
    """The log of the sum over the ten outputs and a constant eleventh that stands for no digit at all."""
    return jnp.logaddexp(jax.nn.logsumexp(z, -1), -0.1)


def _map_criterion(z: Array, t: Array) -> Array:
    """All of it at the true class; where no output is wanted, or several are, what is left of the sum is spread evenly."""
    total = _with_none(z)[..., None]
    return t * (total - z) + (1 - jnp.sum(t, -1, keepdims=True)) * total / z.shape[-1]


CLASS_LOSSES: Table[ClassLoss] = Table(
    "class_losses",
    [
        ClassLoss(
            key="softmax_cross_entropy",
            label="Softmax cross-entropy",
            help="Outputs compete for a total of 1; the cost is the surprise at the true digit.",
            formula=r"C = -\sum_k t_k \ln \frac{e^{z_k}}{\sum_j e^{z_j}}",
            source="Bridle 1990",
            value=lambda z, t: -jnp.sum(t * jax.nn.log_softmax(z, -1), -1),
            each=lambda z, t: -t * jax.nn.log_softmax(z, -1),
            slope=lambda z, t: jax.nn.softmax(z, -1) - t,
            probability=lambda z: jax.nn.softmax(z, -1),
            code="-jnp.sum(t * jax.nn.log_softmax(z, -1), -1)",
        ),
        ClassLoss(
            key="summed_squared",
            label="Summed squared error, logistic outputs",
            help="Ten independent logistic outputs, each half its squared distance from 0 or 1: the classic recipe.",
            formula=r"C = \tfrac12 \sum_k (\sigma(z_k) - t_k)^2",
            source="Rumelhart, Hinton & Williams 1986",
            value=lambda z, t: jnp.sum(_squared_logistic(z, t), -1),
            each=_squared_logistic,
            slope=_squared_logistic_slope,
            probability=lambda z: jax.nn.sigmoid(z),
            code="0.5 * jnp.sum((jax.nn.sigmoid(z) - t) ** 2, -1)",
        ),
        ClassLoss(
            key="map_criterion",
            label="LeNet-5's criterion (a posteriori)",
            help="The surprise at the true digit when 'none of the ten' also competes, so that outputs cannot all drift away.",
            formula=r"C = -z_t + \ln\left(e^{-j} + \sum_k e^{z_k}\right),\quad j = 0.1",
            source="LeCun, Bottou, Bengio & Haffner 1998, equation 9",
            value=lambda z, t: _with_none(z) - jnp.sum(t * z, -1),
            each=_map_criterion,
            slope=lambda z, t: jnp.exp(z - _with_none(z)[..., None]) - t,
            probability=lambda z: jnp.exp(z - _with_none(z)[..., None]),
            code="jnp.logaddexp(jax.nn.logsumexp(z, -1), -0.1) - jnp.sum(t * z, -1)",
        ),
    ],
)
