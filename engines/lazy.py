"""JAX, imported when first used.

The first page has to show before JAX has loaded (0.6 to 1.6 s of import), yet pages read the tables, whose entries hold
JAX functions. So engine modules that a page may import take `jax`, `jnp` and `lax` from here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any


class _Module:
    """A module that is imported when one of its names is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


if TYPE_CHECKING:
    import jax
    import jax.numpy as jnp
    from jax import lax
else:
    jax = _Module("jax")
    jnp = _Module("jax.numpy")
    lax = _Module("jax.lax")

__all__ = ["jax", "jnp", "lax"]
