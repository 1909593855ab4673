"""What a visitor sees who looks inside a digits net: the maps, filters and numbers of one digit's way through it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from engines.data import drawn
from engines.data.digits import Digits
from engines.experiment import StackNet
from engines.nets import inside_pass, stack
from engines.nets.inside_pass import Pairs, Passed
from engines.nets.inside_unit import explained
from engines.nets.layers import LAYERS
from engines.nets.stack import Row
from engines.nets.stack_spec import shaping
from engines.training import Inside, Look

if TYPE_CHECKING:
    from engines.nets.dense import DenseTrainer

MAPS, UNITS, CHANNELS = 32, 512, 8
"""Maps, units of a row, and channels of a filter that are shown: the first ones."""
OCCLUSION_S, OCCLUSION_SHARE = 0.5, 0.2
"""An occlusion map is made at most twice a second, and takes at most this share of the time."""
QUICK_S = 0.02
"""One that takes less than this is made as often as asked for while the net does not change."""
UNSEEN = ("dropout",)
"""Layers that do nothing while one looks: left out of the pictures."""

Sections = dict[str, np.ndarray]
Facts = dict[str, Any]


class Seen(NamedTuple):
    """The last fields of a `Probe`. again_s: seconds after which there will be more to see of the same moment, or None."""

    sections: Sections
    facts: Facts
    again_s: float | None = None


def looked(
    net: StackNet, cost: str, weights: Pairs, picture: np.ndarray, truth: int | None, inside: Inside
) -> tuple[Sections, Facts]:
    """Sections and facts of `picture` (28, 28) uint8, the digit `truth` if anybody knows, on its way through `net`.

    cost: key of `CLASS_LOSSES`. weights: settled, a pair a layer that has some. inside: what is asked for; its digit, picture
    and moves are taken as dealt with (see `picture_of`).
    """
    seen = inside_pass.passed(net, cost, weights, picture, truth)
    sections, facts = _shown(net, weights, picture, truth, seen, inside)
    if "occlusion" in inside.maps:
        sections["occlusion"] = inside_pass.occlusion(net, cost, weights, picture, seen.target)
    return sections, facts


def picture_of(inside: Inside, digits: Digits) -> tuple[np.ndarray, int | None]:
    """The picture (28, 28) uint8 that is looked at, after its moves, and which digit it is; None for drawn ones.

    A test digit beyond the last is the last.
    """
    if inside.picture is not None:
        picture, truth = inside.picture, None
    else:
        index = _index(inside, digits)
        picture, truth = digits.test_images[index], int(digits.test_labels[index])
    return (picture if inside.moves == drawn.Moves() else drawn.moved(picture, inside.moves)), truth


def _index(inside: Inside, digits: Digits) -> int:
    return min(inside.digit, len(digits.test_labels) - 1)


@dataclass
class _Memory:
    """What is known of one trainer's present moment. key: weights and picture that `seen` is of; occluded: those of `occlusion`.

    programs: those in use, held.
    """

    key: tuple[Any, ...] = ()
    seen: Passed | None = None
    occluded: tuple[Any, ...] = ()
    occlusion: np.ndarray | None = None
    due: float = 0.0
    cost_s: float = 0.0
    programs: tuple[Any, ...] = ()


_memories: WeakKeyDictionary[Any, _Memory] = WeakKeyDictionary()


def inside_sections(trainer: DenseTrainer, look: Look) -> Seen:
    """What `look.inside` asks for of a digits net being trained; nothing while it is None."""
    inside = look.inside
    if inside is None:
        _memories.pop(trainer, None)
        return Seen({}, {})
    memory = _memories.setdefault(trainer, _Memory())
    net, cost, weights = stack.as_stack(trainer.experiment.net), trainer.experiment.cost, trainer.settled(exact=False)
    picture, truth = picture_of(inside, trainer.digits)
    key = (weights, shaping(net), cost, picture.tobytes(), truth)
    if memory.seen is None or not _same(memory.key, key):
        memory.programs = inside_pass.programs_of(net, cost)
        memory.seen, memory.key = inside_pass.passed(net, cost, weights, picture, truth), key
    sections, facts = _shown(net, weights, picture, truth, memory.seen, inside)
    facts["inside"]["moves"] = inside.moves._asdict()
    if inside.picture is None:
        facts["inside"] |= {"digit": _index(inside, trainer.digits)}
    again_s = None
    if "occlusion" in inside.maps:
        sections["occlusion"], again_s = _occluded(memory, net, cost, weights, picture)
    return Seen(sections, facts, again_s)


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Weights are arrays: the same ones, not equal ones."""
    return bool(one) and one[0] is other[0] and one[1:] == other[1:]


def _occluded(memory: _Memory, net: StackNet, cost: str, weights: Pairs, picture: np.ndarray) -> tuple[np.ndarray, float | None]:
    """The newest occlusion map that may be had, and the seconds after which there is a newer one; None if it is up to date."""
    now = time.monotonic()
    if memory.occlusion is not None and _same(memory.occluded, memory.key):
        return memory.occlusion, None
    at_once = memory.cost_s < QUICK_S and bool(memory.occluded) and memory.occluded[0] is weights
    if memory.occlusion is not None and now < memory.due and not at_once:
        return memory.occlusion, memory.due - now
    first = memory.occlusion is None
    memory.occlusion = inside_pass.occlusion(net, cost, weights, picture, memory.seen.target)
    memory.occluded = memory.key
    spent = time.monotonic() - now
    memory.cost_s = 0.0 if first else spent
    memory.due = now + max(OCCLUSION_S, memory.cost_s / OCCLUSION_SHARE)
    return memory.occlusion, None


# ---- sections and facts


def _shown(
    net: StackNet, weights: Pairs, picture: np.ndarray, truth: int | None, seen: Passed, inside: Inside
) -> tuple[Sections, Facts]:
    rows = [row for row in stack.rows(net) if row.key not in UNSEEN]
    sections: Sections = {"looked": picture, "looked_bars": seen.probabilities}
    sections["inside_in"], sections["scales_in"] = coded(seen.dx if inside.values == "d" else seen.x)
    for row in rows:
        values = getattr(seen, inside.values)[row.index]
        sections[f"inside_{row.index}"], sections[f"scales_{row.index}"] = _maps(values)
    layers = []
    for row in rows:
        filters = _filters(row, weights, seen, inside)
        if filters is not None:
            sections[f"filters_{row.index}"], sections[f"filter_scales_{row.index}"] = filters
        layers.append(_layer_facts(row, seen, filters))
    if "saliency" in inside.maps:
        pointed = inside_pass.saliency(net, weights, picture, seen.target)
        code, sections["saliency_scale"] = coded(pointed[None])
        sections["saliency"] = code[0]
    facts = {
        "source": "test" if inside.picture is None else "drawn",
        "digit": inside.digit if inside.picture is None else None,
        "truth": truth,
        "answer": seen.answer,
        "cost": seen.cost,
        "values": inside.values,
        "weights": inside.weights,
        "net": sum(row.parameters for row in stack.rows(net)),
        "border": net.border,
        "layers": layers,
        "unit": None,
    }
    found = explained(net, weights, seen, inside.unit) if inside.unit is not None else None
    if found is not None:
        sections |= found[0]
        facts["unit"] = found[1]
    return sections, {"inside": facts}


def coded(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """maps (k, ...) as bytes, 128 for 0 and 1 or 255 for the largest size in each, and these sizes (k,) float32.

    A value is (code - 128) / 127 * scale. Maps that hold something else than finite numbers are all 0.
    """
    sizes = np.abs(maps).max(tuple(range(1, maps.ndim)), initial=0.0)
    fine = (sizes > 0) & (sizes < np.inf)
    sizes = np.where(fine, sizes, 0).astype(np.float32)
    share = np.divide(127, sizes, out=np.zeros(sizes.shape), where=fine, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        steps = np.rint(maps * share.reshape(-1, *(1,) * (maps.ndim - 1)))
    return (128 + np.nan_to_num(steps)).astype(np.uint8), sizes


def _maps(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first maps of a layer, (k, h, w), each with its own scale; of a row of units the first ones, (1, 1, units)."""
    return coded(values[:MAPS] if values.ndim == 3 else values[None, None, :UNITS])


def _filters(row: Row, weights: Pairs, seen: Passed, inside: Inside) -> tuple[np.ndarray, np.ndarray] | None:
    """The first filters of a convolution, (k, c, size, size), for the first channels that it looks at."""
    if row.key != "conv":
        return None
    size = row.window.size
    w = seen.kernels[row.index] if inside.weights == "d" else np.asarray(weights[row.weights][0])
    kept = LAYERS[row.key].kept(row.settings)
    w = w if kept is None else w * kept
    return coded(w[:, :MAPS].reshape(size, size, -1, min(MAPS, w.shape[1])).transpose(3, 2, 0, 1)[:, :CHANNELS])


def _linked(row: Row) -> list[list[int]] | None:
    """Which channels each filter looks at, where it is not all of them."""
    kept = LAYERS[row.key].kept(row.settings) if row.key in LAYERS else None
    if kept is None:
        return None
    looks = kept.reshape(row.window.size**2, -1, kept.shape[1]).any(0)
    return [np.flatnonzero(column).tolist() for column in looks.T]


def _span(values: np.ndarray) -> list[float]:
    return [float(values.min()), float(values.max())]


def _layer_facts(row: Row, seen: Passed, filters: tuple[np.ndarray, np.ndarray] | None) -> Facts:
    plain = {name: getattr(row, name) for name in ("index", "key", "label", "activation", "parameters", "multiplies")}
    return plain | {
        "shape": list(row.shape),
        "shape_in": list(row.shape_in),
        "window": None if row.window is None else list(row.window),
        "of": row.shape[0],
        "linked": _linked(row),
        **{name: _span(getattr(seen, name)[row.index]) for name in ("z", "a", "d")},
        "filters": None if filters is None else list(filters[0].shape),
        "filter_scale": None if filters is None else float(filters[1].max()),
    }
