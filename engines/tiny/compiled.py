"""The compiled programs of the tiny tier: one set a width bucket, shared by everybody, compiled once a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from engines.data.own import materialize
from engines.data.points import DOMAIN
from engines.experiment import Experiment
from engines.lazy import jax
from engines.tiny import layout, program
from engines.tiny.native import compile_native

SIDE, COARSE_SIDE = 100, 50
LATTICE = 21


@dataclass(frozen=True)
class Programs:
    """Compiled forms of the functions in `program`, for one width."""

    advance: Callable[..., Any]
    evaluate: Callable[..., Any]
    picture: Callable[..., Any]
    sketch: Callable[..., Any]
    health: Callable[..., Any]
    trace: Callable[..., Any]
    trace_train: Callable[..., Any]


_locks = {width: threading.Lock() for width in layout.WIDTHS}
_ready: dict[int, Programs] = {}


def programs_for(width: int) -> Programs:
    """The programs of a width bucket; the first call compiles them (seconds), or reads them from the compilation cache."""
    with _locks[width]:
        if width not in _ready:
            _ready[width] = _compile(width)
        return _ready[width]


def is_ready(width: int) -> bool:
    """Whether the programs of this width are compiled, so that a caller can say that it will take a moment."""
    return width in _ready


def compiles() -> int:
    """How many programs have been compiled so far."""
    return len(_ready) * len(Programs.__dataclass_fields__)


@cache
def host_device() -> Any:
    """Where tiny nets run: always the CPU, whose loops are far quicker than launching thousands of kernels."""
    return jax.local_devices(backend="cpu")[0]


def put(tree: Any) -> Any:
    """A pytree of NumPy arrays on the device that tiny nets run on."""
    return jax.device_put(tree, host_device())


@cache
def lattice(side: int) -> np.ndarray:
    """Places of a square grid over the domain, row by row from y = +6 down: (side * side, 2)."""
    line = np.linspace(-DOMAIN, DOMAIN, side)
    x, y = np.meshgrid(line, line[::-1])
    return np.stack([x.ravel(), y.ravel()], 1)


def blank_state(theta: np.ndarray) -> layout.State:
    """The state before the first step, on the device."""
    zero = np.zeros_like(theta)
    return put(layout.State(theta, zero, zero.copy(), np.int32(0), np.int32(0), np.float32(np.inf), np.int32(0)))


def _compile(width: int) -> Programs:
    experiment = Experiment()
    train, test = materialize(experiment.data)
    data = put(layout.pack_data(train, test, experiment.net.inputs, width))
    description = put(layout.describe(experiment, len(train.t), len(test.t), width))
    state = blank_state(layout.pack(layout.draw_weights(experiment), width))
    grid = put(layout.pack_grid(lattice(SIDE), experiment.net.inputs, width))
    coarse = put(layout.pack_grid(lattice(COARSE_SIDE), experiment.net.inputs, width))
    points = put(layout.pack_inputs(lattice(LATTICE), experiment.net.inputs, width))
    whole = np.int32(0)
    first = width == layout.WIDTHS[0]

    def build(function: Callable[..., Any], *example: Any) -> Callable[..., Any]:
        return compile_native(function, example, verify=first)

    return Programs(
        advance=build(program.advance, state, description, data, np.int32(40)),
        evaluate=build(program.evaluate, state.theta, description, data),
        picture=build(program.picture, state.theta, description, grid, np.zeros(2, np.int32), np.float32(0)),
        sketch=build(program.picture, state.theta, description, coarse, np.zeros(2, np.int32), np.float32(0)),
        health=build(program.full_gradient, state.theta, description, data),
        trace=build(program.trace_layer, state.theta, description, points, whole),
        trace_train=build(program.trace_layer, state.theta, description, data.x, whole),
    )
