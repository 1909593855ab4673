"""How stacks and distortions are written in a link.

    net=conv:6,5:relu-pool_max-conv:16:relu-dropout:0.3-dense:120:relu        distort=shift~2:rotation~15

A layer is its kind; behind a colon its settings in the order of its table, those at the end left out where they are the usual
ones; behind another its activation, where it has one. A new setting of a layer therefore goes to the end of its list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from engines.experiment import MAX_STACK_LAYERS, StackLayer
from engines.nets.layers import LAYERS
from engines.problems import short
from playground.keys import NUMBER, read_number, write_number
from playground.packing import Unreadable

LONGEST = 2000
EXAMPLE = "conv:6,5:relu-pool_max-dense:120:relu"
EMPTY = "stack"
"""Stands for a stack without layers."""
_NAME = r"[a-z][a-z0-9_]{0,39}"
_NUMBERS = rf"(?:{NUMBER})?(?:,(?:{NUMBER})?){{0,9}}"
_LAYER = re.compile(rf"({_NAME})(?::({_NUMBERS}))?(?::({_NAME}))?(?=-|\Z)")


def write_stack(layers: Iterable[StackLayer]) -> str:
    """The layers of a stack as a link has them."""
    return "-".join(map(_write_layer, layers)) or EMPTY


def _write_layer(layer: StackLayer) -> str:
    usual = LAYERS[layer.key].defaults()
    values = ["" if layer.settings[name] == value else write_number(layer.settings[name]) for name, value in usual.items()]
    while values and not values[-1]:
        values.pop()
    parts = [layer.key, *([",".join(values)] if values else []), *([layer.activation] if layer.activation != "linear" else [])]
    return ":".join(parts)


def is_stack(text: str) -> bool:
    """Whether `text` means a stack: at least one of its layers has a name that stacks know."""
    return text == EMPTY or any(part.partition(":")[0] in LAYERS for part in text[:LONGEST].split("-"))


def read_stack(text: str) -> list[dict[str, Any]]:
    """The layers as plain data, of whatever kinds. Raises Unreadable."""
    layers: list[dict[str, Any]] = []
    place = 0
    while text != EMPTY and (place == 0 or place < len(text)) and len(layers) <= MAX_STACK_LAYERS:
        found = _LAYER.match(text, place)
        if not found or text.endswith("-"):
            raise Unreadable(f"{short(text[place:])} should be layers like {EXAMPLE}, or {EMPTY}")
        layers.append(_read_layer(*found.groups()))
        place = found.end() + 1
    return layers


def _read_layer(key: str, numbers: str | None, activation: str | None) -> dict[str, Any]:
    """One layer; a number too many is named after its place, so that the repair can say what it is."""
    names = [setting.key for setting in LAYERS[key].settings] if key in LAYERS else []
    values = (numbers or "").split(",")
    settings = {names[i] if i < len(names) else f"number {i + 1}": read_number(value) for i, value in enumerate(values) if value}
    return {"key": key, "settings": settings, "activation": activation or "linear"}


def write_amounts(amounts: Mapping[str, float]) -> str:
    """Distortions and how far they go."""
    return ":".join(f"{key}~{write_number(amount)}" for key, amount in amounts.items()) or "none"


def read_amounts(text: str) -> dict[str, float]:
    """Distortions as plain data, of whatever kinds. Raises Unreadable."""
    amounts = {}
    for part in text.split(":") if text != "none" else []:
        name, mark, value = part.partition("~")
        if not mark or not re.fullmatch(NUMBER, value):
            raise Unreadable(f"{short(part)} should be a distortion and how far it goes, like shift~2")
        amounts[name] = read_number(value)
    return amounts
