"""The ways on from a page with a net: for stacks they are shut, and say why."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from engines.experiment import Experiment, digits_experiment
from engines.landscape import Captured, NoLandscape, captured, parameters
from engines.landscape.weights import sizes_of
from engines.nets.catalogue import NETS
from engines.trace.bring import NothingToBring, study_of

STACK = digits_experiment(net=NETS["lenet1"].net)


def script():
    import streamlit as st

    from playground import landscape_panel, onward

    onward.buttons(st.session_state["run"], "digits")
    landscape_panel.dialog(st.session_state["run"], "digits")


class Run:
    """Nothing but an experiment."""

    def __init__(self, experiment):
        self.experiment = experiment


def shown(experiment, **state):
    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["run"] = Run(experiment)
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(("experiment", "shut"), [(STACK, True), (digits_experiment(), False), (Experiment(), False)])
def test_for_stacks_both_say_that_they_know_dense_nets_only(experiment, shut):
    app = shown(experiment)
    button, popover = app.button(key="digits.landscape_button"), app.get("popover")[0].proto.popover
    assert (button.disabled, popover.disabled) == (shut, shut)
    assert ("dense nets only" in button.help and "dense nets only" in popover.help) == shut


def test_a_dialog_that_was_open_closes():
    from playground.landscape_panel import _Open

    app = shown(STACK, **{"digits.landscape": _Open()})
    assert "digits.landscape" not in app.session_state and not app.radio


def test_the_engines_refuse_stacks_in_words():
    with pytest.raises(NoLandscape, match="dense nets only"):
        sizes_of(STACK)
    with pytest.raises(NoLandscape):
        parameters(STACK)
    with pytest.raises(NoLandscape):
        assert isinstance(captured(STACK, None, [], 0.0), Captured)
    with pytest.raises(NothingToBring, match="dense nets only"):
        study_of(STACK, [], 0)
