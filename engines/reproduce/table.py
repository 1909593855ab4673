"""The published results: what was published, where, and which runs of ours stand beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engines.experiment import Experiment
from engines.reproduce import measures
from engines.reproduce.measures import Measure, headline
from engines.reproduce.parts import DIGITS, NetPart, Part, RivalPart
from engines.reproduce.recipes import HIDDEN_UNITS, RATES, SIZES, SPEED_DIGITS, SPEED_ERROR_PERCENT, SPEED_RATES
from engines.reproduce.records import Number
from engines.tables import Entry, Table

GROUPS = ("Rivals", "Dense nets", "Convolutional nets", "What helps, and how much")
_TUTORIAL = "Hinton 2007, tutorial on deep belief nets at NIPS"
_LENET = "LeCun, Bottou, Bengio & Haffner 1998"


@dataclass(frozen=True, kw_only=True)
class Published(Entry):
    """A result. source: the paper. help: what it shows.

    group: of `GROUPS`. published: its figure, None where there is only `text`. text: what the figure leaves out.
    unit, quantity: of the figure: '%' and what of. parts: the runs. measure: what is measured on them. claims: which of CLAIMS.
    told: what has to be said of a measured figure, from all its numbers.
    """

    group: str
    published: float | None
    text: str = ""
    unit: str = "%"
    quantity: str = "test_error_percent"
    parts: tuple[Part, ...]
    measure: Measure = measures.errors
    claims: tuple[str, ...]
    told: Callable[[Sequence[Number]], str] = lambda parts: ""

    @property
    def main(self) -> Part:
        """The run whose figure stands beside the published one."""
        return headline(self.parts)

    @property
    def opens(self) -> bool:
        """Whether there is an experiment in it."""
        return any(isinstance(part, NetPart) for part in self.parts)

    def experiment(self, source: str = "auto", seed: int = 0) -> Experiment | None:
        """The experiment of that run, or of the first net where that run is a rival's; None where all are."""
        net = next((part for part in (self.main, *self.parts) if isinstance(part, NetPart)), None)
        return net.experiment(seed, source) if net else None


def _rival(label: str, rival: str, **settings: float) -> tuple[Part, ...]:
    return (RivalPart(label=label, rival=rival, settings=settings),)


def _net(label: str, recipe: str) -> tuple[Part, ...]:
    return (NetPart(label=label, recipe=recipe),)


def _units() -> tuple[Part, ...]:
    return tuple(
        NetPart(
            label=f"{units:,} hidden units, learning rate {rate:g}",
            recipe="perceptron",
            changes={"net__layers__0__units": units, "learning_rate": rate},
            headline=(units, rate) == (300, RATES[-1]),
            series=f"learning rate {rate:g}",
            x=units,
            of="hidden units",
        )
        for rate in RATES
        for units in HIDDEN_UNITS
    )


def _sizes() -> tuple[Part, ...]:
    from engines.reproduce.recipes import WRITTEN

    found: list[Part] = []
    for series, changes in (("convolutional net", {}), ("the same, digits distorted", {"data__distortions": WRITTEN})):
        for n, (epochs, batch) in SIZES.items():
            found.append(
                NetPart(
                    label=f"{series}, {{n:,}} digits",
                    recipe="lenet5-modern",
                    changes={"batch_size": batch, **changes},
                    epochs=epochs,
                    train_count=n,
                    headline=not changes and n == max(SIZES),
                    series=series,
                    of=DIGITS,
                )
            )
    rival = "k nearest neighbours"
    return (
        *found,
        *(RivalPart(label=f"{rival}, {{n:,}} digits", rival="knn", train_count=n, series=rival, of=DIGITS) for n in SIZES),
    )


def _speeds() -> tuple[Part, ...]:
    return tuple(
        NetPart(
            label=f"{name}, learning rate {rate:g}",
            recipe=recipe,
            changes={"learning_rate": rate},
            train_count=SPEED_DIGITS,
            headline=(recipe, rate) == ("relu", 0.02),
            series=name,
            x=rate,
            of="learning rate",
        )
        for name, recipe in (("ReLU", "relu"), ("tanh", "tanh"))
        for rate in SPEED_RATES
    )


PUBLISHED: Table[Published] = Table(
    "published",
    [
        Published(
            key="knn",
            group=GROUPS[0],
            label="k nearest neighbours",
            help="No learning at all, only looking up the training digits that look most alike. Every net has to beat this.",
            source=_TUTORIAL,
            published=3.3,
            text="given as “about”",
            parts=_rival("3 nearest neighbours", "knn"),
            claims=("S8",),
        ),
        Published(
            key="svm",
            group=GROUPS[0],
            label="Support vector machine",
            help="The strongest rival of the nineties: nothing in it is made for pictures, and it still beats plain dense nets.",
            source=f"{_TUTORIAL}, after DeCoste & Schölkopf 2002",
            published=1.4,
            parts=_rival("SVM, Gaussian kernel", "svm"),
            claims=("S8",),
        ),
        Published(
            key="svm-poly",
            group=GROUPS[0],
            label="Support vector machine, polynomial kernel",
            help="Its margins lie in the space of products of up to four pixels. The published one saw digits set upright first.",
            source=_LENET,
            published=1.1,
            parts=_rival("SVM, polynomial kernel of degree 4", "svm_poly"),
            claims=("S8",),
        ),
        Published(
            key="linear",
            group=GROUPS[0],
            label="Linear, raw pixels",
            help="One weighted sum a digit. Ours is fitted to the end, by cross-entropy, which is why it does better.",
            source=_LENET,
            published=12.0,
            parts=_rival("softmax regression", "linear"),
            claims=("S8",),
        ),
        Published(
            key="hand-made",
            group=GROUPS[3],
            label="Hand-made against learned features",
            help="The same weighted sums on pixels, on features that a person thought of, and on features that a net has learned.",
            source="Maji & Malik 2009, with hand-made features and a kernel on top",
            published=0.79,
            parts=(
                RivalPart(label="linear on raw pixels", rival="linear"),
                RivalPart(label="linear on hand-made features", rival="hand_made", headline=True),
                NetPart(label="linear on learned features (convolutional net)", recipe="lenet5-modern"),
            ),
            claims=("C18",),
        ),
        Published(
            key="perceptron-logistic",
            group=GROUPS[1],
            label="Two-layer perceptron against hidden units",
            help="Logistic units and summed squared error, as in 1986: how many hidden units are enough, at which learning rate?",
            source=_LENET,
            published=4.7,
            text="with 300 hidden units; 4.5 % with 1,000",
            parts=_units(),
            claims=("S9",),
        ),
        Published(
            key="mlp-1000",
            group=GROUPS[1],
            label="784-1000-10",
            help="One wide hidden layer: about what plain backpropagation reached before dropout.",
            source=f"{_TUTORIAL}, after Simard, Steinkraus & Platt 2003",
            published=1.6,
            parts=_net("784-1000-10", "mlp-1000"),
            claims=("S9",),
        ),
        Published(
            key="mlp-500-300",
            group=GROUPS[1],
            label="784-500-300-10",
            help="Two hidden layers with half the weights, and the same error.",
            source=_TUTORIAL,
            published=1.6,
            parts=_net("784-500-300-10", "mlp-500-300"),
            claims=("S9", "S13"),
        ),
        Published(
            key="mlp-dropout",
            group=GROUPS[1],
            label="Dense net with dropout and max-norm",
            help="The best that a net without convolutions does, without being shown distorted digits.",
            source="Srivastava et al. 2014, table 2",
            published=1.06,
            parts=_net("784-1024-1024-1024-10, dropout, max-norm", "mlp-dropout"),
            claims=("S14", "C13"),
        ),
        Published(
            key="lenet1",
            group=GROUPS[2],
            label="LeNet-1",
            help="The small convolutional net of 1989, with about 3,000 weights; the published one saw 16 x 16 pixels.",
            source=_LENET,
            published=1.7,
            parts=_net("LeNet-1", "lenet1"),
            claims=("S5",),
        ),
        Published(
            key="lenet5",
            group=GROUPS[2],
            label="LeNet-5 as published",
            help="Trainable subsampling, the sparse table of connections, scaled tanh, drawn digits as targets: all as in 1998.",
            source=_LENET,
            published=0.95,
            parts=_net("LeNet-5", "lenet5"),
            claims=("S5",),
        ),
        Published(
            key="lenet5-distorted",
            group=GROUPS[2],
            label="LeNet-5 as published, with distortions",
            help="The same net, each digit shifted, scaled, sheared and turned a little, anew at every look.",
            source=_LENET,
            published=0.8,
            text="with 540,000 distorted digits added",
            parts=_net("LeNet-5, distorted digits", "lenet5-distorted"),
            claims=("S5", "C15"),
        ),
        Published(
            key="cnn-modern",
            group=GROUPS[2],
            label="A modern convolutional net",
            help="ReLU, batch normalisation and dropout, shown the 60,000 digits as they are.",
            source="Goodfellow et al. 2013, maxout networks",
            published=0.45,
            parts=_net("convolutional net", "cnn-modern"),
            claims=("S14",),
        ),
        Published(
            key="cnn-modern-distorted",
            group=GROUPS[2],
            label="A modern convolutional net, with distortions",
            help="The same net without dropout, on distorted digits: how far one net of this size goes.",
            source="Ciresan, Meier, Masci, Gambardella & Schmidhuber 2011",
            published=0.35,
            parts=_net("convolutional net, distorted digits", "cnn-modern-distorted"),
            claims=("S14", "C15"),
        ),
        Published(
            key="dropout",
            group=GROUPS[3],
            label="Dropout",
            help="The same dense net with and without: test error, and how much its units repeat each other.",
            source="Srivastava et al. 2014, table 2",
            published=1.25,
            text="with dropout; 1.60 % without",
            parts=(
                NetPart(label="without dropout", recipe="without-dropout"),
                NetPart(label="with 50 % dropout", recipe="with-dropout", headline=True),
            ),
            measure=measures.with_correlation,
            claims=("C13", "S14"),
        ),
        Published(
            key="relu-tanh",
            group=GROUPS[3],
            label="ReLU against tanh",
            help=f"Steps with tanh for one with ReLU, to a training error of {SPEED_ERROR_PERCENT:g} % of one convolutional net: "
            "above 1, ReLU is faster. Each at the best of three learning rates.",
            source="Krizhevsky, Sutskever & Hinton 2012, figure 1",
            published=6.0,
            text="four layers, on colour photographs (CIFAR-10)",
            unit="times",
            quantity="steps_tanh_over_relu",
            parts=_speeds(),
            measure=measures.speed_up,
            told=measures.speeds_told,
            claims=("S14",),
        ),
        Published(
            key="conv-dense",
            group=GROUPS[3],
            label="Convolutional against dense, equal weights",
            help="A convolutional and a dense net with the same number of weights, trained alike.",
            source=_LENET,
            published=0.95,
            text="with 60,000 weights; a dense net with 266,000 has 3.05 %",
            parts=(
                NetPart(label="convolutional", recipe="lenet5-modern", headline=True),
                NetPart(label="dense", recipe="equal-dense"),
            ),
            measure=measures.with_counts,
            claims=("C16",),
        ),
        Published(
            key="initial-accuracy",
            group=GROUPS[3],
            label="Before any learning",
            help="Nets with random weights are right one time in ten: they guess.",
            source="Goodfellow, Bengio & Courville 2016; 1 in n classes",
            published=10.0,
            text="right, before training",
            quantity="test_accuracy_percent",
            parts=(*_net("784-1000-10", "mlp-1000"), *_net("modern LeNet-5", "lenet5-modern")),
            measure=measures.untrained,
            claims=("C4",),
        ),
        Published(
            key="training-size",
            group=GROUPS[3],
            label="Error against training digits",
            help="From 100 to 60,000 digits: more data beat more tricks, and distortions make more data of few.",
            source=_LENET,
            published=0.95,
            text="with all 60,000",
            parts=_sizes(),
            claims=("C15", "S8"),
        ),
    ],
)
