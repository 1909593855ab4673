"""What is wrong with a run, in plain words, with remedies. Pure functions on plain data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from engines.activations import ACTIVATIONS
from engines.experiment import Experiment
from engines.live.remedies import REMEDIES, SQUASHING, usual_rate
from engines.nets.count import hidden

MOST = 3
_ORDER = ("error", "warning", "info")
_SOLVED_ACCURACY = 0.97
_SOLVED_LOSS = 0.005
"""Targets lie between -1 and 1: at this half squared error an answer is off by a tenth."""
_GUESSING = 0.2


class Finding(NamedTuple):
    """severity: 'info', 'warning' or 'error'. text: a few sentences. remedies: keys of `REMEDIES`."""

    key: str
    severity: str
    title: str
    text: str
    remedies: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As the live view's messages have it."""
        remedies = [{"key": key, "label": REMEDIES[key].label} for key in self.remedies]
        return {"key": self.key, "severity": self.severity, "title": self.title, "text": self.text, "remedies": remedies}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What there is to judge by.

    curve: (k, 5) rows as `engines.training.Metrics`, oldest first. layers: as `Probe.layers`, the last ones that were finite.
    stopped: None, "nan", "early", "budget". step, epoch: where the run stands.
    """

    experiment: Experiment
    curve: np.ndarray = field(default_factory=lambda: np.zeros((0, 5), np.float32))
    layers: list[dict[str, Any]] = field(default_factory=list)
    stopped: str | None = None
    step: int = 0
    epoch: float = 0.0

    @property
    def solved(self) -> bool:
        """Whether the training set is learned: nothing is wrong with a saturated unit then."""
        if len(self.curve) == 0:
            return False
        accuracy, loss, first = self.curve[-1, 3], self.curve[-1, 1], self.curve[0, 1]
        if self.experiment.data.task == "regression":
            return loss <= _SOLVED_LOSS or loss <= 0.05 * first
        return accuracy >= _SOLVED_ACCURACY or loss <= 0.05 * first

    def hidden(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Each hidden layer's statistics with the key of its activation; of stacks those layers that have weights."""
        return zip(self.layers, (layer.activation for layer in hidden(self.experiment.net)), strict=False)


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """The most important findings, worst first, at most `MOST`. Remedies that would change nothing are left out."""
    found = [finding for rule in RULES if (finding := rule(evidence)) is not None]
    if any(finding.key == "nan" for finding in found):
        found = [finding for finding in found if finding.key in ("nan", "no_gradient")]
    found.sort(key=lambda finding: _ORDER.index(finding.severity))
    return tuple(_only_helpful(finding, evidence.experiment) for finding in found[:MOST])


def _only_helpful(finding: Finding, experiment: Experiment) -> Finding:
    return finding._replace(remedies=tuple(key for key in finding.remedies if REMEDIES[key].helps(experiment)))


def _three(value: float) -> str:
    return f"{value:.3g}"


def _largest_gradient(layers: list[dict[str, Any]]) -> dict[str, Any] | None:
    finite = [layer for layer in layers if math.isfinite(layer.get("gradient", math.nan))]
    return max(finite, key=lambda layer: layer["gradient"], default=None)


def _nan(e: Evidence) -> Finding | None:
    if e.stopped != "nan":
        return None
    worst = _largest_gradient(e.layers)
    where = f" The largest gradient was in {worst['name']} ({_three(worst['gradient'])})." if worst else ""
    squares = any(layer.activation == "quadratic" for layer in hidden(e.experiment.net))
    why = (
        "Squares grow with every layer, so the quadratic units are the likely reason."
        if squares
        else f"The usual reason is a learning rate that is too high, here {_three(e.experiment.learning_rate)}: "
        "each step jumps further past the goal than the last."
    )
    text = f"Near step {e.step} (epoch {e.epoch:.0f}) a number became too large to write down, so training stopped.{where} {why}"
    rate = "rate_usual" if e.experiment.learning_rate > 10 * usual_rate(e.experiment) else "rate_down"
    remedies = ("tanh", rate, "clip") if squares else (rate, "clip")
    return Finding("nan", "error", "The numbers overflowed", text, remedies)


def _diverging(e: Evidence) -> Finding | None:
    loss = _since_the_start(e.curve)
    if e.stopped or len(loss) < 3 or loss[-1] < 2 * loss[0] or loss[-1] < 5 * loss.min():
        return None
    text = (
        f"The training loss is {_three(loss[-1])} and was {_three(loss[0])} at the start. The steps are too long: "
        "each one lands higher up on the other side of the valley."
    )
    return Finding("diverging", "error", "The loss is climbing", text, ("rate_down", "clip"))


def _no_gradient(e: Evidence) -> Finding | None:
    blocked = [layer.name for layer in hidden(e.experiment.net) if ACTIVATIONS[layer.activation].surrogate]
    if not blocked and not ACTIVATIONS[e.experiment.output].surrogate:
        return None
    where = blocked[-1].capitalize() if blocked else "The output"
    text = (
        f"{where} uses a step. A step is flat everywhere, so its gradient is 0 and the weights before it are never changed. "
        "A surrogate keeps the step but pretends, when going backward, that it is a smooth sigmoid."
    )
    return Finding("no_gradient", "warning", "No gradient passes a step", text, ("surrogate",))


def _one_sided(e: Evidence) -> Finding | None:
    output = e.experiment.output
    if e.experiment.data.task != "classification" or not ACTIVATIONS[output].one_sided:
        return None
    text = (
        f"The output's activation, {ACTIVATIONS[output].label}, is never below 0, and the classes are told apart by the sign of "
        "the output. So the net can never answer orange, and half of its answers count as wrong."
    )
    return Finding("one_sided", "warning", "The output cannot say orange", text, ("output_auto",))


def _symmetric(e: Evidence) -> Finding | None:
    start = e.experiment.net.initializer
    alike = start.key in ("zeros", "constant") or start.settings.get("scale") == 0
    if not alike or not any(layer.drawn for layer in hidden(e.experiment.net)):
        return None
    text = (
        "Every unit of a layer starts with the same weights, so all get the same gradient and stay copies of each other: "
        "the layer works like a single unit. Random first weights break the tie."
    )
    return Finding("symmetric", "warning", "All units are the same", text, ("xavier",))


def _dead(e: Evidence) -> Finding | None:
    dead = [layer for layer, key in e.hidden() if key == "relu" and layer["units"] and layer["dead"] * 2 >= layer["units"]]
    if not dead or e.solved:
        return None
    worst = max(dead, key=lambda layer: layer["dead"] / layer["units"])
    text = (
        f"In {worst['name']}, {worst['dead']} of {worst['units']} units answer 0 to every example. "
        "A ReLU passes no gradient there, so they cannot come back by themselves."
    )
    return Finding("dead", "warning", "Units have died", text, ("leaky", "new_weights", "rate_down"))


def _saturated(e: Evidence) -> Finding | None:
    flat = [(layer, key) for layer, key in e.hidden() if key in SQUASHING and layer["saturated"] >= 0.5]
    if not flat or e.solved:
        return None
    worst, key = max(flat, key=lambda pair: pair[0]["saturated"])
    text = (
        f"In {worst['name']}, {100 * worst['saturated']:.0f} % of the answers lie in the flat ends of the "
        f"{ACTIVATIONS[key].label.lower()}. There the slope is almost 0, so these units learn very slowly."
    )
    return Finding("saturated", "warning", "Units are saturated", text, ("xavier", "relu", "cross_entropy"))


def _vanishing(e: Evidence) -> Finding | None:
    norms = [layer["gradient"] for layer in e.layers]
    if len(norms) < 3 or e.solved or not all(map(math.isfinite, norms)) or not 0 < norms[0] < 1e-3 * norms[-1]:
        return None
    text = (
        f"The gradient is {_three(norms[-1])} at the last layer and only {_three(norms[0])} at the first: each layer on the "
        "way back made it smaller, so the first layers hardly learn."
    )
    return Finding("vanishing", "warning", "The gradient vanishes", text, ("relu", "xavier", "adam"))


def _plateau(e: Evidence) -> Finding | None:
    rows = e.curve[np.isfinite(e.curve[:, 1])]
    if e.stopped or e.solved or len(rows) < 20 or rows[-1, 0] - rows[0, 0] < 100:
        return None
    recent = rows[rows[:, 0] >= rows[-1, 0] / 2, 1]
    early, late = np.array_split(recent, 2)
    if not len(early) or early.mean() - late.mean() > 0.005 * early.mean():
        return None
    text = (
        f"For {rows[-1, 0] / 2:.0f} epochs the training loss has stayed near {_three(late.mean())}. "
        "The net may be on a flat stretch, or it may be too small for this data."
    )
    return Finding("plateau", "info", "No progress for a while", text, ("rate_up", "adam", "new_weights"))


def _stuck(e: Evidence) -> Finding | None:
    """A net for digits that still guesses after an epoch: the gradient has usually vanished on its way back."""
    if e.experiment.data.kind != "digits" or e.stopped == "nan" or e.epoch < 1 or len(e.curve) == 0:
        return None
    accuracy = e.curve[-1, 3]
    if not accuracy < _GUESSING:
        return None
    norms = [layer["gradient"] for layer in e.layers]
    faded = len(norms) >= 3 and norms[0] < 0.1 * max(norms)
    text = (
        f"After {e.epoch:.0f} epochs the net is right on {100 * accuracy:.0f} % of its training digits; guessing gives 10 %. "
        + (
            f"The gradient is {_three(max(norms))} at its largest and only {_three(norms[0])} at the first layer: "
            "it fades on the way back through the layers."
            if faded
            else "Its steps may be far too short, or so long that every one of them overshoots."
        )
    )
    return Finding(
        "stuck", "warning", "Still guessing", text, ("relu", "adam", "rate_up") if faded else ("adam", "rate_up", "rate_down")
    )


def _overfitting(e: Evidence) -> Finding | None:
    rows = e.curve[np.isfinite(e.curve[:, 1]) & np.isfinite(e.curve[:, 2])]
    if e.stopped == "nan" or len(rows) < 10:
        return None
    best = int(rows[:, 2].argmin())
    train, test = rows[-5:, 1].mean(), rows[-5:, 2].mean()
    if test < 1.15 * rows[best, 2] or test - train < 0.01 or train > 0.9 * rows[best, 1] or best > len(rows) - 6:
        return None
    text = (
        f"The test loss was lowest at epoch {rows[best, 0]:.0f} ({_three(rows[best, 2])}) and is {_three(test)} now, while the "
        "training loss still falls. The net is learning its training examples by heart."
    )
    return Finding("overfitting", "warning", "Overfitting", text, ("l2", "dropout", "early_stopping", "more_data", "distort"))


def _early(e: Evidence) -> Finding | None:
    if e.stopped != "early":
        return None
    text = (
        f"The test loss has not improved for {e.experiment.patience} epochs, so training stopped by itself at epoch {e.epoch:.0f}."
    )
    return Finding("early", "info", "Stopped early", text, ("go_on",))


def _finished(e: Evidence) -> Finding | None:
    if e.stopped != "budget":
        return None
    count = e.experiment.epochs
    text = f"{'The one epoch is' if count == 1 else f'All {count} epochs are'} done. Press play to train as many again."
    return Finding("finished", "info", "Finished", text, ())


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def _since_the_start(curve: np.ndarray) -> np.ndarray:
    """Training losses, oldest first. A row from before the first step has none: the loss on unseen data stands for it there."""
    loss = curve[:, 1].copy()
    loss[:1] = np.where(np.isnan(loss[:1]), curve[:1, 2], loss[:1])
    return _finite(loss)


RULES: tuple[Callable[[Evidence], Finding | None], ...] = (
    _nan,
    _diverging,
    _no_gradient,
    _one_sided,
    _symmetric,
    _dead,
    _saturated,
    _vanishing,
    _stuck,
    _overfitting,
    _plateau,
    _early,
    _finished,
)
