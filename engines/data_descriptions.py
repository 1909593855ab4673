"""What is learned from: points in the plane, digits, text. The data part of an Experiment; import it from `engines.experiment`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from engines.data.distortions import DISTORTIONS
from engines.data.points import DATASETS
from engines.descriptions import MAX_SEED, Frozen, known

MAX_POINTS = 2000
FEWEST_DIGITS = 10
MAX_OWN_CHARACTERS, MAX_TEXT_NAME = 2_000_000, 80
MIN_SEQUENCE, MAX_SEQUENCE = 8, 256


class Axis(Frozen):
    """What a column of the visitor's own data was called and the values that -5 and 5 stand for."""

    name: str = Field(default="", max_length=40)
    low: float = -5.0
    high: float = 5.0


PLAIN_AXES = (Axis(name="x"), Axis(name="y"))
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
    axes: tuple[Axis, Axis] = PLAIN_AXES

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

    @property
    def axes_shown(self) -> tuple[Axis, Axis]:
        """What the axes stand for: columns of the visitor's own table, else plain x and y. A made set knows of no table."""
        return self.axes if self.source == "own" else PLAIN_AXES


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


class TextData(Frozen):
    """A text, learned character by character. 'auto' takes Tiny Shakespeare where it is found, else the Sonnets built in.

    own: the visitor's text, for source 'own'; name: what its file was called. validation: share of the text, its end, that is
    kept for validation. sequence: characters that errors flow back through. carry: whether the net remembers from one sequence
    to the next while it trains.
    """

    kind: Literal["text"] = "text"
    source: Literal["auto", "sonnets", "shakespeare", "own"] = "auto"
    own: str = Field("", max_length=MAX_OWN_CHARACTERS)
    name: str = Field("", max_length=MAX_TEXT_NAME)
    validation: float = Field(0.1, ge=0.02, le=0.5)
    sequence: int = Field(64, ge=MIN_SEQUENCE, le=MAX_SEQUENCE)
    carry: bool = True

    @model_validator(mode="after")
    def _own_text(self) -> TextData:
        if self.source == "own" and not self.own:
            raise ValueError("a text of your own needs some text")
        return self

    @property
    def task(self) -> str:
        """Always 'text'."""
        return "text"
