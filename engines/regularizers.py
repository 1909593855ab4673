"""Penalties on the size of weights. Dropout, max-norm and early stopping are numbers of the Experiment itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engines.tables import Entry, Setting, Table


@dataclass(frozen=True, kw_only=True)
class Penalty(Entry):
    """strengths(settings) -> (l1, l2): the gradient gains l1 sign(w) + l2 w on weights, not on biases."""

    strengths: Callable[[Mapping[str, float]], tuple[float, float]]


_RATE = Setting(key="rate", label="Strength", default=0.001, low=0.0, high=10.0, log=True, help="How hard weights are pulled to 0.")
_MIX = Setting(key="mix", label="Share of L1", default=0.5, low=0.0, high=1.0, help="1 is all L1, 0 is all L2.")

PENALTIES: Table[Penalty] = Table(
    "penalties",
    [
        Penalty(
            key="none",
            label="None",
            help="Weights may grow as they like.",
            formula=r"R = 0",
            source="-",
            strengths=lambda s: (0.0, 0.0),
        ),
        Penalty(
            key="l1",
            label="L1",
            help="Pulls with the same force on all: most weights end at 0, a few stay.",
            formula=r"R = \lambda \sum |w|",
            source="Tibshirani 1996",
            settings=(_RATE,),
            strengths=lambda s: (s["rate"], 0.0),
        ),
        Penalty(
            key="l2",
            label="L2",
            help="Pulls harder the larger a weight is: many small ones stay.",
            formula=r"R = \tfrac{\lambda}{2} \sum w^2",
            source="Krogh & Hertz 1992",
            settings=(_RATE,),
            strengths=lambda s: (0.0, s["rate"]),
        ),
        Penalty(
            key="elastic",
            label="Elastic net",
            help="Both at once, in the mix you choose.",
            formula=r"R = \lambda (\alpha \sum |w| + \tfrac{1 - \alpha}{2} \sum w^2)",
            source="Zou & Hastie 2005",
            settings=(_RATE, _MIX),
            strengths=lambda s: (s["rate"] * s["mix"], s["rate"] * (1 - s["mix"])),
        ),
    ],
)
