"""Recordings are bounded in bytes, keep the first moment, and thin evenly."""

import numpy as np

from engines.live.recording import Recording


def fill(recording: Recording, steps: range, size: int = 1000) -> None:
    for step in steps:
        if recording.wants(step):
            recording.add(step, step / 10, step // 10, step % 10, (np.zeros(size, np.uint8),))


def test_bounded_and_even() -> None:
    recording = Recording(limit_bytes=20_000)
    fill(recording, range(0, 50_000, 7))
    assert 8 <= len(recording) <= 20
    assert recording.size_bytes == 1000 * len(recording) <= 20_000
    steps = np.array([moment.step for moment in recording])
    assert steps[0] == 0
    assert steps[-1] > 40_000
    gaps = np.diff(steps)
    assert gaps.max() <= 2.5 * gaps.min()


def test_cut_and_restart() -> None:
    recording = Recording(limit_bytes=20_000)
    fill(recording, range(10))
    recording.cut(3)
    assert [moment.step for moment in recording] == [0, 1, 2, 3]
    assert recording.size_bytes == 4000
    recording.restart()
    assert len(recording) == recording.size_bytes == 0


def test_too_large_a_state_is_not_kept() -> None:
    recording = Recording(limit_bytes=100)
    fill(recording, range(5))
    assert len(recording) == 0
