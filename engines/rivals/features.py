"""What an engineer of the years before learned features measured on a digit: strokes' directions by place, and ink by zone.

Directions as in histograms of oriented gradients: Dalal & Triggs 2005, with the sign of the gradient kept. Maji & Malik 2009
read MNIST with such features.
"""

from __future__ import annotations

import numpy as np

from engines.rivals.watch import Watch

SIDE, CELL = 28, 4
CELLS = SIDE // CELL
BATCH = 2000
_ENERGY = 0.1
_CLIP = 0.2


def count(directions: int) -> int:
    """How many numbers describe a digit: four normalised histograms for each block of 2 x 2 cells, and the ink of 7 x 7 zones."""
    return (CELLS - 1) ** 2 * 4 * directions + CELLS**2


def in_batches(images: np.ndarray, directions: int, watch: Watch) -> np.ndarray:
    """`described` for many images (n, 28, 28), without ever needing much more room than its answer."""
    rows = np.empty((len(images), count(directions)), np.float32)
    for start in range(0, len(images), BATCH):
        rows[start : start + BATCH] = described(images[start : start + BATCH], directions)
        watch.at(min(1.0, (start + BATCH) / len(images)))
    return rows


def described(images: np.ndarray, directions: int) -> np.ndarray:
    """The features (n, count(directions)) float32 of images (n, 28, 28) uint8."""
    ink = images.astype(np.float32) / np.float32(255)
    cells = histograms(ink, directions)
    blocks = [cells[:, i : CELLS - 1 + i, j : CELLS - 1 + j] for i in (0, 1) for j in (0, 1)]
    strokes = _normalised(np.concatenate(blocks, -1)).reshape(len(ink), -1)
    zones = ink.reshape(-1, CELLS, CELL, CELLS, CELL).mean((2, 4)).reshape(len(ink), -1)
    return np.concatenate([strokes, zones], 1)


def histograms(ink: np.ndarray, directions: int) -> np.ndarray:
    """How much the ink (n, 28, 28) changes in each direction, cell by cell: (n, 7, 7, directions).

    Direction k is k / directions of a full turn, from x (to the right) towards y (down); a change between two counts for both,
    the nearer one more. Ink outside the picture is taken as 0.
    """
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    dx = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    dy = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    length = np.hypot(dx, dy)
    turn = np.mod(np.arctan2(dy, dx) / np.float32(2 * np.pi), 1) * directions
    found = np.empty((len(ink), CELLS, CELLS, directions), np.float32)
    for k in range(directions):
        away = np.abs(np.mod(turn - k + directions / 2, directions) - directions / 2)
        share = length * np.maximum(0, 1 - away)
        found[..., k] = share.reshape(-1, CELLS, CELL, CELLS, CELL).sum((2, 4))
    return found


def _normalised(blocks: np.ndarray) -> np.ndarray:
    """Each block's numbers (..., d) to length 1, large ones cut at 0.2, and once more to length 1 (Lowe 2004)."""
    return _unit(np.minimum(_unit(blocks), np.float32(_CLIP)))


def _unit(blocks: np.ndarray) -> np.ndarray:
    return blocks / np.sqrt(np.square(blocks).sum(-1, keepdims=True) + np.float32(_ENERGY**2))
