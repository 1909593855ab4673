"""Reading the live view from a test."""

from __future__ import annotations

import time


def state(tab) -> dict:
    """What the live view says of itself: frames drawn, status, epoch, rate."""
    return tab.evaluate("() => window.__playground || {}")


def until(tab, expression: str, timeout_s: float = 30.0) -> dict:
    """Wait until a JavaScript expression of `p` (the view's state) holds; the state then."""
    tab.wait_for_function(f"() => {{ const p = window.__playground; return p && ({expression}); }}", timeout=timeout_s * 1000)
    return state(tab)


def ready(tab) -> dict:
    """Wait until the engine has shown its first picture."""
    return until(tab, "['ready', 'paused', 'playing'].includes(p.status) && p.frames > 0", 90)


def settle(seconds: float) -> None:
    """Let something happen, or show that it does not."""
    time.sleep(seconds)
