"""The background download: progress, success, failure, cancelling, one at a time."""

from __future__ import annotations

import threading
import time

from engines.data.download import Download
from engines.data.sources import Cancelled, DataProblem


def wait_for(download: Download, *statuses: str) -> None:
    end = time.monotonic() + 10
    while download.now.status not in statuses and time.monotonic() < end:
        time.sleep(0.005)
    assert download.now.status in statuses


def test_progress_then_the_sentence():
    seen, go = threading.Event(), threading.Event()

    def work(progress, cancelled):
        progress(0.25, "a quarter")
        seen.set()
        go.wait(10)
        return "70,000 digits."

    download = Download(work)
    assert download.now.status == "idle"
    download.start()
    assert seen.wait(10)
    assert download.now == ("running", 0.25, "a quarter")
    go.set()
    wait_for(download, "done")
    assert download.now == ("done", 1.0, "70,000 digits.")


def test_a_problem_is_told_in_its_own_words_and_one_can_try_again():
    answers = iter([DataProblem("No mirror can be reached."), KeyError("surprise")])

    def work(progress, cancelled):
        for answer in answers:
            raise answer
        return "fine"

    download = Download(work)
    for expected in ("No mirror can be reached.", "The download failed (KeyError): try again later."):
        download.start()
        wait_for(download, "failed")
        assert download.now.text == expected
    download.start()
    wait_for(download, "done")


def test_cancel_reaches_the_work():
    started = threading.Event()

    def work(progress, cancelled):
        started.set()
        while not cancelled():
            time.sleep(0.002)
        progress(0.9, "too late to be shown")
        raise Cancelled("The download was cancelled; nothing was changed.")

    download = Download(work)
    download.start()
    assert started.wait(10)
    download.cancel()
    wait_for(download, "failed")
    assert "cancelled" in download.now.text


def test_two_starts_are_one_download():
    calls, go = [], threading.Event()

    def work(progress, cancelled):
        calls.append(1)
        go.wait(10)
        return "done"

    download = Download(work)
    download.start()
    download.start()
    go.set()
    wait_for(download, "done")
    assert len(calls) == 1
