"""Activation functions: the table. One entry adds one, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engines.lazy import jax, jnp
from engines.tables import Entry, Table

Array = Any


@dataclass(frozen=True, kw_only=True)
class Activation(Entry):
    """An elementwise function and its derivative.

    apply, derivative: array of any shape -> array of the same shape, both of the input z.
    code: the same function as a JAX expression of `z`, for exported scripts.
    surrogate: key of the entry to offer instead where the derivative teaches nothing.
    one_sided: whether it never goes below 0, so that its sign cannot tell two classes apart.
    """

    apply: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    code: str
    surrogate: str | None = None
    one_sided: bool = False


def _gelu_derivative(z: Array) -> Array:
    density = jnp.exp(-0.5 * z * z) * 0.3989422804014327
    return 0.5 * (1 + jax.lax.erf(z * 0.7071067811865476)) + z * density


def _silu_derivative(z: Array) -> Array:
    s = jax.nn.sigmoid(z)
    return s * (1 + z * (1 - s))


def _sigmoid_derivative(z: Array) -> Array:
    s = jax.nn.sigmoid(z)
    return s * (1 - s)


ACTIVATIONS: Table[Activation] = Table(
    "activations",
    [
        Activation(
            key="step",
            label="Step",
            help="0 or 1. Its derivative is 0 everywhere, so gradient descent learns nothing through it.",
            formula=r"f(z) = 1 \text{ if } z > 0 \text{ else } 0",
            source="McCulloch & Pitts 1943; Rosenblatt 1957",
            apply=lambda z: (z > 0).astype(z.dtype),
            derivative=lambda z: jnp.zeros_like(z),
            code="jax.lax.stop_gradient((z > 0).astype(z.dtype))",
            one_sided=True,
            surrogate="step_surrogate",
        ),
        Activation(
            key="step_surrogate",
            label="Step, surrogate gradient",
            help="Forward a step; backward it pretends to be a sigmoid, so that the layers before it can learn.",
            formula=r"f(z) = 1 \text{ if } z > 0 \text{ else } 0,\quad f'(z) := \sigma(z)(1 - \sigma(z))",
            source="Neftci, Mostafa & Zenke 2019, surrogate gradient learning",
            apply=lambda z: (z > 0).astype(z.dtype),
            derivative=_sigmoid_derivative,
            code="jax.nn.sigmoid(z) + jax.lax.stop_gradient((z > 0).astype(z.dtype) - jax.nn.sigmoid(z))",
            one_sided=True,
        ),
        Activation(
            key="linear",
            label="Linear",
            help="Passes its input on. A net of linear layers is one linear layer.",
            formula=r"f(z) = z",
            source="Widrow & Hoff 1960",
            apply=lambda z: z,
            derivative=lambda z: jnp.ones_like(z),
            code="z",
        ),
        Activation(
            key="sigmoid",
            label="Sigmoid",
            help="Squeezes into 0 to 1. Far from 0 its derivative almost vanishes.",
            formula=r"f(z) = \frac{1}{1 + e^{-z}}",
            source="Rumelhart, Hinton & Williams 1986",
            apply=lambda z: jax.nn.sigmoid(z),
            derivative=_sigmoid_derivative,
            code="jax.nn.sigmoid(z)",
            one_sided=True,
        ),
        Activation(
            key="tanh",
            label="Tanh",
            help="Squeezes into -1 to 1, centred on 0.",
            formula=r"f(z) = \tanh z",
            source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
            apply=lambda z: jnp.tanh(z),
            derivative=lambda z: 1 - jnp.tanh(z) ** 2,
            code="jnp.tanh(z)",
        ),
        Activation(
            key="scaled_tanh",
            label="Scaled tanh",
            help="LeNet's: steeper and taller than tanh, so that targets of -1 and 1 lie where it still bends.",
            formula=r"f(z) = 1.7159 \tanh(\tfrac23 z)",
            source="LeCun 1989; LeCun, Bottou, Bengio & Haffner 1998, appendix A",
            apply=lambda z: 1.7159 * jnp.tanh(z * (2 / 3)),
            derivative=lambda z: 1.7159 * (2 / 3) * (1 - jnp.tanh(z * (2 / 3)) ** 2),
            code="1.7159 * jnp.tanh(z * (2 / 3))",
        ),
        Activation(
            key="relu",
            label="ReLU",
            help="Passes positive input on, with gradient 1; blocks the rest.",
            formula=r"f(z) = \max(0, z)",
            source="Nair & Hinton 2010",
            apply=lambda z: jnp.maximum(z, 0),
            derivative=lambda z: (z > 0).astype(z.dtype),
            code="jax.nn.relu(z)",
            one_sided=True,
        ),
        Activation(
            key="leaky_relu",
            label="Leaky ReLU",
            help="Like ReLU, but lets a hundredth of negative input through, so a unit cannot die.",
            formula=r"f(z) = \max(0.01 z, z)",
            source="Maas, Hannun & Ng 2013",
            apply=lambda z: jnp.where(z > 0, z, 0.01 * z),
            derivative=lambda z: jnp.where(z > 0, jnp.ones_like(z), 0.01),
            code="jnp.where(z > 0, z, 0.01 * z)",
        ),
        Activation(
            key="elu",
            label="ELU",
            help="Like ReLU, but bends smoothly down to -1 on the negative side.",
            formula=r"f(z) = z \text{ if } z > 0 \text{ else } e^z - 1",
            source="Clevert, Unterthiner & Hochreiter 2016",
            apply=lambda z: jnp.where(z > 0, z, jnp.exp(jnp.minimum(z, 0)) - 1),
            derivative=lambda z: jnp.where(z > 0, jnp.ones_like(z), jnp.exp(jnp.minimum(z, 0))),
            code="jax.nn.elu(z)",
        ),
        Activation(
            key="softplus",
            label="Softplus",
            help="A ReLU with a round corner; its derivative is the sigmoid.",
            formula=r"f(z) = \ln(1 + e^z)",
            source="Dugas et al. 2001",
            apply=lambda z: jax.nn.softplus(z),
            derivative=lambda z: jax.nn.sigmoid(z),
            code="jax.nn.softplus(z)",
            one_sided=True,
        ),
        Activation(
            key="gelu",
            label="GELU",
            help="Weights its input by the chance that a normal variable lies below it.",
            formula=r"f(z) = z\,\Phi(z)",
            source="Hendrycks & Gimpel 2016",
            apply=lambda z: 0.5 * z * (1 + jax.lax.erf(z * 0.7071067811865476)),
            derivative=_gelu_derivative,
            code="jax.nn.gelu(z, approximate=False)",
        ),
        Activation(
            key="silu",
            label="SiLU",
            help="Input times its own sigmoid; also called swish.",
            formula=r"f(z) = z\,\sigma(z)",
            source="Elfwing, Uchibe & Doya 2017",
            apply=lambda z: jax.nn.silu(z),
            derivative=_silu_derivative,
            code="jax.nn.silu(z)",
        ),
        Activation(
            key="sine",
            label="Sine",
            help="Repeats itself: good at waves and spirals, and easily lost in them.",
            formula=r"f(z) = \sin z",
            source="Sitzmann et al. 2020",
            apply=lambda z: jnp.sin(z),
            derivative=lambda z: jnp.cos(z),
            code="jnp.sin(z)",
        ),
        Activation(
            key="gaussian",
            label="Gaussian",
            help="A bump around 0: each unit answers to a stripe of its input.",
            formula=r"f(z) = e^{-z^2}",
            source="Broomhead & Lowe 1988",
            apply=lambda z: jnp.exp(-z * z),
            derivative=lambda z: -2 * z * jnp.exp(-z * z),
            code="jnp.exp(-z * z)",
            one_sided=True,
        ),
        Activation(
            key="quadratic",
            label="Quadratic",
            help="The square. It grows fast, so take small learning rates.",
            formula=r"f(z) = z^2",
            source="Ivakhnenko & Lapa 1965 (polynomial units)",
            apply=lambda z: z * z,
            derivative=lambda z: 2 * z,
            code="z * z",
            one_sided=True,
        ),
    ],
)
