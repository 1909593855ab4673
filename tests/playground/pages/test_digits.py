"""The Digits page through AppTest: every control, the statement on the data, and the download."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from engines.activations import ACTIVATIONS
from engines.data import digits
from engines.data.download import Download
from engines.data.sources import DataProblem
from engines.experiment import Experiment, digits_experiment
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from playground import digit_source, digits_panels
from playground.live import component
from tests.engines.live.fake import FakeTrainer
from tests.playground.pages.opening import open_page, open_tab

MENUS = [
    ("First weights", INITIALIZERS, lambda e: e.net.initializer.key),
    ("Activation", ACTIVATIONS, lambda e: e.net.layers[0].activation),
    ("Cost", CLASS_LOSSES, lambda e: e.cost),
    ("Optimizer", OPTIMIZERS, lambda e: e.optimizer.key),
    ("Learning-rate schedule", SCHEDULES, lambda e: e.schedule.key),
    ("Penalty on weights", PENALTIES, lambda e: e.penalty.key),
]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No digits but the built-in ones, no network, trainers that need no JAX, and no panel: those have tests of their own."""
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(digit_source, "digits_download", Download(unreachable))
    monkeypatch.setattr(component, "LiveRun", partial(component.LiveRun, trainer_factory=FakeTrainer))
    monkeypatch.setattr(digits_panels, "panels", lambda: ())


def unreachable(progress, cancelled):
    raise DataProblem("ossci-datasets.s3.amazonaws.com cannot be reached: is there a network connection?")


def experiment_of(app) -> Experiment:
    return app.session_state["live.run.digits"].experiment


TABS = {
    "Cost": "Learning",
    "Optimizer": "Learning",
    "Learning-rate schedule": "Learning",
    "Batch size": "Data",
    "Train for": "Learning",
    "Clip the gradient at": "Limits",
    "Digits": "Data",
    "Training digits": "Data",
    "Penalty on weights": "Limits",
    "Max-norm of a unit's weights": "Limits",
    "Stop early after": "Limits",
}


def opened_at(label):
    """The page with the tab open that holds the widget of this label."""
    return open_tab(open_page("digits"), "digits", TABS.get(label, "Net"))


def labelled(elements, label):
    return next(element for element in elements if element.label == label)


def said(app) -> str:
    return " ".join(str(e.value) for e in [*app.markdown, *app.caption, *app.warning, *app.success, *app.info])


def test_the_page_says_which_digits_and_how_large_the_net_is():
    app = open_page("digits")
    assert not app.exception
    text = said(app)
    assert "4,000 training and 1,000 test digits, built in" in text
    assert "784 → 256 → 10: **203,530 parameters**" in text
    assert labelled(app.button, "Get all 70,000 (12 MB)")


@pytest.mark.parametrize(("label", "table", "read"), MENUS, ids=[menu[0] for menu in MENUS])
def test_every_entry_of_every_menu_reaches_the_run(label, table, read):
    app = opened_at(label)
    for key in [*list(table)[1:], next(iter(table))]:
        labelled(app.selectbox, label).set_value(key).run()
        assert not app.exception
        assert read(experiment_of(app)) == key
        assert labelled(app.selectbox, label).value == key


def test_layers_come_and_go_and_the_count_follows():
    app = open_page("digits")
    for count, parameters in [(2, "269,322"), (5, "466,698"), (0, "7,850"), (1, "101,770")]:
        labelled(app.select_slider, "Hidden layers").set_value(count).run()
        assert not app.exception
        assert len(experiment_of(app).net.layers) == count
        assert f"**{parameters} parameters**" in said(app)


def test_each_layer_has_its_own_units_and_dropout():
    app = open_page("digits", net="64relu-32tanh")
    labelled(app.select_slider, "Units of layer 2").set_value(512).run()
    app.number_input(key="digits.layer1.dropout").set_value(0.5).run()
    app.selectbox(key="digits.layer0.activation").set_value("gelu").run()
    layers = [(layer.units, layer.activation, layer.dropout) for layer in experiment_of(app).net.layers]
    assert layers == [(64, "gelu", 0.0), (512, "tanh", 0.5)]
    assert "784 → 64 → 512 → 10: **88,650 parameters**" in said(app)


def test_a_switch_of_optimizer_takes_a_rate_that_suits_wide_nets_and_says_so():
    app = opened_at("Optimizer")
    for key, rate in [("sgd", "0.03"), ("rmsprop", "0.001"), ("lion", "0.0003")]:
        labelled(app.selectbox, "Optimizer").set_value(key).run()
        assert experiment_of(app).learning_rate == pytest.approx(float(rate))
        assert f"Learning rate {rate} " in said(app)
        assert ("a tenth" in said(app)) == (key != "sgd")


@pytest.mark.parametrize(
    ("label", "value", "read"),
    [
        ("Training digits", 500, lambda e: e.data.train_count),
        ("Training digits", 10, lambda e: e.data.train_count),
        ("Batch size", 512, lambda e: e.batch_size),
        ("Train for", 20, lambda e: e.epochs),
        ("Max-norm of a unit's weights", 3, lambda e: e.max_norm),
        ("Clip the gradient at", 5, lambda e: e.clip_norm),
        ("Stop early after", 10, lambda e: e.patience),
    ],
)
def test_sliders_reach_the_run(label, value, read):
    app = opened_at(label)
    labelled(app.select_slider, label).set_value(value).run()
    assert not app.exception
    assert read(experiment_of(app)) == value


def test_a_link_is_followed_and_what_does_not_fit_is_named():
    app = open_page("digits", net="64tanh.25", rate="0.01", batch="99999", hat="blue")
    experiment = experiment_of(app)
    assert (experiment.net.layers[0].units, experiment.net.layers[0].dropout) == (64, 0.25)
    assert experiment.learning_rate == 0.01
    assert experiment.batch_size == digits_experiment().batch_size
    assert "99999" in said(app) and "hat" in said(app)


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "digits"])
def test_presets_start_their_experiment(key):
    app = open_page("digits")
    app.selectbox(key="digits.preset").set_value(key).run()
    assert not app.exception
    assert experiment_of(app) == PRESETS[key].experiment
    assert PRESETS[key].label in said(app)


def test_the_set_can_be_chosen():
    app = opened_at("Digits")
    labelled(app.selectbox, "Digits").set_value("full").run()
    assert experiment_of(app).data.source == "full"
    assert labelled(app.select_slider, "Training digits").options[-1] == "all 4,000"


def finish(app):
    end = time.monotonic() + 10
    while digit_source.digits_download.now.status == "running" and time.monotonic() < end:
        time.sleep(0.01)
    return app.run()


def test_without_a_network_the_download_says_so_and_nothing_is_lost():
    app = open_page("digits", net="64tanh")
    finish(app.button(key="digits.download").click().run())
    assert not app.exception
    assert "cannot be reached" in said(app) and "5,000 built-in digits stay in use" in said(app)
    assert experiment_of(app).net.layers[0].units == 64


def test_a_download_shows_its_progress_and_starts_the_run_afresh(monkeypatch):
    go, resets = threading.Event(), []

    def work(progress, cancelled):
        progress(0.5, "train-images: 5.0 of 9.9 MB")
        go.wait(10)
        return "The full MNIST: 60,000 training and 10,000 test digits, from your cache."

    monkeypatch.setattr(digit_source, "digits_download", Download(work))
    app = open_page("digits")
    run = app.session_state["live.run.digits"]
    monkeypatch.setattr(run, "reset", lambda: resets.append(1))
    app.button(key="digits.download").click().run()
    assert app.button(key="digits.download_cancel")
    bar = app.get("progress")[0].proto
    assert (bar.value, bar.text) == (50, "train-images: 5.0 of 9.9 MB")
    go.set()
    finish(app)
    assert "Downloaded and checked. The full MNIST: 60,000 training" in said(app)
    assert resets == [1]


def test_a_download_can_be_cancelled(monkeypatch):
    def work(progress, cancelled):
        while not cancelled():
            time.sleep(0.005)
        raise DataProblem("The download was cancelled; nothing was changed.")

    monkeypatch.setattr(digit_source, "digits_download", Download(work))
    app = open_page("digits")
    app.button(key="digits.download").click().run()
    finish(app.button(key="digits.download_cancel").click().run())
    assert "The download was cancelled" in said(app)


def test_what_is_known_before_and_after_reading_agrees():
    assert digits.known("builtin") is None or digits.known("builtin").source == "builtin"
    before = digit_source.sentence("builtin")
    assert digits.load("builtin").sentence == before == digit_source.sentence("builtin")
