"""Race: the one validated, frozen, serialisable description of runners on a surface.

Controls edit it, links and files carry it, `run_race` runs it, the export repeats it. Every bound is here.
A step here sees the whole surface, so schedules and momentum ramps count steps where nets count epochs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, field_validator

from engines.descriptions import MAX_SEED, Choice, Description, Frozen
from engines.optimizers import OPTIMIZERS
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES

MAX_RUNNERS, MAX_RING = 24, 32
MAX_STEPS, MIN_STEPS = 2000, 10
MAX_FORMULA = 300
LARGEST_PLACE, LARGEST_WINDOW = 1e6, 1e4
RING_SHARE = 0.1
"""Radius of the usual ring of starts, as a share of the domain's diagonal."""
USUAL = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam")


def _six_digits(value: float) -> float:
    """What a link can carry and the screen shows, so that both agree to the bit; no negative zero."""
    return float(f"{value:.6g}") + 0.0


Place = Annotated[float, Field(ge=-LARGEST_PLACE, le=LARGEST_PLACE), AfterValidator(_six_digits)]
Edge = Annotated[float, Field(ge=-LARGEST_WINDOW, le=LARGEST_WINDOW), AfterValidator(_six_digits)]
Radius = Annotated[float, Field(ge=1e-6, le=LARGEST_PLACE), AfterValidator(_six_digits)]


class Runner(Frozen):
    """One optimizer on the surface, with its own settings, learning rate and schedule (in steps)."""

    optimizer: Choice = Choice(key="adam")
    learning_rate: float = Field(0.01, ge=1e-6, le=100)
    schedule: Choice = Choice(key="constant")

    @field_validator("optimizer")
    @classmethod
    def _optimizer(cls, choice: Choice) -> Choice:
        return choice.on(OPTIMIZERS)

    @field_validator("schedule")
    @classmethod
    def _schedule(cls, choice: Choice) -> Choice:
        return choice.on(SCHEDULES)


class Race(Description):
    """Surface, runners, where they start, noise, how many steps, seed.

    formula, window: what the visitor typed and the part of the plane it is drawn on (x_low, x_high, y_low, y_high), used by
    the surface 'formula'. landscape: token of a slice of the visitor's own net, used by the surface 'landscape'.
    ring: 0 is one start; else that many on a circle of `ring_radius` around `start`.
    noise: standard deviation of what is added to each component of each gradient. glance: digits in a mini-batch on
    'two_weights', 0 is all. Optimizers that see the full batch always get the exact gradient.
    """

    noun: ClassVar[str] = "race"

    kind: Literal["race"] = "race"
    version: Literal[1] = 1
    surface: Choice = Choice(key="saddle")
    formula: str = Field("x^2 - y^2", max_length=MAX_FORMULA)
    window: tuple[Edge, Edge, Edge, Edge] = (-3.0, 3.0, -3.0, 3.0)
    landscape: str = Field("", max_length=40)
    runners: tuple[Runner, ...] = Field(
        default_factory=lambda: default_runners("saddle"), min_length=1, max_length=MAX_RUNNERS, validate_default=False
    )
    start: tuple[Place, Place] = Field(default_factory=lambda: SURFACES["saddle"].start)
    ring: int = Field(0, ge=0, le=MAX_RING)
    ring_radius: Radius = Field(default_factory=lambda: usual_radius(SURFACES["saddle"].domain))
    noise: float = Field(0.0, ge=0, le=10)
    glance: int = Field(0, ge=0, le=500)
    steps: int = Field(300, ge=MIN_STEPS, le=MAX_STEPS)
    seed: int = Field(0, ge=0, le=MAX_SEED)

    @field_validator("surface")
    @classmethod
    def _surface(cls, choice: Choice) -> Choice:
        return choice.on(SURFACES)

    @field_validator("formula")
    @classmethod
    def _one_line(cls, text: str) -> str:
        """Spaces and line breaks mean nothing, so a link need not carry them."""
        line = " ".join(text.split())
        if not line:
            raise ValueError("there is nothing yet; type a formula of x and y, such as x^2 - y^2")
        return line

    @field_validator("landscape")
    @classmethod
    def _token(cls, token: str) -> str:
        if not all(c.isascii() and (c.isalnum() or c in "_-") for c in token):
            raise ValueError("it may hold letters, digits, - and _ only")
        return token

    @field_validator("window")
    @classmethod
    def _open(cls, window: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        for name, low, high in (("x", *window[:2]), ("y", *window[2:])):
            # a window narrower than this would be only a few float32 numbers wide
            if high - low < 1e-3 * max(1.0, abs(low), abs(high)):
                raise ValueError(f"{name} has to run from a lower to a clearly higher number, not from {low:g} to {high:g}")
        return window

    @property
    def page(self) -> str:
        """Key of the page that shows it."""
        return "descent"

    @property
    def subject(self) -> tuple[Any, ...]:
        """What is looked at, whoever runs there."""
        entry = SURFACES[self.surface.key]
        return entry.key, self.formula if entry.typed else "", self.landscape if entry.sliced else ""

    @property
    def starts(self) -> tuple[tuple[float, float], ...]:
        """Where runners start, (x, y) each: `start` alone, or the ring around it, anticlockwise from the right."""
        (x, y), radius = self.start, self.ring_radius
        angles = (2 * math.pi * i / self.ring for i in range(self.ring))
        ring = tuple((_six_digits(x + radius * math.cos(a)), _six_digits(y + radius * math.sin(a))) for a in angles)
        return ring or (self.start,)


def default_runners(surface: str, optimizers: Iterable[str] = USUAL) -> tuple[Runner, ...]:
    """The usual runners (or those of `optimizers`, by key) with rates that show them well on the surface with this key."""
    rates = SURFACES[surface].rates
    return tuple(
        Runner(optimizer=Choice(key=key), learning_rate=rates.get(key, OPTIMIZERS[key].learning_rate)) for key in optimizers
    )


def all_runners(surface: str) -> tuple[Runner, ...]:
    """Every optimizer of the table, with rates as in `default_runners`."""
    return default_runners(surface, OPTIMIZERS)


def usual_radius(domain: tuple[float, float, float, float]) -> float:
    """Radius of a ring that lies well on a domain (x low, x high, y low, y high): a 1, 2 or 5 with zeros, at most RING_SHARE."""
    left, right, low, high = domain
    most = RING_SHARE * math.hypot(right - left, high - low)
    power = 10.0 ** math.floor(math.log10(most))
    return _six_digits(max(digit * power for digit in (1, 2, 5) if digit == 1 or digit * power <= most))


def moved(race: Race, surface: str) -> Race:
    """The same runners on the surface with this key, from its own start or ring, with the rates that show them well there.

    The race itself where it is on that surface already.
    """
    if race.surface.key == surface:
        return race
    usual = default_runners(surface, [runner.optimizer.key for runner in race.runners])
    runners = [r.model_copy(update={"learning_rate": u.learning_rate}) for r, u in zip(race.runners, usual, strict=True)]
    entry = SURFACES[surface]
    radius = usual_radius(race.window if entry.typed else entry.domain)
    return race.change(surface=Choice(key=surface), runners=runners, start=entry.start, ring_radius=radius)


def race_on(surface: str, **changes: Any) -> Race:
    """The usual race on the surface with this key, from its own start; `changes` as for `Race.change`."""
    return moved(Race(), surface).change(**changes)
