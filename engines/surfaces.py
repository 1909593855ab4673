"""Loss surfaces over the plane: what the Descent page races on. Heights are elementwise in jnp, for x and y of any one shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from engines.descent import two_weights
from engines.lazy import jnp
from engines.tables import Entry, Setting, Table

Array = Any
Point = tuple[float, float]
Points = tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Surface(Entry):
    """height(x, y, params) -> heights, elementwise; params holds the entry's settings and what `data` gives, traced.

    domain: x low, x high, y low, y high: the part worth showing. start: a good first one.
    minima: the lowest points of the domain; valleys: minima above those; saddles, peaks: the other level points in the domain.
    code: the height as a jnp expression of x, y and {params}, for exported scripts; '' where there is none.
    rates: optimizer key -> a learning rate that shows it well here; the others take their table's.
    names: of the two coordinates. data: what else height needs, read when first asked for.
    glance(x, y, params, rng, count): the height seen in `count` examples drawn at random, where there are examples.
    typed, sliced: the height comes from what the visitor types, or from a slice of a net's landscape; `height` raises.
    """

    height: Callable[[Array, Array, Mapping[str, Array]], Array]
    domain: tuple[float, float, float, float]
    start: Point
    code: str = ""
    minima: Points = ()
    valleys: Points = ()
    saddles: Points = ()
    peaks: Points = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, str] = ("x", "y")
    data: Callable[[], Mapping[str, np.ndarray]] | None = None
    glance: Callable[[Array, Array, Mapping[str, Array], Array, Array], Array] | None = None
    typed: bool = False
    sliced: bool = False

    def params(self, settings: Mapping[str, float]) -> dict[str, np.ndarray]:
        """What `height` reads: the settings as float32 scalars (defaults where missing) and the entry's data."""
        own = {key: np.float32(value) for key, value in {**self.defaults(), **settings}.items()}
        return {**own, **(self.data() if self.data else {})}


def _saddle(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return x**2 - y**2


def _monkey_saddle(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return x**3 - 3 * x * y**2


def _long_valley(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return 5 * y**2 + (x**2 - 4) ** 2 / 64


def _beale(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _rosenbrock(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _himmelblau(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _rastrigin(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return 20 + x**2 - 10 * jnp.cos(2 * jnp.pi * x) + y**2 - 10 * jnp.cos(2 * jnp.pi * y)


def _ackley(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    # The tip is a cone: 1e-20 under the root keeps its gradient 0 there instead of 0/0.
    waves = jnp.exp(0.5 * (jnp.cos(2 * jnp.pi * x) + jnp.cos(2 * jnp.pi * y)))
    return 20 + jnp.e - 20 * jnp.exp(-0.2 * jnp.sqrt(0.5 * (x**2 + y**2) + 1e-20)) - waves


def _styblinski_tang(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return 0.5 * (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y)


def _cliff(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    bowl = 0.5 * (1 + jnp.tanh(3 * x - 1.5))
    return (1 - bowl) * (3 - 0.02 * x + 0.01 * y**2) + bowl * (0.5 * (x - 2) ** 2 + 0.5 * y**2)


def _steps(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    distance = jnp.sqrt((x - 3) ** 2 + 0.25) - 0.5
    return distance + 0.95 * jnp.sin(2 * jnp.pi * distance) / (2 * jnp.pi) + 2 * y**2


def _quadratic(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    return 5 * (x**2 / params["condition"] + y**2)


def _elsewhere(x: Array, y: Array, params: Mapping[str, Array]) -> Array:
    raise ValueError("this surface's height comes from what the visitor brings: see engines.descent.terrain.terrain_of")


def _mirrored(*points: Point) -> Points:
    """Each point and its images under x -> -x, y -> -y and x <-> y: the level points of a surface with a square's symmetry."""
    images = ((s * a, t * b) for x, y in points for a, b in ((x, y), (y, x)) for s, t in product((1, -1), (1, -1)))
    return tuple(dict.fromkeys((x + 0.0, y + 0.0) for x, y in images))


def _rates(
    plain: float, *, momentum: float, adagrad: float, adadelta: float, rmsprop: float, adam: float, lion: float
) -> dict[str, float]:
    """Learning rates by optimizer key, found by trying: without being thrown, most get somewhere within 300 steps."""
    kin = dict.fromkeys(("gradient_descent", "sgd"), plain) | dict.fromkeys(("momentum", "nesterov"), momentum)
    kin |= dict.fromkeys(("adam", "adamw", "nadam"), adam)
    return {**kin, "adagrad": adagrad, "adadelta": adadelta, "rmsprop": rmsprop, "lion": lion}


def _pairs(first: tuple[float, ...], second: tuple[float, ...]) -> Points:
    """Every (a, b) and (b, a) with a of `first` and b of `second`: the level points of f(x) + f(y) from those of f."""
    return tuple(dict.fromkeys([*product(first, second), *product(second, first)]))


# Where the derivatives of Rastrigin's and of Styblinski and Tang's one-dimensional sums are 0.
_RASTRIGIN_LOW = (0.0, 0.994958638, -0.994958638, 1.989912238, -1.989912238, 2.984855701, -2.984855701)
_RASTRIGIN_HIGH = (0.502546037, -0.502546037, 1.507640732, -1.507640732, 2.512743318, -2.512743318)
_STYBLINSKI_LOW, _STYBLINSKI_SIDE, _STYBLINSKI_HIGH = -2.903534028, 2.746802773, 0.156731255

# Ackley's level points in one eighth of the plane, found numerically in double precision, the minimum left out.
_ACKLEY_LOW = (
    (0.952166546, 0.0), (0.968477659, 0.968477659), (1.958919718, 0.0), (1.964616663, 0.982416035), (1.974451986, 1.974451986),
    (2.964619443, 0.0), (2.967259529, 0.989154186), (2.973139420, 1.982139950), (2.979223955, 2.979223955),
)  # fmt: skip
_ACKLEY_SADDLE = (
    (0.625780617, 0.0), (0.874762039, 0.577412535), (1.610296021, 0.0), (1.595028924, 0.945898493), (1.855976709, 0.536497238),
    (1.916166849, 1.567450253), (2.596594634, 0.0), (2.589549377, 0.968048230), (2.885111852, 0.518961850),
    (2.573348375, 1.945428382), (2.911608280, 1.545135902), (2.935272878, 2.555968410),
)  # fmt: skip
_ACKLEY_HIGH = (
    (0.673096520, 0.673096520), (1.773445149, 0.549585814), (1.651848146, 1.651848146), (2.741595535, 0.530976446),
    (2.686140883, 1.591838713), (2.632172109, 2.632172109),
)  # fmt: skip

SURFACES: Table[Surface] = Table(
    "surfaces",
    [
        Surface(
            key="saddle",
            label="Saddle",
            help="Down to the middle along x, away from it along y: who leaves first?",
            formula="x^2 - y^2",
            source="After Radford 2014, Visualizing optimization algos; Dauphin et al. 2014 on saddle points",
            height=_saddle,
            code="x**2 - y**2",
            domain=(-2, 2, -2, 2),
            start=(-1.5, -0.01),
            rates=_rates(0.02, momentum=0.005, adagrad=0.07, adadelta=0.15, rmsprop=0.015, adam=0.015, lion=0.02),
            saddles=((0, 0),),
        ),
        Surface(
            key="monkey_saddle",
            label="Monkey saddle",
            help="Three valleys and three ridges meet, and even the curvature is 0 there.",
            formula="x^3 - 3xy^2",
            source="Hilbert & Cohn-Vossen 1932, Anschauliche Geometrie, section 29",
            height=_monkey_saddle,
            code="x**3 - 3 * x * y**2",
            domain=(-1.5, 1.5, -1.5, 1.5),
            start=(1.2, 0.001),
            rates=_rates(0.03, momentum=0.005, adagrad=0.05, adadelta=0.05, rmsprop=0.01, adam=0.015, lion=0.015),
            saddles=((0, 0),),
        ),
        Surface(
            key="long_valley",
            label="Long valley",
            help="Steep walls, an almost level floor: plain descent bounces off the walls and hardly moves along.",
            formula=r"5y^2 + \tfrac{1}{64}(x^2 - 4)^2",
            source="After Radford 2014, Visualizing optimization algos; floor: a double well",
            height=_long_valley,
            code="5 * y**2 + (x**2 - 4) ** 2 / 64",
            domain=(-3, 3, -2, 2),
            start=(0.02, 1.5),
            rates=_rates(0.1, momentum=0.03, adagrad=0.1, adadelta=3, rmsprop=0.015, adam=0.02, lion=0.03),
            minima=((2, 0), (-2, 0)),
            saddles=((0, 0),),
        ),
        Surface(
            key="beale",
            label="Beale",
            help="Flat in the middle, huge at the corners: large first gradients throw fast runners.",
            formula=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
            source="Beale 1958; no. 5 of Moré, Garbow & Hillstrom 1981",
            height=_beale,
            code="(1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2",
            domain=(-4.5, 4.5, -4.5, 4.5),
            start=(1.0, 1.5),
            rates=_rates(0.015, momentum=0.002, adagrad=0.7, adadelta=5, rmsprop=0.05, adam=0.2, lion=0.05) | {"adamw": 0.3},
            minima=((3, 0.5),),
            saddles=((0, 1), (0.100537937, -2.644513585)),
        ),
        Surface(
            key="rosenbrock",
            label="Rosenbrock",
            help="A banana-shaped valley: easy to find, slow to follow.",
            formula="(1 - x)^2 + 100(y - x^2)^2",
            source="Rosenbrock 1960",
            height=_rosenbrock,
            code="(1 - x) ** 2 + 100 * (y - x**2) ** 2",
            domain=(-2, 2, -1, 3),
            start=(-1.2, 1.0),
            rates=_rates(0.002, momentum=0.0015, adagrad=1, adadelta=5, rmsprop=0.02, adam=0.5, lion=0.01)
            | {"adamw": 0.3, "nadam": 0.15},
            minima=((1, 1),),
        ),
        Surface(
            key="himmelblau",
            label="Himmelblau",
            help="Four equal minima: where a runner ends depends on where it starts.",
            formula="(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
            source="Himmelblau 1972, Applied Nonlinear Programming",
            height=_himmelblau,
            code="(x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2",
            domain=(-5, 5, -5, 5),
            start=(-0.2, -1.2),
            rates=_rates(0.001, momentum=0.0003, adagrad=0.15, adadelta=0.7, rmsprop=0.03, adam=0.03, lion=0.03),
            minima=((3, 2), (-2.805118087, 3.131312518), (-3.779310253, -3.283185991), (3.584428340, -1.848126527)),
            saddles=(
                (3.385154184, 0.073851880),
                (0.086677505, 2.884254701),
                (-3.073025751, -0.081353044),
                (-0.127961347, -1.953714981),
            ),
            peaks=((-0.270844591, -0.923038556),),
        ),
        Surface(
            key="rastrigin",
            label="Rastrigin",
            help="An egg box on a bowl: a trap at every step, the lowest in the middle.",
            formula=r"20 + x^2 - 10\cos 2\pi x + y^2 - 10\cos 2\pi y",
            source="Rastrigin 1974, Systems of Extremal Control",
            height=_rastrigin,
            code="20 + x**2 - 10 * jnp.cos(2 * jnp.pi * x) + y**2 - 10 * jnp.cos(2 * jnp.pi * y)",
            domain=(-3.2, 3.2, -3.2, 3.2),
            start=(2.4, 1.7),
            rates=_rates(0.001, momentum=0.005, adagrad=2, adadelta=1, rmsprop=0.02, adam=0.1, lion=0.02) | {"nesterov": 0.003},
            minima=((0, 0),),
            valleys=_pairs(_RASTRIGIN_LOW, _RASTRIGIN_LOW)[1:],
            saddles=_pairs(_RASTRIGIN_LOW, _RASTRIGIN_HIGH),
            peaks=_pairs(_RASTRIGIN_HIGH, _RASTRIGIN_HIGH),
        ),
        Surface(
            key="ackley",
            label="Ackley",
            help="Ripples on a funnel with a sharp tip.",
            formula=r"20 + e - 20 e^{-0.2\sqrt{(x^2 + y^2)/2}} - e^{(\cos 2\pi x + \cos 2\pi y)/2}",
            source="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing",
            height=_ackley,
            code="20 + jnp.e - 20 * jnp.exp(-0.2 * jnp.sqrt(0.5 * (x**2 + y**2) + 1e-20))"
            " - jnp.exp(0.5 * (jnp.cos(2 * jnp.pi * x) + jnp.cos(2 * jnp.pi * y)))",
            domain=(-3.2, 3.2, -3.2, 3.2),
            start=(2.4, 1.7),
            rates=_rates(0.01, momentum=0.02, adagrad=2, adadelta=1, rmsprop=0.2, adam=0.7, lion=0.02) | {"nadam": 0.5},
            minima=((0, 0),),
            valleys=_mirrored(*_ACKLEY_LOW),
            saddles=_mirrored(*_ACKLEY_SADDLE),
            peaks=_mirrored(*_ACKLEY_HIGH),
        ),
        Surface(
            key="styblinski_tang",
            label="Styblinski-Tang",
            help="Four minima, one the deepest; the middle is a hilltop.",
            formula=r"\tfrac{1}{2}(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y)",
            source="Styblinski & Tang 1990",
            height=_styblinski_tang,
            code="0.5 * (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y)",
            domain=(-5, 5, -5, 5),
            start=(0.2, 0.1),
            rates=_rates(0.0015, momentum=0.0003, adagrad=0.1, adadelta=2, rmsprop=0.02, adam=0.02, lion=0.03),
            minima=((_STYBLINSKI_LOW, _STYBLINSKI_LOW),),
            valleys=(*_pairs((_STYBLINSKI_LOW,), (_STYBLINSKI_SIDE,)), (_STYBLINSKI_SIDE, _STYBLINSKI_SIDE)),
            saddles=_pairs((_STYBLINSKI_LOW, _STYBLINSKI_SIDE), (_STYBLINSKI_HIGH,)),
            peaks=((_STYBLINSKI_HIGH, _STYBLINSKI_HIGH),),
        ),
        Surface(
            key="cliff",
            label="Plateau with a cliff",
            help="Hardly any slope, then a drop: a rate that crosses the plateau is thrown at the edge.",
            formula=r"(1 - b)(3 - \tfrac{x}{50} + \tfrac{y^2}{100}) + \tfrac{b}{2}((x - 2)^2 + y^2),\quad"
            r" b = \tfrac{1}{1 + e^{3 - 6x}}",
            source="After Pascanu, Mikolov & Bengio 2013, figure 6, and Goodfellow, Bengio & Courville 2016, section 8.2.4",
            height=_cliff,
            code="0.5 * (1 - jnp.tanh(3 * x - 1.5)) * (3 - 0.02 * x + 0.01 * y**2)"
            " + 0.25 * (1 + jnp.tanh(3 * x - 1.5)) * ((x - 2) ** 2 + y**2)",
            domain=(-4, 4, -4, 4),
            start=(-2.0, 1.5),
            rates=_rates(0.5, momentum=0.1, adagrad=0.15, adadelta=3, rmsprop=0.03, adam=0.03, lion=0.05),
            minima=((2.002165603, 0),),
        ),
        Surface(
            key="steps",
            label="Ravine with steps",
            help="A ravine whose floor is a staircase: level landings, then drops.",
            formula=r"s + 0.95\,\tfrac{\sin 2\pi s}{2\pi} + 2y^2,\quad s = \sqrt{(x - 3)^2 + \tfrac{1}{4}} - \tfrac{1}{2}",
            source="After Sutskever et al. 2013 (ravines) and Dauphin et al. 2014 (plateaus); own formula",
            height=_steps,
            code="(lambda s: s + 0.95 * jnp.sin(2 * jnp.pi * s) / (2 * jnp.pi) + 2 * y**2)(jnp.sqrt((x - 3) ** 2 + 0.25) - 0.5)",
            domain=(-4, 4, -4, 4),
            start=(-3.0, 1.5),
            rates=_rates(0.15, momentum=0.03, adagrad=0.5, adadelta=10, rmsprop=0.1, adam=0.07, lion=0.1),
            minima=((3, 0),),
        ),
        Surface(
            key="quadratic",
            label="Ill-conditioned bowl",
            help="Steep across, shallow along; the condition number is the ratio of the two curvatures.",
            formula=r"5(x^2 / \kappa + y^2)",
            source="Polyak 1964; Goh 2017, Why momentum really works",
            settings=(
                Setting(
                    key="condition",
                    label="Condition number κ",
                    default=50,
                    low=1,
                    high=1000,
                    log=True,
                    help="Curvature across the bowl (always 10) over curvature along it.",
                ),
            ),
            height=_quadratic,
            code="5 * (x**2 / {condition} + y**2)",
            domain=(-3, 3, -3, 3),
            start=(-2.5, 1.0),
            rates=_rates(0.1, momentum=0.015, adagrad=0.2, adadelta=5, rmsprop=0.03, adam=0.03, lion=0.03),
            minima=((0, 0),),
        ),
        Surface(
            key="two_weights",
            label="Net with two weights",
            help="The loss of a real net: ink in the middle of 1,000 handwritten zeros and ones, two weights, tanh.",
            formula=two_weights.FORMULA,
            source="Own; LeCun, Cortes & Burges for the digits; Baldi & Hornik 1989 on the saddle at 0",
            height=two_weights.height,
            code=two_weights.CODE,
            domain=(-3, 3, -3, 3),
            start=(-1.5, 1.82),
            rates=_rates(0.3, momentum=0.03, adagrad=0.5, adadelta=5, rmsprop=0.05, adam=0.07, lion=0.01),
            minima=((1.368988709, 1.279600306), (-1.368988709, -1.279600306)),
            saddles=((0, 0),),
            names=("w₁", "w₂"),
            data=two_weights.data,
            glance=two_weights.glance,
        ),
        Surface(
            key="formula",
            label="Your formula",
            help="Type the height as a formula of x and y.",
            formula=r"h(x, y) = \ldots",
            source="The visitor",
            height=_elsewhere,
            domain=(-3, 3, -3, 3),
            start=(-1.5, 0.5),
            rates=_rates(0.02, momentum=0.005, adagrad=0.1, adadelta=1, rmsprop=0.02, adam=0.02, lion=0.02),
            typed=True,
        ),
        Surface(
            key="landscape",
            label="Your own net's landscape",
            help="A slice of the loss around the weights of a net you trained on Network or Digits.",
            formula=r"L(w + \alpha a + \beta b)",
            source="Li et al. 2018, Visualizing the loss landscape of neural nets",
            height=_elsewhere,
            domain=(-1, 1, -1, 1),
            start=(0.5, 0.5),
            rates=_rates(0.02, momentum=0.005, adagrad=0.1, adadelta=1, rmsprop=0.02, adam=0.02, lion=0.02),
            names=("α", "β"),
            sliced=True,
        ),
    ],
)
