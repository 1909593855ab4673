"""Messages from a browser: a small validated set, the same over the WebSocket and in polling mode."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from engines.data.drawn import Moves, as_digit, bounded
from engines.descriptions import MAX_SEED
from engines.live import LiveRun
from engines.training import INSIDE_MAPS, INSIDE_VALUES, INSIDE_WEIGHTS, KEEP

MAX_BYTES = 256 * 1024
MOST_PRIMED, MOST_TYPED, MOST_WRITTEN = 400, 2000, 2000
"""Characters that a net is given to read, that a visitor types, and that are written for one sample."""
RASTER_SIDES = range(28, 225)
_TOO_LITTLE = "Too little to read: draw a larger digit."
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


def _digit(value: Any) -> int:
    if not 0 <= _whole(value) < 100_000:
        raise Malformed
    return value


def _one_of(value: Any, known: Collection[str]) -> str:
    if _key(value) not in known:
        raise Malformed
    return value


def _maps(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > len(INSIDE_MAPS):
        raise Malformed
    return tuple(_one_of(item, INSIDE_MAPS) for item in value)


_INSIDE: dict[str, Callable[[Any], Any]] = {
    "digit": _digit,
    "values": lambda value: _one_of(value, INSIDE_VALUES),
    "weights": lambda value: _one_of(value, INSIDE_WEIGHTS),
    "unit": lambda value: _places(value, 4),
    "maps": _maps,
}


def _inside(value: Any) -> Any:
    """Some fields of `engines.training.Inside`, or None."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Malformed
    return {name: _INSIDE[name](item) for name, item in value.items()}


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise Malformed
    return value.encode("utf-8", "replace").decode()


def _within(low: float, high: float, number: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader of numbers from low to high."""

    def read(value: Any) -> Any:
        if not low <= number(value) <= high:
            raise Malformed
        return number(value)

    return read


_WRITING: dict[str, Callable[[Any], Any]] = {
    "temperature": _within(0, 1e9, _number),
    "top_k": _within(0, 100_000, _whole),
    "top_p": _within(0, 1, _number),
    "prime": lambda value: _text(value, MOST_PRIMED),
    "seed": _within(0, MAX_SEED, _whole),
    "length": _within(1, MOST_WRITTEN, _whole),
}


def _write(run: LiveRun, message: dict[str, Any]) -> None:
    run.look(writing={name: _WRITING[name](value) for name, value in message.items() if name != "do"})


def _type(run: LiveRun, message: dict[str, Any]) -> None:
    run.look(typed=None if message["text"] is None else _text(message["text"], MOST_TYPED))


def _look(run: LiveRun, message: dict[str, Any]) -> None:
    read = {"hover": lambda value: _places(value, 2), "warp": lambda value: _places(value, 3), "inside": _inside}
    run.look(**{name: take(message[name]) if name in message else KEEP for name, take in read.items()})


def _draw(run: LiveRun, message: dict[str, Any]) -> None:
    moves = _moves(message["moves"]) if "moves" in message else KEEP
    raster = message.get("raster", KEEP)
    if raster is KEEP or raster is None:
        run.draw(raster, moves)
        return
    picture = as_digit(_raster(raster, _whole(message["side"])))
    run.draw(picture, moves)
    if picture is None:
        run.say(_TOO_LITTLE)
    elif run.snapshot.run.message == _TOO_LITTLE:
        run.visit(_take_back)


def _take_back(driver: Any) -> None:
    if driver.message == _TOO_LITTLE:
        driver.message = None


def _raster(text: Any, side: int) -> np.ndarray:
    """(side, side) uint8 from base64."""
    if not isinstance(text, str) or side not in RASTER_SIDES or len(text) != 4 * -(-side * side // 3):
        raise Malformed
    content = base64.b64decode(text, validate=True)
    if len(content) != side * side:
        raise Malformed
    return np.frombuffer(content, np.uint8).reshape(side, side)


def _moves(value: Any) -> Moves:
    """All of them: what is not mentioned is back where it was."""
    if not isinstance(value, dict):
        raise Malformed
    return bounded(Moves(**{_one_of(name, Moves._fields): _number(item) for name, item in value.items()}))


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
    "draw": _draw,
    "write": _write,
    "type": _type,
}
