"""The arithmetic of every optimizer, as the lines in which a page tells it.

A rule is its lines, run in order: each computes one value from the values before it. What trains a net is therefore what a reader
is shown, number for number. All of it is elementwise and follows optax's conventions to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engines.lazy import jnp

Array = Any


class Names(dict):
    """The values a line may read, by name, as items or as attributes.

    g, p, m, v: gradient, parameter, the two slots. step counts from 1, epoch from 0. Then the settings (with `learning_rate`,
    already scheduled), and what earlier lines computed. All of one shape, or scalars.
    """

    __getattr__ = dict.__getitem__


class Line(NamedTuple):
    """One line of a rule.

    symbol: what it computes; `m` and `v` are the slots afterwards, `change` (the last) is added to the parameter.
    latex, words: for the reader. compute: the values before it -> its value.
    text: the right-hand side in plain characters with {names} to fill in, either with WRITTEN or with numbers; the names are to be
    read before this line, so {m} in the line of m is the old m. Empty where there is only a value to show.
    """

    symbol: str
    latex: str
    words: str
    text: str
    compute: Callable[[Names], Array]

    @property
    def plain(self) -> str:
        """The line as a formula in plain characters: 'm = β₁ · m + (1 − β₁) · g'."""
        return f"{WRITTEN[self.symbol]} = {self.text.format_map(WRITTEN)}" if self.text else WRITTEN[self.symbol]


WRITTEN: Mapping[str, str] = {
    "g": "g",
    "p": "w",
    "m": "m",
    "v": "v",
    "step": "t",
    "learning_rate": "η",
    "momentum": "μ",
    "mu": "μ",
    "ahead": "a",
    "scale": "1/√v",
    "rho": "ρ",
    "decay": "ρ",
    "eps": "ε",
    "b1": "β₁",
    "b2": "β₂",
    "weight_decay": "λ",
    "rms": "rms",
    "rms_step": "rms Δ",
    "ratio": "g/rms",
    "delta": "Δ",
    "m_hat": "m̂",
    "v_hat": "v̂",
    "adam": "Adam",
    "blend": "c",
    "direction": "sign",
    "change": "Δw",
}
"""How each name is written in plain characters."""


def run(lines: tuple[Line, ...], names: Names) -> Names:
    """Run `lines` in order, adding each value to `names` (which it returns)."""
    for line in lines:
        names[line.symbol] = line.compute(names)
    return names


def _momentum_now(n: Names) -> Array:
    share = jnp.where(n.ramp > 0, jnp.minimum(n.epoch / jnp.maximum(n.ramp, 1.0), 1.0), 1.0)
    return n.start + (n.momentum - n.start) * share


_SLOPE = Line("g", r"g", "The gradient: which way is up, and how steeply.", "", lambda n: n.g)
_MU = Line("mu", r"\mu", "The share of the last step that is kept now.", "", _momentum_now)
_SPEED = Line(
    "m",
    r"m \leftarrow \mu m + g",
    "What is kept of the speed, and the new gradient on top.",
    "{mu} · {m} + {g}",
    lambda n: n.mu * n.m + n.g,
)

GRADIENT = (
    _SLOPE,
    Line(
        "change",
        r"\Delta w = -\eta g",
        "The step: downhill, longer where it is steeper.",
        "−{learning_rate} · {g}",
        lambda n: -n.learning_rate * n.g,
    ),
)

MOMENTUM = (
    _SLOPE,
    _MU,
    _SPEED,
    Line("change", r"\Delta w = -\eta m", "The step: along the speed.", "−{learning_rate} · {m}", lambda n: -n.learning_rate * n.m),
)

NESTEROV = (
    _SLOPE,
    _MU,
    _SPEED,
    Line(
        "ahead",
        r"a = \mu m + g",
        "The speed as it will be once momentum has carried it on: jump first, correct after.",
        "{mu} · {m} + {g}",
        lambda n: n.mu * n.m + n.g,
    ),
    Line(
        "change",
        r"\Delta w = -\eta a",
        "The step: along the speed ahead.",
        "−{learning_rate} · {ahead}",
        lambda n: -n.learning_rate * n.ahead,
    ),
)

ADAGRAD = (
    _SLOPE,
    Line(
        "v",
        r"v \leftarrow v + g^2",
        "The sum of all squared gradients so far; it only grows.",
        "{v} + {g}²",
        lambda n: n.v + n.g * n.g,
    ),
    Line(
        "scale",
        r"1 / \sqrt{v + \epsilon}",
        "What the gradient is multiplied by: less, the steeper it has been (0 where it was always flat).",
        "1 / √({v} + {eps})",
        lambda n: jnp.where(n.v > 0, 1 / jnp.sqrt(n.v + n.eps), 0.0),
    ),
    Line(
        "change",
        r"\Delta w = -\eta\, g / \sqrt{v + \epsilon}",
        "The step.",
        "−{learning_rate} · {scale} · {g}",
        lambda n: -n.learning_rate * n.scale * n.g,
    ),
)

ADADELTA = (
    _SLOPE,
    Line(
        "v",
        r"v \leftarrow \rho v + (1 - \rho) g^2",
        "A running average of squared gradients.",
        "{rho} · {v} + (1 − {rho}) · {g}²",
        lambda n: n.rho * n.v + (1 - n.rho) * n.g * n.g,
    ),
    Line(
        "rms_step",
        r"\mathrm{rms}[\Delta] = \sqrt{m + \epsilon}",
        "How long its steps have been lately.",
        "√({m} + {eps})",
        lambda n: jnp.sqrt(n.m + n.eps),
    ),
    Line(
        "rms",
        r"\mathrm{rms}[g] = \sqrt{v + \epsilon}",
        "How steep it has been lately.",
        "√({v} + {eps})",
        lambda n: jnp.sqrt(n.v + n.eps),
    ),
    Line(
        "delta",
        r"\Delta = \frac{\mathrm{rms}[\Delta]}{\mathrm{rms}[g]} g",
        "The gradient, measured in lengths of earlier steps.",
        "{rms_step} / {rms} · {g}",
        lambda n: n.rms_step / n.rms * n.g,
    ),
    Line(
        "m",
        r"m \leftarrow \rho m + (1 - \rho) \Delta^2",
        "A running average of squared steps, for next time.",
        "{rho} · {m} + (1 − {rho}) · {delta}²",
        lambda n: n.rho * n.m + (1 - n.rho) * n.delta * n.delta,
    ),
    Line(
        "change",
        r"\Delta w = -\eta \Delta",
        "The step.",
        "−{learning_rate} · {delta}",
        lambda n: -n.learning_rate * n.delta,
    ),
)

RMSPROP = (
    _SLOPE,
    Line(
        "v",
        r"v \leftarrow \rho v + (1 - \rho) g^2",
        "A running average of squared gradients.",
        "{decay} · {v} + (1 − {decay}) · {g}²",
        lambda n: n.decay * n.v + (1 - n.decay) * n.g * n.g,
    ),
    Line(
        "rms",
        r"\mathrm{rms} = \sqrt{v + \epsilon}",
        "Its root: how steep it has been lately.",
        "√({v} + {eps})",
        lambda n: jnp.sqrt(n.v + n.eps),
    ),
    Line(
        "ratio",
        r"g / \mathrm{rms}",
        "The gradient compared with that: about ±1 on a plateau and on a cliff alike.",
        "{g} / {rms}",
        lambda n: n.g / n.rms,
    ),
    Line(
        "change",
        r"\Delta w = -\eta\, g / \mathrm{rms}",
        "The step.",
        "−{learning_rate} · {ratio}",
        lambda n: -n.learning_rate * n.ratio,
    ),
)

_MEAN = Line(
    "m",
    r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
    "A running average of gradients.",
    "{b1} · {m} + (1 − {b1}) · {g}",
    lambda n: n.b1 * n.m + (1 - n.b1) * n.g,
)
_SQUARES = Line(
    "v",
    r"v \leftarrow \beta_2 v + (1 - \beta_2) g^2",
    "A running average of squared gradients.",
    "{b2} · {v} + (1 − {b2}) · {g}²",
    lambda n: n.b2 * n.v + (1 - n.b2) * n.g * n.g,
)
_V_HAT = Line(
    "v_hat",
    r"\hat v = v / (1 - \beta_2^t)",
    "The same for the squares.",
    "{v} / (1 − {b2}^{step})",
    lambda n: n.v / (1 - n.b2**n.step),
)
_RMS = Line("rms", r"\sqrt{\hat v}", "Its root: how steep it has been lately.", "√({v_hat})", lambda n: jnp.sqrt(n.v_hat))
_TO_RMS = (
    _SLOPE,
    _MEAN,
    _SQUARES,
    Line(
        "m_hat",
        r"\hat m = m / (1 - \beta_1^t)",
        "Corrected for its cold start at 0.",
        "{m} / (1 − {b1}^{step})",
        lambda n: n.m / (1 - n.b1**n.step),
    ),
    _V_HAT,
    _RMS,
)


def _scaled_mean(n: Names) -> Array:
    return -n.learning_rate * n.m_hat / (n.rms + n.eps)


_SCALED_MEAN = "−{learning_rate} · {m_hat} / ({rms} + {eps})"

ADAM = (
    *_TO_RMS,
    Line("change", r"\Delta w = -\eta\, \hat m / (\sqrt{\hat v} + \epsilon)", "The step.", _SCALED_MEAN, _scaled_mean),
)

ADAMW = (
    *_TO_RMS,
    Line("adam", r"-\eta\, \hat m / (\sqrt{\hat v} + \epsilon)", "The step that Adam would take.", _SCALED_MEAN, _scaled_mean),
    Line(
        "change",
        r"\Delta w = -\eta\, \hat m / (\sqrt{\hat v} + \epsilon) - \eta \lambda w",
        "The step: Adam's, and a pull to 0 apart from it.",
        "{adam} − {learning_rate} · {weight_decay} · {p}",
        lambda n: n.adam - n.learning_rate * n.weight_decay * n.p,
    ),
)

NADAM = (
    _SLOPE,
    _MEAN,
    _SQUARES,
    Line(
        "m_hat",
        r"\hat m = \frac{\beta_1 m}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1) g}{1 - \beta_1^t}",
        "The average one step ahead, as Nesterov looks, corrected for its cold start at 0.",
        "{b1} · {m} / (1 − {b1}^({step} + 1)) + (1 − {b1}) · {g} / (1 − {b1}^{step})",
        lambda n: n.b1 * n.m / (1 - n.b1 ** (n.step + 1)) + (1 - n.b1) * n.g / (1 - n.b1**n.step),
    ),
    _V_HAT,
    _RMS,
    Line("change", r"\Delta w = -\eta\, \hat m / (\sqrt{\hat v} + \epsilon)", "The step.", _SCALED_MEAN, _scaled_mean),
)

LION = (
    _SLOPE,
    Line(
        "blend",
        r"c = \beta_1 m + (1 - \beta_1) g",
        "The average and the new gradient, blended.",
        "{b1} · {m} + (1 − {b1}) · {g}",
        lambda n: n.b1 * n.m + (1 - n.b1) * n.g,
    ),
    Line("direction", r"\mathrm{sign}(c)", "Only its sign counts.", "sign({blend})", lambda n: jnp.sign(n.blend)),
    Line(
        "m",
        r"m \leftarrow \beta_2 m + (1 - \beta_2) g",
        "A running average of gradients, for next time.",
        "{b2} · {m} + (1 − {b2}) · {g}",
        lambda n: n.b2 * n.m + (1 - n.b2) * n.g,
    ),
    Line(
        "change",
        r"\Delta w = -\eta\, (\mathrm{sign}(c) + \lambda w)",
        "The step: the same length everywhere, and a pull to 0.",
        "−{learning_rate} · ({direction} + {weight_decay} · {p})",
        lambda n: -n.learning_rate * (n.direction + n.weight_decay * n.p),
    ),
)
