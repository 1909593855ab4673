"""A small text net in a real run, for the panels that look into it, and panels opened by AppTest."""

from __future__ import annotations

import re

import numpy as np
from streamlit.testing.v1 import AppTest

from engines.live import LiveRun, Pool
from tests.engines.live.conftest import eventually
from tests.engines.nets.recurrent.plays import small
from tests.playground.apps import awaited as awaited

TRAINED = small(net__cell="lstm", learning_rate=0.01, optimizer={"key": "adam"}, clip_norm=1.0, data__sequence=16)


def trained_run(experiment=TRAINED, epochs=3):
    """(run, pool): a run that has gone through so many epochs, and rests."""
    pool = Pool(workers=1)
    run = LiveRun(experiment, pool=pool, speed="max")
    run.watch(lambda: None)
    eventually(lambda: run.status == "ready", 200)
    run.play()
    eventually(lambda: run.snapshot.run.epoch >= epochs, 120)
    run.pause()
    eventually(lambda: run.status == "paused" and run.snapshot.run.status == "paused")
    return run, pool


def blown(taken):
    """The net with weights that are finite, but whose sums are not."""
    return taken._replace(weights=[(np.full_like(w, 3e38), b) for w, b in taken.weights], key="blown")


def page():
    import importlib

    import streamlit as st

    from playground import jobs

    importlib.import_module(f"playground.shakespeare_panels.{st.session_state['panel']}").draw(st.session_state["run"])
    jobs.progress()


def opened(panel, run, **state):
    """The panel of a session with this run. state: of widgets, by key with __ for dots."""
    app = AppTest.from_function(page, default_timeout=90)
    app.session_state["panel"], app.session_state["run"] = panel, run
    for key, value in state.items():
        app.session_state[key.replace("__", ".")] = value
    app.run()
    assert not app.exception
    return app


def said(app):
    """All that is written in words."""
    return " ".join(str(e.value) for e in [*app.caption, *app.warning, *app.info, *app.markdown])


def bodies(app):
    """Bodies of the panel's HTML."""
    return [element.proto.body for element in app.get("html")]


def plain(body):
    """HTML without its tags."""
    return re.sub(r"<[^>]+>", "", body)
