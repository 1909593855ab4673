"""What the Backprop component is sent: one traced pass, complete, so that stepping through it needs no server.

A header of plain data, and a blob: float32 matrices in the order of `layout`, compressed, base64. trace_data.js reads it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.trace.operations import RULES
from engines.trace.passes import Trace, latex
from engines.trace.study import Study
from playground.backprop.component import Place
from playground.backprop.names import kind_of, name_of
from playground.backprop.traced import Traced
from playground.blob import finite, pack

LARGEST_SENT = 16_384


def payload(traced: Traced, *, editable: bool = True) -> dict[str, Any]:
    """The component's `data` for a traced study, standing at its first operation; `placed` says where it really stands."""
    trace = traced.trace
    matrices, sections = _matrices(trace)
    layout, blob = pack(sections)
    header = {
        "study": _study(trace),
        "editable": editable,
        "net": _net(trace),
        "rules": [
            {"key": rule.key, "label": rule.label, "help": rule.help, "latex": rule.formula, "phase": rule.phase}
            for rule in RULES.values()
        ],
        "operations": _operations(trace),
        "matrices": matrices,
        "layout": layout,
        "summary": {"total": finite(trace.total), "total_after": finite(traced.total_after)},
    }
    digest = hashlib.blake2b(json.dumps(header).encode(), digest_size=8)
    digest.update(blob)
    return {"revision": digest.hexdigest()} | header | {"selected": None, "blob": base64.b64encode(blob).decode()}


def placed(data: Mapping[str, Any], study: Study, selected: Place | None) -> dict[str, Any]:
    """`data` at the operation and example of `study`, with the followed weight marked: the same revision, nothing is drawn anew."""
    step = min(study.step, len(data["operations"]) - 1)
    example = min(study.example, data["study"]["batch"] - 1)
    moved = dict(data["study"]) | {"step": step, "example": example}
    return dict(data) | {"study": moved, "selected": selected._asdict() if selected else None}


def blocks(matrix: np.ndarray, most: int = LARGEST_SENT) -> tuple[np.ndarray, tuple[int, int]]:
    """A matrix (r, c) in at most `most` blocks, each shown by its entry of largest size, and rows and columns of a block.

    The last blocks of rows and columns may be smaller.
    """
    high = wide = 1
    while -(-matrix.shape[0] // high) * -(-matrix.shape[1] // wide) > most:
        if matrix.shape[0] / high > matrix.shape[1] / wide:
            high += 1
        else:
            wide += 1
    rows, columns = -(-matrix.shape[0] // high), -(-matrix.shape[1] // wide)
    padded = np.zeros((rows * high, columns * wide), matrix.dtype)
    padded[: matrix.shape[0], : matrix.shape[1]] = matrix
    cut = padded.reshape(rows, high, columns, wide).transpose(0, 2, 1, 3).reshape(rows, columns, high * wide)
    return np.take_along_axis(cut, np.abs(cut).argmax(2)[..., None], 2)[..., 0], (high, wide)


def _matrices(trace: Trace) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What there is to say of each matrix, and what is sent of it; numbers and rows become matrices too."""
    described, sent = {}, {}
    for symbol, value in trace.values.items():
        matrix, cut = np.atleast_2d(value), None
        shape = list(matrix.shape)
        if matrix.size > LARGEST_SENT:
            matrix, cut = blocks(matrix)
        sent[symbol] = matrix
        described[symbol] = {
            "shape": shape,
            "latex": latex(symbol, trace.depth),
            "name": name_of(symbol),
            "kind": kind_of(symbol),
            "blocks": list(cut) if cut else None,
        }
    return described, sent


def _study(trace: Trace) -> dict[str, Any]:
    cost = LOSSES[trace.net.cost] if trace.net.cost in LOSSES else CLASS_LOSSES[trace.net.cost]
    return {
        "step": 0,
        "example": 0,
        "batch": trace.examples,
        "learning_rate": trace.learning_rate,
        "cost": {"key": cost.key, "label": cost.label, "latex": cost.formula},
        "train_biases": trace.net.train_biases,
    }


def _net(trace: Trace) -> dict[str, Any]:
    entries = [ACTIVATIONS[key] for key in trace.net.activations]
    return {
        "widths": list(trace.net.widths),
        "activations": [{"key": entry.key, "label": entry.label, "latex": entry.formula} for entry in entries],
    }


def _operations(trace: Trace) -> list[dict[str, Any]]:
    return [
        {
            "index": operation.index,
            "rule": operation.rule,
            "operation": operation.operation,
            "layer": operation.layer,
            "inputs": list(operation.inputs),
            "output": operation.output,
            "latex": operation.latex,
            "phase": operation.phase,
        }
        for operation in trace.operations
    ]
