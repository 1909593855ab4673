"""Nets brought from the Network and Digits pages, by token, in memory: a link to one works as long as it is among the latest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.keeping import Store
from engines.trace.net import Net

MOST_NETS = 64
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Brought:
    """A net and the one example that was chosen for it. x: (1, inputs), t: (1, outputs).

    page: key of the page it comes from. said: where net and example come from, for the visitor. learning_rate: what it had there.
    inputs: what each input is called; empty where they are pixels. side: pixels in a row of the picture, 0 where it is none.
    """

    net: Net
    x: np.ndarray
    t: np.ndarray
    page: str
    said: str
    learning_rate: float
    inputs: tuple[str, ...] = ()
    side: int = 0

    @property
    def nbytes(self) -> int:
        """Memory that its arrays take."""
        return sum(array.nbytes for array in (*self.net.weights, *self.net.biases, self.x, self.t))


_shared: Store[Brought] = Store(MOST_NETS, MOST_BYTES)


def keep(brought: Brought) -> str:
    """Remember a net in this process; see `Store.keep`."""
    return _shared.keep(brought)


def find(token: str) -> Brought | None:
    """The net with this token; see `Store.find`."""
    return _shared.find(token)
