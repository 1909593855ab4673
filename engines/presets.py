"""Experiments, races and studies worth starting from: the table. Each shows one thing, and says what to look at and what to try."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engines.descent.presets import RACES
from engines.descriptions import Preset
from engines.experiment import Experiment
from engines.nets.presets_digits import DIGITS
from engines.nets.presets_text import TEXTS
from engines.tables import Table
from engines.trace.presets import STUDIES


def _layers(activation: str, units: Iterable[int], **more: Any) -> list[dict[str, Any]]:
    return [{"units": n, "activation": activation} | more for n in units]


def _plane(source: str, layers: list[dict[str, Any]], epochs: int, **changes: Any) -> Experiment:
    """An experiment on generated points; `changes` as for `Experiment.change`."""
    return Experiment().change(data__source=source, net__layers=layers, epochs=epochs, **changes)


def _choice(key: str, **settings: float) -> dict[str, Any]:
    return {"key": key, "settings": settings}


_PLAYGROUND = "TensorFlow Playground (Smilkov & Carter 2016)"
_MINSKY = "Minsky & Papert 1969; Rumelhart, Hinton & Williams 1986"

PRESETS: Table[Preset] = Table(
    "presets",
    [
        Preset(
            key="xor",
            label="XOR with one hidden layer",
            help="Four units bend two lines around the corners. Take units away: with one it cannot be done.",
            source=_MINSKY,
            experiment=_plane("xor", _layers("tanh", [4]), 300),
        ),
        Preset(
            key="circle",
            label="A circle out of lines",
            help="Hover over the hidden units: each is one soft edge, together they close around the middle. Try two units.",
            source=_PLAYGROUND,
            experiment=_plane("circle", _layers("tanh", [4, 2]), 200),
        ),
        Preset(
            key="features",
            label="A circle with the right inputs",
            help="No hidden layer at all: x² and y² already hold the answer. Then take them away, and nothing is left.",
            source=_PLAYGROUND,
            experiment=_plane("circle", [], 200, net__inputs=["x2", "y2"], cost="cross_entropy"),
        ),
        Preset(
            key="linear",
            label="A linear net cannot",
            help="Four hidden layers, and still one straight edge: linear layers collapse into one. Change one layer to tanh.",
            source="Minsky & Papert 1969",
            experiment=_plane("circle", _layers("linear", [8, 8, 8, 8]), 200, learning_rate=0.003),
        ),
        Preset(
            key="spiral",
            label="Spiral",
            help="Two layers of eight wind around the arms. Watch the first layer make stripes, the second curls.",
            source=_PLAYGROUND,
            experiment=_plane("spiral", _layers("tanh", [8, 8]), 1000, optimizer=_choice("adam"), learning_rate=0.01),
        ),
        Preset(
            key="spiral_depth",
            label="Spiral that needs depth",
            help="Three layers of six wind around the arms. One layer of six only cuts, and even one of sixteen lags behind.",
            source="Montúfar, Pascanu, Cho & Bengio 2014",
            experiment=_plane(
                "spiral", _layers("tanh", [6, 6, 6]), 1500, data__count=500, optimizer=_choice("adam"), learning_rate=0.003
            ),
        ),
        Preset(
            key="vanishing",
            label="Vanishing gradient",
            help="Seven sigmoid layers: the gradient shrinks from layer to layer, and the first ones never move. Try tanh or ReLU.",
            source="Hochreiter 1991; Bengio, Simard & Frasconi 1994",
            experiment=_plane("circle", _layers("sigmoid", [8] * 7), 300, learning_rate=0.1),
        ),
        Preset(
            key="overfit",
            label="Overfit, then regularize",
            help="Few noisy points, many units: training loss falls to 0, test loss turns and climbs. Try the penalty L2, 0.03.",
            source="Krogh & Hertz 1992",
            experiment=_plane(
                "gaussians",
                _layers("tanh", [16, 16]),
                1500,
                data__count=60,
                data__noise=0.5,
                optimizer=_choice("adam"),
                learning_rate=0.01,
            ),
        ),
        Preset(
            key="dead_relus",
            label="Dead ReLUs",
            help="Steps so large that units end where they are 0 for every example; no gradient brings them back. Try leaky ReLU.",
            source="Maas, Hannun & Ng 2013",
            experiment=_plane("circle", _layers("relu", [8, 8]), 200, learning_rate=2.0, net__initializer=_choice("he"), seed=1),
        ),
        Preset(
            key="too_big",
            label="Too big a step",
            help="Each step lands further up the opposite slope until numbers run out. Lower the rate: where does it hold?",
            source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
            experiment=_plane("plane", [], 200, optimizer=_choice("gradient_descent"), learning_rate=0.3),
        ),
        Preset(
            key="momentum",
            label="Momentum that rises",
            help="Momentum rises from 0.5 in the first 20 epochs. Reset and take plain SGD: the same weights, a far slower fall.",
            source="Sutskever, Martens, Dahl & Hinton 2013",
            experiment=_plane(
                "moons",
                _layers("tanh", [6, 4]),
                60,
                optimizer=_choice("momentum", momentum=0.95, start=0.5, ramp=20),
                learning_rate=0.01,
            ),
        ),
        Preset(
            key="step",
            label="A step has no gradient",
            help="Only the output layer learns; the hidden weights stay as they were drawn. Then take the surrogate gradient.",
            source="Rosenblatt 1957; Neftci, Mostafa & Zenke 2019",
            experiment=_plane("circle", _layers("step", [4]), 300),
        ),
        Preset(
            key="zeros",
            label="Zeros never break symmetry",
            help="All weights start at 0, so all units stay alike and nothing is learned. Any random start will do.",
            source="Goodfellow, Bengio & Courville 2016, section 8.4",
            experiment=_plane("xor", _layers("tanh", [4]), 300, net__initializer=_choice("zeros")),
        ),
        Preset(
            key="hills",
            label="Hills and hollows (regression)",
            help="The net learns a landscape of numbers. Blue is high, orange is low; watch one hill after the other appear.",
            source=_PLAYGROUND,
            experiment=_plane(
                "multi_gaussian", _layers("tanh", [8, 8]), 600, data__count=800, optimizer=_choice("adam"), learning_rate=0.01
            ),
        ),
        Preset(
            key="bumps",
            label="Units that are bumps",
            help="Sixteen Gaussian units on the checkerboard: each answers to one stripe. Compare with tanh.",
            source="Broomhead & Lowe 1988",
            experiment=_plane(
                "checkerboard", _layers("gaussian", [16, 8]), 600, data__count=1200, optimizer=_choice("adam"), learning_rate=0.01
            ),
        ),
        *DIGITS,
        *TEXTS,
        *RACES,
        *STUDIES,
    ],
)
