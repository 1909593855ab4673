"""What the Descent component is sent: one race, complete, so that playing it needs no server.

A header of plain data, and a blob: float32 sections in the order of `layout`, compressed, base64. race.js reads it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from functools import cache
from typing import Any

import numpy as np

from engines.descent.paths import lines_of
from engines.descent.race import Race
from engines.landscape import find
from engines.optimizers import OPTIMIZERS, narrate_rmsprop
from engines.surfaces import SURFACES
from playground.blob import finite, pack
from playground.colours import looks
from playground.descent.names import full_names
from playground.descent.raced import Raced

MAX_DETAILED = 24
TEXTBOOK = ((0.00001, 0.00005), (100.0, 25.0))  # gradient, root mean square: the pair that RMSprop is taught with
DETAILS = ("gradient", "hessian", "curvature", "seen", "first", "second", "change", "rate", "saddle_distance", "minimum_distance")


def payload(raced: Raced, query: str, *, editable: bool = True) -> dict[str, Any]:
    """The component's `data` for a race that has been run; `query` is the link to it, without '?'."""
    layout, blob = pack(sections(raced))
    header = {
        "query": query,
        "editable": editable,
        "terrain": _terrain(raced),
        "race": _race(raced.race),
        "runners": _runners(raced.race),
        "paths": paths_header(raced),
        "layout": layout,
    }
    digest = hashlib.blake2b(json.dumps(header).encode(), digest_size=8)
    digest.update(blob)
    return {"revision": digest.hexdigest()} | header | {"blob": base64.b64encode(blob).decode()}


def preview(raced: Raced) -> bytes:
    """Positions and heights alone, for a start that is being dragged: u32 length of the header, header (JSON), blob."""
    layout, blob = pack({"position": raced.paths.position, "height": raced.paths.height})
    header = json.dumps({"paths": paths_header(raced), "layout": layout}).encode()
    return struct.pack("<I", len(header)) + header + blob


def sections(raced: Raced) -> dict[str, np.ndarray]:
    """Everything the views draw, by name; details of the steps only for up to 24 paths.

    own_path (K, 2): where the visitor's own net went, on a slice of its loss whose run was recorded.
    """
    lines, paths = raced.contours, raced.paths
    found = {
        "field": raced.field.height,
        "contour_points": lines.points,
        "contour_starts": lines.starts,
        "contour_level": lines.level,
        "position": paths.position,
        "height": paths.height,
    }
    made = find(raced.race.landscape) if SURFACES[raced.race.surface.key].sliced else None
    if made is not None and made.path is not None:
        found["own_path"] = made.path
    if len(paths.runner) > MAX_DETAILED:
        return found
    found |= {name: value for name in DETAILS if (value := getattr(paths, name)) is not None}
    return found | {f"lines_{k}": lines_of(paths, k)[1] for k in range(len(paths.runner))}


def _terrain(raced: Raced) -> dict[str, Any]:
    terrain = raced.terrain
    return {
        "label": terrain.label,
        "domain": [float(edge) for edge in terrain.domain],
        "names": list(terrain.names),
        "stationary": [
            {"x": p.x, "y": p.y, "height": finite(p.height), "kind": p.kind, "lowest": p.lowest} for p in terrain.stationary
        ],
        "levels": [float(level) for level in raced.contours.levels],
    }


def _race(race: Race) -> dict[str, Any]:
    return {"steps": race.steps, "start": list(race.start), "ring": race.ring, "ring_radius": race.ring_radius, "noise": race.noise}


def _runners(race: Race) -> list[dict[str, Any]]:
    drawn = looks([runner.optimizer.key for runner in race.runners])
    named = zip(race.runners, drawn, full_names(race.runners), strict=True)
    return [
        {
            "key": runner.optimizer.key,
            "label": label,
            "colour": {"light": look.light, "dark": look.dark},
            "mark": look.mark,
            "dash": look.dash,
            "rate": runner.learning_rate,
            "settings": dict(runner.optimizer.settings),
            "lines": [
                {"symbol": line.symbol, "latex": line.latex, "words": line.words, "text": line.text}
                for line in OPTIMIZERS[runner.optimizer.key].lines
            ],
            "textbook": _textbook() if runner.optimizer.key == "rmsprop" else [],
        }
        for runner, look, label in named
    ]


@cache
def _textbook() -> list[list[float]]:
    """[gradient, root mean square, ratio] each, the ratio by RMSprop's own lines."""
    return [[g, rms, float(f"{float(narrate_rmsprop(g, rms)['ratio']):.6g}")] for g, rms in TEXTBOOK]


def paths_header(raced: Raced) -> list[dict[str, Any]]:
    """What became of each path, as plain data."""
    rows = zip(raced.paths.runner, raced.paths.start, raced.paths.thrown, raced.scores, strict=True)
    return [
        {
            "runner": int(runner),
            "start": int(start),
            "thrown": int(thrown),
            "status": score.status,
            "words": score.words,
            "left_saddle": score.left_saddle,
            "reached": score.reached,
            "path_length": finite(score.path_length),
        }
        for runner, start, thrown, score in rows
    ]
