"""Reading what the component is sent, as race.js does."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import numpy as np


def cut(layout: list[list[Any]], blob: bytes) -> dict[str, np.ndarray]:
    """Sections by name."""
    whole, at, found = zlib.decompress(blob), 0, {}
    for name, kind, *shape in layout:
        assert kind == "f4"
        size = 4 * int(np.prod(shape))
        found[name] = np.frombuffer(whole[at : at + size], "<f4").reshape(shape)
        at += size
    assert at == len(whole)
    return found


def sections_of(data: dict[str, Any]) -> dict[str, np.ndarray]:
    """Sections of the component's data."""
    return cut(data["layout"], base64.b64decode(data["blob"]))


def preview_of(answer: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and sections of a preview."""
    length = struct.unpack("<I", answer[:4])[0]
    header = json.loads(answer[4 : 4 + length])
    return header, cut(header["layout"], answer[4 + length :])
