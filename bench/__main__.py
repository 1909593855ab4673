"""`python -m bench [NAME ...] [--quick] [--write] [--list]`: one JSON object a figure; progress goes to standard error."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from typing import Any

from bench.figures import FIGURES, Figure
from bench.report import Measured, told, write

CORES = 2


def main(arguments: list[str] | None = None) -> int:
    """Measure the figures that are named, or all. Returns 0, or 1 when one of them failed to be measured."""
    options = _parsed(arguments)
    if options.list:
        print("\n".join(f"{figure.name:22} {figure.what}" for figure in FIGURES.values()))
        return 0
    _keep_to(CORES)
    results: dict[str, dict[str, Any]] = {}
    for name in options.names or FIGURES:
        results[name] = told(FIGURES[name], _measured(FIGURES[name], options.quick), options.quick)
        print(json.dumps(results[name], ensure_ascii=False), flush=True)
        if options.write:
            write(results, FIGURES)
    return int(any(result["value"] is None for result in results.values()))


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description="Measure the playground's figures; JSON out.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures to measure (see --list); all when none is named")
    parser.add_argument("--quick", action="store_true", help="few and short samples: only to see that everything works")
    parser.add_argument("--write", action="store_true", help="refresh docs/BENCHMARKS.md and docs/benchmarks.json")
    parser.add_argument("--list", action="store_true", help="name the figures and stop")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in FIGURES]
    if unknown:
        parser.error(f"there is no figure called {', '.join(unknown)}; choose from {', '.join(FIGURES)}")
    if options.write and options.quick:
        parser.error("--quick figures are not for the record: leave out --write or --quick")
    return options


def _keep_to(cores: int) -> None:
    """Everything that is measured, browser included, shares this many cores, on whatever machine this runs."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def _measured(figure: Figure, quick: bool) -> Measured:
    print(f"{figure.name}: {figure.what} ...", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        measured = figure.run(quick)
    except Exception as error:  # one figure that fails must not cost the others
        traceback.print_exc()
        measured = Measured(None, note=f"could not be measured: {type(error).__name__}: {str(error).splitlines()[0][:200]}")
    print(f"{figure.name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return measured


if __name__ == "__main__":
    sys.exit(main())
