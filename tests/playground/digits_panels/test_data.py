"""The 'Digits' panel through AppTest with a run that answers at once: the batch, the balance, the mistakes."""

import numpy as np
import pytest

from engines.data import digits
from engines.nets.readings import Reading, taken
from playground.digits_panels import data
from playground.digits_panels.reading import sentence, when
from tests.playground.digits_panels.fake import EXPERIMENT, FakeRun, nearest_means, pictures, said, shown


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    return FakeRun()


def test_the_panel_shows_the_batch_the_balance_and_the_mistakes(run):
    app = shown(run)
    batch, worst = pictures(app)
    found = digits.load("builtin")
    labels = found.train_labels[7:19]
    assert batch == [f"training digit {label}" for label in labels]
    assert "The first 12 of the next batch. Distorted anew each time: shift 2 pixels." in said(app)
    assert "600 of 4,000 training digits in use" in said(app) and "built in" in said(app)
    ((w, b),) = nearest_means(found)
    z = found.test_images.reshape(1000, -1) / 255 @ w.astype(np.float64) + b
    answers, truth = np.exp(z) / np.exp(z).sum(1, keepdims=True), found.test_labels
    wrong = answers.argmax(1) != truth
    assert f"**{wrong.sum()} of 1,000 test digits wrong** ({100 * wrong.mean():.3g} %) after 0.417 epochs." in said(app)
    surest = np.flatnonzero(wrong)[np.argsort(-answers.max(1)[wrong], kind="stable")][:24]
    assert [name.split(",")[0] for name in worst] == [f"a {truth[i]}" for i in surest]


def test_a_cell_that_was_clicked_shows_its_digits(run):
    app = shown(run)
    app.session_state[data.PICKED] = (4, 4)
    app.run()
    _, cell, _ = pictures(app)
    assert 0 < len(cell) <= 24 and all(name.startswith("a 4, answered 4, ") for name in cell)
    assert "true 4s answered right" in said(app)


def test_a_perfect_net_has_no_mistakes(run, monkeypatch):
    found = digits.load("builtin")
    whole = Reading(taken(EXPERIMENT, run.driver.ready.settled(), 1, 1.0, found), np.eye(10, dtype=np.float32)[found.test_labels])
    monkeypatch.setattr(data, "reading", lambda run: whole)
    app = shown(run)
    assert "No mistakes at all" in said(app)
    assert "**0 of 1,000 test digits wrong** (0 %) after 1 epoch." in sentence(whole)
    moments = [whole.taken._replace(step=step, epoch=2.5 * step, opened=opened) for opened in (False, True) for step in (0, 1)]
    assert [when(m) for m in moments] == ["before training", "after 2.5 epochs", "as it was opened", "after 2.5 more epochs"]
    assert [data.percent(share) for share in (1.0, 0.9999, 0.985, 0.5)] == ["100 %", "99 %", "98 %", "50 %"]
