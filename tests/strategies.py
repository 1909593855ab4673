"""Hypothesis strategies: valid experiments, races and studies, and the junk that links and files may hold."""

from contextlib import suppress

from hypothesis import strategies as st

from engines.activations import ACTIVATIONS
from engines.data.distortions import DISTORTIONS
from engines.data.inputs import INPUTS
from engines.data.points import DATASETS
from engines.data.scalings import SCALINGS
from engines.descent.race import Race, Runner
from engines.descriptions import Choice
from engines.experiment import (
    MAX_BORDER,
    MAX_STACK_LAYERS,
    Axis,
    DenseNet,
    DigitsData,
    Experiment,
    Layer,
    OwnPoint,
    PlaneNet,
    PointsData,
    StackLayer,
    StackNet,
    WideLayer,
)
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.nets.layers import LAYERS
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from engines.trace.examples import EXAMPLES
from engines.trace.net import COSTS
from engines.trace.study import HiddenLayer, Study, Typed, settled


def numbers(low, high):
    return st.floats(low, high, allow_nan=False)


@st.composite
def choices(draw, table):
    """A choice of `table`, with some of its settings given, some usual."""
    key = draw(st.sampled_from(list(table)))
    given = {}
    for setting in table[key].settings:
        if draw(st.booleans()):
            whole = st.integers(int(setting.low), int(setting.high)).map(float)
            given[setting.key] = draw(whole if setting.whole else numbers(setting.low, setting.high))
    return Choice(key=key, settings=given).on(table)


def layers(model, most, units):
    rates = st.one_of(st.just(0.0), numbers(0, 0.9))
    layer = st.builds(model, units=st.integers(1, units), activation=st.sampled_from(list(ACTIVATIONS)), dropout=rates)
    return st.lists(layer, max_size=most).map(tuple)


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
axes = st.builds(Axis, name=names, low=st.floats(allow_nan=False, allow_infinity=False), high=numbers(-100, 100))
seeds = st.integers(0, 2**31 - 1)


@st.composite
def points_data(draw):
    source = draw(st.sampled_from([*DATASETS, "own"]))
    task = draw(st.sampled_from(["classification", "regression"]))
    targets = st.sampled_from([-1.0, 1.0]) if task == "classification" else numbers(-1, 1)
    point = st.builds(OwnPoint, x=numbers(-6, 6), y=numbers(-6, 6), t=targets, test=st.booleans())
    own = draw(st.lists(point, max_size=12))
    if source == "own":
        own.append(draw(point).model_copy(update={"test": False}))
    return PointsData(
        source=source,
        count=draw(st.integers(10, 2000)),
        noise=draw(numbers(0, 0.5)),
        train_fraction=draw(numbers(0.1, 0.9)),
        seed=draw(seeds),
        own=tuple(own),
        own_task=task,
        axes=(draw(axes), draw(axes)),
    )


@st.composite
def stack_layers(draw):
    """A layer of a stack, whether it fits anywhere or not."""
    choice = draw(choices(LAYERS))
    activated = LAYERS[choice.key].activated
    activation = draw(st.sampled_from(["linear", *ACTIVATIONS])) if activated else "linear"
    return StackLayer(key=choice.key, settings=choice.settings, activation=activation)


@st.composite
def stacks(draw):
    """A stack that works: of layers drawn one by one, those that fit."""
    border, scaling = draw(st.integers(0, MAX_BORDER)), draw(st.sampled_from(list(SCALINGS)))
    net = StackNet(border=border, scaling=scaling, initializer=draw(choices(INITIALIZERS)))
    for layer in draw(st.lists(stack_layers(), max_size=MAX_STACK_LAYERS + 4)):
        with suppress(ValueError):
            net = StackNet(**{**dict(net), "layers": (*net.layers, layer)})
    if draw(st.booleans()) and len(net.layers) < 5:
        last = StackLayer(key="dense", settings={"units": 84}, activation="tanh")
        with suppress(ValueError):
            return StackNet(layers=(*net.layers, last), head="rbf", border=net.border)
    return net


distorted = st.fixed_dictionaries(
    {}, optional={key: numbers(entry.settings[0].low, entry.settings[0].high) for key, entry in DISTORTIONS.items()}
)


@st.composite
def experiments(draw):
    """Any valid experiment."""
    common = {
        "optimizer": draw(choices(OPTIMIZERS)),
        "schedule": draw(choices(SCHEDULES)),
        "penalty": draw(choices(PENALTIES)),
        "learning_rate": draw(numbers(1e-6, 100)),
        "max_norm": draw(numbers(0, 100)),
        "clip_norm": draw(numbers(0, 1000)),
        "patience": draw(st.integers(0, 100_000)),
        "batch_size": draw(st.integers(1, 4096)),
        "epochs": draw(st.integers(0, 1_000_000)),
        "seed": draw(seeds),
    }
    initializer = draw(choices(INITIALIZERS))
    if draw(st.booleans()):
        source = draw(st.sampled_from(["auto", "builtin", "full"]))
        data = DigitsData(source=source, train_count=draw(st.integers(10, 60_000)), distortions=draw(distorted))
        dense = st.builds(DenseNet, layers=layers(WideLayer, 5, 1024), initializer=st.just(initializer))
        net = draw(st.one_of(dense, stacks()))
        return Experiment(data=data, net=net, cost=draw(st.sampled_from(list(CLASS_LOSSES))), **common)
    data = draw(points_data())
    inputs = draw(st.lists(st.sampled_from(list(INPUTS)), min_size=1, unique=True))
    output = draw(st.sampled_from(["auto", *ACTIVATIONS]))
    net = PlaneNet(inputs=tuple(inputs), layers=draw(layers(Layer, 8, 16)), output=output, initializer=initializer)
    costs = [key for key, loss in LOSSES.items() if data.task != "regression" or loss.regression]
    return Experiment(data=data, net=net, cost=draw(st.sampled_from(costs)), **common)


runners = st.builds(Runner, optimizer=choices(OPTIMIZERS), learning_rate=numbers(1e-6, 100), schedule=choices(SCHEDULES))
windows = st.tuples(numbers(-1e4, 9e3), numbers(20, 1000), numbers(-1e4, 9e3), numbers(20, 1000)).map(
    lambda w: (w[0], w[0] + w[1], w[2], w[2] + w[3])
)
formulas = st.one_of(
    st.sampled_from(["x^2 - y^2", "sin(x) * y + 1", "(x-1)^2+(y+2)^2 % &=#?"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100).map(lambda text: f"x {text}"),
)


@st.composite
def races(draw):
    """Any valid race."""
    return Race(
        surface=draw(choices(SURFACES)),
        formula=draw(formulas),
        window=draw(windows),
        landscape=draw(st.from_regex(r"[A-Za-z0-9_-]{0,40}", fullmatch=True)),
        runners=tuple(draw(st.lists(runners, min_size=1, max_size=24))),
        start=(draw(numbers(-1e6, 1e6)), draw(numbers(-1e6, 1e6))),
        ring=draw(st.integers(0, 32)),
        ring_radius=draw(numbers(1e-6, 1e6)),
        noise=draw(numbers(0, 10)),
        glance=draw(st.integers(0, 500)),
        steps=draw(st.integers(10, 2000)),
        seed=draw(seeds),
    )


@st.composite
def studies(draw):
    """Any valid study in which everything has its place; nets that were brought are gone."""
    hidden = st.builds(HiddenLayer, units=st.integers(1, 16), activation=st.sampled_from(list(ACTIVATIONS)))
    matrices = ["X", "T", *(f"{kind}{n}" for kind in "Wb" for n in range(1, 8))]
    places = st.integers(0, 15)
    typed = st.builds(Typed, matrix=st.sampled_from(matrices), row=places, column=places, value=numbers(-1e4, 1e4))
    study = Study(
        examples=draw(st.sampled_from(list(EXAMPLES))),
        inputs=draw(st.integers(1, 16)),
        layers=tuple(draw(st.lists(hidden, max_size=6))),
        outputs=draw(st.integers(1, 16)),
        output=draw(st.sampled_from(list(ACTIVATIONS))),
        cost=draw(st.sampled_from(list(COSTS))),
        initializer=draw(choices(INITIALIZERS)),
        train_biases=draw(st.booleans()),
        batch=draw(st.integers(1, 256)),
        learning_rate=draw(numbers(1e-6, 100)),
        seed=draw(seeds),
        brought=draw(st.from_regex(r"[A-Za-z0-9_-]{0,40}", fullmatch=True)),
        typed=tuple(draw(st.lists(typed, max_size=8))),
        step=draw(st.integers(0, 80)),
        example=draw(st.integers(-1, 255)),
    )
    return settled(study)[0]


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [
            10**400,
            -(10**30),
            2**31,
            0,
            -1,
            1e308,
            "",
            "x" * 3000,
            "nan",
            "\ud800",
            "adam",
            "points",
            "dense",
            "stack",
            "conv",
            "own",
            "race",
        ]
    ),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=4),
)
junk = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=12,
)


def _paths(raw, prefix=()):
    """Every place in plain data."""
    yield prefix
    items = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list | tuple) else ()
    for key, value in items:
        yield from _paths(value, (*prefix, key))


@st.composite
def damaged(draw, descriptions=None):
    """A description (an experiment) as plain data, with one to four places replaced by junk, removed, or joined by another."""
    raw = draw(experiments() if descriptions is None else descriptions).model_dump(mode="json")
    for _ in range(draw(st.integers(1, 4))):
        *parents, leaf = draw(st.sampled_from([path for path in _paths(raw) if path]))
        target = raw
        for parent in parents:
            target = target[parent]
        what = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if what == "replace":
            target[leaf] = draw(junk)
        elif what == "remove":
            del target[leaf]
        elif isinstance(target, dict):
            target[draw(st.text(max_size=50))] = draw(junk)
    return raw
