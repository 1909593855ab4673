"""What of an experiment on the digits can be varied: the table. Race and sweep offer what suits the experiment at hand.

Entries stand in the order in which they are applied: who brings a usual rate along stands before the rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engines.activations import ACTIVATIONS
from engines.data import digits
from engines.data.distortions import DISTORTIONS
from engines.data.scalings import SCALINGS
from engines.experiment import MAX_DENSE_LAYERS, MAX_DENSE_UNITS, Experiment, WideLayer
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES
from engines.nets.layers import LAYERS
from engines.nets.layers.table import MOST_FILTERS
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.tables import Setting, Table
from engines.trials.axis import Axis, Knob, Places, Span, Value

FEWEST_DIGITS = 100
_TRIED = 5
_ONE: Places = {"": ""}


def _field(path: str) -> dict[str, Any]:
    """read and change of a field that is always there."""

    def read(e: Experiment, place: str) -> Value:
        value: Any = e
        for name in path.split("__"):
            value = getattr(value, name)
        return value

    return {"read": read, "change": lambda e, place, v: e.change(**{path: v})}


def _settings(path: str, table: Table) -> dict[str, Any]:
    """Every setting of the entry that is chosen at `path`."""

    def setting(e: Experiment, place: str) -> Setting:
        return next(s for s in table[getattr(e, path).key].settings if s.key == place)

    return {
        "places": lambda e: {
            s.key: f"{table[getattr(e, path).key].label}: {s.label}" for s in table[getattr(e, path).key].settings
        },
        "read": lambda e, place: getattr(e, path).settings[place],
        "change": lambda e, place, v: e.change(**{f"{path}__settings__{place}": v}),
        "span": lambda e, place: _span_of(setting(e, place)),
    }


def _span_of(setting: Setting) -> Span:
    if setting.low == 0 and 0.99 < setting.high < 1:
        return Span(0.0, 0.999 if setting.default > 0.99 else 0.99, "share")
    if setting.unit == "epochs":
        return Span(setting.low, 20, "log" if setting.low else "even", True)
    if setting.log:
        low = setting.low or setting.high * 1e-6
        return Span(max(low, setting.default / 100), min(setting.high, setting.default * 100), "log", setting.whole)
    return Span(setting.low, min(setting.high, 10 * setting.default or setting.high), "even", setting.whole)


def _penalty(key: str) -> dict[str, Any]:
    return {
        "read": lambda e, place: e.penalty.settings["rate"] if e.penalty.key == key else None,
        "change": lambda e, place, v: e.change(penalty={"key": key, "settings": {"rate": v}}),
        "span": lambda e, place: Span(1e-6, 0.1, "log"),
        "shared": True,
        "excludes": frozenset({"l1", "l2"}),
    }


def _layers(e: Experiment, wanted: str) -> dict[int, str]:
    """Places of the hidden layers that have a setting `wanted`, and what each is called."""
    if e.net.kind == "dense":
        return {i: f"layer {i + 1}" for i in range(len(e.net.layers))} if wanted in ("units", "rate") else {}
    numbers: dict[str, int] = {}
    found = {}
    for i, layer in enumerate(e.net.layers):
        kind = LAYERS[layer.key]
        numbers[kind.short] = numbers.get(kind.short, 0) + 1
        if wanted in layer.settings and not (wanted == "filters" and layer.settings.get("connections")):
            found[i] = f"{kind.short} {numbers[kind.short]}"
    return found


def _of_layers(label: str, wanted: str, dense: str | None, span: Callable[[float], Span]) -> dict[str, Any]:
    """The setting `wanted` of each layer of a stack, the field `dense` of each layer of a dense net. span: value now -> numbers."""

    def path(e: Experiment, place: str) -> str:
        return f"net__layers__{place}__{dense}" if e.net.kind == "dense" else f"net__layers__{place}__settings__{wanted}"

    def read(e: Experiment, place: str) -> Value:
        layer = e.net.layers[int(place)]
        return getattr(layer, dense or "") if e.net.kind == "dense" else layer.settings[wanted]

    def within(e: Experiment, place: str) -> Span:
        around = span(float(read(e, place)))
        if e.net.kind == "dense":
            return around
        setting = next(s for s in LAYERS[e.net.layers[int(place)].key].settings if s.key == wanted)
        return around._replace(low=max(around.low, setting.low), high=min(around.high, setting.high))

    def change(e: Experiment, place: str, value: Value) -> Experiment:
        return e.change(**{path(e, place): value})

    def gives_way(e: Experiment, place: str) -> bool:
        """Whether some other value fits between the layers around it."""
        return any(value != read(e, place) and _works(change, e, place, value) for value in within(e, place).values(_TRIED))

    def places(e: Experiment) -> Places:
        found = {str(i): f"{label}, {name}" for i, name in _layers(e, wanted).items()}
        return found if e.net.kind == "dense" else {place: name for place, name in found.items() if gives_way(e, place)}

    return {"places": places, "read": read, "change": change, "span": within}


def _works(change: Callable[[Experiment, str, Value], Experiment], e: Experiment, place: str, value: Value) -> bool:
    try:
        change(e, place, value)
    except ValueError:
        return False
    return True


def _around(now: float, low: float, high: float) -> Span:
    """From an eighth to four times of what it is."""
    return Span(max(low, round(now / 8)), min(high, round(now * 4)), "log", True)


def _plain(value: float) -> float:
    """Rounded to one digit, so that it is easily read."""
    return float(f"{value:.1g}")


def _take_optimizer(e: Experiment, place: str, key: str) -> Experiment:
    """Another optimizer comes with its usual rate; the present one stays as it is set."""
    if key == e.optimizer.key:
        return e
    return e.change(optimizer={"key": key}, learning_rate=OPTIMIZERS[key].wide_rate)


def _take(path: str) -> Callable[[Experiment, str, str], Experiment]:
    """A choice with its usual settings; the present one stays as it is set."""
    return lambda e, place, key: e if key == _key(e, path) else e.change(**{path: {"key": key}})


def _key(e: Experiment, path: str) -> str:
    value: Any = e
    for name in path.split("__"):
        value = getattr(value, name)
    return value.key


def _bent(e: Experiment) -> list[int]:
    """Places of the layers whose activation is varied: those that are not linear now; all of them where all are."""
    able = [i for i, layer in enumerate(e.net.layers) if e.net.kind == "dense" or LAYERS[layer.key].activated]
    return [i for i in able if e.net.layers[i].activation != "linear"] or able


def _bend(e: Experiment, place: str, key: str) -> Experiment:
    return e.change(**{f"net__layers__{i}__activation": key for i in _bent(e)})


def _deepen(e: Experiment, place: str, count: int) -> Experiment:
    if count != int(count):
        raise ValueError(f"a net has a whole number of layers, not {count:g}")
    if not 0 <= count <= MAX_DENSE_LAYERS:  # before so many layers are made: they could fill the memory
        raise ValueError(f"a dense net has 0 to {MAX_DENSE_LAYERS} hidden layers, not {count:g}")
    layers = list(e.net.layers[: int(count)])
    layers += [layers[-1] if layers else WideLayer()] * (int(count) - len(layers))
    return e.change(net__layers=[layer.model_dump() for layer in layers])


def _available(e: Experiment) -> int:
    """Training digits there are, as far as is known without reading them."""
    found = digits.known(e.data.source)
    return len(found.train_labels) if found is not None else digits.CLASSES * digits.BUILTIN_TRAIN_PER_CLASS


def _counts(e: Experiment, place: str) -> Span:
    most = _available(e)
    return Span(max(FEWEST_DIGITS, most // 40), most, "log", True)


AXES: Table[Axis] = Table(
    "axes",
    [
        Axis(
            key="depth",
            label="Hidden layers",
            help="How many; the last one is repeated.",
            source="Bengio 2009, Learning Deep Architectures",
            places=lambda e: _ONE if e.net.kind == "dense" else {},
            read=lambda e, place: len(e.net.layers),
            change=_deepen,
            span=lambda e, place: Span(0, MAX_DENSE_LAYERS, "even", True),
            excludes=frozenset({"units", "dropout"}),
        ),
        Axis(
            key="units",
            label="Units",
            help="Units of a dense layer.",
            source="Rumelhart, Hinton & Williams 1986",
            **_of_layers("Units", "units", "units", lambda now: _around(now, 1, MAX_DENSE_UNITS)),
        ),
        Axis(
            key="filters",
            label="Filters",
            help="Filters of a convolution: maps that come out.",
            source="LeCun et al. 1989",
            **_of_layers("Filters", "filters", None, lambda now: _around(now, 1, MOST_FILTERS)),
        ),
        Axis(
            key="window",
            label="Window",
            help="Rows and columns that a filter or a pooling window covers.",
            source="Simonyan & Zisserman 2015",
            **_of_layers("Window", "size", None, lambda now: Span(max(1, now - 2), now + 2, "even", True)),
        ),
        Axis(
            key="stride",
            label="Stride",
            help="How far a window moves.",
            source="LeCun et al. 1989",
            **_of_layers("Stride", "stride", None, lambda now: Span(1, now + 1, "even", True)),
        ),
        Axis(
            key="padding",
            label="Padding",
            help="Zeros around the maps of a convolution.",
            source="LeCun et al. 1989",
            **_of_layers("Padding", "padding", None, lambda now: Span(0, now + 2, "even", True)),
        ),
        Axis(
            key="activation",
            label="Activation",
            help="Of all hidden layers that are not linear.",
            source="Glorot, Bordes & Bengio 2011",
            options=ACTIVATIONS,
            places=lambda e: _ONE if _bent(e) else {},
            read=lambda e, place: e.net.layers[_bent(e)[0]].activation,
            change=_bend,
        ),
        Axis(
            key="initializer",
            label="First weights",
            help="How they are drawn.",
            source="Glorot & Bengio 2010",
            options=INITIALIZERS,
            read=lambda e, place: e.net.initializer.key,
            change=_take("net__initializer"),
            shared=True,
            excludes=frozenset({"spread"}),
        ),
        Axis(
            key="spread",
            label="Spread of the first weights",
            help="Drawn from a bell curve of this standard deviation, whatever the layer.",
            source="Rumelhart, Hinton & Williams 1986",
            read=lambda e, place: e.net.initializer.settings["scale"] if e.net.initializer.key == "normal" else None,
            change=lambda e, place, v: e.change(net__initializer={"key": "normal", "settings": {"scale": v}}),
            span=lambda e, place: Span(0.001, 1.0, "log"),
            shared=True,
        ),
        Axis(
            key="scaling",
            label="Scaling of pixels",
            help="Which numbers stand for paper and ink.",
            source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
            options=SCALINGS,
            places=lambda e: _ONE if e.net.kind == "stack" else {},
            **_field("net__scaling"),
        ),
        Axis(
            key="cost",
            label="Cost",
            help="What the net is punished for.",
            source="Solla, Levin & Fleisher 1988",
            options=CLASS_LOSSES,
            **_field("cost"),
        ),
        Axis(
            key="optimizer",
            label="Optimizer",
            help="Each with its usual learning rate and settings; the present one as it is set.",
            source="Schmidt, Schneider & Hennig 2021",
            options=OPTIMIZERS,
            read=lambda e, place: e.optimizer.key,
            change=_take_optimizer,
            excludes=frozenset({"optimizer_setting"}),
        ),
        Axis(
            key="learning_rate",
            label="Learning rate",
            help="The length of a step.",
            source="Bengio 2012: if only one thing is tuned, this",
            span=lambda e, place: Span(max(1e-6, _plain(e.learning_rate / 30)), min(100.0, _plain(e.learning_rate * 30)), "log"),
            shared=True,
            **_field("learning_rate"),
        ),
        Axis(
            key="optimizer_setting",
            label="Setting of the optimizer",
            help="A setting of the present optimizer.",
            source="Kingma & Ba 2015; Sutskever, Martens, Dahl & Hinton 2013",
            shared=True,
            **_settings("optimizer", OPTIMIZERS),
        ),
        Axis(
            key="schedule",
            label="Learning-rate schedule",
            help="Each with its usual settings; the present one as it is set.",
            source="Loshchilov & Hutter 2017",
            options=SCHEDULES,
            read=lambda e, place: e.schedule.key,
            change=_take("schedule"),
            shared=True,
            excludes=frozenset({"schedule_setting"}),
        ),
        Axis(
            key="schedule_setting",
            label="Setting of the schedule",
            help="A setting of the present learning-rate schedule.",
            source="Loshchilov & Hutter 2017",
            shared=True,
            **_settings("schedule", SCHEDULES),
        ),
        Axis(
            key="batch_size",
            label="Batch size",
            help="Digits that a step looks at.",
            source="Masters & Luschi 2018",
            places=lambda e: {} if OPTIMIZERS[e.optimizer.key].full_batch else _ONE,
            span=lambda e, place: Span(8, 512, "log", True),
            **_field("batch_size"),
        ),
        Axis(key="l2", label="L2 penalty", help=PENALTIES["l2"].help, source=PENALTIES["l2"].source, **_penalty("l2")),
        Axis(key="l1", label="L1 penalty", help=PENALTIES["l1"].help, source=PENALTIES["l1"].source, **_penalty("l1")),
        Axis(
            key="dropout",
            label="Dropout",
            help="Share of a layer's outputs that is silenced in each step.",
            source="Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014",
            shared=True,
            **_of_layers("Dropout", "rate", "dropout", lambda now: Span(0.0, 0.8)),
        ),
        Axis(
            key="max_norm",
            label="Max-norm",
            help="Longest weight vector of a unit.",
            source="Srebro, Rennie & Jaakkola 2005",
            span=lambda e, place: Span(0.5, 5.0),
            shared=True,
            **_field("max_norm"),
        ),
        Axis(
            key="clip_norm",
            label="Clip the gradient at",
            help="Longest gradient that is followed in full.",
            source="Pascanu, Mikolov & Bengio 2013",
            span=lambda e, place: Span(0.01, 10.0, "log"),
            shared=True,
            **_field("clip_norm"),
        ),
        Axis(
            key="train_count",
            label="Training digits",
            help="How many different ones there are; the budget stays the same.",
            source="Banko & Brill 2001",
            span=_counts,
            **_field("data__train_count"),
        ),
        Axis(
            key="distortion",
            label="Distortion",
            help="How far training digits are changed at every look.",
            source="Simard, Steinkraus & Platt 2003",
            places=lambda e: {key: f"Distortion: {label.lower()}" for key, label in DISTORTIONS.labels().items()},
            read=lambda e, place: e.data.distortions.get(place, 0.0),
            change=lambda e, place, v: e.change(data__distortions=dict(e.data.distortions) | {place: v}),
            span=lambda e, place: Span(0.0, DISTORTIONS[place].settings[0].high / 2),
        ),
    ],
)


def knobs(experiment: Experiment) -> list[Knob]:
    """All that can be varied in `experiment`, in the table's order."""
    return [Knob(axis, place, label or axis.label) for axis in AXES.values() for place, label in axis.places(experiment).items()]


def changed(experiment: Experiment, settings: Sequence[tuple[Knob, Value]]) -> Experiment:
    """`experiment` with all these values, whatever their order. Raises ValueError with a sentence where that cannot be."""
    for knob, value in sorted(settings, key=lambda pair: AXES.index(pair[0].axis.key)):
        experiment = knob.change(experiment, value)
    return experiment
