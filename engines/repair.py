"""From plain data of any origin to an Experiment: whatever fits is kept, the rest is replaced and named.

Only the smallest field that is wrong is replaced: the units of one layer, one of the visitor's own points, one setting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from engines.data.points import DATASETS
from engines.experiment import (
    MAX_DENSE_LAYERS,
    MAX_LAYERS,
    MAX_POINTS,
    Axis,
    Choice,
    DenseNet,
    DigitsData,
    Experiment,
    Layer,
    OwnPoint,
    PlaneNet,
    PointsData,
    WideLayer,
    digits_experiment,
)
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.optimizers import OPTIMIZERS
from engines.problems import Path, Problem, listed, sentence, short
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.tables import Table

MAX_FILE_BYTES = 1_000_000
_MAX_DEPTH, _MAX_FIELDS, _MAX_TEXT = 8, 100, 200


class ExperimentError(ValueError):
    """A description that does not fit, for places that do not repair: one sentence, naming the first field."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
        super().__init__(problems[0].exact() + more)


def repair(raw: Any, default: Experiment) -> tuple[Experiment, list[str]]:
    """The experiment that `raw` (plain data) describes; a field that is missing or does not fit takes the default's value.

    Returns it with one sentence a replaced field, at most twelve and a count of the rest. Never raises: the worst input
    gives `default` and a sentence. Where `raw` is of the other kind (points, digits), that kind's standard is the default.
    """
    experiment, problems = find_problems(raw, default)
    return experiment, listed(problems)


def load_json(text: str | bytes, default: Experiment | None = None) -> tuple[Experiment, list[str]]:
    """The experiment in an uploaded file, repaired as by `repair`.

    Raises ValueError with one sentence where there is nothing to repair: no JSON, no object with an experiment's fields, too large.
    """
    raw = _parse(text)
    if not isinstance(raw, dict) or not set(raw) & set(Experiment.model_fields):
        raise ValueError(
            "the file holds JSON, but no experiment: it should be an object with fields such as data, net and optimizer"
        )
    return repair(raw, default or Experiment())


def load_strict(text: str | bytes) -> Experiment:
    """The experiment in a file in which everything must fit. Raises ExperimentError or ValueError in one sentence."""
    experiment, problems = find_problems(_parse(text), Experiment())
    if problems:
        raise ExperimentError(problems)
    return experiment


def _parse(text: str | bytes) -> Any:
    if len(text) > MAX_FILE_BYTES:
        raise ValueError(f"the file is larger than {MAX_FILE_BYTES // 1_000_000} MB; an experiment is at most a fifth of that")
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise ValueError("the file is not text in UTF-8, so it is no experiment") from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"the file is not JSON: {error.msg[:1].lower()}{error.msg[1:]} (line {error.lineno}, column {error.colno})"
        ) from None
    except (ValueError, RecursionError):
        raise ValueError("the file is not an experiment: it holds a number or a nesting beyond all bounds") from None


def plain(value: Any, depth: int = 0) -> Any:
    """`value` cut down to what an experiment could hold: few levels, few fields, short texts, numbers of ordinary size."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 60 else float("inf") if value > 0 else float("-inf")
    if isinstance(value, str):
        return value[:_MAX_TEXT].encode("utf-8", "replace").decode()
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {str(plain(key, _MAX_DEPTH))[:41]: plain(value[key], depth + 1) for key in list(value)[:_MAX_FIELDS]}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value[: MAX_POINTS + 1]]
    return f"<{type(value).__name__}>"


def find_problems(raw: Any, default: Experiment) -> tuple[Experiment, list[Problem]]:
    """As `repair`, with the problems as they are: path, text, remedy."""
    if not isinstance(raw, Mapping):
        return default, [Problem((), f"{short(raw)} should be an object with named fields", "using the default")]
    work = _Repair()
    if len(raw) > _MAX_FIELDS:
        work.note((), f"has {len(raw):,} fields", f"reading the first {_MAX_FIELDS}")
    raw = plain(raw)
    base = standard(_kind(raw, default), default)
    try:
        return work.experiment(raw, base), work.problems
    except ValidationError as error:
        work.note((), sentence(error.errors()[0]), "using the default")
        return base, work.problems


def standard(kind: str, default: Experiment) -> Experiment:
    """`default` where its data are of `kind` ('points' or 'digits'), else the standard experiment of that kind."""
    if default.data.kind == kind:
        return default
    return digits_experiment() if kind == "digits" else Experiment()


def _kind(raw: dict[str, Any], default: Experiment) -> str:
    """'points' or 'digits': as the data say, else as the net says, else as in `default`."""
    data, net = (raw.get(name) if isinstance(raw.get(name), dict) else {} for name in ("data", "net"))
    if data.get("kind") in ("points", "digits"):
        return data["kind"]
    if data.get("source") in ("auto", "builtin", "full") or (not data and net.get("kind") == "dense"):
        return "digits"
    return "points" if data.get("source") or net.get("kind") == "plane" else default.data.kind


class _Repair:
    """Walks along a description, field by field, and collects what it had to replace."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, path: Path, text: str, remedy: str) -> None:
        self.problems.append(Problem(path, text, remedy))

    def experiment(self, raw: dict[str, Any], base: Experiment) -> Experiment:
        self.unknown(raw, Experiment, ())
        if raw.get("version", 1) != 1:
            self.note(("version",), f"{short(raw['version'])} is not 1, the version this playground reads", "reading what fits")
        data = self.data(raw.get("data"), base.data)
        fields = {
            "data": data,
            "net": self.net(raw.get("net"), base.net),
            "cost": self.cost(raw, base, data.task),
            "optimizer": self.choice(raw.get("optimizer"), OPTIMIZERS, base.optimizer, ("optimizer",)),
            "schedule": self.choice(raw.get("schedule"), SCHEDULES, base.schedule, ("schedule",)),
            "penalty": self.choice(raw.get("penalty"), PENALTIES, base.penalty, ("penalty",)),
        }
        numbers = [name for name in Experiment.model_fields if name not in fields and name != "version"]
        return Experiment(**fields, **{name: self.scalar(Experiment, name, raw, getattr(base, name), ()) for name in numbers})

    def unknown(self, raw: dict[str, Any], model: type[BaseModel], path: Path) -> None:
        for name in raw:
            if name not in model.model_fields:
                self.note((*path, name[:40]), "there is no such field", "ignored")

    def scalar(self, model: type[BaseModel], name: str, raw: dict[str, Any], fallback: Any, path: Path) -> Any:
        """Field `name` of `raw` as `model` reads it on its own, else the fallback."""
        if name not in raw:
            return fallback
        try:
            return getattr(model.model_validate({name: raw[name]}), name)
        except ValidationError as error:
            self.note((*path, name), sentence(error.errors()[0]), f"using {_named(fallback)}")
            return fallback

    def part(self, raw: Any, fallback: Any, path: Path) -> dict[str, Any]:
        """`raw` where it is an object; nothing given is silently the fallback's fields, anything else is named."""
        if isinstance(raw, dict):
            return raw
        if raw is not None:
            self.note(path, f"{short(raw)} should be an object with named fields", f"using {_named(fallback)}")
        return {}

    def data(self, raw: Any, base: PointsData | DigitsData) -> PointsData | DigitsData:
        raw, model = self.part(raw, base, ("data",)), type(base)
        self.unknown(raw, model, ("data",))
        if raw.get("kind", base.kind) != base.kind:
            self.note(("data", "kind"), f"{short(raw['kind'])} is neither 'points' nor 'digits'", f"using {base.kind!r}")
        names = [name for name in model.model_fields if name not in ("kind", "own", "axes")]
        skipped = ("source",) if raw.get("source") == "own" and base.kind == "points" else ()
        fields = {n: raw[n] if n in skipped else self.scalar(model, n, raw, getattr(base, n), ("data",)) for n in names}
        if isinstance(base, DigitsData):
            return DigitsData(**fields)
        classes = fields["source"] == "own" and fields["own_task"] == "classification"
        own = self.own(raw["own"], classes) if "own" in raw else list(base.own)
        axes = self.axes(raw["axes"], base.axes) if "axes" in raw else base.axes
        if fields["source"] == "own" and all(point.test for point in own):
            fields["source"] = base.source if base.source != "own" else "circle"
            remedy = f"using {DATASETS[fields['source']].label}"
            self.note(("data", "own"), "there has to be at least one training point that can be read", remedy)
        return PointsData(**fields, own=own, axes=axes)

    def own(self, raw: Any, classes: bool) -> list[OwnPoint]:
        if not isinstance(raw, list):
            self.note(("data", "own"), f"{short(raw)} should be a list of points", "left out")
            return []
        if len(raw) > MAX_POINTS:
            self.note(("data", "own"), f"has more than {MAX_POINTS:,} points", f"using the first {MAX_POINTS:,}")
        return [point for i, item in enumerate(raw[:MAX_POINTS]) if (point := self.point(item, i, classes))]

    def point(self, raw: Any, index: int, classes: bool) -> OwnPoint | None:
        try:
            point = OwnPoint.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            self.note(("data", "own", index, *(str(part) for part in first["loc"])), sentence(first), "this point is left out")
            return None
        if classes and point.t not in (-1.0, 1.0):
            self.note(("data", "own", index, "t"), f"{short(point.t)} is no class, which is -1 or 1", "this point is left out")
            return None
        return point

    def axes(self, raw: Any, base: tuple[Axis, Axis]) -> tuple[Axis, Axis]:
        if not isinstance(raw, list) or len(raw) != 2:
            self.note(("data", "axes"), "should be a list of two axes", "using the default's")
            return base
        return self.axis(raw[0], base[0], 0), self.axis(raw[1], base[1], 1)

    def axis(self, raw: Any, base: Axis, index: int) -> Axis:
        path = ("data", "axes", index)
        raw = self.part(raw, base, path)
        self.unknown(raw, Axis, path)
        return Axis(**{name: self.scalar(Axis, name, raw, getattr(base, name), path) for name in Axis.model_fields})

    def net(self, raw: Any, base: PlaneNet | DenseNet) -> PlaneNet | DenseNet:
        raw, model = self.part(raw, base, ("net",)), type(base)
        if raw.get("kind", base.kind) != base.kind:
            what = {"plane": "points in the plane", "dense": "digits"}[base.kind]
            self.note(("net", "kind"), f"{short(raw['kind'])} is not the kind of net that learns {what}", "using the default net")
            return base
        self.unknown(raw, model, ("net",))
        fields: dict[str, Any] = {
            "initializer": self.choice(raw.get("initializer"), INITIALIZERS, base.initializer, ("net", "initializer")),
            "layers": self.layers(raw["layers"], base) if "layers" in raw else base.layers,
        }
        if isinstance(base, PlaneNet):
            fields["inputs"] = self.inputs(raw["inputs"], base.inputs) if "inputs" in raw else base.inputs
            fields["output"] = self.scalar(PlaneNet, "output", raw, base.output, ("net",))
        return model(**fields)

    def inputs(self, raw: Any, base: tuple[str, ...]) -> list[str]:
        if not isinstance(raw, list):
            self.note(("net", "inputs"), f"{short(raw)} should be a list", f"using {', '.join(base)}")
            return list(base)
        kept: list[str] = []
        for index, key in enumerate(raw):
            try:
                PlaneNet(inputs=(*kept, key))
                kept.append(key)
            except ValidationError as error:
                self.note(("net", "inputs", index), sentence(error.errors()[0]), "left out")
        if not kept:
            self.note(("net", "inputs"), "there has to be at least one", f"using {', '.join(base)}")
        return kept or list(base)

    def layers(self, raw: Any, base: PlaneNet | DenseNet) -> list[Layer]:
        model, most = (Layer, MAX_LAYERS) if isinstance(base, PlaneNet) else (WideLayer, MAX_DENSE_LAYERS)
        if not isinstance(raw, list):
            self.note(("net", "layers"), f"{short(raw)} should be a list of layers", "using the default's layers")
            return list(base.layers)
        if len(raw) > most:
            self.note(("net", "layers"), f"there are more than {most}", f"using the first {most}")
        return [layer for i, item in enumerate(raw[:most]) if (layer := self.layer(item, model, i))]

    def layer(self, raw: Any, model: type[Layer], index: int) -> Layer | None:
        path: Path = ("net", "layers", index)
        if not isinstance(raw, dict):
            self.note(path, f"{short(raw)} should be an object with named fields", "this layer is left out")
            return None
        self.unknown(raw, model, path)
        return model(**{n: self.scalar(model, n, raw, model.model_fields[n].default, path) for n in model.model_fields})

    def choice(self, raw: Any, table: Table, base: Choice, path: Path) -> Choice:
        """An entry of `table` with its settings; a setting that does not fit takes the entry's default."""
        raw = self.part({"key": raw} if isinstance(raw, str) else raw, base, path)
        if not raw:
            return base
        self.unknown(raw, Choice, path)
        key = raw.get("key")
        if not isinstance(key, str) or key not in table:
            self.note((*path, "key"), f"{short(key)} is none of {', '.join(table)}", f"using {table[base.key].label}")
            return base
        settings = self.part(raw.get("settings"), {}, (*path, "settings"))
        kept = {name: value for name, value in settings.items() if self.setting(table, key, name, value, path)}
        return Choice(key=key, settings=kept).on(table)

    def setting(self, table: Table, key: str, name: str, value: Any, path: Path) -> bool:
        defaults = table[key].defaults()
        place = (*path, "settings", name[:40])
        if name not in defaults:
            self.note(place, f"{table[key].label} has no such setting", "ignored")
            return False
        try:
            Choice(key=key, settings={name: value}).on(table)
        except ValidationError as error:
            self.note(place, sentence(error.errors()[0]), f"using {short(defaults[name])}")
            return False
        except ValueError as error:
            self.note(place, str(error), f"using {short(defaults[name])}")
            return False
        return True

    def cost(self, raw: dict[str, Any], base: Experiment, task: str) -> str:
        table: Table = CLASS_LOSSES if task == "digits" else LOSSES
        fits = [key for key, loss in table.items() if task != "regression" or loss.regression]
        key = raw.get("cost", base.cost)
        if isinstance(key, str) and key in fits:
            return key
        instead = base.cost if base.cost in fits else fits[0]
        if isinstance(key, str) and key in table:
            text = f"{table[key].label} needs two classes, and these targets are numbers"
        else:
            text = f"{short(key)} is none of {', '.join(fits)}"
        self.note(("cost",), text, f"using {table[instead].label}")
        return instead


def _named(fallback: Any) -> str:
    return "the default's" if isinstance(fallback, BaseModel | dict) else short(fallback).strip("'") or "none"
