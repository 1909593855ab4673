"""A race and all that is drawn of it, computed once: whoever asks again, for the same race, gets the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.descent.paths import Paths, run_race
from engines.descent.race import Race
from engines.descent.score import Score, score
from engines.descent.terrain import Field, Terrain, field, terrain_of
from playground.figures.contours import Contours, contours, levels
from playground.kept import Kept

MAX_KEPT_BYTES = 64_000_000
MAX_TERRAINS = 64


@dataclass(frozen=True)
class Raced:
    """A race, the ground it was run on, every runner's path, and a score for each path."""

    race: Race
    terrain: Terrain
    field: Field
    contours: Contours
    paths: Paths
    scores: tuple[Score, ...]


def _bytes(raced: Raced) -> int:
    values = vars(raced.paths).values()
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray)) or 1


_raced: Kept[Raced] = Kept(MAX_KEPT_BYTES, _bytes)
_grounds: Kept[tuple[Terrain, Field, Contours]] = Kept(MAX_TERRAINS, lambda _: 1)


def raced(race: Race) -> Raced:
    """The race, run. Raises FormulaError or UnknownLandscape where it has no ground to run on."""
    return _raced.get(race.to_json(), lambda: _run(race))


def ground_of(race: Race) -> tuple[Terrain, Field, Contours]:
    """The terrain of a race, its heights on a grid, its contour lines. Raises as `raced`."""
    return _grounds.get(_ground_key(race), lambda: _survey(terrain_of(race)))


def is_known(race: Race) -> bool:
    """Whether some race has been run on this race's ground, so that its programs are there."""
    return _ground_key(race) in _grounds


def fresh(race: Race) -> Raced:
    """As `raced`, but not kept: for starts that are only passed by."""
    return _run(race)


def _ground_key(race: Race) -> str:
    own = {"formula": (race.formula, race.window), "landscape": race.landscape}.get(race.surface.key, "")
    return repr((race.surface.key, sorted(race.surface.settings.items()), own))


def _survey(terrain: Terrain) -> tuple[Terrain, Field, Contours]:
    seen = field(terrain)
    saddles = [point.height for point in terrain.stationary if point.kind == "saddle"]
    floor = min((point.height for point in terrain.stationary if point.kind == "minimum"), default=None)
    return terrain, seen, contours(seen.x, seen.y, seen.height, levels(seen.height, saddles, floor))


def _run(race: Race) -> Raced:
    terrain, seen, lines = ground_of(race)
    paths = run_race(race, terrain)
    return Raced(race, terrain, seen, lines, paths, score(race, terrain, paths))


def forget() -> None:
    """Start afresh, for tests."""
    global _raced, _grounds
    _raced, _grounds = Kept(MAX_KEPT_BYTES, _bytes), Kept(MAX_TERRAINS, lambda _: 1)


def describe(value: Any) -> str:
    """A number for a table or a sentence: three significant digits; '–' where there is none."""
    return "–" if value is None or not np.isfinite(value) else f"{value:.3g}"
