"""Experiment <-> query string: short, readable, versioned; only what differs from the page's default is written.

    ?v=1&data=spiral&noise=0.1&in=x.y.sinx&net=8tanh-8relu.2-2tanh&opt=adam:b1~0.95&rate=0.01&penalty=l2:rate~0.01&seed=7

A layer is its units and activation, and behind a dot its dropout (`8relu.2` drops 0.2). A choice is its key and, behind
colons, the settings that are not the usual ones. Stacks for digits are told by their layers' names, see `playground.stack_links`:

    ?v=1&net=conv:6:relu-pool_max-dense:120:relu&border=2&distort=shift~2:rotation~15

and texts with their recurrent nets by keys of their own, see `playground.text_links`.

What a link says is data like any other: it goes through `repair`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engines.experiment import Axis, Experiment, Layer
from engines.initializers import INITIALIZERS
from engines.optimizers import OPTIMIZERS
from engines.problems import listed, short
from engines.regularizers import PENALTIES
from engines.repair import find_problems, standard
from engines.schedules import SCHEDULES
from engines.stack_repair import net_of_kind
from playground.keys import VERSION, Key, as_text, choice, differing, fill, given, number, read_number, text, write_number
from playground.packing import MAX_PACKED, Unreadable, pack, unpack
from playground.stack_links import EXAMPLE, LONGEST, is_stack, read_amounts, read_stack, write_amounts, write_stack
from playground.text_links import TEXT_KEYS, is_text, without_own

_LAYER = re.compile(r"(\d{1,9})([a-z][a-z0-9_]{0,39})(\.\d{1,20}(?:e-\d{1,3})?)?")


def _write_fraction(value: float) -> str:
    """A number in [0, 1) as what stands behind the dot: 0.25 -> '.25'; very small ones as '.5e-9'."""
    _, digits, exponent = Decimal(repr(value)).as_tuple()
    text, zeros = "".join(map(str, digits)), -(len(digits) + int(exponent))
    return f".{'0' * zeros}{text}" if zeros <= 4 else f".{text}e-{zeros}"


def _write_layers(layers: tuple[Layer, ...]) -> str:
    texts = [f"{x.units}{x.activation}{_write_fraction(x.dropout) if x.dropout else ''}" for x in layers]
    return "-".join(texts) or "none"


def _read_layers(text: str, like: str = "8tanh-4relu.2") -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    place = 0
    while text != "none" and (place == 0 or place < len(text)):
        found = _LAYER.match(text, place)
        if not found or text[found.end() : found.end() + 1] not in ("", "-") or text.endswith("-"):
            raise Unreadable(f"{short(text[place:])} should be layers like {like}, or none")
        units, activation, dropout = found.groups()
        layers.append({"units": int(units), "activation": activation, "dropout": float(dropout or 0)})
        place = found.end() + 1
    return layers


def _write_axis(axis: Axis) -> str:
    return f"{write_number(axis.low)}~{write_number(axis.high)}~{axis.name}"


def _read_axis(text: str) -> dict[str, Any]:
    low, mark, rest = text.partition("~")
    high, mark2, name = rest.partition("~")
    if not (mark and mark2):
        raise Unreadable(f"{short(text)} should be low~high~name")
    return {"low": read_number(low), "high": read_number(high), "name": name}


POINT_KEYS = (
    text("data", "data", "source"),
    number("n", "data", "count"),
    number("noise", "data", "noise"),
    number("split", "data", "train_fraction"),
    number("dseed", "data", "seed"),
    text("task", "data", "own_task"),
    Key("points", ("data", "own"), pack, unpack, MAX_PACKED),
    Key("in", ("net", "inputs"), ".".join, lambda text: text.split(".")),
    text("out", "net", "output"),
    Key("ax", ("data", "axes", "0"), _write_axis, _read_axis),
    Key("ay", ("data", "axes", "1"), _write_axis, _read_axis),
)
DIGIT_KEYS = (
    text("digits", "data", "source"),
    number("examples", "data", "train_count"),
    Key("distort", ("data", "distortions"), write_amounts, read_amounts),
)
STACK_KEYS = (number("border", "net", "border"), text("scaling", "net", "scaling"), text("head", "net", "head"))
_LIKE = f"128relu-64relu.2 (dense) or {EXAMPLE} (a stack)"
_WIDE = Key("net", ("net", "layers"), _write_layers, lambda text: _read_layers(text, _LIKE))
_STACKED = Key("net", ("net", "layers"), write_stack, read_stack, LONGEST)
COMMON_KEYS = (
    Key("net", ("net", "layers"), _write_layers, _read_layers),
    choice("init", INITIALIZERS, "net", "initializer"),
    text("cost", "cost"),
    choice("opt", OPTIMIZERS, "optimizer"),
    number("rate", "learning_rate"),
    choice("schedule", SCHEDULES, "schedule"),
    choice("penalty", PENALTIES, "penalty"),
    number("clip", "clip_norm"),
    number("maxnorm", "max_norm"),
    number("patience", "patience"),
    number("batch", "batch_size"),
    number("epochs", "epochs"),
    number("seed", "seed"),
)


_SOURCE_KEYS = {"digits": "digits", "points": "data", "text": "text"}
"""The key that says which data, by their kind: it is there wherever the page alone does not tell the kind."""


def _keys(data: str, net: str) -> tuple[Key, ...]:
    """The keys for data and a net of these kinds."""
    if data == "points":
        return POINT_KEYS + COMMON_KEYS
    if data == "text":
        return TEXT_KEYS + tuple(key for key in COMMON_KEYS[1:] if key.name != "cost")
    return DIGIT_KEYS + ((_STACKED, *STACK_KEYS) if net == "stack" else (_WIDE,)) + COMMON_KEYS[1:]


def _base(data: str, net: str, default: Experiment) -> Experiment:
    """What a link to data and a net of these kinds is compared with."""
    base = standard(data, default)
    return base if net in (base.net.kind, "plane") else base.change(net=net_of_kind(net, base.net))


def to_query(experiment: Experiment, default: Experiment) -> dict[str, str]:
    """The keys and values of a link to `experiment` on a page whose default is `default`; empty for the default itself."""
    data, net = experiment.data.kind, experiment.net.kind
    base, usual = _base(data, net, default), standard(data, default)
    pairs = differing(_keys(data, net), experiment, base, always=() if net == usual.net.kind else ("net",))
    if usual is not default:
        pairs[_SOURCE_KEYS[data]] = experiment.data.source
    return {"v": VERSION} | pairs if pairs else {}


def to_text(experiment: Experiment, default: Experiment) -> str:
    """The query string itself, without '?'."""
    return as_text(to_query(experiment, default))


def from_query(params: Mapping[str, Any], default: Experiment) -> tuple[Experiment, list[str]]:
    """The experiment that a link describes, and one sentence a key or value that does not fit (the default's is taken).

    Never raises. Keys that start with `ui_` or `embed` are none of ours and pass in silence.
    """
    values, problems = without_own(given(params))
    kind = "text" if problems else _data_kind(values, default)
    net = _net_kind(values, standard(kind, default).net.kind)
    base = _base(kind, net, default)
    raw, unread = fill(base.model_dump(), values, _keys(kind, net))
    experiment, more = find_problems(raw, base)
    return experiment, listed(problems + unread + more)


def _data_kind(values: Mapping[str, str], default: Experiment) -> str:
    """What a link is about: 'points', 'digits' or 'text'."""
    for kind, name in _SOURCE_KEYS.items():
        if name in values:
            return kind
    return "points" if "points" in values else "text" if is_text(values) else default.data.kind


def _net_kind(values: Mapping[str, str], usual: str) -> str:
    """The kind of net that a link means, as its layers are written, else as its keys say."""
    if usual in ("plane", "recurrent"):
        return usual
    if _LAYER.match(values.get("net", "")) or values.get("net") == "none":
        return "dense"
    told = is_stack(values.get("net", "")) or any(key.name in values for key in STACK_KEYS)
    return "stack" if told else usual
