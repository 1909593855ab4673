"""Study: the one validated, frozen, serialisable description of what the Backprop page shows.

Controls edit it, links and files carry it, `material` makes net and examples of it, the export repeats it,
`python -m engines trace` prints it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from engines.activations import ACTIVATIONS
from engines.descriptions import MAX_SEED, Choice, Description, Frozen, known
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.problems import Problem
from engines.trace.brought import find
from engines.trace.examples import EXAMPLES
from engines.trace.net import COSTS, Net

MAX_LAYERS, MAX_UNITS, MAX_BATCH, MAX_TYPED = 6, 16, 256, 64
MAX_PLACE, MAX_STEP = 1024, 1000
LARGEST = 1e4

Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Units = Annotated[int, Field(ge=1, le=MAX_UNITS)]
Batch = Annotated[int, Field(ge=1, le=MAX_BATCH)]


class HiddenLayer(Frozen):
    """A hidden layer of the net on the Backprop page."""

    units: Units = 4
    activation: str = Field("sigmoid", max_length=40)

    @field_validator("activation")
    @classmethod
    def _activation(cls, key: str) -> str:
        return known(ACTIVATIONS, key)


class Typed(Frozen):
    """One number the visitor typed over what was drawn: entry (row, column) of a matrix; row 0 of biases."""

    matrix: str = Field(pattern=r"^(X|T|[Wb][1-9])$")
    row: int = Field(ge=0, lt=MAX_PLACE)
    column: int = Field(ge=0, lt=MAX_PLACE)
    value: Number


class Sizes(Frozen):
    """The numbers of a study that its examples may fix."""

    inputs: Units = 2
    outputs: Units = 2
    batch: Batch = 1


class Study(Description):
    """Examples, net, cost, learning rate, seed, and where one is looking.

    brought: token of a net from another page, used by the examples 'brought'. typed: numbers the visitor put in by hand.
    step: which operation is shown, counted from 0. example: which row is followed; -1 is the whole batch.
    """

    noun: ClassVar[str] = "study"

    kind: Literal["study"] = "study"
    version: Literal[1] = 1
    examples: str = Field("worked_example", max_length=40)
    inputs: Units = 2
    layers: tuple[HiddenLayer, ...] = Field((HiddenLayer(units=2),), max_length=MAX_LAYERS)
    outputs: Units = 2
    output: str = Field("sigmoid", max_length=40)
    cost: str = Field("half_squared", max_length=40)
    initializer: Choice = Choice(key="xavier")
    train_biases: bool = False
    batch: Batch = 1
    learning_rate: float = Field(0.5, ge=1e-6, le=100)
    seed: int = Field(0, ge=0, le=MAX_SEED)
    brought: str = Field("", max_length=40)
    typed: tuple[Typed, ...] = Field((), max_length=MAX_TYPED)
    step: int = Field(0, ge=0, le=MAX_STEP)
    example: int = Field(0, ge=-1, lt=MAX_BATCH)

    @field_validator("examples")
    @classmethod
    def _examples(cls, key: str) -> str:
        if key not in EXAMPLES:
            offered = ", ".join(entry for entry in EXAMPLES if entry != "brought")  # which takes the token of a net as well
            raise ValueError(f"there is no example called {key[:40]!r}; choose from {offered}")
        return key

    @field_validator("output")
    @classmethod
    def _output(cls, key: str) -> str:
        return known(ACTIVATIONS, key)

    @field_validator("cost")
    @classmethod
    def _cost(cls, key: str) -> str:
        if key not in COSTS:
            raise ValueError(f"there is no cost called {key[:40]!r}; choose from {', '.join(COSTS)}")
        return key

    @field_validator("initializer")
    @classmethod
    def _initializer(cls, choice: Choice) -> Choice:
        return choice.on(INITIALIZERS)

    @field_validator("brought")
    @classmethod
    def _token(cls, token: str) -> str:
        if not all(c.isascii() and (c.isalnum() or c in "_-") for c in token):
            raise ValueError("it may hold letters, digits, - and _ only")
        return token

    @model_validator(mode="before")
    @classmethod
    def _what_the_examples_fix(cls, raw: object) -> object:
        """Inputs, outputs and batch follow from the examples where these have their own."""
        return raw | fixed_by(raw.get("examples", "worked_example")) if isinstance(raw, dict) else raw

    @property
    def page(self) -> str:
        """Key of the page that shows it."""
        return "backprop"

    @property
    def subject(self) -> tuple[Any, ...]:
        """What is looked at, wherever one stands in it: the examples, and the net where it was brought."""
        return self.examples, self.brought if self.examples == "brought" else ""

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each layer, the inputs first; () where a net that was brought is gone."""
        if self.examples == "brought":
            found = find(self.brought)
            return found.net.widths if found else ()
        return (self.inputs, *(layer.units for layer in self.layers), self.outputs)

    @property
    def operations(self) -> int:
        """How many steps its pass has; 0 where a net that was brought is gone."""
        depth = len(self.widths) - 1
        # 3 forward, 5 backward and 1 or 2 to update for each matrix; the ends are not passed on; 3 at the error function
        return (9 + self.train_biases) * depth + 1 if depth > 0 else 0

    @property
    def output_used(self) -> str:
        """Key of the activation of the outputs: a cost over classes brings its own and takes the outputs as they are."""
        return "linear" if self.cost in CLASS_LOSSES else self.output

    @property
    def published(self) -> bool:
        """Whether this is the worked example with its own weights: the net has the shape they were published for."""
        weights = EXAMPLES[self.examples].weights
        return bool(weights) and [len(w[0]) for w in weights] == [*(layer.units for layer in self.layers), self.outputs]


def fixed_by(examples: object) -> dict[str, int]:
    """Of inputs, outputs and batch those that the examples with this key have their own of."""
    entry = EXAMPLES.get(examples) if isinstance(examples, str) else None
    found = {name: getattr(entry, name, 0) for name in Sizes.model_fields}
    return {name: value for name, value in found.items() if value}


def settled(study: Study) -> tuple[Study, list[Problem]]:
    """The study without what has no place in its net: typed numbers, a step or an example that do not exist.

    Returns it with what was taken away, for the visitor. A net that was brought and is gone is left as it is.
    """
    problems: list[Problem] = []
    shapes = typable_shapes(study)
    if not shapes:
        return study, problems
    kept = []
    for index, typed in enumerate(study.typed):
        if wrong := misplaced(typed, shapes):
            problems.append(Problem(("typed", index), wrong, "left out"))
        else:
            kept.append(typed)
    step, example = min(study.step, study.operations - 1), min(study.example, study.batch - 1)
    if step != study.step:
        problems.append(
            Problem(("step",), f"there is no step {study.step} in this pass, which ends with {step}", "showing the last")
        )
    if example != study.example:
        said = f"there is no example {study.example}, only 0 to {example}" if example else "there is only one, number 0"
        problems.append(Problem(("example",), said, "showing the last" if example else "showing it"))
    return study.model_copy(update={"typed": tuple(kept), "step": step, "example": example}) if problems else study, problems


def typable_shapes(study: Study) -> dict[str, tuple[int, int]]:
    """Shape of everything that can be typed over, by symbol; empty where a net that was brought is gone."""
    widths = study.widths
    if not widths:
        return {}
    shapes = {"X": (study.batch, widths[0]), "T": (study.batch, widths[-1])}
    for n, (i, o) in enumerate(pairwise(widths), 1):
        shapes |= {f"W{n}": (i, o), f"b{n}": (1, o)}
    return shapes


def misplaced(typed: Typed, shapes: dict[str, tuple[int, int]]) -> str:
    """Why a typed number has no place among matrices of these shapes, by symbol; '' where it has one."""
    if typed.matrix not in shapes:
        return f"there is no matrix {typed.matrix} in this net"
    rows, columns = shapes[typed.matrix]
    if typed.row < rows and typed.column < columns:
        return ""
    return f"{typed.matrix} has {_count(rows, 'row')} and {_count(columns, 'column')}; ({typed.row}, {typed.column}) is outside"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def material(study: Study) -> tuple[Net, np.ndarray, np.ndarray]:
    """Net, inputs (batch, inputs) and targets (batch, outputs) of a study, float64, with what the visitor typed put in.

    Weights are drawn by layer from one generator of the seed, after the examples.
    Raises ValueError in one sentence where a typed number has no place, or where a net that was brought is gone.
    """
    net, x, t = _brought(study) if study.examples == "brought" else _drawn(study)
    named = {f"W{n}": w for n, w in enumerate(net.weights, 1)} | {f"b{n}": b[None] for n, b in enumerate(net.biases, 1)}
    named |= {"X": x, "T": t}
    shapes = {symbol: matrix.shape for symbol, matrix in named.items()}
    for typed in study.typed:
        if wrong := misplaced(typed, shapes):
            raise ValueError(wrong)
        named[typed.matrix][typed.row, typed.column] = typed.value
    return net, x, signed(t, net.cost)


def _brought(study: Study) -> tuple[Net, np.ndarray, np.ndarray]:
    """Copies in float64, so that nobody types over what is kept."""
    found = find(study.brought)
    if found is None:
        raise ValueError("the net you brought is no longer in memory; bring it again from the Network or the Digits page")
    net = found.net
    weights, biases = (tuple(part.astype(np.float64) for part in parts) for parts in (net.weights, net.biases))
    return Net(weights, biases, net.activations, net.cost, study.train_biases), found.x.astype(float), found.t.astype(float)


def _drawn(study: Study) -> tuple[Net, np.ndarray, np.ndarray]:
    entry = EXAMPLES[study.examples]
    rng = np.random.default_rng(study.seed)
    x, t = entry.draw(rng, study.batch, study.inputs, study.outputs)
    draw = INITIALIZERS[study.initializer.key].draw
    weights = [draw(rng, i, o, study.initializer.settings) for i, o in pairwise(study.widths)]
    biases = [np.zeros(o) for o in study.widths[1:]]
    if study.published:
        weights, biases = [np.array(w) for w in entry.weights], [np.array(b) for b in entry.biases]
    keys = tuple([*(layer.activation for layer in study.layers), study.output_used])
    return Net(tuple(weights), tuple(biases), keys, study.cost, study.train_biases), x, t


def taken(study: Study, t: np.ndarray) -> str:
    """What the cost made of typed targets that it does not take as they are, in a sentence; '' where there are none.

    t: (batch, outputs) as `material` returns them.
    """
    cost = study.cost
    if study.examples == "brought":
        found = find(study.brought)
        cost = found.net.cost if found else cost
    typed = [entry for entry in study.typed if entry.matrix == "T"]
    if cost == "softmax_cross_entropy" and typed:
        rows = sorted({entry.row for entry in typed})
        told = [f"example {row + 1} counts as class {int(t[row].argmax()) + 1}" for row in rows]
        return f"This cost takes a single 1 in each row of targets, at the first of the largest: {_few(told)}."
    told = [
        f"{entry.value:g} counts as {t[entry.row, entry.column]:g}" for entry in typed if entry.value != t[entry.row, entry.column]
    ]
    return f"This cost takes targets of -1 and 1, and above 0.5 means 1: {_few(list(dict.fromkeys(told)))}." if told else ""


def _few(told: list[str], most: int = 4) -> str:
    return ", ".join(told[:most]) + (f", and {len(told) - most} more" if len(told) > most else "")


def signed(t: np.ndarray, cost: str) -> np.ndarray:
    """Targets as the cost takes them: -1 and 1 where it tells two classes apart (logistic cross-entropy, hinge), else as they are.

    Over classes a row has to sum to 1: where none is 1 the first is, where several are the first of them.
    """
    if cost in CLASS_LOSSES and cost == "softmax_cross_entropy":
        return np.eye(t.shape[1])[t.argmax(1)]
    if cost in LOSSES and not LOSSES[cost].regression:
        return np.where(t > 0.5, 1.0, -1.0)
    return t
