"""Speeds, pacing and the step timer."""

import math

import pytest

from engines.live.pacing import Meter, Metronome, StepTimer
from engines.live.speeds import SPEEDS


def test_table() -> None:
    assert list(SPEEDS) == ["slow", "0.25", "1", "10", "max"]
    assert SPEEDS["1"].steps_due(1.0, 20) == 1200
    assert SPEEDS["slow"].steps_due(2.0, 20) == 6
    assert math.isinf(SPEEDS["max"].steps_due(0.001, 20))


@pytest.mark.parametrize("key", ["slow", "0.25", "1", "10"])
def test_pace_is_kept(key: str) -> None:
    metronome, now, done = Metronome(SPEEDS[key]), 100.0, 0
    metronome.start(now)
    while now < 110:
        due = int(metronome.due(now, 20))
        metronome.paid(due)
        done += due
        now += max(1 / 60, min(1.0, metronome.wait_seconds(20)))
    assert done == pytest.approx(SPEEDS[key].steps_due(10, 20), rel=0.05, abs=2)


def test_debt_is_forgiven_and_slow_speeds_wait() -> None:
    metronome = Metronome(SPEEDS["slow"])
    metronome.start(0.0)
    assert metronome.due(60.0, 20) <= 1
    metronome.paid(1)
    assert metronome.wait_seconds(20) == pytest.approx(1 / 3, abs=0.01)


def test_timer_learns_after_a_compile() -> None:
    timer = StepTimer()
    assert timer.fit(0.014) == 1
    timer.note(1, 2.0)
    for _ in range(12):
        steps = timer.fit(0.014)
        timer.note(steps, steps * 1e-5)
    assert timer.fit(0.014) == pytest.approx(1400, rel=0.05)
    timer.note(0, 1.0)
    assert timer.fit(0.014) == pytest.approx(1400, rel=0.05)


def test_meter() -> None:
    meter = Meter()
    meter.start(0.0)
    for tick in range(1, 101):
        meter.note(5, (tick - 1) / 50, tick / 50)
    assert meter.steps_per_second == pytest.approx(250, rel=0.05)
    meter.stop()
    assert meter.steps_per_second == 0


def test_what_is_compiled_between_two_chunks_or_in_the_first_is_not_counted() -> None:
    meter = Meter()
    meter.note(1, 0.0, 26.0)
    assert meter.steps_per_second == 0
    meter.note(10, 26.0, 26.1)
    assert meter.steps_per_second == pytest.approx(100)
    for tick in range(10):
        meter.note(10, 60 + tick / 10, 60.1 + tick / 10)
    assert meter.steps_per_second == pytest.approx(100, rel=0.05)
