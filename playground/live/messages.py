"""Messages from a browser: a small validated set, the same over the WebSocket and in polling mode."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from engines.live import LiveRun

MAX_BYTES = 256 * 1024
_UNKNOWN = "The playground did not understand that; nothing was changed."


class Malformed(ValueError):
    """A message outside the set."""


def obey(run: LiveRun, text: str) -> str | None:
    """Do what a message says. Returns its name, or None when it was none: the run then says so. Never raises."""
    try:
        message = json.loads(text) if isinstance(text, str) and len(text) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        message = None
    return obey_parsed(run, message)


def obey_parsed(run: LiveRun, message: Any) -> str | None:
    """The same for a message that is plain data already."""
    try:
        if not isinstance(message, dict) or not isinstance(message.get("do"), str):
            raise Malformed
        _ACTIONS[message["do"]](run, message)
    except (Malformed, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        run.say(_UNKNOWN)
        return None
    return message["do"]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31:
        raise Malformed
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Malformed
    return float(value)


def _key(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 40:
        raise Malformed
    return value


def _places(value: Any, count: int) -> Any:
    """`count` places from 0 on, or None."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != count:
        raise Malformed
    places = tuple(_whole(item) for item in value)
    if not all(0 <= place < 4096 for place in places):
        raise Malformed
    return places


def _look(run: LiveRun, message: dict[str, Any]) -> None:
    run.look(_places(message.get("hover"), 2), _places(message.get("warp"), 3))


def _set(run: LiveRun, message: dict[str, Any]) -> None:
    changes = message.get("changes")
    if not isinstance(changes, dict):
        raise Malformed
    run.change(changes)


def _weight(run: LiveRun, message: dict[str, Any]) -> None:
    run.set_weight(*(_whole(message[name]) for name in ("layer", "row", "column")), _number(message["value"]))


def _seek(run: LiveRun, message: dict[str, Any]) -> None:
    run.seek(None if message.get("at") is None else _whole(message["at"]))


_ACTIONS: dict[str, Callable[[LiveRun, dict[str, Any]], None]] = {
    "ack": lambda run, message: None,
    "play": lambda run, message: run.play(),
    "pause": lambda run, message: run.pause(),
    "step": lambda run, message: run.step(),
    "epoch": lambda run, message: run.epoch(),
    "reset": lambda run, message: run.reset(),
    "new_weights": lambda run, message: run.new_weights(),
    "cancel": lambda run, message: run.cancel(),
    "continue": lambda run, message: run.continue_from_here(),
    "overlay_off": lambda run, message: run.overlay_off(),
    "speed": lambda run, message: run.set_speed(_key(message["value"])),
    "rate": lambda run, message: run.set_rate(_number(message["value"])),
    "remedy": lambda run, message: run.remedy(_key(message["key"])),
    "seek": _seek,
    "set": _set,
    "weight": _weight,
    "look": _look,
}
