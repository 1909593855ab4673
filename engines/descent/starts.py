"""From a race to many lanes and back: what the maps of winners, the escape times and the sweeps have in common.

Work is cut into pieces that fit the processor's cache and run by a few threads (a running program leaves Python free), so it can
tell how far it is and be cancelled between pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.descent.score import goal_radius, neighbourhood_radius
from engines.device import usable_cores
from engines.lazy import jax
from engines.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from engines.descent.lanes import Aim, Lanes, Outcome
    from engines.descent.race import Race, Runner
    from engines.descent.terrain import Terrain

LARGE, SMALL = 4096, 512
"""Lanes in a piece: where there are tens of thousands, and where there are hundreds."""

MOST_THREADS = 4
_LOOK_EVERY_S = 0.1

Progress = Callable[[float], None]
IsCancelled = Callable[[], bool]


class Cancelled(Exception):
    """The visitor did not want to wait any longer; there is no result."""


def checked_steps(race: Race, steps: int | None) -> int:
    """The race's number of steps, or `steps` where it is given. Raises ValueError for one that no race may have."""
    from engines.descent.race import MAX_STEPS, MIN_STEPS

    if steps is not None and not MIN_STEPS <= steps <= MAX_STEPS:
        raise ValueError(f"a race has {MIN_STEPS} to {MAX_STEPS} steps, not {steps}")
    return race.steps if steps is None else steps


def goals(terrain: Terrain) -> np.ndarray:
    """The places to reach (G, 2): the lowest minima."""
    return _places([point for point in terrain.stationary if point.kind == "minimum" and point.lowest])


def saddles(terrain: Terrain) -> np.ndarray:
    """The terrain's saddles (K, 2)."""
    return _places([point for point in terrain.stationary if point.kind == "saddle"])


def _places(points: Sequence[Any]) -> np.ndarray:
    return np.array([(point.x, point.y) for point in points], np.float32).reshape(-1, 2)


def aim(terrain: Terrain, wait_for: int, steps: int) -> Aim:
    """What lanes on this terrain run for. wait_for: GOAL, LEFT or END of `engines.descent.lanes`.

    Saddles are looked at only by those who wait to leave one.
    """
    from engines.descent.lanes import LEFT, Aim
    from engines.descent.program import world_of

    return Aim(
        params=dict(terrain.params),
        goals=_filled(goals(terrain)),
        goal_radius=np.float32(goal_radius(terrain)),
        below=np.bool_(not any(point.kind == "minimum" for point in terrain.stationary)),
        saddles=_filled(saddles(terrain) if wait_for == LEFT else np.zeros((0, 2), np.float32)),
        neighbourhood=np.float32(neighbourhood_radius(terrain)),
        domain=np.array(terrain.domain, np.float32),
        world=np.array(world_of(terrain.domain), np.float32),
        wait=np.int32(wait_for),
        steps=np.int32(steps),
    )


def _filled(places: np.ndarray) -> np.ndarray:
    """Up to the next power of two with places that nothing is near to, so that few programs serve all."""
    room = 1 << (max(len(places), 1) - 1).bit_length()
    return np.concatenate([places, np.full((room - len(places), 2), np.inf, np.float32)])


def lanes(race: Race, runner: Runner, x: np.ndarray, y: np.ndarray, **swept: np.ndarray) -> Lanes:
    """One runner of `race` from each of the places x, y (L,), with the noise that the race's own start meets.

    swept: settings of the optimizer, or `learning_rate`, that each lane has of its own (L,).
    """
    from engines.descent.lanes import Lanes
    from engines.tiny.layout import OPTIMIZER_SETTINGS

    entry = OPTIMIZERS[runner.optimizer.key]
    values = {name: 0.0 for name in OPTIMIZER_SETTINGS} | entry.defaults() | dict(runner.optimizer.settings)
    values |= {"learning_rate": runner.learning_rate} | swept
    settings = {name: np.broadcast_to(np.float32(value), x.shape if swept else (1,)) for name, value in values.items()}
    return Lanes(
        x=np.asarray(x, np.float32),
        y=np.asarray(y, np.float32),
        optimizer=np.int32(OPTIMIZERS.index(entry.key)),
        rate=settings.pop("learning_rate"),
        settings=settings,
        factors=_factors(runner),
        noisy=np.float32(not entry.full_batch),
        noise=noise(race.seed, race.noise),
        rng=start_key(race.seed),
        glance=np.int32(race.glance),
    )


def _factors(runner: Runner) -> Any:
    """What the runner's schedule makes of its rate, step by step (MAX_STEPS,)."""
    from engines.descent.program import scheduler
    from engines.schedules import SCHEDULES
    from engines.tiny.layout import SCHEDULE_SETTINGS

    entry = SCHEDULES[runner.schedule.key]
    values = entry.defaults() | dict(runner.schedule.settings)
    settings = np.array([[values.get(name, 1.0)] for name in SCHEDULE_SETTINGS], np.float32)
    return scheduler()(*_put((np.ones(1, np.float32), np.array([SCHEDULES.index(entry.key)], np.int32), settings)))[:, 0]


def noise(seed: int, deviation: float) -> np.ndarray:
    """What `run_race` adds to the slopes seen from the first start: (MAX_STEPS, 2, 1)."""
    from engines.descent.program import noise_maker
    from engines.descent.race import MAX_STEPS

    if deviation == 0:
        return np.zeros((MAX_STEPS, 2, 1), np.float32)
    return np.asarray(noise_maker()(*_put((np.uint32(seed), np.float32(deviation)))))[:, :, :1]


def start_key(seed: int) -> Any:
    """The key that `run_race` draws the first start's mini-batches with."""
    return jax.random.fold_in(jax.random.key(_put(np.uint32(seed))), 0)


def _put(tree: Any) -> Any:
    """On the CPU, where `run_race` runs as well."""
    return jax.device_put(tree, jax.local_devices(backend="cpu")[0])


def glances(race: Race, terrain: Terrain) -> bool:
    """Whether optimizers of this race see the slope in mini-batches."""
    return terrain.glance is not None and race.glance > 0


def outcomes(
    terrain: Terrain,
    bundles: Sequence[Lanes],
    goal: Aim,
    glancing: bool,
    size: int,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
) -> list[Outcome]:
    """Run bundles of lanes, cut into pieces of `size`, and return what became of each bundle, in NumPy.

    progress: told the share that is done, 0 to 1. cancelled: asked now and then. Raises Cancelled.
    """
    from engines.descent.lanes import program

    run, tell, aimed = program(terrain, glancing), progress or (lambda share: None), _put(goal)
    jobs = [(index, piece) for index, bundle in enumerate(bundles) for piece in _cut(bundle, size)]

    def one(piece: Lanes) -> Outcome:
        return jax.tree.map(np.asarray, run(_put(piece), aimed))

    tell(0.0)
    with ThreadPoolExecutor(min(MOST_THREADS, usable_cores())) as pool:
        # The first one compiles; the others would only wait for it.
        futures = [pool.submit(one, jobs[0][1])]
        _finish(pool, futures, lambda left: tell((1 - left) / len(jobs)), cancelled)
        futures += [pool.submit(one, piece) for _, piece in jobs[1:]]
        _finish(pool, futures, lambda left: tell(1 - left / len(jobs)), cancelled)
    parts: list[list[Outcome]] = [[] for _ in bundles]
    for (index, _), future in zip(jobs, futures, strict=True):
        parts[index].append(future.result())
    return [_joined(each, len(bundle.x)) for each, bundle in zip(parts, bundles, strict=True)]


def _cut(bundle: Lanes, size: int) -> list[Lanes]:
    """Pieces of one size; the last is filled up with lanes that start nowhere, which settle at once."""
    room = -len(bundle.x) % size
    nowhere = np.full(room, np.nan, np.float32)
    x, y = (np.concatenate([array, nowhere]) for array in (bundle.x, bundle.y))

    def part(array: np.ndarray, first: int) -> np.ndarray:
        """What these lanes have of their own; what all share, and what the last of them has for those that fill up."""
        if array.shape[-1] == 1:
            return array
        rest = array[..., first : first + size]
        return np.concatenate([rest, np.repeat(rest[..., -1:], size - rest.shape[-1], -1)], -1)

    return [
        bundle._replace(
            x=x[first : first + size],
            y=y[first : first + size],
            rate=part(bundle.rate, first),
            settings={name: part(value, first) for name, value in bundle.settings.items()},
            noise=part(bundle.noise, first),
        )
        for first in range(0, len(x), size)
    ]


def _joined(parts: Sequence[Outcome], count: int) -> Outcome:
    return type(parts[0])(*(np.concatenate(arrays)[:count] for arrays in zip(*parts, strict=True)))


def _finish(
    pool: ThreadPoolExecutor, futures: Sequence[Future[Any]], tell: Callable[[int], None], cancelled: IsCancelled | None
) -> None:
    """Wait for all of them, telling how many are left. Raises Cancelled, or what one of them raised."""
    waiting = set(futures)
    while waiting:
        finished, waiting = wait(waiting, _LOOK_EVERY_S, FIRST_COMPLETED)
        failed = next((future.exception() for future in finished if future.exception()), None)
        if failed or (cancelled is not None and cancelled()):
            pool.shutdown(wait=False, cancel_futures=True)
            raise failed or Cancelled
        tell(len(waiting))
