"""Running a race: from its description to every runner's path, step by step."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.lazy import jax
from engines.optimizers import OPTIMIZERS
from engines.schedules import SCHEDULES

if TYPE_CHECKING:
    from engines.descent.race import Race, Runner
    from engines.descent.terrain import Stationary, Terrain

_CHUNK = 1 << 15


@dataclass(frozen=True, kw_only=True)
class Paths:
    """N paths of T steps, float32; path k = start * runners + runner. Places and gradients are (x, y).

    runner, start (N,): who, and from which of `origin` (S, 2). position (N, T + 1, 2), height (N, T + 1): row 0 is the start.
    thrown (N,): the first step that led off the world (the domain enlarged ten times) or to no finite number, -1 if none did; from
    there on the runner stays where it last was. It is 0 where the start itself is such a place.
    saddle_distance, minimum_distance (N, T + 1): to the nearest saddle and minimum; nan where the terrain has none.

    For up to 24 paths also, else None:
    gradient (N, T + 1, 2): the exact one. hessian (N, T + 1, 3): xx, xy, yy. curvature (N, T + 1, 3): its larger eigenvalue, its
    smaller, and the angle of the larger's direction in radians.
    first, second (N, T + 1, 2): the optimizer's slots before step t. seen (N, T, 2): the gradient step t was given, with noise.
    change (N, T, 2): what step t added; 0 once thrown. rate (N, T): the learning rate of step t.
    """

    runner: np.ndarray
    start: np.ndarray
    origin: np.ndarray
    position: np.ndarray
    height: np.ndarray
    thrown: np.ndarray
    saddle_distance: np.ndarray
    minimum_distance: np.ndarray
    runners: tuple[Runner, ...]
    gradient: np.ndarray | None = None
    hessian: np.ndarray | None = None
    curvature: np.ndarray | None = None
    first: np.ndarray | None = None
    second: np.ndarray | None = None
    seen: np.ndarray | None = None
    change: np.ndarray | None = None
    rate: np.ndarray | None = None


def run_race(race: Race, terrain: Terrain | None = None) -> Paths:
    """Run every runner of `race` from every start. The first race on a terrain compiles (about 0.5 s), later ones do not.

    terrain: the race's own, where it is at hand. Raises what `terrain_of` raises: FormulaError, UnknownLandscape.
    """
    if terrain is None:
        from engines.descent.terrain import terrain_of

        terrain = terrain_of(race)
    glancing = terrain.glance is not None and race.glance > 0
    record, thrown = _run_starts(race, terrain) if glancing else _run(race, terrain, range(len(race.starts)), False)
    found = dict(_named(record))
    position = found["position"]
    runner, start = _lanes_of(race, range(len(race.starts)))
    return Paths(
        runner=runner,
        start=start,
        origin=np.asarray(race.starts, np.float32),
        position=position,
        height=found["height"][..., 0],
        thrown=thrown.copy(),
        saddle_distance=_nearest(position, terrain.stationary, "saddle"),
        minimum_distance=_nearest(position, terrain.stationary, "minimum"),
        runners=race.runners,
        **(_details(race, terrain, found) if "gradient" in found else {}),
    )


def lines_of(paths: Paths, k: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Every step of path k told line by line: the symbols of its optimizer's lines (L,), and their values (T, L, 2).

    From the step on that threw it off, its lines stay those of that step. Raises ValueError where details were not kept.
    """
    if paths.seen is None:
        raise ValueError(f"{len(paths.runner)} paths are too many for details of each step")
    from engines.descent.program import narrator

    runner = paths.runners[paths.runner[k]]
    entry = OPTIMIZERS[runner.optimizer.key]
    count = paths.seen.shape[1]
    room = _padded([paths.seen[k], paths.position[k, :-1], paths.first[k, :-1], paths.second[k, :-1], paths.rate[k][:, None]])
    settings = {key: np.float32(value) for key, value in runner.optimizer.settings.items()}
    values = np.asarray(narrator(entry)(*_put(room), _put(settings)))[:count].copy()
    if 0 < paths.thrown[k] < count:
        values[paths.thrown[k] :] = values[paths.thrown[k] - 1]
    return tuple(line.symbol for line in entry.lines), values


def is_ready(race: Race, terrain: Terrain) -> bool:
    """Whether `run_race` compiles nothing for this race: its terrain has been raced on with about as many paths."""
    from engines.descent import program

    glancing = terrain.glance is not None and race.glance > 0
    starts = 1 if glancing else len(race.starts)
    return program.is_ready(terrain, len(race.runners) * starts, glancing)


def _put(tree: Any) -> Any:
    """On the CPU: its loops are far quicker than launching thousands of kernels."""
    return jax.device_put(tree, jax.local_devices(backend="cpu")[0])


def _padded(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Arrays (T, n) with zeros up to the longest race, so that one program serves every length."""
    from engines.descent.race import MAX_STEPS

    return [np.concatenate([array, np.zeros((MAX_STEPS - len(array), array.shape[1]), np.float32)]) for array in arrays]


def _named(record: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The record (N, T + 1, numbers) cut into its parts."""
    from engines.descent.program import ROWS

    names = list(ROWS.items()) if record.shape[2] > 3 else list(ROWS.items())[:2]
    ends = np.cumsum([size for _, size in names])
    return [(name, np.ascontiguousarray(record[..., end - size : end])) for (name, size), end in zip(names, ends, strict=True)]


def _run_starts(race: Race, terrain: Terrain) -> tuple[np.ndarray, np.ndarray]:
    """One start after the other: all runners from it see the same examples."""
    parts = [_run(race, terrain, range(s, s + 1), True) for s in range(len(race.starts))]
    records = [record if len(parts) * len(race.runners) <= _detailed() else record[..., :3] for record, _ in parts]
    return np.concatenate(records), np.concatenate([thrown for _, thrown in parts])


def _detailed() -> int:
    from engines.descent.program import BUCKETS

    return BUCKETS[0]


def _run(race: Race, terrain: Terrain, starts: range, glancing: bool) -> tuple[np.ndarray, np.ndarray]:
    """Record (N, T + 1, numbers) and thrown (N,) of all runners from these starts."""
    from engines.descent import program

    runner, start = _lanes_of(race, starts)
    count = len(runner)
    arguments = _put(_lanes(race, runner, start)), _put(_course(race, terrain, starts))
    record, thrown = program.program_for(terrain, *arguments, glancing)(*arguments)
    return np.moveaxis(np.asarray(record)[: race.steps + 1, :, :count], 2, 0), np.asarray(thrown)[:count]


def _lanes_of(race: Race, starts: range) -> tuple[np.ndarray, np.ndarray]:
    """Runner and start of each lane, start by start."""
    runners = np.arange(len(race.runners), dtype=np.int32)
    return np.tile(runners, len(starts)), np.repeat(np.asarray(starts, np.int32), len(runners))


def _lanes(race: Race, runner: np.ndarray, start: np.ndarray) -> Any:
    """Lanes up to the bucket's size: the last one is repeated."""
    from engines.descent.program import Lanes, bucket

    room = bucket(len(runner)) - len(runner)
    columns = np.array([_settings(r.optimizer.key, r.optimizer.settings) for r in race.runners], np.float32).T
    entries = [OPTIMIZERS[r.optimizer.key] for r in race.runners]

    def fill(array: np.ndarray) -> np.ndarray:
        return np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, room)], mode="edge")

    return Lanes(
        origin=fill(np.asarray(race.starts, np.float32)[start].T),
        optimizer=fill(np.array([OPTIMIZERS.index(entry.key) for entry in entries], np.int32)[runner]),
        settings=fill(columns[:, runner]),
        runner=fill(runner),
        start=fill(start),
        noisy=fill(np.array([0.0 if entry.full_batch else 1.0 for entry in entries], np.float32)[runner]),
    )


def _settings(optimizer: str, settings: dict[str, float]) -> list[float]:
    from engines.tiny.layout import OPTIMIZER_SETTINGS

    values = {**OPTIMIZERS[optimizer].defaults(), **settings}
    return [values.get(name, 0.0) for name in OPTIMIZER_SETTINGS]


def _course(race: Race, terrain: Terrain, starts: range) -> Any:
    from engines.descent import program

    seed = np.uint32(race.seed)
    return program.Course(
        params=dict(terrain.params),
        world=np.array(program.world_of(terrain.domain), np.float32),
        steps=np.int32(race.steps),
        rates=_rates(race.runners),
        noise=program.noise_maker()(*_put((seed, np.float32(race.noise)))) if race.noise > 0 else _silence(),
        rng=_start_key(race.seed, starts[0]),
        glance=np.int32(race.glance),
    )


def _rates(runners: Sequence[Runner]) -> Any:
    """Scheduled learning rates (MAX_STEPS, MAX_RUNNERS), on the device."""
    from engines.descent import program
    from engines.descent.race import MAX_RUNNERS
    from engines.tiny.layout import SCHEDULE_SETTINGS

    base, which = np.zeros(MAX_RUNNERS, np.float32), np.zeros(MAX_RUNNERS, np.int32)
    settings = np.ones((len(SCHEDULE_SETTINGS), MAX_RUNNERS), np.float32)
    for column, runner in enumerate(runners):
        values = {**SCHEDULES[runner.schedule.key].defaults(), **runner.schedule.settings}
        base[column], which[column] = runner.learning_rate, SCHEDULES.index(runner.schedule.key)
        settings[:, column] = [values.get(name, 1.0) for name in SCHEDULE_SETTINGS]
    return program.scheduler()(*_put((base, which, settings)))


@functools.cache
def _silence() -> Any:
    from engines.descent.race import MAX_RING, MAX_STEPS

    return _put(np.zeros((MAX_STEPS, 2, MAX_RING), np.float32))


def _start_key(seed: int, start: int) -> Any:
    return _key_maker()(*_put((np.uint32(seed), np.int32(start))))


@functools.cache
def _key_maker() -> Any:
    return jax.jit(lambda seed, start: jax.random.fold_in(jax.random.key(seed), start))


def _details(race: Race, terrain: Terrain, found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    from engines.descent.ground import derivatives, eigen

    places = found["position"]
    xx, xy, yy = derivatives(terrain, places[..., 0].ravel(), places[..., 1].ravel())[3:]
    eigenvalues, angle = eigen(xx, xy, yy)
    shape = (*places.shape[:2], 3)
    rates = np.asarray(_rates(race.runners))[: race.steps].T
    with np.errstate(over="ignore"):
        curvature = np.column_stack([eigenvalues, angle]).astype(np.float32)
    return {
        "gradient": found["gradient"],
        "hessian": np.stack([xx, xy, yy], 1).astype(np.float32).reshape(shape),
        "curvature": curvature.reshape(shape),
        "first": found["first"],
        "second": found["second"],
        "seen": np.ascontiguousarray(found["seen"][:, 1:]),
        "change": np.ascontiguousarray(found["change"][:, 1:]),
        "rate": np.ascontiguousarray(rates[_lanes_of(race, range(len(race.starts)))[0]]),
    }


def _nearest(position: np.ndarray, stationary: Sequence[Stationary], kind: str) -> np.ndarray:
    """Distance of each place (N, T + 1, 2) to the nearest stationary point of a kind: (N, T + 1), nan without one."""
    points = [(point.x, point.y) for point in stationary if point.kind == kind]
    places = position.reshape(-1, 2)
    squares = np.full(len(places), math.nan if not points else math.inf, np.float32)
    for begin in range(0, len(places) if points else 0, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        x, y = np.ascontiguousarray(places[part].T)
        for px, py in points:
            np.minimum(squares[part], (x - np.float32(px)) ** 2 + (y - np.float32(py)) ** 2, out=squares[part])
    return np.sqrt(squares).reshape(position.shape[:2])
