"""Reading the live view from a test."""

from __future__ import annotations

import time

from tests.browser.waiting import PATIENCE_S, START_S, held


def state(tab) -> dict:
    """What the live view says of itself: frames drawn, status, epoch, rate."""
    return tab.evaluate("() => window.__playground || {}")


def until(tab, expression: str, timeout_s: float = PATIENCE_S) -> dict:
    """Wait until a JavaScript expression of `p` (the view's state) holds; the state then."""
    return held(tab, "__playground", expression, timeout_s)


def ready(tab) -> dict:
    """Wait until the engine has shown its first picture."""
    return until(tab, "['ready', 'paused', 'playing'].includes(p.status) && p.frames > 0", START_S)


def settle(seconds: float) -> None:
    """Let something happen, or show that it does not."""
    time.sleep(seconds)
