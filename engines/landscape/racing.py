"""The race that opens on a new slice: where it starts, and rates that show each optimizer well, found by trying."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from engines.descent.paths import run_race
from engines.descent.race import MAX_RUNNERS, USUAL, Race, Runner, usual_radius
from engines.descent.stability import linear_rule
from engines.descent.terrain import Terrain
from engines.descriptions import Choice
from engines.landscape import spline
from engines.landscape.slice import Slice
from engines.landscape.terrain import start_of, terrain_of_slice
from engines.lazy import jax

STEPS = 300
_PLACES_ON_THE_WAY = 33
_GOAL_STEPS = 60
_BEYOND = 30.0
"""Rates are tried from so many times under to so many times over what the ground's curvature and width suggest."""
_SLOWEST, _FASTEST = 1e-5, 100.0
_STABLE = 0.95


def race_on(made: Slice, token: str, optimizers: Sequence[str] = USUAL) -> Race:
    """The usual runners on a slice kept under `token`, from its start, each at the best of `MAX_RUNNERS` rates tried.

    Plain gradient descent only tries those that are stable at the start: beyond, it would show luck, not the rule.
    """
    start, terrain = start_of(made), terrain_of_slice(made)
    radius = usual_radius(terrain.domain)
    base = Race(surface=Choice(key="landscape"), landscape=token, start=start, ring_radius=radius, steps=STEPS)
    every, steady = rates_to_try(made, start), stable_rates(made, start)
    rates = {key: steady if _is_plain(key) else every for key in optimizers}
    runners = [Runner(optimizer=Choice(key=key), learning_rate=best_rate(base, terrain, key, rates[key])) for key in optimizers]
    return base.change(runners=runners)


def _is_plain(optimizer: str) -> bool:
    rule = linear_rule(optimizer)
    return rule is not None and rule.plain


def stable_rates(made: Slice, start: tuple[float, float]) -> tuple[float, ...]:
    """Those of `rates_to_try` that stay clearly under 2 / the largest curvature at `start`; never none."""
    largest = float(_curvatures(made, np.array([start])).max())
    limit = _STABLE * 2 / largest if largest > 0 else np.inf
    return tuple(rate for rate in rates_to_try(made, start) if rate < limit) or (max(float(f"{limit / 2:.2g}"), 1e-6),)


def rates_to_try(made: Slice, start: tuple[float, float]) -> tuple[float, ...]:
    """`MAX_RUNNERS` learning rates, evenly spread in powers of ten, two digits each.

    They lie around two lengths: 1 / the largest curvature on the straight way from `start` to where the net is now, which suits
    rules whose step grows with the slope, and a sixtieth of that way, which suits rules that set the length of their steps.
    """
    steepest = float(_curvatures(made, np.array(start) * np.linspace(1, 0, _PLACES_ON_THE_WAY)[:, None]).max())
    width = float(max(np.ptp(made.alpha), np.ptp(made.beta)))
    lengths = max(float(np.linalg.norm(start)), 0.1 * width) / _GOAL_STEPS, 1 / steepest if steepest > 0 else width
    low, high = max(min(lengths) / _BEYOND, _SLOWEST), min(max(lengths) * _BEYOND, _FASTEST)
    return tuple(float(f"{rate:.2g}") for rate in np.geomspace(min(low, high), high, MAX_RUNNERS))


def _curvatures(made: Slice, places: np.ndarray) -> np.ndarray:
    """The largest curvature (n,) at each of up to `_PLACES_ON_THE_WAY` places (n, 2)."""
    room = np.resize(places, (_PLACES_ON_THE_WAY, 2)).astype(np.float32)
    hessians = np.asarray(_hessians()(room, spline.params_of(made.alpha, made.beta, made.filled())), np.float64)
    return np.linalg.eigvalsh(hessians).max(1)[: len(places)]


@lru_cache(maxsize=1)
def _hessians() -> Any:
    return jax.jit(jax.vmap(jax.hessian(lambda place, params: spline.height(place[0], place[1], params)), in_axes=(0, None)))


def best_rate(race: Race, terrain: Terrain, optimizer: str, rates: Sequence[float]) -> float:
    """The rate of `rates` with which the optimizer is lowest on average over the race.

    Where it leaves the map, nothing has been measured: from there on its last height on the map counts.
    """
    runners = tuple(Runner(optimizer=Choice(key=optimizer), learning_rate=rate) for rate in rates)
    paths = run_race(race.change(runners=runners), terrain)
    low_x, high_x, low_y, high_y = terrain.domain
    x, y = paths.position[..., 0], paths.position[..., 1]
    outside = (x < low_x) | (x > high_x) | (y < low_y) | (y > high_y) | ~np.isfinite(paths.height)
    steps = np.arange(outside.shape[1])
    left = np.where(outside.any(1), outside.argmax(1), len(steps))
    last = np.maximum(np.minimum(steps, left[:, None] - 1), 0)
    return float(rates[int(np.argmin(np.take_along_axis(paths.height, last, 1).mean(1)))])
