"""The peer's own environment, `.bench/`, made when first needed."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

from bench.report import ROOT

REQUIREMENTS = ("torch==2.13.0", "numpy")
FOLDER = ROOT / ".bench"
LIMIT_S = 1200


class NoPeer(RuntimeError):
    """The peer cannot be had here; the message says why."""


@functools.cache
def python() -> Path:
    """The interpreter that has the peer. Raises NoPeer with the reason when it cannot be installed."""
    interpreter = FOLDER / "bin" / "python"
    if (FOLDER / ".ready").exists() and interpreter.exists():
        return interpreter
    print(f"installing {', '.join(REQUIREMENTS)} into {FOLDER.name}/ ...", file=sys.stderr, flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)])
    _run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS])
    (FOLDER / ".ready").write_text("\n".join(REQUIREMENTS))
    return interpreter


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPeer(f"{REQUIREMENTS[0]} could not be installed: {type(error).__name__}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NoPeer(f"{REQUIREMENTS[0]} could not be installed: {last[:200]}")
