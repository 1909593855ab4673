"""When a net is read: a resting one that has moved, one that takes long when asked for, and what is said where it cannot be."""

import time

import numpy as np
import pytest

from playground.digits_panels import reading
from tests.engines.live.conftest import eventually
from tests.playground.digits_panels.fake import FakeRun, pictures, said, shown


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    return FakeRun()


def test_a_resting_net_is_read_again_only_when_it_has_moved(run):
    app = shown(run)
    app.run()
    assert run.reads == 1
    run.driver.step += 5
    app.run()
    assert run.reads == 2
    run.status = "playing"
    run.driver.step += 5
    app.run()
    assert run.reads == 2
    app.button(key="digits.read").click().run()
    assert run.reads == 3 and not app.exception
    run.experiment = run.driver.experiment = run.experiment.change(cost="summed_squared")
    app.run()
    assert run.reads == 4


def test_a_large_net_is_read_when_asked_for_with_a_bar(run, monkeypatch):
    monkeypatch.setattr(reading, "QUICK", 0)
    app = shown(run)
    assert run.reads == 0 and "has not been asked" in said(app) and len(pictures(app)) == 1
    app.button(key="digits.read").click().run()
    eventually(lambda: run.reads == 1)
    for _ in range(100):
        time.sleep(0.02)
        if "test digits wrong" in said(app.run()):
            break
    assert not app.exception and len(pictures(app)) == 2
    run.driver.step += 5
    app.run()
    assert run.reads == 1


def test_a_busy_net_and_one_that_overflowed_are_said_in_words(run):
    run.status = "compiling"
    app = shown(run)
    assert "being compiled" in said(app) and run.reads == 0 and not pictures(app)
    run.status = "paused"
    run.driver.ready.settled = lambda: [(np.full((784, 10), np.nan), np.zeros(10))]
    app = shown(run)
    assert "overflowed" in said(app) and len(pictures(app)) == 1


def test_a_reading_from_before_says_that_the_net_has_learned_on(run):
    app = shown(run)
    assert "learned on" not in said(app)
    (has_come,) = waits(app)
    assert not has_come()
    run.status = "playing"
    run.driver.step += 5
    assert has_come(), "the page is drawn anew as soon as the net has moved"
    app.run()
    assert run.reads == 1 and "The net has learned on since. It is read again as soon as it pauses" in said(app)
    (has_come,) = waits(app)
    assert not has_come()
    run.status = "paused"
    assert has_come()
    app.run()
    assert run.reads == 2 and "learned on" not in said(app)


def test_a_net_that_is_compiled_is_asked_again_by_itself(run):
    run.status = "compiling"
    app = shown(run)
    assert "filled in by itself" in said(app)
    waiting = waits(app)
    assert waiting and not any(has_come() for has_come in waiting)
    run.status = "paused"
    assert all(has_come() for has_come in waiting)
    app.run()
    assert run.reads == 1 and "by itself" not in said(app)


def waits(app):
    """What the page that was just drawn waits for."""
    return app.session_state["waits"]
