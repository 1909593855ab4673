"""`python -m engines reproduce`: one published result, measured here, as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from engines import device
from engines.data.sources import DataProblem
from engines.descriptions import MAX_SEED

BAD_INPUT, FAILED = 2, 1
MAX_EPOCHS = 10_000
_EVERY_S = 10.0


def add(commands: Any, number: Callable[..., Callable[[str], float]]) -> None:
    """Add the command to argparse's `commands`. number: (name, type, low, high) -> a reader of numbers."""
    parser = commands.add_parser("reproduce", help="measure a published result; one JSON object")
    parser.add_argument("name", nargs="?", metavar="NAME", help="which result; without it, or with --list, they are listed")
    parser.add_argument("--seed", type=number("seed", int, 0, MAX_SEED), default=0, help="seed of weights and order (0)")
    parser.add_argument("--data", choices=("full", "builtin"), default="full", help="which digits; full: 60,000 + 10,000")
    parser.add_argument("--epochs", type=number("epochs", int, 1, MAX_EPOCHS), help="a trial: every net this long, not kept")
    parser.add_argument("--list", action="store_true", help="list the results: one JSON object a line")
    parser.add_argument("--save", action="store_true", help="keep the record in the project's measured.json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run it; returns the exit code. The record goes to standard output, progress and problems to standard error."""
    from engines.reproduce.records import save
    from engines.reproduce.run import reproduce

    if options.list or options.name is None:
        return _list()
    device.enable_compilation_cache()
    told = _Told(options.name)
    try:
        record = reproduce(options.name, options.seed, options.data, told.share, tell=told.say, epochs=options.epochs)
    except (ValueError, DataProblem) as error:
        return _fail(str(error), BAD_INPUT)
    print(json.dumps(record, ensure_ascii=False, allow_nan=False), flush=True)
    if options.save:
        try:
            save(record)
        except (ValueError, OSError) as error:
            return _fail(f"not kept: {error}", FAILED)
    return 0


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _list() -> int:
    from engines.reproduce.table import PUBLISHED

    for entry in PUBLISHED.values():
        figure = {"published": entry.published, "unit": entry.unit, "published_source": entry.source}
        print(json.dumps({"key": entry.key, "label": entry.label, **figure, "help": entry.help}, ensure_ascii=False))
    return 0


class _Told:
    """Sentences and shares as lines on standard error; shares no more than every ten seconds."""

    def __init__(self, name: str) -> None:
        self._name, self._begin = name, time.monotonic()
        self._last = self._begin

    def say(self, text: str) -> None:
        self._last = time.monotonic()
        print(f"{self._name}: {self._last - self._begin:6.0f} s  {text}", file=sys.stderr, flush=True)

    def share(self, share: float) -> None:
        if time.monotonic() - self._last >= _EVERY_S:
            self.say(f"{share:.0%}")
