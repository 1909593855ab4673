"""One-click remedies: functions from an Experiment to a better one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engines.descriptions import Choice
from engines.experiment import MAX_STACK_LAYERS, Experiment
from engines.optimizers import OPTIMIZERS

SQUASHING = ("sigmoid", "tanh", "scaled_tanh")
"""Activations with flat ends."""
_SHIFT = {"shift": 2.0}


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """change: Experiment -> Experiment, always a valid one. restart: whether the weights start again from the beginning."""

    key: str
    label: str
    change: Callable[[Experiment], Experiment]
    restart: bool = False

    def helps(self, experiment: Experiment) -> bool:
        """Whether it would change anything."""
        return self.change(experiment) != experiment


def _scaled_rate(factor: float) -> Callable[[Experiment], Experiment]:
    def change(e: Experiment) -> Experiment:
        rate = float(f"{e.learning_rate * factor:.3g}")
        return e.change(learning_rate=min(max(rate, 1e-6), 100.0))

    return change


def _swapped(old: tuple[str, ...], new: str) -> Callable[[Experiment], Experiment]:
    def change(e: Experiment) -> Experiment:
        if e.net.kind == "recurrent":
            return e
        layers = [layer.model_dump() | ({"activation": new} if layer.activation in old else {}) for layer in e.net.layers]
        return e.change(net__layers=layers)

    return change


def _output_auto(e: Experiment) -> Experiment:
    return e.change(net__output="auto") if e.net.kind == "plane" else e


def _relu(e: Experiment) -> Experiment:
    if e.net.kind == "recurrent":
        return e
    return _swapped(SQUASHING, "relu")(e).change(net__initializer={"key": "he"})


def _surrogate(e: Experiment) -> Experiment:
    changed = _swapped(("step",), "step_surrogate")(e)
    return _output_auto(changed) if e.output == "step" else changed


def _tanh(e: Experiment) -> Experiment:
    return _swapped(("quadratic",), "tanh")(e)


def _cross_entropy(e: Experiment) -> Experiment:
    if e.data.kind in ("digits", "text"):
        return e.change(cost="softmax_cross_entropy")
    return e if e.data.task == "regression" else _output_auto(e).change(cost="cross_entropy")


def _adam(e: Experiment) -> Experiment:
    if e.optimizer.key == "adam":
        return e
    changed = e.change(optimizer=Choice(key="adam"))
    return changed.change(learning_rate=usual_rate(changed))


def _penalty(e: Experiment) -> Experiment:
    return e if e.penalty.key != "none" else e.change(penalty={"key": "l2", "settings": {"rate": 0.003}})


def _dropout(e: Experiment) -> Experiment:
    if e.net.kind == "recurrent":
        return e.change(net__dropout=e.net.dropout or 0.2)
    layers = [layer.model_dump() for layer in e.net.layers]
    if e.net.kind != "stack":
        return e.change(net__layers=[layer | {"dropout": layer["dropout"] or 0.2} for layer in layers])
    usual = {"key": "dropout", "settings": {"rate": 0.2}}
    if any(layer["key"] == "dropout" for layer in layers):
        off = {"key": "dropout", "settings": {"rate": 0.0}, "activation": "linear"}
        return e.change(net__layers=[usual if layer == off else layer for layer in layers])
    return e.change(net__layers=[*layers, usual]) if 0 < len(layers) < MAX_STACK_LAYERS else e


def _more_data(e: Experiment) -> Experiment:
    if e.data.kind == "digits":
        return e.change(data__train_count=60_000)
    return e if e.data.kind == "text" or e.data.source == "own" else e.change(data__count=min(2000, e.data.count * 3))


def _distorted(e: Experiment) -> Experiment:
    """Moved a little at every look; whoever distorts already is left alone."""
    return e if e.data.kind != "digits" or e.data.distortions else e.change(data__distortions=_SHIFT)


def _usual_rate(e: Experiment) -> Experiment:
    return e.change(learning_rate=usual_rate(e))


def usual_rate(e: Experiment) -> float:
    """The learning rate that usually suits the experiment's optimizer."""
    optimizer = OPTIMIZERS[e.optimizer.key]
    return optimizer.learning_rate if e.data.kind == "points" else optimizer.wide_rate


def _longer(e: Experiment) -> Experiment:
    return e.change(epochs=min(1_000_000, e.epochs * 2))


_ALL = (
    Remedy(key="rate_down", label="Learning rate ÷ 10, start again", change=_scaled_rate(0.1), restart=True),
    Remedy(key="rate_usual", label="The usual learning rate, start again", change=_usual_rate, restart=True),
    Remedy(key="output_auto", label="Automatic output activation", change=_output_auto),
    Remedy(key="rate_up", label="Learning rate × 3", change=_scaled_rate(3)),
    Remedy(key="clip", label="Clip gradients at 1, start again", change=lambda e: e.change(clip_norm=1.0), restart=True),
    Remedy(key="tanh", label="Tanh instead of quadratic, start again", change=_tanh, restart=True),
    Remedy(key="leaky", label="Leaky ReLU instead of ReLU", change=_swapped(("relu",), "leaky_relu")),
    Remedy(key="relu", label="ReLU with He weights, start again", change=_relu, restart=True),
    Remedy(key="surrogate", label="Step with a surrogate gradient", change=_surrogate),
    Remedy(
        key="xavier",
        label="Xavier first weights, start again",
        change=lambda e: e.change(net__initializer={"key": "xavier"}),
        restart=True,
    ),
    Remedy(
        key="new_weights",
        label="Other first weights, start again",
        change=lambda e: e.change(seed=(e.seed + 1) % 2**31),
        restart=True,
    ),
    Remedy(key="cross_entropy", label="Cross-entropy as the cost", change=_cross_entropy),
    Remedy(key="adam", label="Adam as the optimizer", change=_adam),
    Remedy(key="l2", label="Add an L2 penalty", change=_penalty),
    Remedy(key="dropout", label="Dropout of 20 %", change=_dropout),
    Remedy(key="early_stopping", label="Stop early by itself", change=lambda e: e.change(patience=e.patience or 50)),
    Remedy(key="more_data", label="More data", change=_more_data),
    Remedy(key="distort", label="Shift each digit by up to 2 pixels", change=_distorted),
    Remedy(key="go_on", label="Go on without early stopping", change=lambda e: e.change(patience=0)),
    Remedy(key="longer", label="Train twice as long", change=_longer),
)

REMEDIES: dict[str, Remedy] = {remedy.key: remedy for remedy in _ALL}
