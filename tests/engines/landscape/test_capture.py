"""What a live run holds, taken while it trains."""

import sys

import numpy as np
import pytest

from engines.experiment import Experiment
from engines.landscape.capture import MOST_MOMENTS, capture, captured
from engines.landscape.problems import Cancelled, NoLandscape
from engines.live import LiveRun, Pool
from tests.engines.landscape.nets import DIGITS, PLAIN
from tests.engines.live.conftest import eventually


@pytest.fixture(scope="module")
def pool():
    made = Pool(workers=2)
    yield made
    made.stop()


def begin(pool, experiment):
    run = LiveRun(experiment, pool=pool, speed="max")
    run.watch(lambda: None)
    eventually(lambda: run.status == "ready", 120)
    return run


@pytest.mark.parametrize("experiment", [PLAIN, DIGITS], ids=["plane", "digits"])
def test_weights_and_the_way_there_are_taken_while_the_run_trains(pool, experiment):
    run = begin(pool, experiment)
    run.play()
    eventually(lambda: run.snapshot.recording.count > 5, 30)
    net = capture(run)
    assert net.experiment == experiment
    assert len(net.path) == len(net.epochs) > 5
    np.testing.assert_array_equal(net.path[-1], net.now)
    assert net.epochs[0] == 0 and (np.diff(net.epochs) >= 0).all() and net.epoch == net.epochs[-1]
    assert (np.abs(np.diff(net.path, axis=0)).sum(1) > 0).all()
    run.close()


def test_an_untrained_net_has_one_moment(pool):
    run = begin(pool, PLAIN)
    net = capture(run)
    assert net.path.shape == (1, 25) and net.epoch == 0
    run.close()


def test_gone_back_in_the_recording_it_is_the_moment_shown(pool):
    run = begin(pool, PLAIN)
    run.play()
    eventually(lambda: run.snapshot.recording.count > 10, 30)
    run.pause()
    run.seek(4)
    eventually(lambda: run.snapshot.recording.position == 4)
    net = capture(run)
    assert len(net.path) == 5
    np.testing.assert_array_equal(net.now, net.path[4])
    assert run.status == "paused"
    run.close()


def test_a_run_that_has_ended_is_told_at_once(pool):
    run = begin(pool, PLAIN)
    run.close()
    with pytest.raises(NoLandscape, match="no weights to look at"):
        capture(run)


def test_waiting_can_be_cancelled():
    class Silent:
        closed, status = False, "waiting"

        def visit(self, call):
            """Never calls."""

    with pytest.raises(Cancelled):
        capture(Silent(), cancelled=lambda: True)
    with pytest.raises(NoLandscape):
        capture(Silent(), patience_s=0.05)


def test_a_failure_while_taking_does_not_fail_the_run(pool, monkeypatch):
    run = begin(pool, PLAIN)
    monkeypatch.setattr(sys.modules[capture.__module__], "_taken", lambda driver: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        capture(run)
    assert run.status == "ready"
    run.close()


def test_long_recordings_are_thinned_and_overflowed_moments_left_out():
    row = lambda value: np.full(25, value, np.float32)  # noqa: E731
    moments = [(float(i), row(i)) for i in range(1000)] + [(1000.0, row(np.nan)), (1001.0, row(7))]
    net = captured(Experiment(), row(999.5), moments, 1000.5)
    assert len(net.path) == MOST_MOMENTS
    assert net.epochs[0] == 0 and net.epochs[-2] == 999 and net.epochs[-1] == 1000.5
    assert np.isfinite(net.path).all()


def test_overflowed_weights_have_no_landscape():
    with pytest.raises(NoLandscape, match="overflowed"):
        captured(Experiment(), np.full(25, np.inf, np.float32), [], 1.0)
