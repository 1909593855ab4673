"""'Landscape' on the Network and Digits pages through AppTest: from the button to the race on the Descent page."""

from __future__ import annotations

import time

import pytest

from engines.landscape import SliceJob, find
from engines.landscape import job as engine
from engines.live import the_pool
from playground import landscape_panel
from tests.playground.pages.opening import open_page

PAGES = ["network", "digits"]
SMALL = {"network": {}, "digits": {"net": "16relu", "digits": "builtin"}}


@pytest.fixture(autouse=True)
def quiet(monkeypatch, tmp_path):
    """The built-in digits, nothing compiled ahead, and no run that outlives its test."""
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(landscape_panel, "prepare", lambda experiment: None)
    yield
    the_pool().stop()


def opened(page):
    """The page with the dialog open."""
    app = open_page(page, **SMALL[page])
    app.button(key=f"{page}.landscape_button").click().run()
    assert not app.exception
    return app


def job_of(app, page) -> SliceJob:
    return app.session_state[f"{page}.landscape"].job


def made(app, page):
    """The dialog's work begun, and over."""
    app.button(key=f"{page}.landscape_make").click().run()
    assert not app.exception
    job = job_of(app, page)
    assert job.wait(120)
    app.run()
    assert not app.exception
    return job


def said(app) -> str:
    return " ".join(str(e.value) for e in [*app.markdown, *app.caption, *app.warning, *app.info])


@pytest.mark.parametrize("page", PAGES)
def test_closed_it_is_one_button(page):
    app = open_page(page, **SMALL[page])
    keys = [widget.key for kind in (app.button, app.radio, app.select_slider, app.number_input) for widget in kind]
    assert [key for key in keys if "landscape" in key] == [f"{page}.landscape_button"]


@pytest.mark.parametrize("page", PAGES)
def test_a_slice_is_made_and_opens_on_the_descent_page(page):
    app = opened(page)
    app.select_slider(key=f"{page}.landscape_places").set_value(21).run()
    job = made(app, page)
    race = app.session_state["held.descent"].experiment
    assert (race.surface.key, race.landscape) == ("landscape", job.token)
    assert race.runners == job.race.runners
    assert find(job.token).loss.shape == (21, 21)
    assert app.session_state["page.shown"] == "descent"
    assert f"{page}.landscape" not in app.session_state


@pytest.mark.parametrize(("page", "count"), [("network", "25"), ("digits", "12,730")])
def test_the_dialog_says_how_many_dimensions_there_are(page, count):
    assert f"over {count} dimensions" in said(opened(page))


def test_what_is_chosen_is_what_is_made(monkeypatch):
    asked = []

    def begin(run, *wanted, abandon_s):
        asked.append(wanted)
        return engine.make_job(run, "random", 11)

    monkeypatch.setattr(landscape_panel, "make_job", begin)
    app = opened("digits")
    app.select_slider(key="digits.landscape_places").set_value(61).run()
    app.select_slider(key="digits.landscape_examples").set_value(2000).run()
    app.number_input(key="digits.landscape_seed").set_value(7).run()
    made(app, "digits")
    assert asked == [("random", 61, 2000, 7)]


def test_without_a_recording_the_path_is_not_offered_yet():
    app = opened("network")
    app.radio(key="network.landscape_kind").set_value("path").run()
    assert "at least 3 recorded moments; there are none" in said(app)
    assert app.button(key="network.landscape_make").disabled
    app.radio(key="network.landscape_kind").set_value("random").run()
    assert not app.button(key="network.landscape_make").disabled


def test_a_recorded_run_gives_a_slice_along_its_path():
    app = opened("network")
    run = app.session_state["live.run.network"]
    run.watch(lambda: None)
    run.play()
    end = time.monotonic() + 60
    while run.snapshot.recording.count < 10 and time.monotonic() < end:
        time.sleep(0.02)
    run.pause()
    app.radio(key="network.landscape_kind").set_value("path").run()
    job = made(app, "network")
    assert job.result.kind == "path" and len(job.result.path) >= 10
    assert app.session_state["held.descent"].experiment.landscape == job.token


def test_progress_is_shown_and_cancel_leads_back(monkeypatch):
    def work(net, *wanted, progress, cancelled):
        progress(0.25)
        while not cancelled():
            time.sleep(0.002)
        raise engine.Cancelled

    monkeypatch.setattr(engine, "make_slice", work)
    app = opened("network")
    app.button(key="network.landscape_make").click().run()
    job = job_of(app, "network")
    end = time.monotonic() + 30
    while job.progress == 0 and time.monotonic() < end:
        time.sleep(0.01)
    app.run()
    bar = app.get("progress")[0].proto
    assert bar.value == 25 and "Measuring the loss" in bar.text
    app.button(key="network.landscape_cancel").click().run()
    assert job.wait(10)
    app.run()
    assert not app.exception
    assert "Cancelled. Nothing was changed." in said(app)
    assert app.button(key="network.landscape_make")


def test_what_goes_wrong_is_told_and_another_try_is_offered(monkeypatch):
    def work(*_, **__):
        raise engine.NoLandscape("There is no ground here.")

    monkeypatch.setattr(engine, "make_slice", work)
    app = opened("network")
    made(app, "network")
    assert "There is no ground here." in said(app)
    assert not app.button(key="network.landscape_make").disabled


def test_closing_the_dialog_stops_the_work(monkeypatch):
    def work(net, *wanted, progress, cancelled):
        while not cancelled():
            time.sleep(0.002)
        raise engine.Cancelled

    monkeypatch.setattr(engine, "make_slice", work)
    monkeypatch.setattr(landscape_panel.st, "session_state", state := {"network.landscape": landscape_panel._Open()})
    state["network.landscape"].job = job = engine.make_job(object(), "random", 11)
    landscape_panel._close("network")
    assert not state and job.cancelled
    assert job.wait(10)


def test_the_time_left_is_told_in_seconds_or_minutes():
    class Job:
        cancelled, waiting, progress, seconds_left = False, False, 0.5, 12.4

    assert "about 12 s left" in landscape_panel._told(Job())
    Job.seconds_left = 600.0
    assert "about 10 min left" in landscape_panel._told(Job())
    Job.progress = 1.0
    assert "learning rates" in landscape_panel._told(Job())
    Job.waiting = True
    assert "yours is next" in landscape_panel._told(Job())
    Job.cancelled = True
    assert "Cancelling" in landscape_panel._told(Job())
