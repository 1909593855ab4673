"""Pools that end with their test, and waiting for what a pool does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from tests.engines.live.fake import FakeTrainer


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until `condition` holds; fail when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.002)


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Two workers, stopped at the end."""
    made = Pool(workers=2)
    yield made
    made.stop()


@pytest.fixture
def start(pool: Pool) -> Callable[..., LiveRun]:
    """start(experiment, trainer=FakeTrainer, ...) -> a watched run that is ready."""

    def begin(experiment: Experiment | None = None, trainer: type = FakeTrainer, watched: bool = True, **options) -> LiveRun:
        run = LiveRun(experiment or Experiment(), trainer_factory=trainer, pool=options.pop("pool", pool), **options)
        if watched:
            run.watch(lambda: None)
            eventually(lambda: run.status == "ready")
        return run

    return begin
