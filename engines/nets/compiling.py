"""How the large tier's programs are compiled, and how many of them are kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

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
