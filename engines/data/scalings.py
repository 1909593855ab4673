"""How pixels become numbers: the table. A net sees scale * pixel / 255 + shift."""

from __future__ import annotations

from dataclasses import dataclass

from engines.tables import Entry, Table


@dataclass(frozen=True, kw_only=True)
class Scaling(Entry):
    """scale, shift: what a pixel in 0..1 is multiplied by, and what is then added."""

    scale: float
    shift: float


SCALINGS: Table[Scaling] = Table(
    "scalings",
    [
        Scaling(
            key="unit",
            label="0 to 1",
            help="Paper is 0 and ink is 1.",
            formula=r"x = p / 255",
            source="the usual choice of tutorials",
            scale=1.0,
            shift=0.0,
        ),
        Scaling(
            key="standard",
            label="Mean 0, spread 1",
            help="Over the training digits, pixels have mean 0 and standard deviation 1: paper is -0.42, ink 2.82.",
            formula=r"x = (p / 255 - 0.1307) / 0.3081",
            source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp; mean and s.d. of MNIST's 60,000",
            scale=1 / 0.3081,
            shift=-0.1307 / 0.3081,
        ),
        Scaling(
            key="lenet",
            label="LeNet-5's: -0.1 to 1.175",
            help="Paper is -0.1 and ink 1.175, which makes the mean about 0 and the spread about 1 on 32 x 32 pixels.",
            formula=r"x = 1.275\, p / 255 - 0.1",
            source="LeCun, Bottou, Bengio & Haffner 1998, section II.B",
            scale=1.275,
            shift=-0.1,
        ),
    ],
)
