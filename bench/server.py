"""The playground's own server, started as a visitor of the repository would start it, and asked how it is."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from typing import Any

from bench.report import ROOT

LIMIT_S = 300.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`streamlit run app.py` on a free port. Use as a context manager; `warm` waits until everything is compiled.

    started: time.monotonic() at the start of the process.
    """

    def __init__(self, warm: bool = True) -> None:
        port = free_port()
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}"
        self._open = contextlib.ExitStack()
        self._log = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [*command, "--server.address", "127.0.0.1"], cwd=ROOT, env=os.environ, stdout=self._log, stderr=subprocess.STDOUT
        )
        try:
            if warm:
                self.wait_until_warm()
        except BaseException:
            self.close()
            raise

    def livez(self) -> dict[str, Any] | None:
        """What the server says of itself; None while it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/livez", timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def wait_until_warm(self, calm_s: float = 3.0) -> None:
        """Until programs have been compiled and, for `calm_s` seconds, no more were. Raises RuntimeError if that never is."""
        compiled, since = -1, time.monotonic()
        while time.monotonic() - self.started < LIMIT_S:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log()[-500:]}")
            now = (self.livez() or {}).get("compiles", 0)
            if now != compiled:
                compiled, since = now, time.monotonic()
            if compiled > 0 and time.monotonic() - since >= calm_s:
                return
            time.sleep(0.25)
        raise RuntimeError(f"the server is not warm after {LIMIT_S:g} s: {self.log()[-500:]}")

    def memory_mb(self) -> float:
        """Resident memory of the server and its children, MB (10^6 bytes)."""
        import psutil

        root = psutil.Process(self._process.pid)
        return sum(process.memory_info().rss for process in [root, *root.children(recursive=True)]) / 1e6

    def log(self) -> str:
        """What the server has printed so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def close(self) -> None:
        """End the server and wait for it."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._open.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
