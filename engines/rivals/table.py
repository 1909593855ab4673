"""The table of rivals: ways to read digits that are no nets, by scikit-learn and by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engines.rivals import linear, neighbours, vectors
from engines.rivals.watch import Predict, Watch
from engines.tables import Entry, Setting, Table

Fit = Callable[[np.ndarray, np.ndarray, Mapping[str, float], Watch], Predict]


@dataclass(frozen=True, kw_only=True)
class Rival(Entry):
    """fit(images (n, 28, 28) uint8, labels (n,), settings, watch) -> predict(images (m, 28, 28)) -> labels (m,).

    published: test error in % on the full MNIST, as `published_source` has it; None where nobody is known to have published it.
    fit_share: about what share of the time is learning. seconds(n): about how long it takes on two cores of a server with n
    training digits and 10,000 test digits, learning and answering.
    """

    fit: Fit
    published: float | None = None
    published_source: str = ""
    fit_share: float
    seconds: Callable[[int], float]


_TUTORIAL = "Hinton 2007, tutorial on deep belief nets at NIPS: its table of MNIST errors"
_PENALTY = Setting(
    key="penalty", label="Penalty on weights", default=1e-4, low=1e-7, high=1.0, log=True, help="How hard weights are pulled to 0."
)
_ITERATIONS = Setting(
    key="iterations",
    label="Rounds at most",
    default=200,
    low=5,
    high=2000,
    whole=True,
    log=True,
    help="It stops sooner where it can.",
)
_C = Setting(
    key="c",
    label="Price of a mistake",
    default=5.0,
    low=0.01,
    high=1000.0,
    log=True,
    help="Small: a wide margin. Large: few mistakes.",
)


def _gamma(default: float, help: str) -> Setting:
    return Setting(key="gamma", label="Gamma", default=default, low=1e-4, high=1.0, log=True, help=help)


RIVALS: Table[Rival] = Table(
    "rivals",
    [
        Rival(
            key="knn",
            label="k nearest neighbours",
            help="Learns nothing: it keeps every training digit and asks the k that look most alike, pixel by pixel.",
            formula=r"\hat t(x) = \text{most frequent } t_i \text{ among the } k \text{ smallest } \lVert x - x_i \rVert",
            source="Fix & Hodges 1951; Cover & Hart 1967",
            published=3.3,
            published_source=_TUTORIAL,
            settings=(Setting(key="k", label="Neighbours", default=3, low=1, high=50, whole=True, help="How many are asked."),),
            fit=neighbours.fit,
            fit_share=0.02,
            seconds=lambda n: 3 + 3e-4 * n,
        ),
        Rival(
            key="svm",
            label="SVM, Gaussian kernel",
            help="For each two digits, the widest margin between them, drawn around the training digits that lie closest to it.",
            formula=r"\hat t(x) = \operatorname{sign}\left(b + \sum_i \alpha_i t_i\, e^{-\gamma \lVert x - x_i \rVert^2}\right)",
            source="Cortes & Vapnik 1995",
            published=1.4,
            published_source=_TUTORIAL,
            settings=(_C, _gamma(0.03, "How quickly a training digit's influence fades with distance.")),
            fit=vectors.fit_gaussian,
            fit_share=0.9,
            seconds=lambda n: 5 + 8e-8 * n**2,
        ),
        Rival(
            key="svm_poly",
            label="SVM, polynomial kernel",
            help="The same, with margins in a space of all products of up to so many pixels.",
            formula=r"K(x, x') = (\gamma\, x \cdot x' + 1)^d",
            source="Boser, Guyon & Vapnik 1992; Cortes & Vapnik 1995",
            published=1.1,
            published_source="LeCun, Bottou, Bengio & Haffner 1998, degree 4, on digits set upright first",
            settings=(
                _C,
                Setting(key="degree", label="Degree", default=4, low=1, high=9, whole=True, help="How many pixels are multiplied."),
                _gamma(0.02, "How much products of many pixels count against few."),
            ),
            fit=vectors.fit_polynomial,
            fit_share=0.9,
            seconds=lambda n: 5 + 5e-8 * n**2,
        ),
        Rival(
            key="linear",
            label="Linear, raw pixels",
            help="One weighted sum of the pixels a digit: softmax regression, fitted until it can fit no better.",
            formula=r"\hat t(x) = \arg\max_k\, (w_k \cdot x + b_k)",
            source="Cox 1958; Bridle 1990",
            published=12.0,
            published_source="LeCun, Bottou, Bengio & Haffner 1998, a net of one layer",
            settings=(_PENALTY, _ITERATIONS),
            fit=linear.fit_pixels,
            fit_share=0.97,
            seconds=lambda n: 2 + 4e-4 * n,
        ),
        Rival(
            key="hand_made",
            label="Linear, hand-made features",
            help="A person decided what to measure: the strokes' directions in every part of the digit, and its ink by zone. "
            "Only the weighted sum is learned.",
            formula=r"\hat t(x) = \arg\max_k\, (w_k \cdot \phi(x) + b_k)",
            source="Dalal & Triggs 2005; Maji & Malik 2009",
            settings=(
                Setting(
                    key="directions",
                    label="Directions",
                    default=8,
                    low=4,
                    high=16,
                    whole=True,
                    help="How finely a stroke's direction is told.",
                ),
                _PENALTY,
                _ITERATIONS,
            ),
            fit=linear.fit_features,
            fit_share=0.95,
            seconds=lambda n: 4 + 7e-4 * n,
        ),
    ],
)
