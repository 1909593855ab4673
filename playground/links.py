"""Experiment <-> query string: short, readable, versioned; only what differs from the page's default is written.

    ?v=1&data=spiral&noise=0.1&in=x.y.sinx&net=8tanh-8relu.2-2tanh&opt=adam:b1~0.95&rate=0.01&penalty=l2:rate~0.01&seed=7

A layer is its units and activation, and behind a dot its dropout (`8relu.2` drops 0.2). A choice is its key and, behind
colons, the settings that are not the usual ones. What a link says is data like any other: it goes through `repair`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from engines.experiment import Choice, Experiment, Layer
from engines.initializers import INITIALIZERS
from engines.optimizers import OPTIMIZERS
from engines.problems import Problem, listed, short
from engines.regularizers import PENALTIES
from engines.repair import find_problems, standard
from engines.schedules import SCHEDULES
from engines.tables import Table
from playground.packing import MAX_PACKED, Unreadable, pack, unpack

VERSION = "1"
MAX_VALUE = 500
_IGNORED = ("ui_", "embed")
_NUMBER = r"-?\d{1,20}(?:\.\d{1,20})?(?:e-?\d{1,3})?"
_LAYER = re.compile(r"(\d{1,9})([a-z][a-z0-9_]{0,39})(\.\d{1,20}(?:e-\d{1,3})?)?")


class Key(NamedTuple):
    """One key of a link: the field it stands for, and how the field is written and read. read raises Unreadable."""

    name: str
    path: tuple[str, ...]
    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _write_number(value: float) -> str:
    """The shortest text that is exactly `value` again; '+' would turn into a space."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value)).replace("e+", "e")


def _read_number(text: str) -> float:
    if not re.fullmatch(_NUMBER, text):
        raise Unreadable(f"{short(text)} is not a number")
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _write_choice(table: Table) -> Callable[[Choice], str]:
    def write(choice: Choice) -> str:
        usual = table[choice.key].defaults()
        return "".join([choice.key, *(f":{k}~{_write_number(v)}" for k, v in choice.settings.items() if v != usual[k])])

    return write


def _read_choice(text: str) -> dict[str, Any]:
    key, *parts = text.split(":")
    settings = {}
    for part in parts:
        name, mark, value = part.partition("~")
        if not mark or not re.fullmatch(_NUMBER, value):
            raise Unreadable(f"{short(part)} should be a setting and its number, like rate~0.01")
        settings[name] = float(value)
    return {"key": key, "settings": settings}


def _write_fraction(value: float) -> str:
    """A number in [0, 1) as what stands behind the dot: 0.25 -> '.25'; very small ones as '.5e-9'."""
    _, digits, exponent = Decimal(repr(value)).as_tuple()
    text, zeros = "".join(map(str, digits)), -(len(digits) + int(exponent))
    return f".{'0' * zeros}{text}" if zeros <= 4 else f".{text}e-{zeros}"


def _write_layers(layers: tuple[Layer, ...]) -> str:
    texts = [f"{x.units}{x.activation}{_write_fraction(x.dropout) if x.dropout else ''}" for x in layers]
    return "-".join(texts) or "none"


def _read_layers(text: str) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    place = 0
    while text != "none" and (place == 0 or place < len(text)):
        found = _LAYER.match(text, place)
        if not found or text[found.end() : found.end() + 1] not in ("", "-") or text.endswith("-"):
            raise Unreadable(f"{short(text[place:])} should be layers like 8tanh-4relu.2, or none")
        units, activation, dropout = found.groups()
        layers.append({"units": int(units), "activation": activation, "dropout": float(dropout or 0)})
        place = found.end() + 1
    return layers


def _write_axis(axis: dict[str, Any]) -> str:
    return f"{_write_number(axis['low'])}~{_write_number(axis['high'])}~{axis['name']}"


def _read_axis(text: str) -> dict[str, Any]:
    low, mark, rest = text.partition("~")
    high, mark2, name = rest.partition("~")
    if not (mark and mark2):
        raise Unreadable(f"{short(text)} should be low~high~name")
    return {"low": _read_number(low), "high": _read_number(high), "name": name}


def _plain(text: str) -> str:
    return text


def _number(name: str, *path: str) -> Key:
    return Key(name, path, _write_number, _read_number)


def _text(name: str, *path: str) -> Key:
    return Key(name, path, str, _plain)


def _choice(name: str, table: Table, *path: str) -> Key:
    return Key(name, path, _write_choice(table), _read_choice)


POINT_KEYS = (
    _text("data", "data", "source"),
    _number("n", "data", "count"),
    _number("noise", "data", "noise"),
    _number("split", "data", "train_fraction"),
    _number("dseed", "data", "seed"),
    _text("task", "data", "own_task"),
    Key("points", ("data", "own"), pack, unpack),
    Key("in", ("net", "inputs"), ".".join, lambda text: text.split(".")),
    _text("out", "net", "output"),
)
DIGIT_KEYS = (_text("digits", "data", "source"), _number("examples", "data", "train_count"))
COMMON_KEYS = (
    Key("net", ("net", "layers"), _write_layers, _read_layers),
    _choice("init", INITIALIZERS, "net", "initializer"),
    _text("cost", "cost"),
    _choice("opt", OPTIMIZERS, "optimizer"),
    _number("rate", "learning_rate"),
    _choice("schedule", SCHEDULES, "schedule"),
    _choice("penalty", PENALTIES, "penalty"),
    _number("clip", "clip_norm"),
    _number("maxnorm", "max_norm"),
    _number("patience", "patience"),
    _number("batch", "batch_size"),
    _number("epochs", "epochs"),
    _number("seed", "seed"),
)
_AXES = ("ax", "ay")


def _keys(kind: str) -> tuple[Key, ...]:
    return (POINT_KEYS if kind == "points" else DIGIT_KEYS) + COMMON_KEYS


def _get(experiment: Experiment, path: tuple[str, ...]) -> Any:
    value: Any = experiment
    for name in path:
        value = getattr(value, name)
    return value


def to_query(experiment: Experiment, default: Experiment) -> dict[str, str]:
    """The keys and values of a link to `experiment` on a page whose default is `default`; empty for the default itself."""
    base = standard(experiment.data.kind, default)
    pairs = {
        key.name: key.write(_get(experiment, key.path))
        for key in _keys(experiment.data.kind)
        if _get(experiment, key.path) != _get(base, key.path)
    }
    if experiment.data.kind == "points":
        axes = zip(_AXES, experiment.data.axes, base.data.axes, strict=True)
        pairs |= {name: _write_axis(axis.model_dump()) for name, axis, usual in axes if axis != usual}
    if base is not default:
        pairs["data" if experiment.data.kind == "points" else "digits"] = experiment.data.source
    return {"v": VERSION} | pairs if pairs else {}


def to_text(experiment: Experiment, default: Experiment) -> str:
    """The query string itself, without '?'."""
    return urlencode(to_query(experiment, default), safe=":~,")


def from_query(params: Mapping[str, Any], default: Experiment) -> tuple[Experiment, list[str]]:
    """The experiment that a link describes, and one sentence a key or value that does not fit (the default's is taken).

    Never raises. Keys that start with `ui_` or `embed` are none of ours and pass in silence.
    """
    given = {str(k)[:60]: _last(v) for k, v in list(params.items())[:100] if not str(k).startswith(_IGNORED)}
    kind = "digits" if "digits" in given else "points" if "data" in given or "points" in given else default.data.kind
    base = standard(kind, default)
    raw = base.model_dump(mode="python")
    problems = _fill(raw, given, kind)
    experiment, more = find_problems(raw, base)
    return experiment, listed(problems + more)


def _last(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = value[-1] if value else ""
    return value if isinstance(value, str) else str(value)[:MAX_VALUE]


def _fill(raw: dict[str, Any], given: dict[str, str], kind: str) -> list[Problem]:
    """Write what the link says into `raw`; returns what could not be read."""
    problems = []
    keys = {key.name: key for key in _keys(kind)}
    for name, text in given.items():
        if name == "v":
            if text != VERSION:
                problems.append(
                    Problem(("v",), f"this link is of version {short(text)}, this playground reads {VERSION}", "reading what fits")
                )
        elif name in keys or (kind == "points" and name in _AXES):
            try:
                _write_into(raw, keys.get(name), name, text)
            except Unreadable as error:
                path = keys[name].path if name in keys else ("data", "axes", _AXES.index(name))
                problems.append(Problem(path, str(error), f"using the default ({name}= in the link)"))
        else:
            problems.append(Problem((name,), "there is no such key in a link", "ignored"))
    return problems


def _write_into(raw: dict[str, Any], key: Key | None, name: str, text: str) -> None:
    if len(text) > (MAX_PACKED if name == "points" else MAX_VALUE):
        raise Unreadable("is far too long")
    if key is None:
        raw["data"]["axes"] = list(raw["data"]["axes"])
        raw["data"]["axes"][_AXES.index(name)] = _read_axis(text)
        return
    *parents, leaf = key.path
    target = raw
    for parent in parents:
        target = target[parent]
    target[leaf] = key.read(text)
