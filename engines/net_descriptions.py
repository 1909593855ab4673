"""What learns: plane, dense, stack and recurrent nets. The net part of an Experiment; import it from `engines.experiment`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from engines.activations import ACTIVATIONS
from engines.data.inputs import INPUTS
from engines.data.scalings import SCALINGS
from engines.descriptions import Choice, Frozen, known
from engines.initializers import INITIALIZERS
from engines.nets import stack
from engines.nets.layers import LAYERS
from engines.nets.recurrent.cells import CELLS

MAX_LAYERS, MAX_UNITS = 8, 16
MAX_DENSE_LAYERS, MAX_DENSE_UNITS = 5, 1024
MAX_STACK_LAYERS, MAX_BORDER = 16, 4
MAX_RECURRENT_LAYERS, MIN_RECURRENT_UNITS, MAX_RECURRENT_UNITS = 3, 16, 512
MIN_EMBEDDING, MAX_EMBEDDING = 4, 256


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


class RecurrentNet(_Net):
    """A net that reads a text character by character and says which comes next.

    cell: of the table of cells. embedding: numbers that stand for a character, or 0 for one-hot. dropout: between the layers and
    before the output.
    """

    kind: Literal["recurrent"] = "recurrent"
    cell: str = Field("lstm", max_length=40)
    layers: int = Field(1, ge=1, le=MAX_RECURRENT_LAYERS)
    units: int = Field(128, ge=MIN_RECURRENT_UNITS, le=MAX_RECURRENT_UNITS)
    embedding: int = Field(0, ge=0, le=MAX_EMBEDDING)
    dropout: float = Field(0.0, ge=0, le=0.9)

    @field_validator("cell")
    @classmethod
    def _cell(cls, key: str) -> str:
        return known(CELLS, key)

    @field_validator("embedding")
    @classmethod
    def _embedding(cls, size: int) -> int:
        if 0 < size < MIN_EMBEDDING:
            raise ValueError(f"must be 0 (one-hot) or at least {MIN_EMBEDDING}")
        return size
