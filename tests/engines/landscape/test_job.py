"""Slices in the background: done, refused, cancelled, abandoned, one after the other."""

import threading
import time

import pytest

from engines.experiment import digits_experiment
from engines.landscape import find, make_job, prepare
from engines.landscape import job as module
from engines.landscape.slice import make_slice
from tests.engines.landscape.nets import LINEAR, PLAIN, still, trained


@pytest.fixture
def slow(monkeypatch):
    """Slices that take until they are cancelled; an event that says that one has begun."""
    begun = threading.Event()

    def work(net, *wanted, progress, cancelled):
        begun.set()
        while not cancelled():
            time.sleep(0.002)
        raise module.Cancelled

    monkeypatch.setattr(module, "make_slice", work)
    return begun


def test_a_job_gives_the_slice_keeps_it_and_sets_up_a_race():
    job = make_job(trained(PLAIN), "path", 11)
    assert job.wait(60) and job.done
    assert job.error is None and job.progress == 1.0 and not job.cancelled
    assert find(job.token) is job.result
    assert (job.result.loss == make_slice(trained(PLAIN), "path", 11).loss).all()
    assert (job.race.surface.key, job.race.landscape) == ("landscape", job.token)


def test_what_cannot_be_mapped_is_told():
    job = make_job(still(LINEAR), "path", 11)
    assert job.wait(60)
    assert job.result is None and "at least three recorded moments" in job.error


def test_a_failure_is_told_without_its_details(monkeypatch, caplog):
    monkeypatch.setattr(module, "make_slice", lambda *_, **__: 1 / 0)
    job = make_job(still(PLAIN))
    assert job.wait(60)
    assert job.result is None and "Something went wrong" in job.error and "ZeroDivision" not in job.error
    assert "ZeroDivisionError" in caplog.text


def test_cancel_stops_a_large_slice_soon():
    net = still(digits_experiment(net__layers=[{"units": 512}] * 3, data__source="builtin"))
    job = make_job(net, "random", 101, 4000)
    end = time.monotonic() + 60
    while job.progress == 0 and time.monotonic() < end:
        time.sleep(0.01)
    began = time.monotonic()
    job.cancel()
    assert job.wait(10)
    assert time.monotonic() - began < 1.0
    assert job.cancelled and job.result is None and job.error is None and 0 < job.progress < 1


def test_one_at_a_time_and_those_who_wait_can_give_up(slow):
    first = make_job(still(PLAIN))
    assert slow.wait(10)
    second = make_job(still(PLAIN))
    end = time.monotonic() + 10
    while not second.waiting and time.monotonic() < end:
        time.sleep(0.01)
    assert second.waiting and not first.waiting
    second.cancel()
    assert second.wait(5) and not first.done
    first.cancel()
    assert first.wait(5)


def test_nobody_looking_ends_it_but_looking_keeps_it(slow):
    job = make_job(still(PLAIN), abandon_s=0.3)
    for _ in range(8):
        time.sleep(0.1)
        job.look()
    assert not job.done
    assert job.wait(5) and job.cancelled


def test_compiling_ahead_leaves_nothing_behind():
    thread = prepare(PLAIN)
    thread.join(60)
    assert not thread.is_alive()
