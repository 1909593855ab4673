"""A slice of the loss of a net: the training cost over a plane through its weights, and the run's path on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engines.experiment import Experiment
from engines.landscape import spline
from engines.landscape.capture import Captured
from engines.landscape.costs import Costs, Tick, costs_of
from engines.landscape.directions import Directions, as_vector, main_directions, projected, random_directions
from engines.landscape.problems import Cancelled, NoLandscape
from engines.landscape.weights import Weights, sizes_of, unflatten
from engines.lazy import jax

Kind = Literal["random", "path"]
KINDS: tuple[Kind, ...] = ("random", "path")

FEWEST, MOST, USUAL = 11, 101, 41
"""Places a side."""
USUAL_EXAMPLES, MOST_EXAMPLES = 5000, 20_000
REACH = 1.0
"""How far a slice along random directions goes to each side, in units of the directions."""
MARGIN, FLATTEST = 0.25, 0.2
"""A slice along a path goes beyond it by this share of its extent, and is at least this share as wide one way as the other."""
CHECKS = 64
"""Random places where the interpolated map is compared with the exact cost."""
FLOOR = 0.01
"""Where the cost is nearly 0, differences are told relative to this share of the map's range."""
_HESSIAN_COST = 9


@dataclass(frozen=True, eq=False)
class Slice:
    """A map of costs. (0, 0) is where the net is now; axes count in units of the directions.

    alpha (n,), beta (m,): places along the first and the second direction. loss (m, n): mean cost, without penalty and dropout,
    of `used` of `available` training examples; not finite where the net overflows. centre_loss: at (0, 0).
    path (k, 2): the recorded moments projected into the plane, the net of now last; None where nothing is recorded. epochs (k,).
    path_loss (k,): the cost of the recorded weights themselves; path_height (k,): of their places in the plane.
    path_curvature (k, 2): eigenvalues of the exact 2 x 2 Hessian there, the larger first.
    share: part of the path's variance that lies in the plane; shares: of the two main directions alone (kind 'path').
    interpolation_error: the worst difference between the interpolated map and the exact cost at random places, relative to the
    cost (or to a hundredth of the map's range where that is larger).
    origin (p,), directions (2, p): weights at (0, 0) and per unit. All arrays float32 but for the losses (float64).
    """

    experiment: Experiment
    kind: Kind
    alpha: np.ndarray
    beta: np.ndarray
    loss: np.ndarray
    centre_loss: float
    path: np.ndarray | None
    epochs: np.ndarray | None
    path_loss: np.ndarray | None
    path_height: np.ndarray | None
    path_curvature: np.ndarray | None
    share: float | None
    shares: tuple[float, float] | None
    interpolation_error: float
    used: int
    available: int
    seed: int
    epoch: float
    origin: np.ndarray
    directions: np.ndarray

    @property
    def domain(self) -> tuple[float, float, float, float]:
        """Lowest and highest alpha, lowest and highest beta."""
        return float(self.alpha[0]), float(self.alpha[-1]), float(self.beta[0]), float(self.beta[-1])

    @property
    def nbytes(self) -> int:
        """Memory it takes."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def project(self, weights: Weights | np.ndarray) -> np.ndarray:
        """The places (k, 2) in the plane nearest to weights: one net layer by layer, or rows (k, p)."""
        return projected(as_vector(weights), self.origin, self.directions)

    def weights_at(self, alpha: float, beta: float) -> Weights:
        """The net's weights at a place, layer by layer."""
        vector = self.origin + np.float32(alpha) * self.directions[0] + np.float32(beta) * self.directions[1]
        return unflatten(vector, sizes_of(self.experiment))

    def filled(self) -> np.ndarray:
        """The losses with every place that overflowed raised to the highest that did not."""
        finite = np.isfinite(self.loss)
        return np.where(finite, self.loss, self.loss[finite].max())


class _Progress:
    """Adds up what is done, tells it, and stops the work when it is cancelled."""

    def __init__(self, total: float, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        self._total, self._done = total, 0.0
        self._progress, self._cancelled = progress, cancelled

    def tick(self, cost: float = 1.0) -> Tick:
        """A `Tick` whose places cost this much each."""

        def tick(places: float) -> None:
            self._done += places * cost
            self._progress(min(1.0, self._done / self._total))
            if self._cancelled():
                raise Cancelled

        return tick


def _ignored(_share: float) -> None:
    """A progress that nobody watches."""


def make_slice(
    net: Captured,
    kind: Kind = "random",
    resolution: int = USUAL,
    examples: int = USUAL_EXAMPLES,
    seed: int = 0,
    progress: Callable[[float], None] = _ignored,
    cancelled: Callable[[], bool] = lambda: False,
) -> Slice:
    """Map the training cost around `net`: resolution x resolution places, on up to `examples` training examples.

    seed: draws the random directions and chooses the examples. progress: told the share done, 0..1.
    Raises NoLandscape with a sentence where there is nothing to map, ValueError naming a value out of bounds, Cancelled.
    """
    _check(kind, resolution, examples)
    directions = _directions(net, kind, seed)
    costs = costs_of(net.experiment, net.now, directions.both, examples, seed)
    path = projected(net.path, net.now, directions.both) if len(net.path) > 1 else None
    moments = 0 if path is None else len(path)
    work = _Progress(resolution**2 + CHECKS + 1 + moments * (2 + _HESSIAN_COST), progress, cancelled)
    alpha, beta = _axes(kind, path, resolution)
    loss = _mapped(costs, alpha, beta, work.tick())
    if not np.isfinite(loss).any():
        raise NoLandscape("The cost overflows everywhere around this net, so there is no map of it.")
    along = _along(costs, net.path, path, work) if path is not None else dict.fromkeys(_ALONG)
    made = Slice(
        experiment=net.experiment,
        kind=kind,
        alpha=alpha,
        beta=beta,
        loss=loss,
        centre_loss=float(costs.losses(np.zeros((1, 2), np.float32), work.tick())[0]),
        path=None if path is None else path.astype(np.float32),
        epochs=None if path is None else net.epochs,
        share=directions.share,
        shares=directions.shares,
        interpolation_error=_interpolation_error(costs, alpha, beta, loss, seed, work.tick()),
        used=costs.used,
        available=costs.available,
        seed=seed,
        epoch=net.epoch,
        origin=net.now,
        directions=directions.both,
        **along,
    )
    progress(1.0)
    return made


def _check(kind: str, resolution: int, examples: int) -> None:
    if kind not in KINDS:
        raise ValueError(f"there are slices of kind {' and '.join(KINDS)}, not {kind[:20]!r}")
    if not FEWEST <= resolution <= MOST:
        raise ValueError(f"a slice has {FEWEST} to {MOST} places a side, not {resolution}")
    if not 1 <= examples <= MOST_EXAMPLES:
        raise ValueError(f"a slice uses 1 to {MOST_EXAMPLES} examples, not {examples}")


def _directions(net: Captured, kind: Kind, seed: int) -> Directions:
    if kind == "path":
        return main_directions(net.path, seed)
    return random_directions(net.now, net.sizes, net.path, seed)


def _axes(kind: Kind, path: np.ndarray | None, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """Places along both directions: a square around now, or what holds the whole path and now with a margin."""
    if kind == "random" or path is None:
        line = np.linspace(-REACH, REACH, resolution, dtype=np.float32)
        return line, line.copy()
    low, high = path.min(0), path.max(0)
    middle, half = (low + high) / 2, (high - low) / 2
    half = np.maximum(half, FLATTEST * half.max()) * (1 + 2 * MARGIN)
    first, second = (np.linspace(m - h, m + h, resolution, dtype=np.float32) for m, h in zip(middle, half, strict=True))
    return first, second


def _mapped(costs: Costs, alpha: np.ndarray, beta: np.ndarray, tick: Tick) -> np.ndarray:
    across, up = np.meshgrid(alpha, beta)
    return costs.losses(np.stack([across.ravel(), up.ravel()], 1), tick).reshape(len(beta), len(alpha))


_ALONG = ("path_loss", "path_height", "path_curvature")


def _along(costs: Costs, weights: np.ndarray, path: np.ndarray, work: _Progress) -> dict[str, Any]:
    """The losses and curvatures along the path, by name."""
    places = path.astype(np.float32)
    hessians = costs.hessians(places, work.tick(_HESSIAN_COST))
    found = costs.at(weights, work.tick()), costs.losses(places, work.tick()), _eigenvalues(hessians)
    return dict(zip(_ALONG, found, strict=True))


def _eigenvalues(hessians: np.ndarray) -> np.ndarray:
    """(k, 2, 2) -> (k, 2), the larger first; nan where a second derivative is not finite."""
    known = np.isfinite(hessians).all((1, 2))
    found = np.full((len(hessians), 2), np.nan)
    found[known] = np.linalg.eigvalsh((hessians[known] + hessians[known].swapaxes(1, 2)) / 2)[:, ::-1]
    return found


def _interpolation_error(costs: Costs, alpha: np.ndarray, beta: np.ndarray, loss: np.ndarray, seed: int, tick: Tick) -> float:
    finite = np.isfinite(loss)
    samples = np.where(finite, loss, loss[finite].max())
    places = np.random.default_rng(seed).uniform((alpha[0], beta[0]), (alpha[-1], beta[-1]), (CHECKS, 2)).astype(np.float32)
    exact = costs.losses(places, tick)
    drawn = np.asarray(jax.jit(spline.height)(places[:, 0], places[:, 1], spline.params_of(alpha, beta, samples)), np.float64)
    known = np.isfinite(exact)
    scale = np.maximum(np.abs(exact[known]), FLOOR * np.ptp(samples))
    return float((np.abs(drawn[known] - exact[known]) / np.maximum(scale, 1e-12)).max(initial=0.0))
