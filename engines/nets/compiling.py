"""How the large tier's programs are compiled, and how many of them are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np

from engines.lazy import jax

KEPT = 8
"""Nets whose programs stay in memory, some 40 MB each, besides those in use; others come from the disk."""
CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}


@lru_cache(maxsize=1)
def compiler_options() -> Mapping[str, str] | None:
    """XLA options that pay on this backend in float32, or None. Tried once: a jaxlib that does not know them runs without."""
    if jax.default_backend() != "cpu":
        return None
    try:
        jax.jit(lambda x: x + 1, compiler_options=CPU_OPTIONS)(np.float32(1))
    except Exception:
        return None
    return CPU_OPTIONS


def kept(make: Callable[..., Any], most: int = KEPT) -> Callable[..., Any]:
    """`make`, with the `most` programs asked for last remembered by its arguments, and besides them all that somebody holds.

    Without the second, more nets in use than `most` would be compiled anew in turns: whoever runs a program often, holds it.
    """
    alive: WeakValueDictionary[Any, Any] = WeakValueDictionary()
    lock = threading.Lock()

    def found(*key: Any) -> Any:
        with lock:
            program = alive.get(key)
            if program is None:
                program = alive[key] = make(*key)
            return program

    recent = lru_cache(maxsize=most)(found)

    @wraps(make)
    def program(*key: Any) -> Any:
        return recent(*key)

    def cache_clear() -> None:
        alive.clear()
        recent.cache_clear()

    program.cache_clear = cache_clear  # type: ignore[attr-defined]
    return program


class Compiled:
    """For which shapes programs have been compiled in this process. It forgets a program that has left the memory."""

    def __init__(self) -> None:
        self._shapes: WeakKeyDictionary[Any, set[Any]] = WeakKeyDictionary()

    def knows(self, program: Any, shape: Any) -> bool:
        """Whether `program` needs no compiling for arrays of `shape`, whatever stands for it."""
        return shape in self._shapes.get(program, ())

    def note(self, program: Any, shape: Any) -> None:
        """It has been compiled."""
        self._shapes.setdefault(program, set()).add(shape)

    def forget(self, program: Any, shape: Any) -> None:
        """It has not, or not all that belongs to it."""
        self._shapes.get(program, set()).discard(shape)
