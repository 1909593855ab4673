"""A run for the panels of the Digits page, and a page that draws one of them."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
from streamlit.testing.v1 import AppTest

from engines.data import digits
from engines.experiment import DigitsData, digits_experiment

EXPERIMENT = digits_experiment(
    data=DigitsData(source="builtin", train_count=600, distortions={"shift": 2.0}), net__layers=[], batch_size=50
)


def nearest_means(found):
    """Weights and biases of a net without hidden layers whose answer is the nearest mean of the training digits."""
    means = np.stack([found.train_images[found.train_labels == k].reshape(-1, 784).mean(0) / 255 for k in range(10)])
    return [(means.T.astype(np.float32), (-0.5 * np.square(means).sum(1)).astype(np.float32))]


class FakeRun:
    """A resting run that answers at once. reads: how often its net was asked for."""

    closed = False

    def __init__(self):
        found = digits.load("builtin")
        self.token, self.status, self.experiment = "token", "paused", EXPERIMENT
        self.reads, weights = 0, nearest_means(found)
        ready = SimpleNamespace(
            batch_seen=lambda count: (found.train_images[7 : 7 + count], found.train_labels[7 : 7 + count]),
            digits=found,
            opened=False,
            settled=lambda: self.count(lambda: weights),
        )
        self.driver = SimpleNamespace(ready=ready, experiment=EXPERIMENT, step=5, epoch=5 / 12)

    def count(self, settled):
        self.reads += 1
        return settled()

    @property
    def snapshot(self):
        return SimpleNamespace(run=SimpleNamespace(step=self.driver.step))

    def visit(self, call):
        call(self.driver)


def script():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.data import draw

    draw(st.session_state["run"])
    st.session_state["waits"] = list(st.session_state.get("job.awaited", []))
    jobs.progress()


def shown(run):
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["run"] = run
    app.run()
    assert not app.exception
    return app


def said(app):
    return " ".join(str(element.value) for element in [*app.markdown, *app.caption, *app.info])


def pictures(app):
    """What the pictures of each row of thumbnails are called."""
    return [re.findall(r'alt="([^"]+)"', element.proto.body) for element in app.get("html") if "<img" in element.proto.body]
