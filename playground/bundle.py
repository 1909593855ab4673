"""A view's files as one script and one style sheet, which is how a Streamlit component takes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LIVE = Path(__file__).parent / "live" / "assets"
"""The live view's files, of which other views use many."""


@cache
def script(assets: Path) -> str:
    """The JavaScript files named in `ORDER` of a folder, one after the other; names with '../' are paths from the live view's.

    '../x.js' is the live view's x.js, '../../../descent/assets/x.js' the Descent view's.
    """
    names = (assets / "ORDER").read_text("utf-8").split()
    paths = [(LIVE / name.removeprefix("../")).resolve() if name.startswith("../") else assets / name for name in names]
    return "\n".join(path.read_text("utf-8") for path in paths)


@cache
def style(assets: Path, *shared: str) -> str:
    """The live view's sheets with these names, then all others of the folder in the order of their names."""
    first = [LIVE / name for name in shared]
    own = [path for path in sorted(assets.glob("*.css")) if path not in first]
    return "\n".join(path.read_text("utf-8") for path in (*first, *own))
