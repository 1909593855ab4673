"""What was worked out last, kept by what it was worked out from, so that an unrelated rerun costs nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """The values asked for last, by text; at most so many bytes of them (`weight` says how many one has). For several threads."""

    def __init__(self, most: int, weight: Callable[[V], int]) -> None:
        self._most, self._weight = most, weight
        self._values: OrderedDict[str, V] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str, make: Callable[[], V]) -> V:
        """The value of `key`; made, and kept, where it is not there. Two threads may make the same at once."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > 1 and sum(map(self._weight, self._values.values())) > self._most:
                self._values.popitem(last=False)
        return value
