"""Through time, in AppTest with a real net: forward and back step by step, and gradients against the lag."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from engines.nets.recurrent.reach import compare, texts
from engines.nets.recurrent.taken import capture
from engines.nets.recurrent.unrolled import walk
from playground.shakespeare_panels import taking, through_time
from tests.playground.shakespeare_panels.labs import awaited, blown, bodies, opened, plain, said


@pytest.fixture(scope="module")
def taken(trained):
    return capture(trained)


def test_a_string_is_walked_forward_and_its_error_back(trained, taken):
    app = opened("through_time", trained, text_time__string="Speak,")
    ids = taken.corpus.alphabet.encode("Speak,").ids
    found = walk(taken.experiment.net, taken.weights, ids)
    assert app.session_state["text_time.tick"] == 5 and f"All read; {found.costs.mean():.3g} nats" in said(app)
    body = bodies(app)[0]
    assert body.count("display:flex") == 5 and all(f"{cost:.2f}" in plain(body) for cost in found.costs)
    norms = np.linalg.norm(found.gradients[0], axis=-1)
    for back in range(1, 6):
        app.button(key="text_time.tick.on").click().run()
        shown = re.findall(r"([\d.e+-]+)</small>", bodies(app)[0])
        assert shown == [f"{norm:.2g}" for norm in norms[5 - back :]]
    assert f"{4} steps back" in said(app)
    app.slider(key="text_time.tick").set_value(0).run()
    assert "Nothing read yet" in said(app)
    app.button(key="text_time.tick.back").click().run()
    assert app.session_state["text_time.tick"] == 0 and not app.exception


def test_the_error_of_the_last_guess_alone(trained, taken):
    app = opened("through_time", trained, text_time__string="Speak,", text_time__last=True, text_time__tick=10)
    found = walk(taken.experiment.net, taken.weights, taken.corpus.alphabet.encode("Speak,").ids, True)
    norms = np.linalg.norm(found.gradients[0], axis=-1)
    assert f"{norms[0] / norms[-1]:.2g} times that at the last step" in said(app) and "the last guess" in said(app)


def test_strange_characters_are_named_and_a_single_one_is_refused(trained):
    app = opened("through_time", trained, text_time__string="ζS")
    assert "never saw are left out: ζ" in said(app) and "at least two characters" in app.info[0].value
    app.text_input(key="text_time.string").set_value("Speak").run()
    assert not app.exception and bodies(app)


def test_a_net_that_is_being_compiled_is_waited_for(trained, taken, monkeypatch):
    monkeypatch.setattr(taking, "capture", lambda run, patience_s: taken)
    looks = iter(["compiling"] * 3)

    class Coming(SimpleNamespace):
        @property
        def status(self):
            return next(looks, "ready")

    run = Coming(token="x", experiment=trained.experiment, snapshot=trained.snapshot)
    app = opened("through_time", run)
    assert bodies(app) and not app.info


def test_a_net_that_takes_long_to_compile_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(taking, "COMPILING_S", 0.2)
    run = SimpleNamespace(status="compiling", token="x", experiment=None, snapshot=None)
    assert "being compiled" in opened("through_time", run).info[0].value


def test_gradients_against_the_lag_and_what_clipping_leaves(trained, taken):
    app = opened("through_time", trained, text_time__view="reach", text_time__lags=10, text_time__gain=2.0, text_time__clip=0.01)
    app.button(key="text_time.go").click().run()
    awaited(app)
    experiment = taken.experiment
    ids = texts(taken.corpus.validation, 10, through_time.TEXTS, experiment.seed)
    curves = compare(experiment.net, taken.weights, len(taken.corpus.alphabet), ids, 2.0, experiment.seed)
    table = app.dataframe[0].value
    assert list(table["who"]) == ["LSTM, your net", "Simple RNN, untrained", "GRU, untrained", "LSTM, untrained"]
    np.testing.assert_allclose(table["far"], [curve.norms[0, -1] for curve in curves], rtol=1e-4)
    np.testing.assert_allclose(table["factor"], [curve.factor(0.01) for curve in curves], rtol=1e-4)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    clipped = sum(curve.factor(0.01) < 1 for curve in curves)
    assert len(drawn) == 4 + clipped and clipped and "recurrent weights × 2" in said(app)
    app.select_slider(key="text_time.clip").set_value(0.0).run()
    assert len(json.loads(app.get("plotly_chart")[0].proto.spec)["data"]) == 4
    assert set(app.dataframe[0].value["factor"]) == {1.0}


def test_a_text_too_short_for_the_lag_is_refused_in_words(trained):
    app = opened("through_time", trained, text_time__view="reach", text_time__lags=200)
    app.button(key="text_time.go").click().run()
    awaited(app, lambda app: app.warning)
    assert "choose a lag below" in app.warning[0].value


def test_a_net_whose_numbers_overflow_while_it_reads_is_said_to(trained, taken, monkeypatch):
    monkeypatch.setattr(through_time, "held", lambda run, name: blown(taken))
    app = opened("through_time", trained, text_time__string="Speak,")
    assert "overflow while it reads" in app.warning[0].value and not bodies(app)


def test_another_text_offers_a_string_of_its_own_unless_one_was_typed(trained, monkeypatch):
    app = opened("through_time", trained)
    assert app.text_input(key="text_time.string").value != "me speak"
    monkeypatch.setattr(through_time, "_beginning", lambda taken: "me speak")
    app.run()
    assert app.text_input(key="text_time.string").value == "me speak"
    app.text_input(key="text_time.string").set_value("Speak").run()
    monkeypatch.setattr(through_time, "_beginning", lambda taken: "speak, sp")
    app.run()
    assert app.text_input(key="text_time.string").value == "Speak" and not app.exception
