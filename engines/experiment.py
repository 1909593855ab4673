"""Experiment: the one validated, frozen, serialisable description of a run.

Controls edit it, links and files carry it, the engine runs it, the export reproduces it, the command line executes it.
Every bound is here or in the two modules it is made of, so whatever holds an Experiment may trust it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from engines.data_descriptions import (
    FEWEST_DIGITS,
    MAX_OWN_CHARACTERS,
    MAX_POINTS,
    MAX_SEQUENCE,
    MAX_TEXT_NAME,
    MIN_SEQUENCE,
    Axis,
    DigitsData,
    OwnPoint,
    PointsData,
    TextData,
)
from engines.descriptions import MAX_SEED, Choice, Description, known
from engines.losses import CLASS_LOSSES, LOSSES
from engines.net_descriptions import (
    MAX_BORDER,
    MAX_DENSE_LAYERS,
    MAX_DENSE_UNITS,
    MAX_EMBEDDING,
    MAX_LAYERS,
    MAX_RECURRENT_LAYERS,
    MAX_RECURRENT_UNITS,
    MAX_STACK_LAYERS,
    MAX_UNITS,
    MIN_EMBEDDING,
    MIN_RECURRENT_UNITS,
    DenseNet,
    Layer,
    PlaneNet,
    RecurrentNet,
    StackLayer,
    StackNet,
    WideLayer,
)
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES

__all__ = [
    "FEWEST_DIGITS",
    "MAX_BORDER",
    "MAX_DENSE_LAYERS",
    "MAX_DENSE_UNITS",
    "MAX_EMBEDDING",
    "MAX_LAYERS",
    "MAX_OWN_CHARACTERS",
    "MAX_POINTS",
    "MAX_RECURRENT_LAYERS",
    "MAX_RECURRENT_UNITS",
    "MAX_SEQUENCE",
    "MAX_STACK_LAYERS",
    "MAX_TEXT_NAME",
    "MAX_UNITS",
    "MIN_EMBEDDING",
    "MIN_RECURRENT_UNITS",
    "MIN_SEQUENCE",
    "TEXT_COST",
    "Axis",
    "Choice",
    "DenseNet",
    "DigitsData",
    "Experiment",
    "Layer",
    "OwnPoint",
    "PlaneNet",
    "PointsData",
    "RecurrentNet",
    "StackLayer",
    "StackNet",
    "TextData",
    "WideLayer",
    "digits_experiment",
    "repair",
    "text_experiment",
]

_LEARNERS = {"points": ("plane",), "digits": ("dense", "stack"), "text": ("recurrent",)}
"""Kinds of net that can learn each kind of data."""

TEXT_COST = "softmax_cross_entropy"


class Experiment(Description):
    """Data, net, cost, optimizer, schedule, regularization, batch size, seed.

    clip_norm, clip_value, max_norm: 0 is off; clip_value is for text only. patience: epochs without a better
    test loss before the run stops; 0 never stops. epochs: how long a run is meant to be; 0 until somebody stops it.
    """

    noun: ClassVar[str] = "experiment"

    version: Literal[1] = 1
    data: PointsData | DigitsData | TextData = Field(default_factory=PointsData, discriminator="kind")
    net: PlaneNet | DenseNet | StackNet | RecurrentNet = Field(default_factory=PlaneNet, discriminator="kind")
    cost: str = Field("half_squared", max_length=40)
    optimizer: Choice = Choice(key="sgd")
    learning_rate: float = Field(0.03, ge=1e-6, le=100)
    schedule: Choice = Choice(key="constant")
    penalty: Choice = Choice(key="none")
    max_norm: float = Field(0.0, ge=0, le=100)
    clip_norm: float = Field(0.0, ge=0, le=1000)
    clip_value: float = Field(0.0, ge=0, le=1000)
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
        if self.net.kind not in _LEARNERS[self.data.kind]:
            raise ValueError(f"a {self.net.kind} net cannot learn {self.data.kind}")
        if self.clip_value and self.data.kind != "text":
            raise ValueError("clipping by value is for text")
        if self.data.kind == "digits":
            known(CLASS_LOSSES, self.cost)
        elif self.data.kind == "text":
            if self.cost != TEXT_COST:
                raise ValueError(f"cost for text must be {TEXT_COST}")
        elif self.data.task == "regression" and not LOSSES[known(LOSSES, self.cost)].regression:
            raise ValueError(f"cost {LOSSES[self.cost].label} needs two classes, and these targets are numbers")
        else:
            known(LOSSES, self.cost)
        return self

    @property
    def page(self) -> str:
        """Key of the page that shows it: 'network', 'digits' or 'shakespeare'."""
        return {"points": "network", "digits": "digits", "text": "shakespeare"}[self.data.kind]

    @property
    def subject(self) -> PointsData | DigitsData | TextData:
        """What is looked at, whatever learns it."""
        return self.data

    @property
    def output(self) -> str:
        """Key of the output activation that is really used (plane nets)."""
        if self.data.kind != "points" or self.net.output != "auto":
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


def text_experiment(**changes: Any) -> Experiment:
    """The default experiment of the Shakespeare page, with fields replaced as by `Experiment.change`."""
    base = Experiment(
        data=TextData(),
        net=RecurrentNet(embedding=32),
        cost=TEXT_COST,
        optimizer=Choice(key="adam"),
        learning_rate=0.01,
        clip_norm=1.0,
        batch_size=32,
        epochs=0,
    )
    return base.change(**changes)


def repair(raw: Any, default: Experiment) -> tuple[Experiment, list[str]]:
    """The experiment that plain data of any origin describe, and a sentence for each field that was replaced.

    Never raises. See `engines.repair`, which does it and imports this module.
    """
    from engines.repair import repair as mend

    return mend(raw, default)
