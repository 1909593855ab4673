"""What a visitor made, kept in memory under a token: a link to it works as long as it is among the latest."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Whatever knows how many bytes its arrays take."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        ...


T = TypeVar("T", bound=Sized)


class Store(Generic[T]):
    """Things under unguessable tokens. When they are too many or too large, those not asked for longest go. Thread-safe."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most, self.most_bytes = most, most_bytes
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def nbytes(self) -> int:
        """Memory that all of them take."""
        with self._lock:
            return self._nbytes()

    def _nbytes(self) -> int:
        return sum(made.nbytes for made in self._kept.values())

    def keep(self, made: T) -> str:
        """Remember it. Returns its token: 22 letters, digits, - and _. The newest always stays, however large."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[token] = made
            while len(self._kept) > 1 and (len(self._kept) > self.most or self._nbytes() > self.most_bytes):
                self._kept.popitem(last=False)
        return token

    def find(self, token: str) -> T | None:
        """What has this token, or None when it is gone or never was."""
        with self._lock:
            found = self._kept.get(token)
            if found is not None:
                self._kept.move_to_end(token)
            return found
