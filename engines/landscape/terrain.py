"""A slice as something to walk on: the smooth surface through its places, where to start, and what it is in words."""

from __future__ import annotations

from engines.descent.stationary import find as find_stationary
from engines.descent.terrain import Terrain
from engines.landscape import spline
from engines.landscape.slice import Slice

_NAMES = {"random": ("direction 1", "direction 2"), "path": ("first main direction", "second main direction")}


def terrain_of_slice(made: Slice) -> Terrain:
    """The bicubic surface through a slice's losses. Slices with the same number of places share every compiled program."""
    samples = made.filled()
    params = spline.params_of(made.alpha, made.beta, samples)
    rows, columns = samples.shape
    return Terrain(
        key=f"slice:{rows}x{columns}",
        label=label_of(made),
        height=spline.height,
        params=params,
        domain=made.domain,
        names=_NAMES[made.kind],
        stationary=tuple(find_stationary(spline.height, params, made.domain)),
        latex=r"C(\theta + \alpha\,d_1 + \beta\,d_2)",
    )


def label_of(made: Slice) -> str:
    """The slice in a few words: which net, when, along what."""
    kind = "digits net" if made.experiment.data.kind == "digits" else "net"
    units = " → ".join(str(layer.units) for layer in made.experiment.net.layers) or "no hidden layer"
    directions = "random directions" if made.kind == "random" else "main directions of its path"
    return f"Your {kind} ({units}) after {made.epoch:.3g} epochs, {directions}"


def start_of(made: Slice) -> tuple[float, float]:
    """Where a race on this slice starts: where the path began, or else the highest of four places between centre and corners."""
    if made.kind == "path" and made.path is not None:
        return float(made.path[0, 0]), float(made.path[0, 1])
    rows, columns = made.loss.shape
    quarters = [(row, column) for row in (rows // 8, rows - 1 - rows // 8) for column in (columns // 8, columns - 1 - columns // 8)]
    row, column = max(quarters, key=lambda place: made.filled()[place])
    return float(made.alpha[column]), float(made.beta[row])
