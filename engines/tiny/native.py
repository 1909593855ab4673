"""Compile a small program as one native function, where that works.

XLA's CPU backend runs a program as a list of small tasks; for nets this small the list costs several times the arithmetic.
A frontend attribute (`xla_cpu_small_call`) makes it emit the whole loop as one function: 3x to 5x. The attribute is
undocumented, and in the wrong place it can abort the process. So it is used only here, only with the versions of jaxlib it was
tried on with these very programs, only where it compiles, and only where it agrees with the plain program.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from engines.lazy import jax

log = logging.getLogger(__name__)

TRIED = ("0.10.2",)

# Fusions of this kind cannot live inside a small call.
OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}


def compile_native(program: Callable[..., Any], example: tuple[Any, ...], verify: bool = True) -> Callable[..., Any]:
    """`program` compiled for arguments shaped like `example`, as one native function if that gives the same numbers.

    The result takes and returns the same pytrees as `program`. Falls back to the plain program, never raises for it.
    verify: compare with the plain program first; False trusts a verdict already reached on another shape.
    """
    if not _tried():
        return _compile(program, example, None)
    try:
        quick = _compile(_as_small_call(program), example, OPTIONS)
        if not verify or _agree(_compile(program, example, None)(*example), quick(*example)):
            return quick
        log.warning("the native form of %s gives other numbers; using the plain one", program.__name__)
    except Exception as error:  # whatever an undocumented attribute may do, the plain program still works
        log.warning("no native form of %s (%s); using the plain one", program.__name__, type(error).__name__)
    return _compile(program, example, None)


def _tried() -> bool:
    import jaxlib

    return jaxlib.__version__ in TRIED and os.environ.get("PLAYGROUND_NATIVE", "1") != "0"


def _compile(program: Callable[..., Any], example: tuple[Any, ...], options: dict[str, str] | None) -> Callable[..., Any]:
    return jax.jit(program).lower(*example).compile(compiler_options=options)


def _as_small_call(program: Callable[..., Any]) -> Callable[..., Any]:
    from jax.experimental.xla_metadata import set_xla_metadata

    inner = jax.jit(program)

    def call(*arguments: Any) -> Any:
        leaves, tree = jax.tree.flatten(inner(*arguments))
        leaves[0] = set_xla_metadata(leaves[0], xla_cpu_small_call="true", inlineable="false")
        return jax.tree.unflatten(tree, leaves)

    return call


def _agree(one: Any, other: Any) -> bool:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(
        np.allclose(np.asarray(a, np.float64), np.asarray(b, np.float64), rtol=1e-3, atol=1e-4, equal_nan=True) for a, b in pairs
    )
