"""A race of text nets: the same text, the same seed, as many characters for each, in fair turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from engines.data.sources import DataProblem
from engines.experiment import Experiment
from engines.live.pacing import StepTimer
from engines.live.warm import ready_trainer
from engines.nets.recurrent.live_sample import primed
from engines.nets.recurrent.net import parameter_count
from engines.nets.recurrent.sampling import Writer
from engines.training import Trainer
from engines.trials.turns import TURN_S, Turns, usual_rest_s

MOST_RACERS, FEWEST, MOST_CHARACTERS = 4, 1000, 20_000_000
MOST_WEIGHTS = 20_000_000
MEASURED, WRITTEN = 8192, 300
"""Characters of the validation text that every row is measured on, the same for all; characters of a sample."""
_EARLY = (1 / 128, 1 / 64, 1 / 32)
_EVEN = 16
Make = Callable[[Experiment], Trainer]


class Racer(NamedTuple):
    """Somebody in the race."""

    label: str
    experiment: Experiment


class Row(NamedTuple):
    """characters: trained on, repeats counted. seconds: of this net's own training. nats: a character of the validation text."""

    characters: float
    seconds: float
    nats: float


class Standing(NamedTuple):
    """Where one has got. rows: (k, 3) float64, as `Row`. samples: one a row, written with the same luck. speed: characters/s.

    status: 'waiting' | 'preparing' | 'training' | 'done' | 'diverged' | 'failed' | 'stopped'. told: why it has failed.
    """

    label: str
    status: str
    rows: np.ndarray
    samples: tuple[str, ...]
    speed: float
    told: str


class _Lane:
    """One net on its way; in one thread."""

    def __init__(self, racer: Racer, make: Make) -> None:
        self.racer, self._make = racer, make
        self.status, self.told = "waiting", ""
        self.rows: list[Row] = []
        self.samples: list[str] = []
        self._timer = StepTimer()
        self._trainer: Any = None
        self._seconds, self._timed = 0.0, 0

    @property
    def over(self) -> bool:
        return self.status in ("done", "diverged", "failed")

    @property
    def each(self) -> int:
        """Characters of a step."""
        return self._trainer.spec.batch * self._trainer.spec.sequence

    @property
    def speed(self) -> float:
        """Characters a second of its own training."""
        last = self.rows[-1] if self.rows else None
        return last.characters / last.seconds if last is not None and last.seconds > 0 else 0.0

    def begin(self) -> None:
        """Make the net and compile what its training needs."""
        try:
            self._trainer = self._make(self.racer.experiment)
            self._trainer.prepare_training()
            self.status = "training"
        except (ValueError, DataProblem) as problem:
            self.status, self.told = "failed", str(problem)

    def reach(self, characters: float) -> Iterator[None]:
        """Train until so many characters have been learned from, to the nearest step; then add a row and a sample."""
        goal = round(characters / self.each)
        while self._trainer.step < goal:
            self._turn(goal)
            yield
            if self.over:
                return
        if not self.rows or self._trainer.step * self.each > self.rows[-1].characters:
            yield from self._measure()

    def _turn(self, goal: int) -> None:
        """One call of the trainer. Its own measurements, which come in the same call as some steps, are not training."""
        trainer = self._trainer
        wanted, before = min(goal - trainer.step, self._timer.fit(TURN_S)), trainer.state.row_step
        began = time.perf_counter()
        advance = trainer.advance(wanted)
        spent = time.perf_counter() - began
        measured = trainer.state.row_step != before or trainer.measuring
        if advance.steps and not measured:
            self._timer.note(advance.steps, spent)
            self._seconds, self._timed = self._seconds + spent, self._timed + advance.steps
        elif advance.steps:
            usual = self._seconds / self._timed if self._timed else spent / advance.steps
            self._seconds, self._timed = self._seconds + usual * advance.steps, self._timed + advance.steps
        if advance.stopped == "nan":
            self.status = "diverged"

    def _measure(self) -> Iterator[None]:
        trainer = self._trainer
        measure = trainer.assessment(MEASURED)
        while (found := measure.run(time.perf_counter() + TURN_S)) is None:
            yield
        if not np.isfinite(found.nats):
            self.status = "diverged"
            return
        self.samples.append(self._sample())
        self.rows.append(Row(trainer.step * self.each, self._seconds, found.nats))
        yield

    def _sample(self) -> str:
        trainer, alphabet = self._trainer, self._trainer.corpus.alphabet
        writer = Writer(trainer.spec.form, trainer.state.weights, len(alphabet), self.racer.experiment.data.sequence)
        page, _ = writer.read(writer.fresh(), alphabet.encode(primed(alphabet, "")).ids)
        ids, _, _ = writer.write(page, WRITTEN, temperature=0.8, seed=self.racer.experiment.seed)
        return alphabet.decode(ids)

    def finish(self) -> None:
        """It has got where it was to get."""
        if not self.over:
            self.status = "done"

    def release(self) -> None:
        """Let go of the net; rows and samples stay."""
        self._trainer = None


class TextRace(Turns):
    """Every racer learns from `characters` characters, and is measured at the same numbers of them (to within a step).

    All learn the first racer's text with its seed. Those that diverge or fail are marked, and the others go on.
    Raises ValueError in plain words for what is too much.
    """

    def __init__(
        self,
        racers: Sequence[Racer],
        characters: int,
        make: Make = ready_trainer,
        rest_s: Callable[[], float] = usual_rest_s,
    ) -> None:
        super().__init__(rest_s)
        check(racers, characters)
        first = racers[0].experiment
        self.racers = tuple(Racer(r.label, alike(r.experiment, first)) for r in racers)
        self.characters = characters
        self._lanes = [_Lane(racer, make) for racer in self.racers]
        self._done, self._doing = 0, ""
        self._stops = stops(characters)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._done / (len(self._stops) * len(self._lanes))

    @property
    def doing(self) -> str:
        """What is going on, in words; empty where nothing is."""
        return "stopping after this turn" if self.stopping else self._doing if self.status == "running" else ""

    def snapshot(self) -> tuple[Standing, ...]:
        """What there is now, for another thread; arrays are copies."""
        ended = self.status in ("cancelled", "failed")
        return tuple(self._standing(lane, ended) for lane in self._lanes)

    def _standing(self, lane: _Lane, ended: bool) -> Standing:
        rows = np.array(list(lane.rows), np.float64).reshape(-1, len(Row._fields))
        status = "stopped" if ended and not lane.over else lane.status
        return Standing(lane.racer.label, status, rows, tuple(lane.samples[: len(rows)]), lane.speed, lane.told)

    def _work(self) -> Iterator[None]:
        for lane in self._lanes:
            lane.status, self._doing = "preparing", f"preparing {lane.racer.label}"
            yield
            lane.begin()
        for characters in self._stops:
            for lane in self._lanes:
                self._doing = f"training {lane.racer.label}"
                if not lane.over:
                    yield from lane.reach(characters)
                self._done += 1
        for lane in self._lanes:
            lane.finish()

    def _release(self) -> None:
        for lane in self._lanes:
            lane.release()


def alike(experiment: Experiment, first: Experiment) -> Experiment:
    """`experiment` on the text and with the seed of `first`, without an end of its own."""
    data = first.data.model_copy(update={"sequence": experiment.data.sequence, "carry": experiment.data.carry})
    return experiment.model_copy(update={"data": data, "seed": first.seed, "epochs": 0, "patience": 0})


def stops(characters: int) -> list[float]:
    """After how many characters rows are added: 0, some early ones, then evenly."""
    return [characters * share for share in (0.0, *_EARLY, *(k / _EVEN for k in range(1, _EVEN + 1)))]


def check(racers: Sequence[Racer], characters: int) -> None:
    """Raise ValueError, in plain words, unless the server can hold such a race."""
    if not 2 <= len(racers) <= MOST_RACERS:
        raise ValueError(f"A race has 2 to {MOST_RACERS} nets, not {len(racers)}.")
    if not FEWEST <= characters <= MOST_CHARACTERS:
        raise ValueError(f"A race goes over {FEWEST:,} to {MOST_CHARACTERS:,} characters, not {characters:,}.")
    if any(racer.experiment.data.kind != "text" for racer in racers):
        raise ValueError("Only nets that learn a text can race here.")
    together = sum(parameter_count(racer.experiment.net, 128) for racer in racers)
    if together > MOST_WEIGHTS:
        raise ValueError(
            f"These nets have {together / 1e6:.0f} million weights together, and at most {MOST_WEIGHTS / 1e6:.0f} million fit: "
            "take smaller ones."
        )
