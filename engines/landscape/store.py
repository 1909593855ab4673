"""The slices made lately, by token, in memory."""

from __future__ import annotations

from engines.keeping import Store
from engines.landscape.slice import Slice

MOST_SLICES = 64
MOST_BYTES = 128 * 2**20

_shared: Store[Slice] = Store(MOST_SLICES, MOST_BYTES)


def keep(made: Slice) -> str:
    """Remember a slice in this process; see `Store.keep`."""
    return _shared.keep(made)


def find(token: str) -> Slice | None:
    """The slice with this token; see `Store.find`."""
    return _shared.find(token)
