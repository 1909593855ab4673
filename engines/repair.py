"""From plain data of any origin to an Experiment: whatever fits is kept, the rest is replaced and named.

Only the smallest field that is wrong is replaced: the units of one layer, one of the visitor's own points, one setting.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError

from engines.data.points import DATASETS
from engines.descriptions import Frozen
from engines.experiment import (
    MAX_DENSE_LAYERS,
    MAX_LAYERS,
    MAX_POINTS,
    TEXT_COST,
    Axis,
    DenseNet,
    DigitsData,
    Experiment,
    Layer,
    OwnPoint,
    PlaneNet,
    PointsData,
    RecurrentNet,
    StackNet,
    TextData,
    WideLayer,
    digits_experiment,
    text_experiment,
)
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.mending import Mender
from engines.optimizers import OPTIMIZERS
from engines.problems import Path, Problem, listed, sentence, short
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.stack_repair import kind_of_net, mend_distortions, mend_stack, net_of_kind
from engines.tables import Table
from engines.text_repair import describes_text, mend_recurrent, mend_text, own_text

AnyNet = PlaneNet | DenseNet | StackNet | RecurrentNet
_LEARNERS = {"points": ("plane",), "digits": ("dense", "stack"), "text": ("recurrent",)}
_WHAT = {"points": "points in the plane", "digits": "digits", "text": "text"}


def repair(raw: Any, default: Experiment) -> tuple[Experiment, list[str]]:
    """The experiment that `raw` (plain data) describes; a field that is missing or does not fit takes the default's value.

    Returns it with one sentence a replaced field, at most twelve and a count of the rest. Never raises: the worst input
    gives `default` and a sentence. Where `raw` is of another kind (points, digits, text), that kind's standard is the default.
    """
    experiment, problems = find_problems(raw, default)
    return experiment, listed(problems)


def find_problems(raw: Any, default: Experiment) -> tuple[Experiment, list[Problem]]:
    """As `repair`, with the problems as they are: path, text, remedy."""
    work = _Repair(own_text(raw))
    raw = work.opened(raw)
    if raw is None:
        return default, work.problems
    base = standard(_kind(raw, default), default)
    try:
        return work.experiment(raw, base), work.problems
    except ValidationError as error:
        work.note((), sentence(error.errors()[0]), "using the default")
        return base, work.problems


def standard(kind: str, default: Experiment) -> Experiment:
    """`default` where its data are of `kind` ('points', 'digits' or 'text'), else the standard experiment of that kind."""
    if default.data.kind == kind:
        return default
    return {"points": Experiment, "digits": digits_experiment, "text": text_experiment}[kind]()


def _kind(raw: dict[str, Any], default: Experiment) -> str:
    """'points', 'digits' or 'text': as the data say, else as the net says, else as in `default`."""
    data, net = (raw.get(name) if isinstance(raw.get(name), dict) else {} for name in ("data", "net"))
    if isinstance(data.get("kind"), str) and data["kind"] in _LEARNERS:
        return data["kind"]
    if describes_text(data, net):
        return "text"
    if default.data.kind == "text" and data.get("source") in (None, "auto", "own") and not isinstance(data.get("own"), list):
        return "text" if net.get("kind") in (None, "recurrent") else _kind(raw, Experiment())
    if data.get("source") in ("auto", "builtin", "full") or (not data and net.get("kind") in _LEARNERS["digits"]):
        return "digits"
    return "points" if data.get("source") or net.get("kind") == "plane" else default.data.kind


class _Clipping(Frozen):
    """A field that no experiment but one on text takes, on its own."""

    clip_value: float = Field(0.0, ge=0, le=1000)


class _Repair(Mender):
    def __init__(self, own: str | None) -> None:
        super().__init__()
        self._own = own

    def experiment(self, raw: dict[str, Any], base: Experiment) -> Experiment:
        self.unknown(raw, Experiment, ())
        self.version(raw)
        data = self.data(raw.get("data"), base.data)
        fields = {
            "data": data,
            "net": self.net(raw.get("net"), base.net),
            "cost": self.cost(raw, base, data.task),
            "optimizer": self.choice(raw.get("optimizer"), OPTIMIZERS, base.optimizer, ("optimizer",)),
            "schedule": self.choice(raw.get("schedule"), SCHEDULES, base.schedule, ("schedule",)),
            "penalty": self.choice(raw.get("penalty"), PENALTIES, base.penalty, ("penalty",)),
        }
        numbers = [name for name in Experiment.model_fields if name not in fields and name not in ("version", "clip_value")]
        read = {name: self.scalar(Experiment, name, raw, getattr(base, name), ()) for name in numbers}
        read["clip_value"] = self.scalar(_Clipping, "clip_value", raw, base.clip_value, ())
        if read["clip_value"] and data.kind != "text":
            self.note(("clip_value",), "is for text only", "off")
            read["clip_value"] = 0.0
        return Experiment(**fields, **read)

    def data(self, raw: Any, base: PointsData | DigitsData | TextData) -> PointsData | DigitsData | TextData:
        raw, model = self.part(raw, base, ("data",)), type(base)
        self.unknown(raw, model, ("data",))
        if raw.get("kind", base.kind) != base.kind:
            self.note(("data", "kind"), f"{short(raw['kind'])} is none of 'points', 'digits' and 'text'", f"using {base.kind!r}")
        if isinstance(base, TextData):
            return mend_text(self, raw, base, self._own)
        names = [name for name in model.model_fields if name not in ("kind", "own", "axes", "distortions")]
        skipped = ("source",) if raw.get("source") == "own" and base.kind == "points" else ()
        fields = {n: raw[n] if n in skipped else self.scalar(model, n, raw, getattr(base, n), ("data",)) for n in names}
        if isinstance(base, DigitsData):
            given = raw.get("distortions", base.distortions)
            return DigitsData(**fields, distortions=mend_distortions(self, given, base.distortions))
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

    def net(self, raw: Any, base: AnyNet) -> AnyNet:
        raw = self.part(raw, base, ("net",))
        data = next(kind for kind, learners in _LEARNERS.items() if base.kind in learners)
        if raw.get("kind", base.kind) not in _LEARNERS[data]:
            text = f"{short(raw['kind'])} is not the kind of net that learns {_WHAT[data]}"
            self.note(("net", "kind"), text, "using the default net")
            return base
        if isinstance(base, RecurrentNet):
            return mend_recurrent(self, raw, base)
        if isinstance(base, PlaneNet):
            return self.layered(raw, base)
        base = net_of_kind(kind_of_net(raw, base.kind), base)
        return mend_stack(self, raw, base) if isinstance(base, StackNet) else self.layered(raw, base)

    def layered(self, raw: dict[str, Any], base: PlaneNet | DenseNet) -> PlaneNet | DenseNet:
        self.unknown(raw, type(base), ("net",))
        fields: dict[str, Any] = {
            "initializer": self.choice(raw.get("initializer"), INITIALIZERS, base.initializer, ("net", "initializer")),
            "layers": self.layers(raw["layers"], base) if "layers" in raw else base.layers,
        }
        if isinstance(base, PlaneNet):
            fields["inputs"] = self.inputs(raw["inputs"], base.inputs) if "inputs" in raw else base.inputs
            fields["output"] = self.scalar(PlaneNet, "output", raw, base.output, ("net",))
        return type(base)(**fields)

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

    def cost(self, raw: dict[str, Any], base: Experiment, task: str) -> str:
        table: Table = LOSSES if task in ("classification", "regression") else CLASS_LOSSES
        fits = [TEXT_COST] if task == "text" else [key for key, loss in table.items() if task != "regression" or loss.regression]
        key = raw.get("cost", base.cost)
        if isinstance(key, str) and key in fits:
            return key
        instead = base.cost if base.cost in fits else fits[0]
        if isinstance(key, str) and key in table and task == "regression":
            text = f"{table[key].label} needs two classes, and these targets are numbers"
        else:
            text = f"{short(key)} is none of {', '.join(fits)}"
        self.note(("cost",), text, f"using {table[instead].label}")
        return instead
