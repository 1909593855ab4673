"""What is said of a race or a sweep that has not simply ended."""

import pytest
from streamlit.testing.v1 import AppTest


def script():
    from types import SimpleNamespace

    import streamlit as st

    from playground.digits_panels.turns import outcome

    status, share = st.session_state["given"]
    outcome("race", SimpleNamespace(status=status, told=""), share)


@pytest.mark.parametrize(
    ("status", "share", "words"),
    [
        ("cancelled", 0.2, "Stopped at 20 %; what there is stays."),
        ("cancelled", 0.0, "Stopped before anything was finished."),
        ("paused", 0.5, "Paused at 50 %. *Go on* takes it up again."),
    ],
)
def test_how_far_it_came_is_said_where_it_came_anywhere(status, share, words):
    at = AppTest.from_function(script)
    at.session_state["given"] = (status, share)
    at.run()
    assert not at.exception and words in at.caption[0].value
