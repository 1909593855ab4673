"""The trainer of stacks: convolutions, pooling, normalisation and all the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.experiment import Experiment
from engines.lazy import jax
from engines.nets import programs as compiled
from engines.nets import stack
from engines.nets.count import weight_shapes
from engines.nets.dense import DenseTrainer
from engines.nets.first_weights import Pairs
from engines.nets.stack_spec import StackSpec, has_norm, settle_program, shaping
from engines.nets.updating import Weights

STATISTICS, GLANCED = 2048, 256
"""Training digits whose statistics stand in for a batch's: at an epoch's end, and for pictures."""
UNTRAINED = ("dropout", "flatten")


class StackTrainer(DenseTrainer):
    """A `Trainer` (engines.training) for stacks. As `DenseTrainer`, and:

    Layers that normalise do so by the batch (by the slice, in a step longer than a slice); when the net is used, by the statistics
    of the first 2,048 training digits under the present weights, 256 for what is shown many times a second.
    Weights: a pair a layer that has some, a convolution's as a matrix (see `engines.nets.stack`). max_norm holds for filters.
    """

    _settled: tuple[Any, bool, Weights] | None = None

    def _spec_of(self, experiment: Experiment, batch: int) -> StackSpec:
        multiplies = sum(row.multiplies for row in stack.rows(experiment.net))
        slice_size = compiled.slice_for(multiplies, jax.default_backend())
        rest = (batch, slice_size, self._precision, bool(experiment.data.distortions))
        return StackSpec(shaping(experiment.net), experiment.cost, experiment.optimizer.key, *rest)

    def _drawn(self, experiment: Experiment) -> Pairs:
        return stack.initial_weights(experiment.net, experiment.seed)

    def _shapes(self, experiment: Experiment) -> Any:
        """Layers without weights may come and go while the pairs stay as they are."""
        return weight_shapes(experiment.net)

    def _names(self) -> list[str]:
        return [row.label for row in stack.rows(self.experiment.net) if row.weights is not None]

    def settled(self, exact: bool = True) -> Weights:
        """The weights with the statistics of training digits folded in; worked out once for the same weights."""
        weights, net = self.state.weights, self.experiment.net
        if not has_norm(net):
            return weights
        known = self._settled
        if known is None or known[0] is not weights or (exact and not known[1]):
            images = self.examples.train.images[: min(STATISTICS if exact else GLANCED, self.train_count)]
            self._settle = settle_program(shaping(net))
            known = self._settled = (weights, exact, self._settle(weights, images))
        return known[2]

    def _first_layer(self) -> dict[str, np.ndarray]:
        """Dense layers that look at the pixels themselves are shown as pictures; filters are shown with their maps."""
        first = next(row.key for row in stack.rows(self.experiment.net) if row.key not in UNTRAINED)
        return super()._first_layer() if first == "dense" and not self.experiment.net.border else {}
