"""Descent: races, maps of winners, new formulas, the ground, slices of a net. The classes run in a worker's process."""

from __future__ import annotations

import random
import time
from typing import Any

from bench.report import Measured
from bench.rounds import against_torch, alone
from bench.worker import Worker

SURFACE = "beale"
COUNT, STEPS = 200, 500
HIDDEN = [256, 128]
SIDE, EXAMPLES = 41, 5000


def race(quick: bool) -> Measured:
    """Twelve runners, a thousand steps, everything recorded."""
    rounds, calls = (3, 2) if quick else (9, 10)
    return against_torch("bench.descent:RaceOf12", "torch_descent:RaceOf12", rounds, steps=1000, calls=calls)


def winners(quick: bool) -> Measured:
    """The map on the surface of the classic animation, against PyTorch with all starts in one tensor."""
    size = {"count": 40, "steps": 50} if quick else {"count": COUNT, "steps": STEPS}
    return against_torch("bench.descent:Winners", "torch_descent:Winners", 1 if quick else 5, cores=2, **size)


def winners_slowest(quick: bool) -> Measured:
    """The same on every surface of the table; the value is the slowest of them."""
    size = {"count": 40, "steps": 50} if quick else {"count": COUNT, "steps": STEPS}
    seconds = {}
    with Worker("bench.descent:AllWinners", cores=2, **size) as worker:
        for key in worker.do("surfaces"):
            seconds[key] = min(worker.do("seconds", surface=key) for _ in range(1 if quick else 3))
    slowest = max(seconds, key=seconds.__getitem__)
    told = ", ".join(f"{key} {value:.2g}" for key, value in sorted(seconds.items(), key=lambda item: -item[1]))
    return Measured(seconds[slowest], samples=list(seconds.values()), note=f"Best of three on each surface, seconds: {told}.")


def formula(quick: bool) -> Measured:
    """A process for each sample: what it compiles cannot have been compiled before."""
    samples = []
    for _ in range(2 if quick else 7):
        with Worker("bench.descent:NewFormula", cores=2) as worker:
            samples.append(worker.do("seconds"))
    return Measured(
        sorted(samples)[len(samples) // 2], samples=samples, note="After another race in the same process; no program kept."
    )


def ground(quick: bool) -> Measured:
    """One place, the program compiled."""
    with Worker("bench.descent:Ground") as worker:
        return alone(lambda: worker.do("round"), 3 if quick else 9)


def net_slice(quick: bool) -> Measured:
    """The landscape of a digits net, against PyTorch running the net at a tenth of the places."""
    size = {"hidden": HIDDEN, "side": 11 if quick else SIDE, "examples": 500 if quick else EXAMPLES}
    return against_torch("bench.descent:NetSlice", "torch_descent:NetSlice", 1 if quick else 3, cores=2, **size)


def _race(surface: str, steps: int) -> Any:
    """Every optimizer of the table, and momentum once more with half of it."""
    from engines.descent.race import all_runners, race_on

    runners = [runner.model_dump() for runner in all_runners(surface)]
    more = {"optimizer": {"key": "momentum", "settings": {"momentum": 0.5}}, "learning_rate": 0.01}
    return race_on(surface, runners=[*runners, more], steps=steps)


class RaceOf12:
    """The race, from its description to all that is recorded of it."""

    def __init__(self, steps: int, calls: int) -> None:
        from engines.descent.terrain import terrain_of

        self.race, self.calls = _race(SURFACE, steps), calls
        self.terrain = terrain_of(self.race)
        self.round()

    def round(self) -> float:
        """Milliseconds a race; each has other rates and another start."""
        from engines.descent.paths import run_race

        races = [
            self.race.change(start=(-1.5 + 0.01 * i, 2.0), runners__0__learning_rate=1e-4 * (1 + i)) for i in range(self.calls)
        ]
        start = time.perf_counter()
        for one in races:
            run_race(one, self.terrain)
        return (time.perf_counter() - start) * 1e3 / self.calls


class Winners:
    """The map of winners on one surface."""

    def __init__(self, count: int, steps: int) -> None:
        from engines.descent.terrain import terrain_of

        self.race, self.count = _race(SURFACE, steps), count
        self.terrain = terrain_of(self.race)
        self.round()

    def round(self) -> float:
        """Seconds a map."""
        from engines.descent.winners import winners

        start = time.perf_counter()
        winners(self.race, self.count, terrain=self.terrain)
        return time.perf_counter() - start


class AllWinners:
    """The map of winners on any surface of the table."""

    def __init__(self, count: int, steps: int) -> None:
        self.count, self.steps, self.warm = count, steps, set()

    def surfaces(self) -> list[str]:
        """Those that have a height of their own."""
        from engines.surfaces import SURFACES

        return [key for key, entry in SURFACES.items() if not entry.typed and not entry.sliced]

    def seconds(self, surface: str) -> float:
        """Seconds a map, its program compiled."""
        from engines.descent.terrain import terrain_of
        from engines.descent.winners import winners

        race = _race(surface, self.steps)
        terrain = terrain_of(race)
        if surface not in self.warm:
            winners(race.change(steps=10), self.count, terrain=terrain)
            self.warm.add(surface)
        start = time.perf_counter()
        winners(race, self.count, terrain=terrain)
        return time.perf_counter() - start


class NewFormula:
    """A process that has raced on another surface and now gets a formula nobody has typed before."""

    def __init__(self) -> None:
        self._run(_race(SURFACE, 300))

    def _run(self, race: Any) -> None:
        """What the page needs: the ground, its heights, the race, the scores."""
        from engines.descent.paths import run_race
        from engines.descent.score import score
        from engines.descent.terrain import check, field, terrain_of

        terrain = terrain_of(race)
        check(terrain)
        field(terrain)
        score(race, terrain, run_race(race, terrain))

    def seconds(self) -> float:
        """From the typed text to the scores."""
        a, b = (round(random.uniform(0.5, 2), 6) for _ in range(2))
        race = _race("formula", 300).change(formula=f"{a} x^2 - sin({b} x y) + y^4 / 4 - exp(-x^2)")
        start = time.perf_counter()
        self._run(race)
        return time.perf_counter() - start


class Ground:
    """Height, slope, curvature and what they predict, at one place after the other."""

    def __init__(self) -> None:
        from engines.descent.terrain import surface_terrain

        self.terrain = surface_terrain(SURFACE)
        self.round()

    def round(self) -> float:
        """Milliseconds a place."""
        from engines.descent.ground import ground

        start = time.perf_counter()
        for i in range(100):
            ground(self.terrain, 0.01 * i, 1.0).words(0.01)
        return (time.perf_counter() - start) * 1e3 / 100


class NetSlice:
    """The slice of a net trained for a moment, along random directions."""

    def __init__(self, hidden: list[int], side: int, examples: int) -> None:
        from engines.experiment import WideLayer, digits_experiment
        from engines.landscape import captured
        from engines.landscape.weights import flatten
        from engines.training import make_trainer

        layers = [WideLayer(units=units, activation="relu") for units in hidden]
        experiment = digits_experiment(net__layers=layers, data__source="builtin")
        trainer = make_trainer(experiment)
        trainer.advance(30)
        self.net = captured(experiment, flatten(trainer.weights()), [], 1.0)
        self.side, self.examples, self.seed = side, examples, 0
        self.round()

    def round(self) -> float:
        """Seconds a slice."""
        from engines.landscape import make_slice

        self.seed += 1
        told: list[float] = []
        start = time.perf_counter()
        made = make_slice(self.net, "random", self.side, self.examples, self.seed, progress=told.append)
        seconds = time.perf_counter() - start
        if made.loss.shape != (self.side, self.side) or len(told) < 3:
            raise RuntimeError(f"a slice of {made.loss.shape} with {len(told)} reports of progress")
        return seconds
