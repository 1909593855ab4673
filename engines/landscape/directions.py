"""Two directions in the space of a net's weights, and where weights lie in the plane that they span."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engines.landscape.problems import NoLandscape
from engines.landscape.weights import Weights, flatten, unflatten

FEWEST_MOMENTS = 3
_TINY = 1e-12


class Directions(NamedTuple):
    """first, second: (p,) float32. share: what part of the path's variance lies in their plane, 0..1; None without a path.

    shares: the same for each of the two alone, (2,), where they are the path's principal components, else None.
    """

    first: np.ndarray
    second: np.ndarray
    share: float | None
    shares: tuple[float, float] | None = None

    @property
    def both(self) -> np.ndarray:
        """(2, p) float32."""
        return np.stack([self.first, self.second])


def random_directions(now: np.ndarray, sizes: tuple[int, ...], path: np.ndarray, seed: int) -> Directions:
    """Two filter-normalised random directions around the weights `now` (p,).

    Drawn from a normal distribution; then the incoming weights of each unit are scaled to the norm that the unit's own incoming
    weights have, so that a step of 1 means as much to a unit with large weights as to one with small ones. Biases stay put.
    Beyond the source, the second direction is first made orthogonal to the first unit by unit (where a unit has more than one
    input), so that the picture is not sheared; in large nets chance does that.
    Raises NoLandscape when every weight is 0: a direction would have no length.
    Source: Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets, section 4.
    """
    rng = np.random.default_rng(seed)
    one, two = [], []
    for w, b in unflatten(now, sizes):
        first, second = rng.standard_normal(w.shape), rng.standard_normal(w.shape)
        if len(w) > 1:
            second -= first * ((first * second).sum(0) / (first * first).sum(0))
        one.append((_filter_normalised(first, w), np.zeros_like(b)))
        two.append((_filter_normalised(second, w), np.zeros_like(b)))
    first, second = flatten(one), flatten(two)
    if not first.any():
        raise NoLandscape("Every weight of this net is 0, so a random direction would have no length. Train it for a moment first.")
    return Directions(first, second, share_in_plane(path, np.stack([first, second])))


def _filter_normalised(direction: np.ndarray, w: np.ndarray) -> np.ndarray:
    """direction (fan_in, fan_out) with the norm of each column of w."""
    norms = np.linalg.norm(w.astype(np.float64), axis=0)
    return (direction * (norms / np.maximum(np.linalg.norm(direction, axis=0), _TINY))).astype(np.float32)


def main_directions(path: np.ndarray, seed: int = 0) -> Directions:
    """The two principal components of the recorded weights `path` (k, p): orthonormal, biases included.

    Turned so that the path begins at the left and below. A path that is a straight line has only one; the second direction
    is then a random one at right angles (from `seed`), and its share is 0.
    Raises NoLandscape for fewer than 3 moments, and for weights that have not moved.
    Source: Lorch 2016, Visualizing deep network training trajectories with PCA; Li et al. 2018, section 7.
    """
    if len(path) < FEWEST_MOMENTS:
        raise NoLandscape("The main directions need at least three recorded moments. Play for a while, or take random directions.")
    centred = path - path.mean(0, dtype=np.float64).astype(np.float32)
    values, vectors = np.linalg.eigh(_gram(centred))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    total = values.sum()
    if total <= _TINY * (1 + np.square(path[-1], dtype=np.float64).sum()):
        raise NoLandscape("The recorded weights have hardly moved, so they have no main direction. Take random directions.")
    found = [(vectors[:, i] @ centred).astype(np.float64) for i in range(2) if values[i] > 1e-9 * total]
    first = found[0] / np.linalg.norm(found[0])
    second = found[1] if len(found) > 1 else np.random.default_rng(seed).standard_normal(path.shape[1])
    second = second - first * (first @ second)
    second /= np.linalg.norm(second)
    first, second = (d if d @ (path[0] - path[-1]) <= 0 else -d for d in (first, second))
    one, two = float(values[0] / total), float(values[1] / total) if len(found) > 1 else 0.0
    return Directions(first.astype(np.float32), second.astype(np.float32), one + two, (one, two))


def _gram(rows: np.ndarray, columns: int = 1 << 16) -> np.ndarray:
    """rows rows^T (k, k) in float64, some columns at a time: a recording has millions of numbers and few moments."""
    total = np.zeros((len(rows), len(rows)))
    for at in range(0, rows.shape[1], columns):
        part = rows[:, at : at + columns].astype(np.float64)
        total += part @ part.T
    return total


def share_in_plane(path: np.ndarray, directions: np.ndarray) -> float | None:
    """What part of the variance of path (k, p) lies in the plane of directions (2, p); None for fewer than two moments."""
    if len(path) < 2:
        return None
    centred = path - path.mean(0, dtype=np.float64).astype(np.float32)
    total = float(np.square(centred, dtype=np.float64).sum())
    places = projected(centred, np.zeros(path.shape[1], np.float32), directions)
    inside = float(np.einsum("ki,ij,kj->", places, _gram(directions), places))
    return inside / total if total > 0 else None


def projected(weights: np.ndarray, origin: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The places (k, 2) float64 in the plane origin + a directions[0] + b directions[1] that are nearest to weights (k, p)."""
    away = weights - origin
    return np.linalg.solve(_gram(directions), (directions @ away.T).astype(np.float64)).T


def as_vector(weights: Weights | np.ndarray) -> np.ndarray:
    """Weights of a net, layer by layer or flat already, as rows (k, p) float32."""
    return np.atleast_2d(flatten(weights) if isinstance(weights, list) else np.asarray(weights, np.float32))
