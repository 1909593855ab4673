"""Optimizers: how a gradient becomes a step. One rule an entry, elementwise, with two slots of memory.

Each rule follows optax's conventions to the letter (tests compare them), so an exported script that uses optax repeats the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from engines.lazy import jnp
from engines.tables import Entry, Setting, Table

Array = Any


class Clock(NamedTuple):
    """When a step happens: `step` counts from 1, `epoch` from 0 with a fraction; both float32 scalars."""

    step: Array
    epoch: Array


class Move(NamedTuple):
    """What a rule answers: the change to add to the parameter, and its two slots of memory afterwards."""

    change: Array
    first: Array
    second: Array


Rule = Callable[[Array, Array, Array, Array, Clock, Mapping[str, Array]], Move]


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """update(gradient, parameter, first, second, clock, settings) -> Move, elementwise on arrays of any one shape.

    settings holds the entry's own, by key, and `learning_rate` (already scheduled). Slots start at 0.
    learning_rate: a good first one. full_batch: whether a step always sees the whole training set.
    adaptive: whether a weight's step is about as long as the learning rate, however small its gradient is.
    code: the optax expression of `learning_rate` and the settings, for exported scripts.
    """

    update: Rule
    code: str
    learning_rate: float = 0.03
    full_batch: bool = False
    adaptive: bool = False

    @property
    def wide_rate(self) -> float:
        """A good first learning rate for nets of hundreds of inputs: equal steps on all of them add up, so a tenth."""
        return self.learning_rate / 10 if self.adaptive else self.learning_rate


def _gradient(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    return Move(-s["learning_rate"] * g, m, v)


def _momentum_now(now: Clock, s: Mapping[str, Array]) -> Array:
    share = jnp.where(s["ramp"] > 0, jnp.minimum(now.epoch / jnp.maximum(s["ramp"], 1.0), 1.0), 1.0)
    return s["start"] + (s["momentum"] - s["start"]) * share


def _momentum(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    m = _momentum_now(now, s) * m + g
    return Move(-s["learning_rate"] * m, m, v)


def _nesterov(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    mu = _momentum_now(now, s)
    m = mu * m + g
    return Move(-s["learning_rate"] * (mu * m + g), m, v)


def _adagrad(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    v = v + g * g
    scale = jnp.where(v > 0, 1 / jnp.sqrt(v + s["eps"]), 0.0)
    return Move(-s["learning_rate"] * scale * g, m, v)


def _adadelta(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    v = s["rho"] * v + (1 - s["rho"]) * g * g
    step = jnp.sqrt(m + s["eps"]) / jnp.sqrt(v + s["eps"]) * g
    m = s["rho"] * m + (1 - s["rho"]) * step * step
    return Move(-s["learning_rate"] * step, m, v)


def _rmsprop(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    v = s["decay"] * v + (1 - s["decay"]) * g * g
    return Move(-s["learning_rate"] * g / jnp.sqrt(v + s["eps"]), m, v)


def _adam(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    m = s["b1"] * m + (1 - s["b1"]) * g
    v = s["b2"] * v + (1 - s["b2"]) * g * g
    mean = m / (1 - s["b1"] ** now.step)
    rms = jnp.sqrt(v / (1 - s["b2"] ** now.step))
    return Move(-s["learning_rate"] * mean / (rms + s["eps"]), m, v)


def _adamw(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    move = _adam(g, p, m, v, now, s)
    return move._replace(change=move.change - s["learning_rate"] * s["weight_decay"] * p)


def _nadam(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    b1, b2 = s["b1"], s["b2"]
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    mean = b1 * m / (1 - b1 ** (now.step + 1)) + (1 - b1) * g / (1 - b1**now.step)
    return Move(-s["learning_rate"] * mean / (jnp.sqrt(v / (1 - b2**now.step)) + s["eps"]), m, v)


def _lion(g: Array, p: Array, m: Array, v: Array, now: Clock, s: Mapping[str, Array]) -> Move:
    direction = jnp.sign(s["b1"] * m + (1 - s["b1"]) * g)
    m = s["b2"] * m + (1 - s["b2"]) * g
    return Move(-s["learning_rate"] * (direction + s["weight_decay"] * p), m, v)


def _share(key: str, label: str, default: float, help: str) -> Setting:
    return Setting(key=key, label=label, default=default, low=0.0, high=0.9999, help=help)


def _eps(default: float) -> Setting:
    return Setting(
        key="eps", label="Epsilon", default=default, low=1e-10, high=0.1, log=True, help="Keeps the division from blowing up."
    )


_B1 = _share("b1", "β₁", 0.9, "How long the average of gradients remembers.")
_B2 = _share("b2", "β₂", 0.999, "How long the average of squared gradients remembers.")
_MOMENTUM = (
    _share("momentum", "Momentum", 0.9, "Share of the last step that is kept."),
    _share("start", "Start at", 0.5, "Momentum at the start; it rises to its full value during the ramp."),
    Setting(
        key="ramp",
        label="Ramp",
        default=0,
        low=0,
        high=1000,
        unit="epochs",
        whole=True,
        help="Epochs until momentum is full; 0 is at once.",
    ),
)
_DECAY = Setting(
    key="weight_decay", label="Weight decay", default=0.01, low=0.0, high=1.0, help="Pull to 0, apart from the gradient."
)
_MOMENTUM_CODE = (
    "optax.inject_hyperparams(optax.sgd, static_args='nesterov')"
    "(learning_rate, momentum=ramp({start}, {momentum}, {ramp}), nesterov=%s)"
)

OPTIMIZERS: Table[Optimizer] = Table(
    "optimizers",
    [
        Optimizer(
            key="gradient_descent",
            label="Gradient descent (full batch)",
            help="Looks at every training example before each step.",
            formula=r"w \leftarrow w - \eta g",
            source="Cauchy 1847",
            update=_gradient,
            code="optax.sgd(learning_rate)",
            learning_rate=0.3,
            full_batch=True,
        ),
        Optimizer(
            key="sgd",
            label="SGD",
            help="A short glance at a few examples, then a step.",
            formula=r"w \leftarrow w - \eta g",
            source="Robbins & Monro 1951",
            update=_gradient,
            code="optax.sgd(learning_rate)",
        ),
        Optimizer(
            key="momentum",
            label="Momentum",
            help="Keeps rolling: zigzags cancel, the straight direction builds up.",
            formula=r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v",
            source="Polyak 1964; Sutskever et al. 2013 for the rising schedule",
            settings=_MOMENTUM,
            update=_momentum,
            code=_MOMENTUM_CODE % "False",
            learning_rate=0.01,
        ),
        Optimizer(
            key="nesterov",
            label="Nesterov",
            help="Jumps first, corrects after.",
            formula=r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta (\mu v + g)",
            source="Nesterov 1983; Sutskever et al. 2013",
            settings=_MOMENTUM,
            update=_nesterov,
            code=_MOMENTUM_CODE % "True",
            learning_rate=0.01,
        ),
        Optimizer(
            key="adagrad",
            label="AdaGrad",
            help="Each weight has its own rate, which only ever shrinks.",
            formula=r"s \leftarrow s + g^2,\quad w \leftarrow w - \eta g / \sqrt{s + \epsilon}",
            source="Duchi, Hazan & Singer 2011",
            settings=(_eps(1e-7),),
            update=_adagrad,
            code="optax.adagrad(learning_rate, initial_accumulator_value=0.0, eps={eps})",
            learning_rate=0.1,
        ),
        Optimizer(
            key="adadelta",
            label="AdaDelta",
            help="Measures its steps by the steps before; the rate is usually 1.",
            formula=r"\Delta = \frac{\mathrm{rms}[\Delta]}{\mathrm{rms}[g]} g,\quad w \leftarrow w - \eta \Delta",
            source="Zeiler 2012",
            settings=(_share("rho", "ρ", 0.9, "How long both averages remember."), _eps(1e-6)),
            update=_adadelta,
            code="optax.adadelta(learning_rate, rho={rho}, eps={eps})",
            learning_rate=1.0,
        ),
        Optimizer(
            key="rmsprop",
            label="RMSprop",
            help="Divides by a running root mean square of the gradient: 0.00001 over 0.00005 gives 0.2, 100 over 25 gives 4.",
            formula=r"s \leftarrow \rho s + (1 - \rho) g^2,\quad w \leftarrow w - \eta g / \sqrt{s + \epsilon}",
            source="Tieleman & Hinton 2012",
            settings=(_share("decay", "Decay ρ", 0.9, "How long the average of squared gradients remembers."), _eps(1e-8)),
            update=_rmsprop,
            code="optax.rmsprop(learning_rate, decay={decay}, eps={eps})",
            learning_rate=0.01,
            adaptive=True,
        ),
        Optimizer(
            key="adam",
            label="Adam",
            help="Momentum and RMSprop together, both corrected for their cold start.",
            formula=r"w \leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)",
            source="Kingma & Ba 2015, Algorithm 1",
            settings=(_B1, _B2, _eps(1e-8)),
            update=_adam,
            code="optax.adam(learning_rate, b1={b1}, b2={b2}, eps={eps})",
            learning_rate=0.01,
            adaptive=True,
        ),
        Optimizer(
            key="adamw",
            label="AdamW",
            help="Adam, with weight decay kept out of the averages.",
            formula=r"w \leftarrow w - \eta\, (\hat m / (\sqrt{\hat v} + \epsilon) + \lambda w)",
            source="Loshchilov & Hutter 2019",
            settings=(_B1, _B2, _eps(1e-8), _DECAY),
            update=_adamw,
            code="optax.adamw(learning_rate, b1={b1}, b2={b2}, eps={eps}, weight_decay={weight_decay})",
            learning_rate=0.01,
            adaptive=True,
        ),
        Optimizer(
            key="nadam",
            label="Nadam",
            help="Adam that looks ahead as Nesterov does.",
            formula=r"w \leftarrow w - \eta \frac{\beta_1 \hat m' + (1 - \beta_1) \hat g}{\sqrt{\hat v} + \epsilon}",
            source="Dozat 2016",
            settings=(_B1, _B2, _eps(1e-8)),
            update=_nadam,
            code="optax.nadam(learning_rate, b1={b1}, b2={b2}, eps={eps})",
            learning_rate=0.01,
            adaptive=True,
        ),
        Optimizer(
            key="lion",
            label="Lion",
            help="Only the sign of a running average counts: every weight moves by the same amount.",
            formula=r"w \leftarrow w - \eta\, (\mathrm{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda w)",
            source="Chen et al. 2023",
            settings=(_B1, _share("b2", "β₂", 0.99, "How long the stored average remembers."), _DECAY),
            update=_lion,
            code="optax.lion(learning_rate, b1={b1}, b2={b2}, weight_decay={weight_decay})",
            learning_rate=0.003,
            adaptive=True,
        ),
    ],
)
