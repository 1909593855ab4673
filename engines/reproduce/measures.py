"""What is measured on the parts of a published result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engines.data.digits import Digits
from engines.nets import count
from engines.reproduce.parts import NetPart, Part, RivalPart, differing
from engines.reproduce.recipes import SPEED_ERROR_PERCENT
from engines.reproduce.records import Number
from engines.reproduce.training import Overflowed, Tell, Trained, train
from engines.rivals import Result, run_rival
from engines.rivals.watch import Watch
from engines.training import Look, make_trainer

UNTRAINED_SEEDS = 10
STEPS, OVERFLOWED = "steps", "full epochs, then its numbers overflowed"
"""Units of a run that was timed: it came down to the error, or never did."""


@dataclass(frozen=True)
class Bench:
    """What the parts run on. epochs: overrules every part's, for trying out. tell: gets a sentence now and then."""

    seed: int
    source: str
    digits: Digits
    watch: Watch = field(default_factory=Watch)
    tell: Tell = lambda text: None
    epochs: int | None = None

    def turns(self, parts: Sequence[Part]) -> Iterator[tuple[Part, Bench]]:
        """Each part, with a bench that watches over its share of the work."""
        long = np.array([part.seconds(self.epochs) for part in parts])
        ends = np.concatenate([[0.0], np.cumsum(long) / long.sum()])
        for part, low, high in zip(parts, ends[:-1], ends[1:], strict=True):
            tell = lambda text, label=part.label: self.tell(f"{label}: {text}")  # noqa: E731
            yield part, Bench(self.seed, self.source, self.digits, self.watch.part(low, high), tell, self.epochs)

    def net(self, part: NetPart, **more: Any) -> Trained:
        """Train it. more: as `train` takes it."""
        return train(part.experiment(self.seed, self.source, self.epochs), self.watch, self.tell, **more)

    def rival(self, part: RivalPart) -> Result:
        """Let it learn and answer."""
        self.watch.at(0.0)
        watch, settings = self.watch, dict(part.settings)
        told = lambda share: watch.at(share)  # noqa: E731
        found = run_rival(part.rival, settings, self.digits, part.train_count, self.seed, told, lambda: watch.cancelled)
        self.tell(f"test error {found.error_percent:.2f} %")
        return found


class Measured(NamedTuple):
    """value: what stands beside the published figure. parts: every number, as records have them."""

    value: float
    parts: list[dict[str, Any]]


Measure = Callable[[Sequence[Part], Bench], Measured]


def headline(parts: Sequence[Part]) -> Part:
    """The part whose result is the result: the one marked, else the last."""
    return next((part for part in parts if part.headline), parts[-1])


def _entry(part: Part, value: float, unit: str, seconds: float | None, bench: Bench, base: Any) -> dict[str, Any]:
    """A number of a part, as records have it, with what it ran: how it differs from the headline's run."""
    how = part.how(bench.seed, bench.source, bench.epochs)
    what = differing(how, base) if ("rival" in how) == ("rival" in base) else how
    place = {"series": part.series, "x": part.x, "of": part.of}
    return {
        "label": part.label,
        "value": round(value, 4),
        "unit": unit,
        "seconds": seconds and round(seconds, 2),
        "how": what,
    } | place


def _plain(label: str, value: float, unit: str) -> dict[str, Any]:
    return {"label": label, "value": round(float(value), 4), "unit": unit}


def errors(
    parts: Sequence[Part], bench: Bench, also: Callable[[Part, Trained | Result], list[dict[str, Any]]] = lambda part, answer: []
) -> Measured:
    """Test error of every part, in %. also: (part, what it answered) -> more numbers, which come last."""
    main, base = headline(parts), headline(parts).how(bench.seed, bench.source, bench.epochs)
    value, found, more = float("nan"), [], []
    for part, at in bench.turns(parts):
        answer = at.net(part) if isinstance(part, NetPart) else at.rival(part)
        found.append(_entry(part, answer.error_percent, "%", answer.seconds, bench, base))
        more += also(part, answer)
        value = answer.error_percent if part is main else value
    return Measured(value, found + more)


def with_counts(parts: Sequence[NetPart], bench: Bench) -> Measured:
    """Test errors; and weights and multiplications of every net."""

    def also(part: NetPart, _: Trained) -> list[dict[str, Any]]:
        net = part.experiment(bench.seed, bench.source, bench.epochs).net
        return [
            _plain(f"{part.label}: weights", count.parameters(net), ""),
            _plain(f"{part.label}: multiplications a digit", count.multiplies(net), ""),
        ]

    return errors(parts, bench, also)


def with_correlation(parts: Sequence[NetPart], bench: Bench) -> Measured:
    """Test errors of dense ReLU nets; and how much the units of the last hidden layer repeat each other."""

    def also(part: NetPart, answer: Trained) -> list[dict[str, Any]]:
        alike = correlation(hidden(answer.weights, bench.digits.test_images))
        return [_plain(f"{part.label}: mean correlation of two units", alike, "")]

    return errors(parts, bench, also)


def hidden(weights: list[tuple[np.ndarray, np.ndarray]], images: np.ndarray) -> np.ndarray:
    """Outputs (n, units) of the last hidden layer of a dense net of ReLU, for images (n, 28, 28) uint8."""
    h = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
    for w, b in weights[:-1]:
        h = np.maximum(h @ w + b, 0)
    return h


def correlation(outputs: np.ndarray) -> float:
    """Mean size of the correlation of two columns of outputs (n, units), constant ones left out; nan for fewer than two."""
    centred = outputs - outputs.mean(0, dtype=np.float64)
    spread = np.sqrt(np.square(centred).mean(0))
    live = spread > 1e-6
    if live.sum() < 2:
        return float("nan")
    unit = centred[:, live] / spread[live]
    matrix = np.abs(unit.T @ unit / len(unit))
    return float(matrix[~np.eye(len(matrix), dtype=bool)].mean())


def untrained(parts: Sequence[NetPart], bench: Bench) -> Measured:
    """Share of test digits that nets get right before they have learned anything, in %: mean over parts and ten seeds each."""
    every, found = [], []
    for part, at in bench.turns(parts):
        right = list(_guessed(part, at))
        every += right
        found.append(_plain(f"{part.label}, {UNTRAINED_SEEDS} seeds", np.mean(right), "%"))
        found += [_plain(f"{part.label}, lowest", min(right), "%"), _plain(f"{part.label}, highest", max(right), "%")]
    return Measured(float(np.mean(every)), found)


def _guessed(part: NetPart, bench: Bench) -> Iterator[float]:
    """Test accuracy of untrained nets, in %, seed by seed."""
    trainer = make_trainer(part.experiment(bench.seed, bench.source, bench.epochs))
    for number in range(UNTRAINED_SEEDS):
        bench.watch.at(number / UNTRAINED_SEEDS)
        trainer.reset(part.experiment(bench.seed + number, bench.source, bench.epochs))
        yield 100 * float(trainer.probe(Look(), health=False).sections["untrained"][-1])


def speed_up(parts: Sequence[NetPart], bench: Bench) -> Measured:
    """How many times as many steps the second series takes to a small training error as the first, each at its best rate.

    As Krizhevsky et al. 2012 compare them. Raises ValueError when a series never gets there.
    """
    target = 1 - SPEED_ERROR_PERCENT / 100
    base = headline(parts).how(bench.seed, bench.source, bench.epochs)
    found, best = [], {}
    for part, at in bench.turns(parts):
        try:
            trained = at.net(part, enough=lambda row: row.train_accuracy >= target)
        except Overflowed as error:
            found.append(_entry(part, error.epochs, OVERFLOWED, error.seconds, bench, base))
            continue
        steps = steps_to(target, [row.train_accuracy for row in trained.rows]) * trained.steps_per_epoch
        if np.isfinite(steps):
            found.append(_entry(part, round(steps), STEPS, trained.seconds, bench, base))
            best[part.series] = min(steps, best.get(part.series, np.inf))
        else:
            last = 100 * (1 - trained.rows[-1].train_accuracy)
            found.append(_entry(part, last, "% training error at the end", trained.seconds, bench, base))
    first, second = dict.fromkeys(part.series for part in parts)
    missing = [name for name in (first, second) if name not in best]
    if missing:
        raise ValueError(f"{missing[0]} did not come down to {SPEED_ERROR_PERCENT:g} % training error on these digits.")
    return Measured(best[second] / best[first], found)


def speeds_told(parts: Sequence[Number]) -> str:
    """What the one figure of `speed_up` leaves out, in words: it at equal rates, and whether a best rate is the largest tried."""
    first, second = dict.fromkeys(part.series for part in parts)
    rates = sorted({part.x for part in parts if part.x is not None})
    steps = {(part.series, part.x): part.value for part in parts if part.unit == STEPS and part.value}
    equal = [f"{steps[second, x] / steps[first, x]:.3g} at {x:g}" for x in rates if {(first, x), (second, x)} <= steps.keys()]
    told = [f"At the same learning rate: {', '.join(equal)}."] if equal else []
    lost = {part.series for part in parts if part.unit == OVERFLOWED and part.x == rates[-1]}
    for name, other in ((first, second), (second, first)):
        if steps.get((name, rates[-1])) == min((n for (series, _), n in steps.items() if series == name), default=None):
            also = f", at which {other}'s numbers overflowed" if other in lost else ""
            told.append(f"{name} did best at {rates[-1]:g}, the largest tried{also}.")
    return " ".join(told)


def steps_to(target: float, values: Sequence[float]) -> float:
    """Epochs until a value has reached `target`, with a fraction: the line between two epochs. inf where it never has.

    values: after epoch 1, 2, ...; what is there after the first counts as one epoch.
    """
    if values and values[0] >= target:
        return 1.0
    for i, (before, after) in enumerate(pairwise(values)):
        if after >= target:
            return i + 1 + (target - before) / (after - before)
    return float("inf")
