"""The component in a script: one run a session and page, a new one when the old has gone."""

import pytest
from streamlit.testing.v1 import AppTest

from engines.experiment import Experiment, digits_experiment
from engines.live import LiveRun, Pool
from playground.live import component


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


@pytest.fixture
def reloaded(idle_pool, monkeypatch):
    """A session that has just begun, whose tab asks for the run of the token it is called with: the run it has then."""

    def ask(token: object) -> LiveRun:
        run = LiveRun(Experiment())
        monkeypatch.setattr(component.st, "session_state", {"live.run.page": run, "view": {"before": token}})
        component._go_on(run, "view")
        assert component._settled("view") == token
        now = component.st.session_state["live.run.page"]
        assert run.closed == (now is not run)
        return now

    return ask


def test_a_reloaded_tab_goes_on_with_its_run(idle_pool, reloaded) -> None:
    earlier = LiveRun(Experiment(seed=8)).lease()
    assert reloaded(earlier.token) is earlier
    earlier.lease()
    earlier.release()
    assert earlier.leased, "the session of before the reload ends later"


def test_a_run_that_is_watched_gone_or_of_another_kind_is_left_alone(idle_pool, reloaded) -> None:
    watched, gone, other = LiveRun(Experiment()), LiveRun(Experiment()), LiveRun(digits_experiment())
    watched.watch(lambda: None)
    idle_pool.drop(gone)
    for token in (watched.token, gone.token, other.token, "", None, ["x"]):
        assert reloaded(token).token not in (watched.token, gone.token, other.token)
