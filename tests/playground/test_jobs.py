"""Long work: its progress, its end, its cancellation, and what a visitor is told of a failure."""

import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

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


def test_a_waiting_job_is_cancelled_at_once():
    blocked = [started(wait_for_cancel) for _ in range(2)]
    eventually(lambda: all(job.status == "working" for job in blocked))
    late = started(lambda progress, cancelled: pytest.fail("it ran"))
    late.cancel()
    assert late.status == "cancelled" and not late.running
    for job in blocked:
        job.cancel()
    eventually(lambda: not any(job.running for job in blocked))


def test_where_too_many_wait_the_next_is_told(monkeypatch):
    blocked = [started(wait_for_cancel) for _ in range(2)]
    eventually(lambda: all(job.status == "working" for job in blocked))
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)
    waiting, refused = started(wait_for_cancel), started(wait_for_cancel)
    assert (waiting.status, refused.status) == ("waiting", "failed")
    assert refused.told.startswith("This server is busy: 1 computations")
    waiting.cancel()
    assert started(wait_for_cancel).status == "waiting", "a place is free again"
    for job in jobs._started:
        job.cancel()
    eventually(lambda: not any(job.running for job in blocked))


def test_the_time_left_is_worked_out_from_where_the_job_began(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now[0])
    job = Job("test", "key", "Working", wait_for_cancel)
    job.status = "working"
    job._progress(0.5)
    assert job.seconds_left is None and jobs._told(job) == "50%"
    now[0] += 10
    job._progress(0.6)
    assert job.seconds_left == pytest.approx(40) and jobs._told(job) == "60%, about 40 s left"
    now[0] += 990
    assert jobs._told(job).endswith("about 67 min left")
    job.status = "waiting"
    assert jobs._told(job) == "waiting for a turn"


def page():
    """A page whose panel shows what its job has so far."""
    import streamlit as st

    from playground import jobs

    pause = st.session_state["go"].wait

    def work(progress, cancelled):
        progress(0.5)
        while not cancelled():
            pause(0.01)
        return "partial result"

    st.button("Start", on_click=lambda: jobs.begin("test", "key", "Working", work))
    if st.session_state["open"]:
        shown = jobs.partial("test", lambda: st.markdown("so far"))
        st.markdown("in the bar" if shown else f"result: {jobs.found('test', 'key')}")
    jobs.progress()


def test_a_partial_view_stands_under_the_bar_while_its_panel_is_open():
    app = AppTest.from_function(page)
    app.session_state["go"], app.session_state["open"] = threading.Event(), True
    app.run()
    assert [m.value for m in app.markdown] == ["result: None"]
    app.button[0].click().run()
    assert [m.value for m in app.markdown] == ["in the bar", "so far"]
    assert "Working" in app.get("progress")[0].proto.text
    app.session_state["open"] = False
    app.run()
    assert not app.markdown and app.get("progress")
    app.session_state["open"] = True
    job = app.session_state["job.now"]
    app.button(key="job.cancel").click()
    app.run()
    eventually(lambda: not job.running)
    app.run()
    assert [m.value for m in app.markdown] == ["result: partial result"]
    assert not app.exception and "job.now" not in app.session_state


def waiting_page():
    """A page that waits for something, and says how often it was drawn."""
    import streamlit as st

    from playground import jobs

    st.session_state["drawn"] += 1
    jobs.wait_for(lambda: st.session_state["come"])
    jobs.progress()


def test_what_has_come_already_does_not_draw_the_page_over_and_over():
    app = AppTest.from_function(waiting_page)
    app.session_state["come"], app.session_state["drawn"] = True, 0
    app.run()
    assert not app.exception and app.session_state["drawn"] == 1 and "job.awaited" not in app.session_state


def test_the_page_is_drawn_anew_when_what_it_waits_for_has_come(monkeypatch):
    come, drawn = [], []
    monkeypatch.setattr(jobs.st, "rerun", lambda: drawn.append(1))
    awaited = jobs.Awaited([lambda: False, lambda: bool(come)])
    awaited.look()
    awaited.look()
    assert not drawn
    come.append(1)
    awaited.look()
    assert drawn


def test_a_running_job_is_named_to_whoever_wants_to_start_another():
    app = AppTest.from_function(page)
    app.session_state["go"], app.session_state["open"] = threading.Event(), True
    app.run()
    app.button[0].click().run()
    job = app.session_state["job.now"]
    monkey = {jobs._JOB: job}
    assert refused_in(monkey) == "Not while this is running: Working. Its bar, with *Cancel*, is at the foot of the page."
    job.cancel()
    eventually(lambda: not job.running)
    assert refused_in(monkey) == "" == refused_in({})


def refused_in(state):
    """What a session with this state is told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.st, "session_state", state)
        return jobs.in_the_way()
