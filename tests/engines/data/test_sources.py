"""Bytes from files and mirrors: what is whole arrives, what is not becomes a sentence. No network but this machine."""

from __future__ import annotations

import errno
import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engines.data import sources
from engines.data.sources import Cancelled, DataProblem, Remote

CONTENT = bytes(range(256)) * 2000
PACKED = gzip.compress(CONTENT, mtime=0)
FILE = Remote("mnist/sample-ubyte.gz", sources.md5(CONTENT), len(PACKED))


class _Mirror(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body, promised, wait_s = self.server.answers.get(self.path, (404, b"", None, 0))
        self.server.asked.append(self.path)
        self.send_response(status)
        self.send_header("Content-Length", str(promised or len(body)))
        self.end_headers()
        self.server.hold.wait(wait_s)
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Mirror)
    server.daemon_threads = True
    server.answers, server.asked, server.hold = {}, [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(folder, *mirrors, progress=lambda share, text: None, cancelled=lambda: False, file=FILE):
    sources.fetch([file], mirrors, folder, progress, cancelled)


def serve(server, body=PACKED, path="/sample-ubyte.gz", status=200, promised=None, wait_s=0.0):
    server.answers[path] = (status, body, promised, wait_s)


def leftovers(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_fetch_stores_the_file_whole_and_reports_rising_progress(mirror, tmp_path):
    serve(mirror)
    told = []
    fetch(tmp_path, mirror.url, progress=lambda share, text: told.append((share, text)))
    assert sources.read(tmp_path / FILE.path) == CONTENT
    assert leftovers(tmp_path) == ["sample-ubyte.gz"]
    shares = [share for share, _ in told]
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
    assert "MB from 127.0.0.1" in told[0][1]


def test_fetch_does_not_ask_again_for_what_is_already_whole(mirror, tmp_path):
    serve(mirror)
    fetch(tmp_path, mirror.url)
    fetch(tmp_path, mirror.url)
    assert len(mirror.asked) == 1


def test_fetch_replaces_a_damaged_file(mirror, tmp_path):
    serve(mirror)
    (tmp_path / "mnist").mkdir()
    (tmp_path / FILE.path).write_bytes(PACKED[:100])
    fetch(tmp_path, mirror.url)
    assert sources.read(tmp_path / FILE.path) == CONTENT


@pytest.mark.parametrize("body", [gzip.compress(b"something else", mtime=0), PACKED[: len(PACKED) // 2], b"<html>sign in</html>"])
def test_a_mirror_that_sends_something_else_is_passed_over(mirror, tmp_path, body):
    serve(mirror, body, path="/bad/sample-ubyte.gz")
    serve(mirror)
    fetch(tmp_path, mirror.url + "bad/", mirror.url)
    assert sources.read(tmp_path / FILE.path) == CONTENT


def test_uncompressed_bytes_are_what_is_checked(mirror, tmp_path):
    serve(mirror, gzip.compress(CONTENT, compresslevel=1, mtime=9))
    fetch(tmp_path, mirror.url)
    assert sources.read(tmp_path / FILE.path) == CONTENT


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"body": gzip.compress(b"no")}, "wrong checksum"),
        ({"body": b"", "status": 503}, "answered 503"),
        ({"body": PACKED[:50], "promised": len(PACKED)}, "cannot be reached|wrong checksum"),
    ],
)
def test_each_failure_has_its_sentence_and_leaves_nothing(mirror, tmp_path, answer, sentence):
    serve(mirror, **answer)
    with pytest.raises(DataProblem, match=sentence):
        fetch(tmp_path, mirror.url)
    assert leftovers(tmp_path) == []


def test_no_network(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(DataProblem, match=r"could not be downloaded.*is there a network connection"):
        fetch(tmp_path, f"http://127.0.0.1:{port}/")


def test_a_silent_mirror_times_out(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "STALL_S", 0.2)
    serve(mirror, wait_s=5.0)
    began = time.monotonic()
    with pytest.raises(DataProblem, match=r"did not answer in time|cannot be reached"):
        fetch(tmp_path, mirror.url)
    assert time.monotonic() - began < 3


def test_a_slow_mirror_is_given_up(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "FILE_S", -1.0)
    serve(mirror)
    with pytest.raises(DataProblem, match="took longer"):
        fetch(tmp_path, mirror.url)


def test_cancelling_leaves_nothing_and_tries_no_other_mirror(mirror, tmp_path):
    serve(mirror)
    answers = iter([False, True])
    with pytest.raises(Cancelled, match="cancelled"):
        fetch(tmp_path, mirror.url, mirror.url, cancelled=lambda: next(answers))
    assert leftovers(tmp_path) == [] and len(mirror.asked) == 1


@pytest.mark.parametrize(("number", "sentence"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written")])
def test_a_disk_that_takes_nothing(tmp_path, monkeypatch, number, sentence):
    def refuse(url, partial, meter):
        raise OSError(number, "refused")

    monkeypatch.setattr(sources, "_download", refuse)
    with pytest.raises(DataProblem, match=sentence):
        fetch(tmp_path, "http://127.0.0.1/")
    assert leftovers(tmp_path) == []


def test_two_downloads_at_once(mirror, tmp_path):
    serve(mirror, wait_s=5.0)
    first = threading.Thread(target=fetch, args=(tmp_path, mirror.url))
    first.start()
    while not mirror.asked:
        time.sleep(0.01)
    with pytest.raises(DataProblem, match="already running"):
        fetch(tmp_path, mirror.url)
    mirror.hold.set()
    first.join()
    assert sources.read(tmp_path / FILE.path) == CONTENT


def test_read_says_what_is_wrong(tmp_path, monkeypatch):
    with pytest.raises(DataProblem, match="cannot be read"):
        sources.read(tmp_path / "absent.gz")
    cut = tmp_path / "cut.gz"
    cut.write_bytes(PACKED[:-20])
    with pytest.raises(DataProblem, match=r"cut\.gz is damaged or cut short.*delete it"):
        sources.read(cut)
    flipped = tmp_path / "flipped.gz"
    flipped.write_bytes(PACKED[:-8] + bytes(8))
    with pytest.raises(DataProblem, match="damaged"):
        sources.read(flipped)
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(PACKED)
    with pytest.raises(DataProblem, match="holds more than"):
        sources.read(bomb)


def test_folders_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path / "cache"))
    assert (sources.data_dir(), sources.cache_dir()) == (tmp_path / "data", tmp_path / "cache")
    monkeypatch.delenv("PLAYGROUND_DATA_DIR")
    monkeypatch.delenv("PLAYGROUND_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert sources.data_dir() is None
    assert sources.cache_dir().name == sources.APPLICATION
