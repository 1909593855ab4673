"""How the learning rate changes while training goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engines.lazy import jnp
from engines.tables import Entry, Setting, Table

Array = Any


@dataclass(frozen=True, kw_only=True)
class Schedule(Entry):
    """factor(epoch, settings) -> what the learning rate is multiplied by; epoch counts from 0 and has a fraction.

    `code` is the same factor as a JAX expression of `epoch` and the settings, for exported scripts.
    """

    factor: Callable[[Array, Mapping[str, Array]], Array]
    code: str


def _epochs(key: str, label: str, default: float, help: str) -> Setting:
    return Setting(key=key, label=label, default=default, low=1, high=10_000, unit="epochs", help=help, log=True, whole=True)


SCHEDULES: Table[Schedule] = Table(
    "schedules",
    [
        Schedule(
            key="constant",
            label="Constant",
            help="The same rate throughout.",
            formula=r"\eta(t) = \eta_0",
            source="Robbins & Monro 1951 discuss why it cannot settle under noise",
            factor=lambda epoch, s: jnp.ones_like(epoch),
            code="1.0",
        ),
        Schedule(
            key="step",
            label="Step decay",
            help="Multiplied by the drop every so many epochs.",
            formula=r"\eta(t) = \eta_0\, d^{\lfloor t / p \rfloor}",
            source="Krizhevsky, Sutskever & Hinton 2012",
            settings=(
                Setting(key="drop", label="Drop to", default=0.5, low=0.01, high=1.0, help="Factor at each drop."),
                _epochs("every", "Every", 100, "How long the rate stays before it drops."),
            ),
            factor=lambda epoch, s: s["drop"] ** jnp.floor(epoch / s["every"]),
            code="{drop} ** jnp.floor(epoch / {every})",
        ),
        Schedule(
            key="exponential",
            label="Exponential decay",
            help="Halves smoothly, again and again.",
            formula=r"\eta(t) = \eta_0\, 2^{-t / h}",
            source="Bengio 2012, Practical recommendations",
            settings=(_epochs("half_life", "Half-life", 200, "Epochs until the rate has halved."),),
            factor=lambda epoch, s: jnp.exp2(-epoch / s["half_life"]),
            code="jnp.exp2(-epoch / {half_life})",
        ),
        Schedule(
            key="cosine",
            label="Cosine",
            help="Falls along half a cosine to the floor and stays there.",
            formula=r"\eta(t) = \eta_0\,(f + (1-f)\tfrac{1 + \cos(\pi \min(t/T, 1))}{2})",
            source="Loshchilov & Hutter 2017",
            settings=(
                _epochs("length", "Length", 500, "Epochs until the floor is reached."),
                Setting(key="floor", label="Floor", default=0.0, low=0.0, high=1.0, help="Share of the rate that remains."),
            ),
            factor=lambda epoch, s: (
                s["floor"] + (1 - s["floor"]) * 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(epoch / s["length"], 1)))
            ),
            code="{floor} + (1 - {floor}) * 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(epoch / {length}, 1)))",
        ),
        Schedule(
            key="warm_up",
            label="Warm-up",
            help="Climbs from almost nothing, then stays.",
            formula=r"\eta(t) = \eta_0 \min(1, (t + 0.01) / w)",
            source="Goyal et al. 2017",
            settings=(_epochs("warm_up", "Warm-up", 20, "Epochs until the full rate is reached."),),
            factor=lambda epoch, s: jnp.minimum(1.0, (epoch + 0.01) / s["warm_up"]),
            code="jnp.minimum(1.0, (epoch + 0.01) / {warm_up})",
        ),
    ],
)
