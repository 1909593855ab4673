"""The visitor's own points as a short text for links: three numbers of 16 bits and a flag a point, compressed, base64."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

import numpy as np

from engines.experiment import MAX_POINTS, OwnPoint

STEPS = 1000  # coordinates and targets have three decimals
ROW_BYTES = 7
MAX_PACKED = 24_000


class Unreadable(ValueError):
    """A value of a link that is not written as it should be; says how it should."""


def pack(own: tuple[OwnPoint, ...]) -> str:
    """Points -> text that may stand in a URL. Exact, since a point has three decimals; 'none' for no points."""
    if not own:
        return "none"
    numbers = np.round(np.array([(p.x, p.y, p.t) for p in own]) * STEPS).astype("<i2")
    flags = np.array([p.test for p in own], np.uint8)
    return base64.urlsafe_b64encode(zlib.compress(numbers.T.tobytes() + flags.tobytes(), 9)).decode().rstrip("=")


def unpack(text: str) -> list[dict[str, Any]]:
    """Text -> points as plain data, not yet validated. Raises Unreadable; decompresses no more than 2,000 points take."""
    if text == "none":
        return []
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        bare = reader.decompress(packed, ROW_BYTES * MAX_POINTS)
    except (binascii.Error, zlib.error, ValueError):
        raise Unreadable("the points in the link are damaged; copy the whole link again") from None
    if not reader.eof or reader.unconsumed_tail or len(bare) % ROW_BYTES:
        raise Unreadable(f"the points in the link are cut off, or are more than {MAX_POINTS:,}") from None
    count = len(bare) // ROW_BYTES
    numbers = np.frombuffer(bare, "<i2", 3 * count).reshape(3, count) / STEPS
    flags = np.frombuffer(bare, np.uint8, count, 6 * count)
    return [{"x": x, "y": y, "t": t, "test": bool(f)} for (x, y, t), f in zip(numbers.T.tolist(), flags, strict=True)]
