"""Memory given back to the system, and how much this process holds."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path


def _find_trim():
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None


_trim = _find_trim()


def give_back_memory() -> None:
    """Let the C library return freed pages, where it can (glibc)."""
    if _trim is not None:
        _trim(0)


def resident_bytes() -> int:
    """Memory of this process that is really in use; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * 4096
