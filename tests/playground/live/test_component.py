"""The component in a script: one run a session and page, a new one when the old has gone."""

import pytest
from streamlit.testing.v1 import AppTest

from engines.live import Pool


@pytest.fixture
def idle_pool(monkeypatch) -> Pool:
    """A pool without threads: nothing is built, nothing trains."""
    pool = Pool(workers=1)
    monkeypatch.setattr(pool, "start", lambda: None)
    monkeypatch.setattr("engines.live.run.the_pool", lambda: pool)
    return pool


def script() -> None:
    import streamlit as st

    from engines.experiment import Experiment
    from playground.live.component import live_view, run_for

    run = run_for("page", Experiment(seed=5))
    st.text(run.token)
    st.text(str(run.revision))
    st.text(str(run.experiment.seed))
    live_view(run, "network", key="view")


def texts(app: AppTest) -> list[str]:
    assert not app.exception
    return [element.value for element in app.text]


def test_a_session_keeps_its_run(idle_pool) -> None:
    app = AppTest.from_function(script, default_timeout=60).run()
    token, revision, seed = texts(app)
    assert (revision, seed) == ("1", "5")
    run = idle_pool.find(token)
    assert run.leased
    run.change({"seed": 8})
    assert texts(app.run()) == [token, "2", "8"]


def test_a_run_that_was_given_up_is_followed_by_another(idle_pool) -> None:
    app = AppTest.from_function(script, default_timeout=60).run()
    token = texts(app)[0]
    idle_pool.find(token).change({"seed": 8})
    idle_pool.drop(idle_pool.find(token))
    again = texts(app.run())
    assert again[0] != token
    assert again[1:] == ["1", "8"]


def test_sessions_do_not_share_runs(idle_pool) -> None:
    assert texts(AppTest.from_function(script, default_timeout=60).run())[0] != texts(AppTest.from_function(script).run())[0]
