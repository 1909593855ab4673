"""Long work: its progress, its end, its cancellation, and what a visitor is told of a failure."""

import threading
import time

import pytest

from playground import jobs
from playground.jobs import Job
from tests.engines.live.conftest import eventually


def started(work):
    job = Job("test", "key", "Working", work)
    job.start()
    return job


def test_a_job_tells_how_far_it_is_and_gives_its_result():
    go = threading.Event()

    def work(progress, cancelled):
        progress(0.25)
        go.wait(5)
        progress(7)
        return "found"

    job = started(work)
    eventually(lambda: job.share == 0.25)
    assert job.running and job.status == "working"
    go.set()
    eventually(lambda: not job.running)
    assert (job.status, job.result, job.share) == ("done", "found", 1.0)


def wait_for_cancel(progress, cancelled):
    while not cancelled():
        time.sleep(0.002)
    raise RuntimeError("stopped")


def test_a_job_can_be_cancelled():
    job = started(wait_for_cancel)
    eventually(lambda: job.status == "working")
    job.cancel()
    eventually(lambda: job.status == "cancelled")
    assert job.result is None


def test_a_job_that_nobody_watches_ends_by_itself(monkeypatch):
    monkeypatch.setattr(jobs, "ABANDONED_S", 0.05)
    job = started(wait_for_cancel)
    eventually(lambda: job.status == "cancelled")


def test_a_job_cancelled_before_its_turn_never_begins():
    blocked = [started(wait_for_cancel) for _ in range(2)]
    eventually(lambda: all(job.status == "working" for job in blocked))
    late = started(lambda progress, cancelled: pytest.fail("it ran"))
    assert late.status == "waiting"
    late.cancel()
    for job in blocked:
        job.cancel()
    eventually(lambda: late.status == "cancelled")


def test_a_sentence_is_told_and_a_fault_goes_to_the_log(caplog):
    def refused(progress, cancelled):
        raise ValueError("a map has 2 to 200 places a side, not 1")

    def broken(progress, cancelled):
        raise ZeroDivisionError("secret")

    job = started(refused)
    eventually(lambda: job.status == "failed")
    assert job.told == "a map has 2 to 200 places a side, not 1"
    job = started(broken)
    eventually(lambda: job.status == "failed")
    assert "secret" not in job.told and "log" in job.told
    eventually(lambda: "test failed" in caplog.text)
