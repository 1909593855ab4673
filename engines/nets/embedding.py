"""How a net arranges digits: the numbers that a layer makes of each, and maps of these in two dimensions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engines.experiment import StackNet
from engines.nets import stack
from engines.nets.favourites import IsCancelled, Progress, outputs, sliced
from engines.nets.inside_pass import Pairs
from engines.nets.stack_spec import shaping

EXAGGERATION, PERPLEXITY = 12.0, 30.0
STAGES = ((EXAGGERATION, 250), (1.0, 500), (1.0, 500))
"""Early exaggeration and iterations of each stage of t-SNE; between stages one can look at the clock."""
FEWEST = 5


class Flat(NamedTuple):
    """Features in two dimensions. points: (n, 2) float32. shares: (2,) of the variance that each axis holds."""

    points: np.ndarray
    shares: np.ndarray


def last_layer(
    net: StackNet,
    weights: Pairs,
    images: np.ndarray,
    layer: int | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
) -> np.ndarray | None:
    """Outputs (n, units) float32 of layer `layer`, the last before the output unless said, for images (n, 28, 28) uint8.

    Maps are laid out in a row. weights: settled. A net without hidden layers has its output only. None when it was cancelled.
    Raises ValueError when there is no such layer.
    """
    count = len(stack.rows(net))
    layer = max(0, count - 2) if layer is None else layer
    if not 0 <= layer < count:
        raise ValueError(f"there is no layer {layer}; this net has {count}")
    run, parts = outputs(shaping(net), layer), []
    for _, found in sliced(lambda part: run(tuple(weights), part), images, progress, cancelled):
        if found is None:
            return None
        parts.append(found.reshape(len(found), -1))
    return np.concatenate(parts)


def pca(features: np.ndarray) -> Flat:
    """The plane that holds most of the variance of features (n, units). Raises ValueError when there are fewer than 5 digits.

    Source: Pearson 1901; Hotelling 1933.
    """
    from sklearn.decomposition import PCA

    _check(features)
    features = np.asarray(features, np.float64)
    if min(features.shape) < 2 or not np.ptp(features, 0).any():
        return Flat(np.zeros((len(features), 2), np.float32), np.zeros(2))
    model = PCA(2, random_state=0)
    points = model.fit_transform(features)
    return Flat(points.astype(np.float32), model.explained_variance_ratio_)


def tsne(
    features: np.ndarray,
    seed: int = 0,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
    perplexity: float = PERPLEXITY,
) -> np.ndarray | None:
    """features (n, units) laid out (n, 2) float32 so that neighbours stay neighbours; None when it was cancelled.

    perplexity: about how many neighbours each has; at most (n - 1) / 3 is used. progress(share), cancelled(): called between
    three stages, the first with early exaggeration; the next two go on from where the one before ended.
    Raises ValueError when there are fewer than 5 digits. Source: van der Maaten & Hinton 2008; rate: Belkina et al. 2019.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    _check(features)
    points: np.ndarray | str = _start(features, seed)
    rate = max(len(features) / EXAGGERATION / 4, 50.0)
    most = min(perplexity, (len(features) - 1) / 3)
    for stage, (exaggeration, iterations) in enumerate(STAGES):
        if cancelled is not None and cancelled():
            return None
        how = {"early_exaggeration": exaggeration, "max_iter": iterations, "learning_rate": rate, "random_state": seed}
        # on cores that others use as well its threads wait for each other: with one it is up to twenty times as fast
        with threadpool_limits(1, "openmp"):
            points = TSNE(2, perplexity=most, init=points, **how).fit_transform(np.asarray(features, np.float32))
        if progress is not None:
            progress((stage + 1) / len(STAGES))
    return points.astype(np.float32)


def _check(features: np.ndarray) -> None:
    if len(features) < FEWEST:
        raise ValueError(f"a map needs at least {FEWEST} digits, and here are {len(features)}")
    if not np.isfinite(features).all():
        raise ValueError("this net's numbers have overflowed, so there is no map of them; reset it first")


def _start(features: np.ndarray, seed: int) -> np.ndarray:
    """The principal plane made very small, a little shaken where it is flat. Source: Kobak & Linderman 2021."""
    points = pca(features).points.astype(np.float64)
    spread = points[:, 0].std()
    points = points / spread * 1e-4 if spread > 0 else points
    return (points + np.random.default_rng(seed).normal(0, 1e-6, points.shape)).astype(np.float32)
