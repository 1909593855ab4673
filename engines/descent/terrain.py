"""What one can walk on: a height over the plane, where it is level, and the part of the plane that is shown."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engines.descent import stationary
from engines.descent.stationary import Domain, Height, Stationary
from engines.formula import Formula, parse
from engines.lazy import jax
from engines.surfaces import SURFACES, Surface

if TYPE_CHECKING:
    from engines.descent.race import Race

Array = Any
Glance = Callable[[Array, Array, Mapping[str, Array], Array, Array], Array]

FIELD_COUNT = 101
_KEPT = 128


class UnknownLandscape(ValueError):
    """The slice of a net's landscape that a race names is not (or no longer) in memory; str() is a sentence for the page."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """A surface ready to be walked on. Two terrains of one key are equal: compiled programs are kept by it.

    height(x, y, params): elementwise in jnp, x and y of any one shape. params: traced, not part of the key.
    domain: x low, x high, y low, y high. glance(x, y, params, rng, count): the height seen in `count` random examples, or None.
    code: the height as a jnp expression of x and y with the settings filled in, for exported scripts; None where there is none.
    formula: what the visitor typed, where the height comes from that.
    """

    key: str
    label: str
    height: Height
    params: Mapping[str, np.ndarray]
    domain: Domain
    names: tuple[str, str] = ("x", "y")
    stationary: tuple[Stationary, ...] = ()
    glance: Glance | None = None
    latex: str = ""
    code: str | None = None
    formula: Formula | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Terrain) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Field(NamedTuple):
    """Heights on a grid: x (n,), y (n,), height (n, n) with one row for each y; float32, nan where there is no finite height."""

    x: np.ndarray
    y: np.ndarray
    height: np.ndarray


def terrain_of(race: Race) -> Terrain:
    """The ground that a race runs on.

    Raises FormulaError for a formula that cannot be read or has no height anywhere in the race's window, UnknownLandscape for a
    slice that is gone, and engines.data.sources.DataProblem when the two-weight net's digits cannot be read.
    """
    surface = SURFACES[race.surface.key]
    if surface.typed:
        return formula_terrain(race.formula, tuple(map(float, race.window)))
    if surface.sliced:
        return _sliced(race.landscape)
    return surface_terrain(surface.key, tuple(sorted({**surface.defaults(), **race.surface.settings}.items())))


@functools.lru_cache(maxsize=_KEPT)
def formula_terrain(text: str, window: Domain) -> Terrain:
    """The terrain of a typed formula on `window` (x low, x high, y low, y high). Raises FormulaError."""
    formula = parse(text)
    formula.notes(window)
    height = _formula_height(formula)
    return Terrain(
        key=f"formula:{formula.text}",
        label=SURFACES["formula"].label,
        height=height,
        params={},
        domain=window,
        stationary=stationary.find(height, {}, window),
        latex=formula.latex,
        code=formula.code,
        formula=formula,
    )


@functools.lru_cache(maxsize=_KEPT)
def _formula_height(formula: Formula) -> Height:
    """One function object a formula, so that what is compiled for it is found again on another window."""
    return lambda x, y, params: formula.evaluate(x, y)


@functools.lru_cache(maxsize=_KEPT)
def surface_terrain(key: str, settings: tuple[tuple[str, float], ...] = ()) -> Terrain:
    """The terrain of an entry of SURFACES with (key, value) settings; those not given take their default."""
    surface = SURFACES[key]
    settings = tuple({**surface.defaults(), **dict(settings)}.items())
    params = surface.params(dict(settings))
    bare = Terrain(key, surface.label, surface.height, params, tuple(map(float, surface.domain)), surface.names)
    return dataclasses.replace(
        bare,
        stationary=_stated(surface, bare),
        glance=surface.glance,
        latex=surface.formula,
        code=surface.code.format(**{name: value.tolist() for name, value in params.items()} | dict(settings)),
    )


def _stated(surface: Surface, terrain: Terrain) -> tuple[Stationary, ...]:
    """The level points that the table states, with their heights."""
    kinds = {"minima": "minimum", "valleys": "minimum", "saddles": "saddle", "peaks": "maximum"}
    points = [(*map(float, point), kind, name == "minima") for name, kind in kinds.items() for point in getattr(surface, name)]
    if not points:
        return ()
    heights = heights_at(terrain, np.array([point[0] for point in points]), np.array([point[1] for point in points]))
    return tuple(Stationary(x, y, float(h), kind, low) for (x, y, kind, low), h in zip(points, heights, strict=True))


def _sliced(token: str) -> Terrain:
    from engines import landscape

    found = landscape.find(token)
    if found is None:
        message = "This slice of a net's landscape is no longer in memory: make it again on the Network or Digits page."
        raise UnknownLandscape(message)
    return landscape.terrain_of_slice(found)


def check(terrain: Terrain) -> list[str]:
    """A sentence where part of the domain has no height; none where all of it has one.

    Raises FormulaError, pointing at the part to blame, for a formula without a height anywhere on the domain.
    """
    return terrain.formula.notes(terrain.domain) if terrain.formula else []


def field(terrain: Terrain, count: int = FIELD_COUNT) -> Field:
    """Heights on a `count` x `count` grid over the domain, edges included."""
    low_x, high_x, low_y, high_y = terrain.domain
    x, y = (np.linspace(low, high, count, dtype=np.float32) for low, high in ((low_x, high_x), (low_y, high_y)))
    height = np.array(_program(terrain)(*np.meshgrid(x, y), terrain.params))
    height[~np.isfinite(height)] = np.nan
    return Field(x, y, height)


def heights_at(terrain: Terrain, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Heights (n,) float32 at points x, y (n,), with the program that `field` compiles; not finite where there is none."""
    size = FIELD_COUNT**2
    parts = []
    for start in range(0, len(x), size):
        grids = [np.resize(a[start : start + size].astype(np.float32), (FIELD_COUNT, FIELD_COUNT)) for a in (x, y)]
        parts.append(np.asarray(_program(terrain)(*grids, terrain.params)).ravel()[: len(x) - start])
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


@functools.lru_cache(maxsize=_KEPT)
def _program(terrain: Terrain) -> Callable[[Array, Array, Mapping[str, Array]], Array]:
    """The height, compiled once a terrain key; x, y and params are traced."""
    return jax.jit(terrain.height, compiler_options=stationary.QUICK_COMPILE)
