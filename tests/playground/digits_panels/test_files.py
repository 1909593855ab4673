"""Saving a trained net and opening it again, through AppTest; what is said where there is none."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from engines.experiment import DigitsData
from engines.live import LiveRun
from engines.nets.net_file import MAX_NET_BYTES, NoNet, SavedNet, from_bytes, shapes, to_bytes
from engines.nets.readings import NoAnswer
from playground import net_files
from playground.digits_panels.files import FILES
from tests.engines.live.conftest import eventually
from tests.playground.digits_panels.conftest import SMALL


def script():
    import streamlit as st

    from playground.controls import Editor
    from playground.digits_panels.files import draw

    run = st.session_state["run"]
    st.number_input("Seed", 0, 100, **Editor(run, "digits").bind("seed"))
    draw(run)


def shown(run):
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["run"] = run
    app.run()
    assert not app.exception
    return app


def said(elements):
    return " ".join(element.value for element in elements)


def test_what_is_saved_is_the_net_with_its_experiment(trained):
    saved = from_bytes(FILES.content(trained))
    assert saved.experiment == SMALL and (saved.epoch, saved.digits) == (1.0, "builtin")
    assert saved.accuracy == pytest.approx(trained.driver.ready.report.metrics.test_accuracy)
    found = []
    trained.visit(lambda driver: found.append(driver.ready.weights()))
    eventually(lambda: found)
    for pair, expected in zip(saved.weights, found[0], strict=True):
        for array, other in zip(pair, expected, strict=True):
            np.testing.assert_array_equal(array, other)
    app = shown(trained)
    button = app.get("download_button")[0].proto
    assert not button.disabled and "7,062 weights and biases" in said(app.caption)


def test_a_net_goes_out_and_comes_back_and_the_controls_follow(trained, small_pool):
    other = LiveRun(SMALL.change(seed=5), pool=small_pool)
    app = shown(other)
    app.get("file_uploader")[0].set_value(("net.safetensors", FILES.content(trained), "application/octet-stream")).run()
    assert not app.exception and app.number_input[0].value == 0
    assert said(app.success).startswith("Opened net.safetensors: trained for 1 epoch. When last measured it read ")
    assert other.experiment == SMALL
    assert app.get("file_uploader")[0].value is None
    ours, theirs = (load(FILES.content(run)) for run in (other, trained))
    assert ours.keys() == theirs.keys() and all((ours[name] == theirs[name]).all() for name in ours)
    app.run()
    assert not app.success


def test_what_is_no_net_is_told_and_changes_nothing(trained):
    app = shown(trained)
    name = "my *net* " + "x" * 80 + ".safetensors"
    app.get("file_uploader")[0].set_value((name, b"hello", "application/octet-stream")).run()
    assert said(app.warning).startswith("my \\*net\\* xxx") and "xxx…: This is no safetensors file" in said(app.warning)
    assert said(app.warning).endswith("Nothing was changed.") and trained.experiment == SMALL


@pytest.mark.parametrize(("saved", "told"), [("full", True), ("builtin", False), (None, False)])
def test_other_digits_than_it_learned_from_are_told(saved, told):
    opened = []
    run = SimpleNamespace(open_net=lambda *given: opened.append(given))
    experiment = SMALL.model_copy(update={"data": DigitsData(source="builtin")})
    weights = [(np.ones(w, np.float32), np.ones(b, np.float32)) for w, b in shapes(experiment)]
    right, text = FILES.opened(run, "a.safetensors", to_bytes(SavedNet(experiment, weights, 0.0, None, saved)))
    assert right and text.startswith("Opened a.safetensors: the weights its run began with.") and opened[0][2] == text
    assert ("learned from the full MNIST, and here it meets the built-in digits" in text) is told


def overflowed(status="stopped", position=None, keys=("nan",)):
    diagnosis = tuple(SimpleNamespace(key=key) for key in keys)
    return SimpleNamespace(
        run=SimpleNamespace(status=status), diagnosis=diagnosis, recording=SimpleNamespace(position=position), experiment=SMALL
    )


def test_a_net_that_overflowed_or_is_not_there_has_no_button():
    assert net_files.nothing_to_save(overflowed(keys=("diverging",))) is None
    assert net_files.nothing_to_save(overflowed(position=3)) is None
    assert "could not begin" in net_files.nothing_to_save(overflowed("failed", keys=()))
    app = shown(SimpleNamespace(snapshot=overflowed(), experiment=SMALL, revision=1))
    assert app.get("download_button")[0].proto.disabled and "overflowed" in said(app.warning)
    assert app.button(key="digits.net_again")


class Lost:
    """A run whose net cannot be had when the button is clicked."""

    closed, status = False, "playing"

    def __init__(self, trainer):
        self.driver = SimpleNamespace(ready=trainer, experiment=SMALL, epoch=1.0)
        self.told = []

    def visit(self, call):
        if self.driver.ready is not None:
            call(self.driver)

    def say(self, message):
        self.told.append(message)


def test_a_click_that_finds_no_net_brings_no_file_and_the_run_says_why(monkeypatch):
    monkeypatch.setattr(net_files, "PATIENCE_S", 0.0)
    lost = Lost(None)
    with pytest.raises(NoAnswer):
        FILES.content(lost)
    assert lost.told == ["Not saved. The net is busy just now, perhaps being compiled. Try again in a moment."]
    bad = [(np.full((2, 2), np.nan, np.float32), np.zeros(2, np.float32))]
    lost = Lost(SimpleNamespace(weights=lambda: bad, report=None, digits=SimpleNamespace(source="builtin")))
    with pytest.raises(NoNet):
        FILES.content(lost)
    assert lost.told[0].startswith("Not saved. These weights have overflowed")


def test_the_server_takes_files_as_large_as_nets_may_be():
    config = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["server"]["maxUploadSize"] * 1024**2 >= MAX_NET_BYTES
