"""What a plane net looks like: arrays for the live view, computed at the engine's edge."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.tiny import compiled, layout
from engines.tiny.program import TILE
from engines.training import Look

if TYPE_CHECKING:
    from engines.tiny.trainer import TinyTrainer

NEAR_ZERO = 0.05
DEAD_SLOPE = 1e-4
BINS = 41


def picture_of(trainer: TinyTrainer, programs: compiled.Programs, look: Look, coarse: bool) -> dict[str, np.ndarray]:
    """Sections of the Network page: surface, units, theta and, where asked for, focus and warp."""
    e = trainer.experiment
    focus = _focus(e, look)
    soft = e.cost == "cross_entropy" and e.output == "linear"
    draw, grid = (programs.sketch, trainer._coarse) if coarse else (programs.picture, trainer._grid)
    surface, units, chosen = draw(trainer.state.theta, trainer._description, grid, _pair(*focus), _number(float(soft)))
    hidden = np.asarray(units)
    maps = [input_maps(e.net.inputs)] + [hidden[i, : layer.units] for i, layer in enumerate(e.net.layers)]
    cube = np.asarray(trainer.state.theta).reshape(layout.LAYERS, trainer.width + 1, trainer.width)
    sections = {
        "surface": np.asarray(surface),
        "units": np.concatenate(maps),
        "theta": flat_weights(cube, layout.sizes(e)),
    }
    if look.hover is not None and focus[0] >= 0:
        sections["focus"] = np.asarray(chosen)
    elif look.hover is not None and look.hover[0] == 0 and look.hover[1] < len(e.net.inputs):
        sections["focus"] = _input_map(e.net.inputs[look.hover[1]], compiled.SIDE)
    return sections | _warp(trainer, programs, look)


@lru_cache(maxsize=512)
def _pair(layer: int, unit: int) -> Any:
    return compiled.put(np.array([layer, unit], np.int32))


@lru_cache(maxsize=2)
def _number(value: float) -> Any:
    return compiled.put(np.float32(value))


def _focus(e: Any, look: Look) -> tuple[int, int]:
    """(hidden layer from 0, unit) to enlarge, or (-1, 0) for none; the look counts inputs as layer 0."""
    if look.hover is None:
        return -1, 0
    layer, unit = look.hover[0] - 1, look.hover[1]
    known = 0 <= layer < len(e.net.layers) and 0 <= unit < e.net.layers[layer].units
    return (layer, unit) if known else (-1, 0)


def flat_weights(cube: np.ndarray, shape: list[int]) -> np.ndarray:
    """theta (LAYERS, width + 1, width) -> every layer's weights, row by row, then its biases; float32."""
    width = cube.shape[2]
    parts: list[np.ndarray] = []
    for layer, (i, o) in enumerate(pairwise(shape)):
        parts += [cube[layer, :i, :o].ravel(), cube[layer, width, :o]]
    return np.concatenate(parts)


_maps: dict[tuple[str, int], np.ndarray] = {}


def _input_map(key: str, side: int) -> np.ndarray:
    """One input over the domain, quantised like a unit's map: (side, side) uint8."""
    if (key, side) not in _maps:
        from engines.data.inputs import INPUTS

        xy = compiled.lattice(side)
        value = INPUTS[key].compute(xy[:, 0], xy[:, 1])
        _maps[key, side] = np.clip(np.round(value * 127 + 128), 0, 255).astype(np.uint8).reshape(side, side)
    return _maps[key, side]


def input_maps(inputs: tuple[str, ...]) -> np.ndarray:
    """(len(inputs), TILE, TILE) uint8."""
    return np.stack([_input_map(key, TILE) for key in inputs])


def _warp(trainer: TinyTrainer, programs: compiled.Programs, look: Look) -> dict[str, np.ndarray]:
    """How a hidden layer bends the plane: two of its units on a lattice and at the training points."""
    layers = trainer.experiment.net.layers
    if look.warp is None or not 0 < look.warp[0] <= len(layers):
        return {}
    layer, a, b = look.warp
    if max(a, b) >= layers[layer - 1].units or min(a, b) < 0:
        return {}
    inputs = layout.pack_inputs(compiled.lattice(compiled.LATTICE), trainer.experiment.net.inputs, trainer.width)
    state, c = trainer.state.theta, trainer._description
    grid = np.asarray(programs.trace(state, c, compiled.put(inputs), np.int32(layer - 1)))[:, [a, b]]
    points = np.asarray(programs.trace_train(state, c, trainer._data.x, np.int32(layer - 1)))[: len(trainer.train.t), [a, b]]
    side = compiled.LATTICE
    return {"warp": grid.reshape(side, side, 2), "warp_points": np.ascontiguousarray(points)}


def health_of(trainer: TinyTrainer, programs: compiled.Programs, weights: layout.Weights) -> list[dict[str, Any]]:
    """One dict a weight layer: name, gradient norm, units, dead units, share of saturated slopes, share of weights near zero."""
    gradient, steepest, flat = programs.health(trainer.state.theta, trainer._description, trainer._data)
    gradient, steepest, flat = np.asarray(gradient), np.asarray(steepest), np.asarray(flat)
    rows = []
    for layer, (w, _) in enumerate(weights):
        units = w.shape[1]
        last = layer == len(weights) - 1
        rows.append(
            {
                "name": "output" if last else f"hidden {layer + 1}",
                "gradient": float(np.sqrt((gradient[layer].astype(np.float64) ** 2).sum())),
                "units": units,
                "dead": int((steepest[layer, :units] < DEAD_SLOPE).sum()),
                "saturated": float(flat[layer, :units].sum() / max(1, units * len(trainer.train.t))),
                "weights_near_zero": float((np.abs(w) < NEAR_ZERO).mean()),
                "largest_weight": float(np.abs(w).max()),
            }
        )
    return rows


def histogram_of(weights: layout.Weights) -> dict[str, Any]:
    """All weights (not biases) in BINS bins from low to high, and the exact share with a size under NEAR_ZERO."""
    every = np.concatenate([w.ravel() for w, _ in weights])
    finite = every[np.isfinite(every)].astype(np.float64)  # twice the largest float32 is none
    reach = max(1.0, float(np.abs(finite).max())) if len(finite) else 1.0
    counts, _ = np.histogram(finite, BINS, (-reach, reach))
    near = float((np.abs(every) < NEAR_ZERO).mean())
    return {"low": -reach, "high": reach, "counts": counts.tolist(), "near_zero": near, "threshold": NEAR_ZERO}
