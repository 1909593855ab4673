"""Stacks that made history, and their modern forms: nets only; presets and published results say how they are trained."""

from __future__ import annotations

from typing import Any

from engines.experiment import StackNet


def _conv(filters: int, size: int, activation: str = "linear", **more: int) -> dict[str, Any]:
    return {"key": "conv", "settings": {"filters": filters, "size": size, **more}, "activation": activation}


def _dense(units: int, activation: str) -> dict[str, Any]:
    return {"key": "dense", "settings": {"units": units}, "activation": activation}


def _layer(key: str, activation: str = "linear", **settings: float) -> dict[str, Any]:
    return {"key": key, "settings": settings, "activation": activation}


def _block(filters: int, size: int) -> list[dict[str, Any]]:
    """A convolution that keeps the size of its maps, normalised, then ReLU."""
    return [_conv(filters, size, padding=size // 2), _layer("norm", "relu")]


_TANH = "scaled_tanh"
_LECUN = {"key": "lecun"}

STACKS: dict[str, StackNet] = {
    "lenet1": StackNet(
        scaling="lenet",
        initializer=_LECUN,
        layers=[
            _conv(4, 5, _TANH),
            _layer("subsample", _TANH),
            _conv(12, 5, _TANH),
            _layer("subsample", _TANH),
        ],
    ),
    "lenet5": StackNet(
        border=2,
        scaling="lenet",
        head="rbf",
        initializer=_LECUN,
        layers=[
            _conv(6, 5, _TANH),
            _layer("subsample", _TANH),
            _conv(16, 5, _TANH, connections=1),
            _layer("subsample", _TANH),
            _conv(120, 5, _TANH),
            _dense(84, _TANH),
        ],
    ),
    "lenet5-modern": StackNet(
        border=2,
        scaling="standard",
        layers=[
            _conv(6, 5, "relu"),
            _layer("pool_max"),
            _conv(16, 5, "relu"),
            _layer("pool_max"),
            _dense(120, "relu"),
            _dense(84, "relu"),
        ],
    ),
    "alexnet-small": StackNet(
        scaling="standard",
        layers=[
            _conv(16, 5, "relu", padding=2),
            _layer("pool_max", size=3, stride=2),
            _conv(32, 3, "relu", padding=1),
            _layer("pool_max", size=3, stride=2),
            _conv(32, 3, "relu", padding=1),
            _layer("dropout", rate=0.5),
            _dense(128, "relu"),
            _layer("dropout", rate=0.5),
        ],
    ),
    "cnn-modern": StackNet(
        scaling="standard",
        layers=[
            *_block(16, 3),
            _layer("pool_max"),
            *_block(32, 3),
            *_block(32, 3),
            _layer("pool_max"),
            *_block(64, 3),
            _layer("pool_max", size=7, stride=7),
            _layer("dropout", rate=0.3),
        ],
    ),
}
