"""Optimizers: how a gradient becomes a step. One rule an entry, elementwise, with two slots of memory.

Each rule follows optax's conventions to the letter (tests compare them), so an exported script that uses optax repeats the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from engines import optimizer_lines as rules
from engines.optimizer_lines import Line, Names
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


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """lines: the rule, as it is told and as it is computed; `update` and `narrate` run the same ones.

    learning_rate: a good first one. full_batch: whether a step always sees the whole training set.
    adaptive: whether a weight's step is about as long as the learning rate, however small its gradient is.
    code: the optax expression of `learning_rate` and the settings, for exported scripts.
    """

    lines: tuple[Line, ...]
    code: str
    learning_rate: float = 0.03
    full_batch: bool = False
    adaptive: bool = False

    @property
    def wide_rate(self) -> float:
        """A good first learning rate for nets of hundreds of inputs: equal steps on all of them add up, so a tenth."""
        return self.learning_rate / 10 if self.adaptive else self.learning_rate

    def update(self, g: Array, p: Array, m: Array, v: Array, clock: Clock, settings: Mapping[str, Array]) -> Move:
        """One step from gradient g at parameter p with slots m and v (0 at the start): elementwise, arrays of any one shape.

        settings: the entry's own, by key, and `learning_rate` (already scheduled); scalars, or anything that broadcasts.
        """
        names = rules.run(self.lines, _names(g, p, m, v, clock, settings))
        return Move(names.change, names.m, names.v)


def _names(g: Array, p: Array, m: Array, v: Array, clock: Clock, settings: Mapping[str, Array]) -> Names:
    return Names(settings, g=g, p=p, m=m, v=v, step=clock.step, epoch=clock.epoch)


def narrate(
    optimizer: Optimizer, g: Array, p: Array, m: Array, v: Array, clock: Clock, settings: Mapping[str, Array]
) -> dict[str, Array]:
    """The value of every line of one step, by its symbol, in order; arguments as `Optimizer.update` takes them."""
    names = rules.run(optimizer.lines, _names(g, p, m, v, clock, settings))
    return {line.symbol: names[line.symbol] for line in optimizer.lines}


def narrate_rmsprop(gradient: Array, rms: Array) -> dict[str, Array]:
    """RMSprop's lines for a gradient that meets a root mean square of `rms`: its `ratio` is gradient / rms.

    The textbook pair: 0.00001 over 0.00005 gives 0.2, 100 over 25 gives 4. Memory is kept whole (decay 1) and epsilon left out.
    """
    settings = {"learning_rate": 1.0, "decay": 1.0, "eps": 0.0}
    return narrate(OPTIMIZERS["rmsprop"], gradient, 0.0, 0.0, rms * rms, Clock(1.0, 0.0), settings)


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
            lines=rules.GRADIENT,
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
            lines=rules.GRADIENT,
            code="optax.sgd(learning_rate)",
        ),
        Optimizer(
            key="momentum",
            label="Momentum",
            help="Keeps rolling: zigzags cancel, the straight direction builds up.",
            formula=r"m \leftarrow \mu m + g,\quad w \leftarrow w - \eta m",
            source="Polyak 1964; Sutskever et al. 2013 for the rising schedule",
            settings=_MOMENTUM,
            lines=rules.MOMENTUM,
            code=_MOMENTUM_CODE % "False",
            learning_rate=0.01,
        ),
        Optimizer(
            key="nesterov",
            label="Nesterov",
            help="Jumps first, corrects after.",
            formula=r"m \leftarrow \mu m + g,\quad w \leftarrow w - \eta (\mu m + g)",
            source="Nesterov 1983; Sutskever et al. 2013",
            settings=_MOMENTUM,
            lines=rules.NESTEROV,
            code=_MOMENTUM_CODE % "True",
            learning_rate=0.01,
        ),
        Optimizer(
            key="adagrad",
            label="AdaGrad",
            help="Each weight has its own rate, which only ever shrinks.",
            formula=r"v \leftarrow v + g^2,\quad w \leftarrow w - \eta g / \sqrt{v + \epsilon}",
            source="Duchi, Hazan & Singer 2011",
            settings=(_eps(1e-7),),
            lines=rules.ADAGRAD,
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
            lines=rules.ADADELTA,
            code="optax.adadelta(learning_rate, rho={rho}, eps={eps})",
            learning_rate=1.0,
        ),
        Optimizer(
            key="rmsprop",
            label="RMSprop",
            help="Divides by a running root mean square of the gradient: 0.00001 over 0.00005 gives 0.2, 100 over 25 gives 4.",
            formula=r"v \leftarrow \rho v + (1 - \rho) g^2,\quad w \leftarrow w - \eta g / \sqrt{v + \epsilon}",
            source="Tieleman & Hinton 2012",
            settings=(_share("decay", "Decay ρ", 0.9, "How long the average of squared gradients remembers."), _eps(1e-8)),
            lines=rules.RMSPROP,
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
            lines=rules.ADAM,
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
            lines=rules.ADAMW,
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
            lines=rules.NADAM,
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
            lines=rules.LION,
            code="optax.lion(learning_rate, b1={b1}, b2={b2}, weight_decay={weight_decay})",
            learning_rate=0.003,
            adaptive=True,
        ),
    ],
)
