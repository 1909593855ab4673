"""A process of its own for what is measured: pinned to its cores before anything is imported, asked line by line.

Started as `PYTHON bench/worker.py CORES` in any environment, this one or a peer's. Only the standard library here.
A message is a JSON line: {"make": "module:Class", "with": {...}} makes the object, {"do": "method", "with": {...}} calls it.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class Worker:
    """The asking side. cores: how many it may use. Use as a context manager."""

    def __init__(self, make: str, python: str | Path = sys.executable, cores: int = 1, **arguments: Any) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(cores)}
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__)), str(cores)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        try:
            self._ask({"make": make, "with": arguments})
        except BaseException:
            self.close()
            raise

    def do(self, method: str, **arguments: Any) -> Any:
        """Call a method of the object and return what it returns. Raises RuntimeError with its error."""
        return self._ask({"do": method, "with": arguments})

    def _ask(self, message: dict[str, Any]) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"the worker died ({self._process.poll()})"}
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve() -> None:
    """The answering side. Whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    made: Any = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if "make" in message:
                module, name = message["make"].split(":")
                made = getattr(importlib.import_module(module), name)(**message["with"])
                answer: dict[str, Any] = {"value": None}
            else:
                answer = {"value": getattr(made, message["do"])(**message["with"])}
        except Exception as error:  # told to the asking side, which decides
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-int(sys.argv[1]) :])
    sys.path[0] = str(ROOT)
    _serve()
