"""Experiment: the one validated, frozen, serialisable description of a run.

Controls edit it, links and files carry it, the engine runs it, the export reproduces it, the command line executes it.
Every bound is here, so whatever holds an Experiment may trust it.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from engines.activations import ACTIVATIONS
from engines.data.distortions import DISTORTIONS
from engines.data.inputs import INPUTS
from engines.data.points import DATASETS
from engines.data.scalings import SCALINGS
from engines.descriptions import MAX_SEED, Choice, Description, Frozen, known
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.nets import stack
from engines.nets.layers import LAYERS
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES

MAX_POINTS = 2000
MAX_LAYERS, MAX_UNITS = 8, 16
MAX_DENSE_LAYERS, MAX_DENSE_UNITS = 5, 1024
MAX_STACK_LAYERS, MAX_BORDER = 16, 4
FEWEST_DIGITS = 10


class Axis(Frozen):
    """What a column of the visitor's own data was called and the values that -5 and 5 stand for."""

    name: str = Field(default="", max_length=40)
    low: float = -5.0
    high: float = 5.0


Coordinate = Annotated[float, Field(ge=-6, le=6)]
Target = Annotated[float, Field(ge=-1, le=1)]


class OwnPoint(Frozen):
    """One point the visitor made: place, target, and whether it is kept for testing."""

    x: Coordinate
    y: Coordinate
    t: Target
    test: bool = False

    @field_validator("x", "y", "t")
    @classmethod
    def _rounded(cls, value: float) -> float:
        """Three decimals: what a link can carry, so that a link, a file and the screen agree to the bit."""
        return round(value, 3)


class PointsData(Frozen):
    """Points in the plane: a generated set, or the visitor's own."""

    kind: Literal["points"] = "points"
    source: str = Field("circle", max_length=40)
    count: int = Field(400, ge=10, le=MAX_POINTS)
    noise: float = Field(0.0, ge=0, le=0.5)
    train_fraction: float = Field(0.5, ge=0.1, le=0.9)
    seed: int = Field(0, ge=0, le=MAX_SEED)
    own: tuple[OwnPoint, ...] = Field((), max_length=MAX_POINTS)
    own_task: Literal["classification", "regression"] = "classification"
    axes: tuple[Axis, Axis] = (Axis(name="x"), Axis(name="y"))

    @field_validator("source")
    @classmethod
    def _source(cls, key: str) -> str:
        return key if key == "own" else known(DATASETS, key)

    @model_validator(mode="after")
    def _own_points(self) -> PointsData:
        if self.source != "own":
            return self
        if sum(not point.test for point in self.own) < 1:
            raise ValueError("own data needs at least one training point")
        if self.own_task == "classification" and any(point.t not in (-1.0, 1.0) for point in self.own):
            raise ValueError("the classes of own data must be -1 or 1")
        return self

    @property
    def task(self) -> str:
        """'classification' or 'regression'."""
        return self.own_task if self.source == "own" else DATASETS[self.source].task


class DigitsData(Frozen):
    """Handwritten digits. 'auto' takes the full MNIST where it is found, else the built-in 5,000.

    distortions: how much each training digit is changed, anew at every look; by key of `DISTORTIONS`, those of 0 left out.
    """

    kind: Literal["digits"] = "digits"
    source: Literal["auto", "builtin", "full"] = "auto"
    train_count: int = Field(60_000, ge=FEWEST_DIGITS, le=60_000)
    distortions: dict[str, float] = Field(default_factory=dict)

    @field_validator("distortions")
    @classmethod
    def _distortions(cls, amounts: dict[str, float]) -> dict[str, float]:
        checked = {known(DISTORTIONS, key): DISTORTIONS[key].settings[0].check(amount) for key, amount in amounts.items()}
        return {key: checked[key] for key in DISTORTIONS if checked.get(key)}

    @property
    def task(self) -> str:
        """Always 'digits'."""
        return "digits"


class Layer(Frozen):
    """A hidden layer of a plane net."""

    units: int = Field(4, ge=1, le=MAX_UNITS)
    activation: str = Field("tanh", max_length=40)
    dropout: float = Field(0.0, ge=0, le=0.9)

    @field_validator("activation")
    @classmethod
    def _activation(cls, key: str) -> str:
        return known(ACTIVATIONS, key)


class WideLayer(Layer):
    """A hidden layer of a dense net."""

    units: int = Field(128, ge=1, le=MAX_DENSE_UNITS)
    activation: str = Field("relu", max_length=40)


class _Net(Frozen):
    initializer: Choice = Choice(key="xavier")

    @field_validator("initializer")
    @classmethod
    def _initializer(cls, choice: Choice) -> Choice:
        return choice.on(INITIALIZERS)


class PlaneNet(_Net):
    """A net from the plane to one number. output 'auto' takes what belongs to the cost and the task."""

    kind: Literal["plane"] = "plane"
    inputs: tuple[str, ...] = Field(("x", "y"), min_length=1, max_length=len(INPUTS))
    layers: tuple[Layer, ...] = Field((Layer(units=4), Layer(units=2)), max_length=MAX_LAYERS)
    output: str = Field("auto", max_length=40)

    @field_validator("inputs")
    @classmethod
    def _inputs(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(keys)) != len(keys):
            raise ValueError("each input can be used once")
        return tuple(sorted((known(INPUTS, key) for key in keys), key=INPUTS.index))

    @field_validator("output")
    @classmethod
    def _output(cls, key: str) -> str:
        return key if key == "auto" else known(ACTIVATIONS, key)


class DenseNet(_Net):
    """A net from 784 pixels to 10 digits."""

    kind: Literal["dense"] = "dense"
    layers: tuple[WideLayer, ...] = Field((WideLayer(units=256),), max_length=MAX_DENSE_LAYERS)
    initializer: Choice = Choice(key="he")


class StackLayer(Frozen):
    """A layer of a stack: a kind, its settings (those not given take the usual ones), and its activation where it has one."""

    key: str = Field("conv", max_length=40)
    settings: dict[str, float] = Field(default_factory=dict)
    activation: str = Field("linear", max_length=40)

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, raw: Any) -> Any:
        """Every setting filled in and checked."""
        if not isinstance(raw, dict) or not isinstance(raw.get("key", "conv"), str):
            return raw
        settings = raw.get("settings") or {}
        if not isinstance(settings, dict):
            return raw
        choice = Choice(key=raw.get("key", "conv"), settings=settings).on(LAYERS)
        return raw | {"key": choice.key, "settings": choice.settings}

    @model_validator(mode="after")
    def _activated(self) -> StackLayer:
        known(ACTIVATIONS, self.activation)
        if self.activation != "linear" and not LAYERS[self.key].activated:
            raise ValueError(f"{LAYERS[self.key].label} has no activation of its own; give it to the layer before")
        return self


class StackNet(_Net):
    """A stack of layers from 28 x 28 pixels to 10 digits.

    border: background pixels added on every side. head: 'dense', ten units; 'rbf', the distance from ten 7 x 12 pictures.
    """

    kind: Literal["stack"] = "stack"
    border: int = Field(0, ge=0, le=MAX_BORDER)
    scaling: str = Field("unit", max_length=40)
    layers: tuple[StackLayer, ...] = Field((), max_length=MAX_STACK_LAYERS)
    head: Literal["dense", "rbf"] = "dense"
    initializer: Choice = Choice(key="he")

    @field_validator("scaling")
    @classmethod
    def _scaling(cls, key: str) -> str:
        return known(SCALINGS, key)

    @model_validator(mode="after")
    def _fits(self) -> StackNet:
        stack.rows(self)
        return self


class Experiment(Description):
    """Data, net, cost, optimizer, schedule, regularization, batch size, seed.

    clip_norm, max_norm: 0 is off. patience: epochs without a better test loss before the run stops; 0 never stops.
    epochs: how long a run is meant to be; 0 until somebody stops it.
    """

    noun: ClassVar[str] = "experiment"

    version: Literal[1] = 1
    data: PointsData | DigitsData = Field(default_factory=PointsData, discriminator="kind")
    net: PlaneNet | DenseNet | StackNet = Field(default_factory=PlaneNet, discriminator="kind")
    cost: str = Field("half_squared", max_length=40)
    optimizer: Choice = Choice(key="sgd")
    learning_rate: float = Field(0.03, ge=1e-6, le=100)
    schedule: Choice = Choice(key="constant")
    penalty: Choice = Choice(key="none")
    max_norm: float = Field(0.0, ge=0, le=100)
    clip_norm: float = Field(0.0, ge=0, le=1000)
    patience: int = Field(0, ge=0, le=100_000)
    batch_size: int = Field(10, ge=1, le=4096)
    epochs: int = Field(0, ge=0, le=1_000_000)
    seed: int = Field(0, ge=0, le=MAX_SEED)

    @field_validator("optimizer")
    @classmethod
    def _optimizer(cls, choice: Choice) -> Choice:
        return choice.on(OPTIMIZERS)

    @field_validator("schedule")
    @classmethod
    def _schedule(cls, choice: Choice) -> Choice:
        return choice.on(SCHEDULES)

    @field_validator("penalty")
    @classmethod
    def _penalty(cls, choice: Choice) -> Choice:
        return choice.on(PENALTIES)

    @model_validator(mode="after")
    def _fits_together(self) -> Experiment:
        if (self.data.kind == "digits") != (self.net.kind != "plane"):
            raise ValueError(f"a {self.net.kind} net cannot learn {self.data.kind}")
        if self.data.kind == "digits":
            known(CLASS_LOSSES, self.cost)
        elif self.data.task == "regression" and not LOSSES[known(LOSSES, self.cost)].regression:
            raise ValueError(f"cost {LOSSES[self.cost].label} needs two classes, and these targets are numbers")
        else:
            known(LOSSES, self.cost)
        return self

    @property
    def page(self) -> str:
        """Key of the page that shows it: 'network' or 'digits'."""
        return "digits" if self.data.kind == "digits" else "network"

    @property
    def subject(self) -> PointsData | DigitsData:
        """What is looked at, whatever learns it."""
        return self.data

    @property
    def output(self) -> str:
        """Key of the output activation that is really used (plane nets)."""
        if self.data.kind == "digits" or self.net.output != "auto":
            return getattr(self.net, "output", "linear")
        return "linear" if self.data.task == "regression" else LOSSES[self.cost].output


def digits_experiment(**changes: Any) -> Experiment:
    """The default experiment of the Digits page, with fields replaced as by `Experiment.change`."""
    base = Experiment(
        data=DigitsData(),
        net=DenseNet(),
        cost="softmax_cross_entropy",
        optimizer=Choice(key="adam"),
        learning_rate=0.001,
        batch_size=128,
        epochs=5,
    )
    return base.change(**changes)


def repair(raw: Any, default: Experiment) -> tuple[Experiment, list[str]]:
    """The experiment that plain data of any origin describe, and a sentence for each field that was replaced.

    Never raises. See `engines.repair`, which does it and imports this module.
    """
    from engines.repair import repair as mend

    return mend(raw, default)
