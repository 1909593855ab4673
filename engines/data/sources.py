"""Where bytes come from: a folder of the visitor's, the per-user cache, a download that somebody asks for.

Whatever goes wrong becomes a `DataProblem`, whose text is one sentence for the visitor: which file, what is wrong, what to do.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

APPLICATION = "deep-learning-playground"
MAX_BYTES = 64 * 2**20
CONNECT_S, STALL_S, FILE_S = 5.0, 10.0, 180.0
"""Time-outs of a download, in seconds: to reach a mirror, between two pieces, for one file."""

Progress = Callable[[float, str], None]
"""progress(share, text): share 0..1 of all bytes, text for the visitor."""


class DataProblem(Exception):
    """Bytes that could not be had. The text is a sentence for the visitor."""


class Cancelled(DataProblem):
    """The visitor called it off."""


class Remote(NamedTuple):
    """A file that public mirrors hold: its place under a data folder, the MD5 of its uncompressed bytes, its compressed size."""

    path: str
    md5: str
    size_bytes: int


def data_dir() -> Path | None:
    """The folder that the environment's PLAYGROUND_DATA_DIR names, or None."""
    named = os.environ.get("PLAYGROUND_DATA_DIR", "").strip()
    return Path(named).expanduser() if named else None


def cache_dir() -> Path:
    """The per-user cache: PLAYGROUND_CACHE_DIR, else what the platform provides. It need not exist."""
    named = os.environ.get("PLAYGROUND_CACHE_DIR", "").strip()
    if named:
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache(APPLICATION))


def read(path: Path) -> bytes:
    """The bytes of a file, uncompressed when it is gzip. Raises DataProblem; never reads more than 64 MiB."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if packed else raw as stream:
                found = stream.read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataProblem(f"{path} is damaged or cut short ({error}): delete it and fetch it again.") from error
    except OSError as error:
        raise DataProblem(
            f"{path} cannot be read ({error.strerror or error}): check that it exists and its permissions."
        ) from error
    if len(found) > MAX_BYTES:
        raise DataProblem(f"{path} holds more than {MAX_BYTES >> 20} MiB, so it is not the expected file: remove it.")
    return found


def md5(content: bytes) -> str:
    """MD5 of `content`, as hex: a checksum against accidents, not against malice."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


_busy = threading.Lock()


def fetch(files: Sequence[Remote], mirrors: Sequence[str], folder: Path, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Download what `folder` lacks of `files`, each from the first mirror (a URL that ends in '/') that has it whole.

    A file appears under its name only once its checksum has been found right. Raises DataProblem, or Cancelled.
    """
    if not _busy.acquire(blocking=False):
        raise DataProblem("A download is already running: wait until it is done.")
    try:
        total, before = sum(file.size_bytes for file in files), 0
        for file in files:
            _fetch_one(file, mirrors, folder, _Meter(file, before, total, progress, cancelled))
            before += file.size_bytes
        progress(1.0, "done")
    finally:
        _busy.release()


def _fetch_one(file: Remote, mirrors: Sequence[str], folder: Path, meter: _Meter) -> None:
    target = folder / file.path
    if target.is_file() and _whole(target, file):
        return
    problems = []
    for mirror in mirrors:
        try:
            _from_mirror(file, mirror, target, meter)
            return
        except Cancelled:
            raise
        except DataProblem as problem:
            problems.append(str(problem))
    raise DataProblem(f"{target.name} could not be downloaded. " + " ".join(dict.fromkeys(problems)))


def _whole(path: Path, file: Remote) -> bool:
    try:
        return md5(read(path)) == file.md5
    except DataProblem:
        return False


def _from_mirror(file: Remote, mirror: str, target: Path, meter: _Meter) -> None:
    """Fetch one file into a temporary neighbour of `target`, check it, and move it into place in one go."""
    partial = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        os.close(handle)
        partial = Path(name)
        _download(mirror + target.name, partial, meter)
        if not _whole(partial, file):
            raise DataProblem(f"What {_host(mirror)} sent has the wrong checksum, so it was thrown away.")
        partial.replace(target)
    except OSError as error:
        raise _explained(error, mirror, target) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _download(url: str, partial: Path, meter: _Meter) -> None:
    import pooch

    meter.start(_host(url))
    downloader = pooch.HTTPDownloader(progressbar=meter, chunk_size=2**16, timeout=(CONNECT_S, STALL_S))
    downloader(url, str(partial), None)


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _explained(error: OSError, mirror: str, target: Path) -> DataProblem:
    """A failed transfer or write as a sentence. (requests' exceptions are OSErrors too.)"""
    import requests

    host = _host(mirror)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataProblem(f"The disk is full: {target.parent} has no room. Free some space and try again.")
    if isinstance(error, requests.Timeout):
        return DataProblem(f"{host} did not answer in time: try again later.")
    if isinstance(error, requests.HTTPError):
        return DataProblem(f"{host} answered {error.response.status_code}.")
    if isinstance(error, requests.RequestException):
        return DataProblem(f"{host} cannot be reached: is there a network connection?")
    return DataProblem(
        f"{target.parent} cannot be written ({error.strerror or error}): set PLAYGROUND_CACHE_DIR to a folder that can."
    )


class _Meter:
    """Takes pooch's progress calls for one file; stops the transfer when it is called off or takes too long."""

    def __init__(self, file: Remote, before: int, total: int, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.total = 0
        self._file, self._before, self._all = file, before, total
        self._progress, self._cancelled = progress, cancelled

    def start(self, host: str) -> None:
        """Begin a transfer from `host`."""
        self._host, self._got, self._began = host, 0, time.monotonic()
        self.update(0)

    def update(self, count: int) -> None:
        """`count` more bytes have come."""
        if self._cancelled():
            raise Cancelled("The download was cancelled; nothing was changed.")
        if time.monotonic() - self._began > FILE_S:
            raise DataProblem(f"{self._host} took longer than {FILE_S:.0f} s: try again later.")
        self._got = min(self._got + count, self._file.size_bytes)
        name = Path(self._file.path).name
        text = f"{name}: {self._got / 1e6:.1f} of {self._file.size_bytes / 1e6:.1f} MB from {self._host}"
        self._progress(min(1.0, (self._before + self._got) / self._all), text)

    def reset(self) -> None:
        """Asked for by pooch before its last update."""
        self._got = 0

    def close(self) -> None:
        """Asked for by pooch after its last update."""
