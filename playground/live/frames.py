"""Frames of the live view: a Snapshot becomes one binary message, and each viewer is sent only what is new to it.

A message is: u32 little-endian length n of the header; n bytes of UTF-8 JSON; curve rows and overlay rows, each 5 float32
little-endian; then the blob, a zlib stream of the sections one after the other. Most of it is made once for all viewers
(`pack`), in a trainer's thread; `encode` adds what differs between viewers and runs on the server's event loop, so it has
to be quick.
"""

from __future__ import annotations

import functools
import json
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import Experiment
from engines.live import CurveView, Finding, Snapshot

_KINDS = {"B": "u1", "f": "f4"}
_LEVEL = 1


class Packed(NamedTuple):
    """The part of a message that is the same for all viewers. head: JSON without its last brace; sections: JSON; blob: zlib."""

    head: bytes
    sections: bytes
    blob: bytes


@dataclass(slots=True)
class Position:
    """What one viewer has been sent so far."""

    revision: int = 0
    data: int = 0
    curve: tuple[int, int] = (-1, 0)
    overlay: int = 0
    diagnosis: tuple[Finding, ...] | None = None
    samples: Any = None


def pack(snapshot: Snapshot) -> Packed:
    """The common part of a snapshot's messages."""
    run, metrics = snapshot.run._asdict(), snapshot.metrics
    head: dict[str, Any] = {
        "id": snapshot.id,
        "run": run,
        "revision": snapshot.revision,
        "metrics": {name: getattr(metrics, name, None) for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")},
        "recording": _recording(snapshot),
        "layers": list(snapshot.layers),
        "histogram": dict(snapshot.histogram),
        "facts": {name: fact for name, fact in snapshot.facts.items() if name != "samples"},
    }
    return Packed(_json(head)[:-1], _json(_layout(snapshot.sections)), _deflated(snapshot.sections))


def encode(snapshot: Snapshot, position: Position) -> bytes:
    """The message that takes a viewer from `position` to `snapshot`; `position` moves along."""
    packed: Packed = snapshot.packed or pack(snapshot)
    parts = [packed.head]
    curve, overlay = _curve_rows(snapshot.curve, position, parts), _overlay_rows(snapshot.overlay, position, parts)
    if snapshot.revision != position.revision:
        parts.append(b',"experiment":' + _experiment_json(snapshot.experiment))
        position.revision = snapshot.revision
    if snapshot.diagnosis is not position.diagnosis:
        parts.append(b',"diagnosis":' + _diagnosis_json(snapshot.diagnosis))
        position.diagnosis = snapshot.diagnosis
    samples = snapshot.facts.get("samples")
    if samples is not None and samples is not position.samples:
        parts.append(b',"samples":' + _samples_json(samples))
        position.samples = samples
    sections, blob = packed.sections, packed.blob
    if snapshot.data.version != position.data:
        sections, blob = _with_points(snapshot, parts)
        position.data = snapshot.data.version
    parts += [b',"sections":', sections, b"}"]
    header = b"".join(parts)
    return b"".join((struct.pack("<I", len(header)), header, curve, overlay, blob))


def decode(message: bytes) -> tuple[dict[str, Any], np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """What the browser does with a message: header, curve rows (k, 5), overlay rows (k, 5), sections by name."""
    size = struct.unpack_from("<I", message)[0]
    header = json.loads(message[4 : 4 + size])
    place, tables = 4 + size, []
    for name in ("curve", "overlay"):
        rows = header.get(name, {}).get("rows", 0)
        tables.append(np.frombuffer(message, "<f4", rows * 5, place).reshape(rows, 5))
        place += rows * 20
    raw, sections, at = (zlib.decompress(message[place:]) if len(message) > place else b""), {}, 0
    for name, kind, *shape in header.get("sections", []):
        count = math.prod(shape)
        sections[name] = np.frombuffer(raw, f"<{kind}", count, at).reshape(shape)
        at += sections[name].nbytes
    return header, tables[0], tables[1], sections


def _curve_rows(curve: CurveView, position: Position, parts: list[bytes]) -> bytes:
    version, sent = position.curve
    start = sent if version == curve.version else 0
    newest = curve.newest is not None
    if version == curve.version and start == curve.count and not newest:
        return b""
    parts.append(b',"curve":{"version":%d,"start":%d,"rows":%d}' % (curve.version, start, curve.count - start + newest))
    position.curve = (curve.version, curve.count)
    return curve.rows[start : curve.count].tobytes() + (curve.newest.tobytes() if curve.newest is not None else b"")


def _overlay_rows(overlay: CurveView, position: Position, parts: list[bytes]) -> bytes:
    if overlay.version == position.overlay:
        return b""
    position.overlay = overlay.version
    parts.append(b',"overlay":{"version":%d,"rows":%d}' % (overlay.version, overlay.count))
    return overlay.rows[: overlay.count].tobytes()


def _with_points(snapshot: Snapshot, parts: list[bytes]) -> tuple[bytes, bytes]:
    """Layout and blob that carry the points too, and what the header says on the data."""
    data = snapshot.data
    said = {"train": data.train, "test": data.test, "task": data.task, "axes": data.axes}
    parts.append(b',"data":' + _json(said))
    sections = ({"points": data.points} if len(data.points) else {}) | dict(snapshot.sections)
    return _json(_layout(sections)), _deflated(sections)


def _experiment_json(experiment: Experiment) -> bytes:
    """Without a text of the visitor's own: it may be megabytes, and the view has no use for it."""
    left_out = {"data": {"own"}} if experiment.data.kind == "text" else None
    return experiment.model_dump_json(exclude=left_out).encode()


def _recording(snapshot: Snapshot) -> dict[str, Any]:
    recording = snapshot.recording
    return {"count": recording.count, "position": recording.position, "epochs": (recording.first, recording.last)}


def _layout(sections: Mapping[str, np.ndarray]) -> list[tuple[Any, ...]]:
    return [(name, _KINDS[array.dtype.char], *array.shape) for name, array in sections.items()]


def _deflated(sections: Mapping[str, np.ndarray]) -> bytes:
    return zlib.compress(b"".join([array.tobytes() for array in sections.values()]), _LEVEL) if sections else b""


@functools.lru_cache(maxsize=64)
def _diagnosis_json(findings: tuple[Finding, ...]) -> bytes:
    return _json([finding.plain() for finding in findings])


@functools.lru_cache(maxsize=16)
def _samples_json(samples: tuple[Any, ...]) -> bytes:
    return _json([sample.plain() for sample in samples])


def _json(value: Any) -> bytes:
    try:
        return _plain(value).encode()
    except ValueError:
        return _plain(_finite(value)).encode()


_plain = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _finite(value: Any) -> Any:
    """The same with null in place of what JSON cannot say: nan and infinities."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
