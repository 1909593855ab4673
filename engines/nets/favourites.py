"""What each unit of a digits net likes best: the digits, and the places on them, that excite it most."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import StackNet
from engines.lazy import jax, jnp
from engines.nets import stack
from engines.nets.compiling import KEPT, compiler_options
from engines.nets.inside_pass import Pairs
from engines.nets.programs import activation, scaled
from engines.nets.stack_spec import net_of, shaping

Array = Any
Progress = Callable[[float], None]
IsCancelled = Callable[[], bool]
SLICE = 250


class Favourites(NamedTuple):
    """Of every unit (a channel, where the layer is maps) the k digits that excite it most, the strongest first.

    indices: (units, k) int32, which digits; a digit counts once, where it excites the unit most. values: (units, k) float32, the
    unit's output there. places: (units, k, 2) int32, row and column of the unit on its map; 0 for rows of units.
    """

    indices: np.ndarray
    values: np.ndarray
    places: np.ndarray


def favourites(
    net: StackNet,
    weights: Pairs,
    images: np.ndarray,
    layer: int,
    k: int = 9,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
) -> Favourites | None:
    """What every unit of layer `layer` of `net` likes best among images (n, 28, 28) uint8; None when it was cancelled.

    weights: settled. k: at most n. progress(share 0..1), cancelled(): called between slices of 250 digits.
    Raises ValueError when there is no such layer. Source: Zeiler & Fergus 2014, section 4; Girshick et al. 2014, section 3.1.
    """
    table = stack.rows(net)
    if not 0 <= layer < len(table):
        raise ValueError(f"there is no layer {layer}; this net has {len(table)}")
    units, *_, width = (*table[layer].shape, 1)[:3]
    run = _exciting(shaping(net), layer)
    best = Favourites(np.zeros((units, 0), np.int32), np.zeros((units, 0), np.float32), np.zeros((units, 0, 2), np.int32))
    for start, found in sliced(lambda part: run(tuple(weights), part), images, progress, cancelled):
        if found is None:
            return None
        values, flat = (one.T for one in found)
        places = np.stack(np.divmod(flat, width), -1)
        indices = np.broadcast_to(np.arange(start, start + values.shape[1], dtype=np.int32), values.shape)
        best = _merged(best, Favourites(indices, values, places.astype(np.int32)), k)
    return best


def _merged(one: Favourites, other: Favourites, k: int) -> Favourites:
    """The k best of both; of equals those seen first. What is no number comes last."""
    indices, values, places = (np.concatenate(pair, 1) for pair in zip(one, other, strict=True))
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), axis=1, kind="stable")[:, :k]
    taken = [np.take_along_axis(array, order, 1) for array in (indices, values)]
    return Favourites(*taken, np.take_along_axis(places, order[..., None], 1))


def sliced(
    run: Callable[[np.ndarray], Any], images: np.ndarray, progress: Progress | None = None, cancelled: IsCancelled | None = None
) -> Iterator[tuple[int, Any]]:
    """(start, NumPy tree of run(images of a slice as (250, 784) uint8), cut to the digits there are), slice by slice.

    Yields (start, None) and ends when it is cancelled.
    """
    pixels = np.ascontiguousarray(images, np.uint8).reshape(len(images), -1)
    for start in range(0, len(pixels), SLICE):
        if cancelled is not None and cancelled():
            yield start, None
            return
        part = pixels[start : start + SLICE]
        found = jax.device_get(run(np.pad(part, ((0, SLICE - len(part)), (0, 0)))))
        yield start, jax.tree.map(operator.itemgetter(slice(len(part))), found)
        if progress is not None:
            progress(min(1.0, (start + SLICE) / len(pixels)))


@lru_cache(maxsize=KEPT)
def outputs(text: str, layer: int) -> Callable[[Pairs, Array], Array]:
    """The compiled program (weights, images (n, 784) uint8) -> outputs of `layer`, examples first; text: as `shaping` writes."""
    return jax.jit(lambda weights, images: _outputs(text, layer, weights, images), compiler_options=compiler_options())


def _outputs(text: str, layer: int, weights: Pairs, images: Array) -> Array:
    net = net_of(text)
    found = stack.run(net, weights, stack.prepared(net, scaled(images)), activation)[layer].a
    return jnp.moveaxis(found, -1, 0)


@lru_cache(maxsize=KEPT)
def _exciting(text: str, layer: int) -> Callable[[Pairs, Array], tuple[Array, Array]]:
    """(weights, images (n, 784)) -> the strongest output of every channel (n, units), and where on its map, row by row."""

    def strongest(weights: Pairs, images: Array) -> tuple[Array, Array]:
        found = _outputs(text, layer, weights, images)
        flat = found.reshape(*found.shape[:2], -1)
        return flat.max(-1), flat.argmax(-1).astype(jnp.int32)

    return jax.jit(strongest, compiler_options=compiler_options())
