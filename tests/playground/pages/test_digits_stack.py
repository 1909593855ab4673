"""A stack built on the Digits page learns, with the real trainer, while its layers are changed."""

from __future__ import annotations

import time

import pytest

from playground import digits_panels
from tests.playground.pages.opening import open_page


@pytest.fixture(autouse=True)
def builtin(monkeypatch, tmp_path):
    """The built-in digits, and no panel: those have tests of their own."""
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(digits_panels, "panels", lambda: ())


def eventually(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def test_a_stack_learns_and_goes_on_learning_when_a_layer_comes():
    app = open_page("digits", net="conv:4,5,2:relu", examples="400", batch="20", rate="0.003", epochs="9")
    run = app.session_state["live.run.digits"]
    handle = run.watch(lambda: None)
    for epoch in (1, 2):
        run.epoch()
        eventually(lambda: run.snapshot.run.epoch >= epoch or run.status == "failed")  # noqa: B023
    assert run.status != "failed" and run.snapshot.curve.table()[-1, 4] > 0.5
    app.session_state["digits.stack_open"] = 0
    app.run()
    app.menu_button(key="digits.stack1.add").click("Max pooling").run()
    assert not app.exception
    assert [layer.key for layer in run.experiment.net.layers] == ["conv", "pool_max"]
    steps = run.snapshot.run.step
    run.step()
    eventually(lambda: run.snapshot.run.step > steps or run.status == "failed")
    assert run.status != "failed"
    run.unwatch(handle)
