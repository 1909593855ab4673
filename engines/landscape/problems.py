"""Why there is no landscape: sentences for the visitor."""

from __future__ import annotations


class NoLandscape(ValueError):
    """There is nothing to map; str() is one sentence or two for the page."""


class Cancelled(Exception):
    """Somebody has cancelled the making of a landscape."""
