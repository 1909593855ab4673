"""A trace as plain data: one record an operation, and a last one with errors, gradients and updated weights by name."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from engines.trace.check import cost_of
from engines.trace.passes import Trace


def records(trace: Trace) -> Iterator[dict[str, Any]]:
    """What `python -m engines trace` prints: rule, operation, layer, inputs, output, shapes, values, then the summary."""
    for operation in trace.operations:
        symbols = dict.fromkeys((*operation.inputs, operation.output))
        yield {
            "index": operation.index,
            "phase": operation.phase,
            "rule": operation.rule,
            "operation": operation.operation,
            "layer": operation.layer,
            "inputs": list(operation.inputs),
            "output": operation.output,
            "shapes": operation.shapes(trace.values),
            "values": {symbol: plain(trace.values[symbol]) for symbol in symbols},
        }
    yield summary(trace)


def summary(trace: Trace) -> dict[str, Any]:
    """Errors by output (o1, o2, ...), their total, gradients and updated numbers by name (w1, ..., b1, ...), the total after."""
    with np.errstate(all="ignore"):
        shares = trace.values["E"].sum(0) / trace.examples
    return {
        "done": True,
        "errors": {f"o{k + 1}": plain(share) for k, share in enumerate(shares)},
        "total": plain(trace.values["C"]),
        "gradients": by_name(trace, "G", "g"),
        "updated": by_name(trace, "W", "b", "'"),
        "total_after": plain(np.asarray(cost_of(trace.updated, trace.values["X"], trace.values["T"]))),
    }


def by_name(trace: Trace, matrices: str, biases: str, mark: str = "") -> dict[str, Any]:
    """Numbers of all matrices as w1, w2, ... and of all biases as b1, b2, ...: unit by unit, as the worked example counts them."""
    named: dict[str, Any] = {}
    for kind, letter in (("w", matrices), ("b", biases)):
        found = [
            trace.values[f"{letter}{n}{mark}"].T.ravel() for n in range(1, trace.depth + 1) if f"{letter}{n}{mark}" in trace.values
        ]
        named |= {f"{kind}{i}": plain(value) for i, value in enumerate(np.concatenate(found) if found else (), 1)}
    return named


def plain(value: np.ndarray) -> Any:
    """An array as nested lists, a number as itself; what is not finite becomes None, as JSON wants it."""
    if np.ndim(value):
        return [plain(item) for item in value]
    number = float(value)
    return number if math.isfinite(number) else None
