"""Races worth starting from: each shows one thing, and says what to look at and what to try. They join `engines.presets`."""

from __future__ import annotations

from typing import Any

from engines.descent.race import Race, Runner, race_on
from engines.descriptions import Choice, Preset


def _runner(optimizer: str, learning_rate: float, **settings: float) -> Runner:
    return Runner(optimizer=Choice(key=optimizer, settings=settings), learning_rate=learning_rate)


def _runners(**rates: float) -> list[Runner]:
    """Runners with their usual settings, by optimizer key and rate."""
    return [_runner(key, rate) for key, rate in rates.items()]


def _race(surface: str, start: tuple[float, float], *runners: Runner, **changes: Any) -> Race:
    """A race of these runners; `changes` as for `Race.change`. Start and rates stand here: what a preset says depends on them."""
    return race_on(surface, start=start, runners=runners, **changes)


_RADFORD = "After Radford 2014, Visualizing optimization algos"

RACES = (
    Preset(
        key="descent-saddle",
        label="Leaving a saddle",
        help="Momentum and the adaptive runners slip off the saddle; SGD lingers longest. Then start on the ridge: y = 0.",
        source=_RADFORD,
        experiment=_race(
            "saddle",
            (-1.5, -0.01),
            *_runners(sgd=0.01, momentum=0.005, nesterov=0.005, adagrad=0.1, adadelta=0.5, rmsprop=0.02, adam=0.02),
            steps=250,
        ),
    ),
    Preset(
        key="descent-valley",
        label="A long valley",
        help="SGD drops onto the saddle in the middle and waits. RMSprop, Adam and AdaGrad cut the corner. Try SGD with 0.21.",
        source=_RADFORD,
        experiment=_race(
            "long_valley",
            (0.02, 1.5),
            *_runners(sgd=0.15, momentum=0.02, nesterov=0.02, adagrad=0.1, adadelta=3, rmsprop=0.01, adam=0.02),
            steps=200,
        ),
    ),
    Preset(
        key="descent-beale",
        label="Beale: huge first gradients",
        help="Momentum shoots far past and turns around; AdaGrad hardly overshoots. Then give momentum a rate of 0.01.",
        source=_RADFORD,
        experiment=_race(
            "beale",
            (1.0, 1.5),
            *_runners(sgd=0.01, momentum=0.002, nesterov=0.002, adagrad=1, adadelta=5, rmsprop=0.02, adam=0.1),
        ),
    ),
    Preset(
        key="descent-two-weights",
        label="The mountain of a net with two weights",
        help="Two valleys, one the mirror of the other: from one start runners part. Start exactly at 0, and nobody ever leaves.",
        source="Baldi & Hornik 1989 on the saddle; LeCun, Cortes & Burges for the digits",
        experiment=_race(
            "two_weights",
            (0.3, -0.3),
            *_runners(sgd=0.2, momentum=0.02, nesterov=0.02, adagrad=0.5, adadelta=5, rmsprop=0.05, adam=0.05),
            steps=200,
        ),
    ),
    Preset(
        key="descent-zigzag",
        label="Zigzag without momentum",
        help="SGD with 0.19 bounces from wall to wall; with 0.02 it is calm and hardly moves. Momentum needs a third of the steps.",
        source="Polyak 1964; Goh 2017, Why momentum really works",
        experiment=_race(
            "quadratic",
            (-2.5, 1.0),
            _runner("sgd", 0.19),
            _runner("sgd", 0.02),
            _runner("momentum", 0.05),
            surface__settings__condition=200,
            steps=400,
        ),
    ),
    Preset(
        key="descent-too-big",
        label="Too big a step down",
        help="The largest curvature is 10, so 2/10 = 0.2 is the largest stable rate: 0.19 holds, 0.21 is thrown off. Try 0.201.",
        source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
        experiment=_race("quadratic", (-2.5, 1.0), _runner("sgd", 0.1), _runner("sgd", 0.19), _runner("sgd", 0.21), steps=150),
    ),
    Preset(
        key="descent-schedule",
        label="Momentum from 0.5 to 0.99",
        help="0.99 at once rattles about; rising to it in 100 steps is calm, and at the goal before 0.9. Try 300 steps.",
        source="Sutskever, Martens, Dahl & Hinton 2013",
        experiment=_race(
            "long_valley",
            (0.02, 1.5),
            _runner("momentum", 0.01, momentum=0.9),
            _runner("momentum", 0.01, momentum=0.99),
            _runner("momentum", 0.01, momentum=0.99, start=0.5, ramp=100),
            steps=185,
        ),
    ),
    Preset(
        key="descent-nesterov",
        label="Jump first, correct after",
        help="Same rate, same momentum: Nesterov settles in half the steps, on half the way. Try the rate 0.3 for both.",
        source="Nesterov 1983; Sutskever, Martens, Dahl & Hinton 2013",
        experiment=_race("quadratic", (-2.5, 1.0), *_runners(momentum=0.08, nesterov=0.08), steps=100),
    ),
    Preset(
        key="descent-noise",
        label="Exactly on the saddle",
        help="The gradient is 0 here: full-batch descent never moves, a little noise frees the others. Then set the noise to 0.",
        source="Ge, Huang, Jin & Yuan 2015, Escaping from saddle points",
        experiment=_race(
            "saddle",
            (0, 0),
            *_runners(gradient_descent=0.01, sgd=0.01, momentum=0.005, nesterov=0.005, adagrad=0.1, rmsprop=0.02, adam=0.02),
            noise=0.05,
            steps=250,
        ),
    ),
    Preset(
        key="descent-ring",
        label="Sixteen starts, four minima",
        help="From around the hilltop SGD finds all four minima: where it starts decides. Turn the ring's radius up.",
        source="Himmelblau 1972",
        experiment=_race(
            "himmelblau",
            (-0.27, -0.92),
            _runner("sgd", 0.005),
            ring=16,
            ring_radius=1.0,
            steps=80,
        ),
    ),
    Preset(
        key="descent-plateau",
        label="Across a plateau",
        help="RMSprop divides by its running r.m.s., so a tiny slope makes a full step; SGD crawls. Try 0.5 for SGD: still slower.",
        source="Tieleman & Hinton 2012, lecture 6.5",
        experiment=_race("cliff", (-2.0, 1.5), *_runners(sgd=0.1, rmsprop=0.05)),
    ),
    Preset(
        key="descent-glance",
        label="A short glance",
        help="SGD looks at 5 digits a step, gradient descent at all 1,000: wobbly, and there after about as many steps.",
        source="Robbins & Monro 1951; Bottou 2010",
        experiment=_race("two_weights", (-1.5, 1.0), *_runners(gradient_descent=0.5, sgd=0.5), glance=5, steps=100),
    ),
    Preset(
        key="descent-formula",
        label="Your own mountain",
        help="A formula with two valleys: momentum rolls over the hump into the deeper one. Change the formula to see your own.",
        source="Own formula: a tilted double well",
        experiment=_race(
            "formula",
            (2.6, 1.5),
            *_runners(sgd=0.02, momentum=0.02, nesterov=0.02, adam=0.02),
            formula="x^4/4 - x^2 + x/4 + y^2",
            window=(-3, 3, -2, 2),
            steps=150,
        ),
    ),
)
