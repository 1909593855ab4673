"""How a small recurrent net's first weights are drawn: the table. On long lags that decides as much as the cell does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engines.initializers import INITIALIZERS
from engines.nets.recurrent.shapes import Pairs
from engines.tables import Entry, Table

KEEPING = {"lstm": (1, 0), "gru": (1, None)}
"""By cell: the block of the biases whose gate keeps the memory, and of the one that lets new things in, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Start(Entry):
    """change: (rng, cell, pairs of a layer as the text nets draw them, lag) -> the pairs to begin with."""

    change: Callable[[np.random.Generator, str, Pairs, int], Pairs]


def _plain(rng: np.random.Generator, cell: str, pairs: Pairs, lag: int) -> Pairs:
    """Everything as Glorot and Bengio say, gate by gate."""
    back, bias = pairs[1]
    units = len(back)
    draw = INITIALIZERS["xavier"].draw
    drawn = [draw(rng, units, units, {}) for _ in range(back.shape[1] // units)]
    return [pairs[0], (np.concatenate(drawn, 1), bias)]


def _long(rng: np.random.Generator, cell: str, pairs: Pairs, lag: int) -> Pairs:
    """As `_plain`; the gates of each unit keep what it holds for a time drawn between 1 and the lag."""
    into, back = _plain(rng, cell, pairs, lag)
    if cell not in KEEPING:
        return [into, back]
    units, bias = len(back[0]), into[1].copy()
    times = np.log(rng.uniform(1, max(2, lag), units))
    keep, write = KEEPING[cell]
    bias[keep * units : (keep + 1) * units] = times
    if write is not None:
        bias[write * units : (write + 1) * units] = -times
    return [(into[0], bias), back]


STARTS: Table[Start] = Table(
    "sequence_starts",
    [
        Start(
            key="long",
            label="Gates set for the lag",
            help="Gates begin so far open or shut that what a unit holds stays for a time between 1 and the lag.",
            source="Tallec & Ollivier 2018 (chrono initialisation)",
            change=_long,
        ),
        Start(
            key="plain",
            label="Random",
            help="Small random weights; only the LSTM's forget gates begin open.",
            source="Glorot & Bengio 2010; forget gates: Gers, Schmidhuber & Cummins 2000",
            change=_plain,
        ),
        Start(
            key="rotation",
            label="Rotations",
            help="The weights from state to state are rotations, as in this page's text nets: nothing shrinks at first.",
            source="Saxe, McClelland & Ganguli 2014; Le, Jaitly & Hinton 2015",
            change=lambda rng, cell, pairs, lag: pairs,
        ),
    ],
)
