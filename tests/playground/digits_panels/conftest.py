"""A small convolutional net in a real run, for the panels that look at nets."""

from __future__ import annotations

import pytest

from engines.experiment import DigitsData, StackLayer, StackNet, digits_experiment
from engines.live import LiveRun, Pool
from tests.engines.live.conftest import eventually

NET = StackNet(
    layers=[
        StackLayer(key="conv", settings={"filters": 3, "size": 7, "stride": 3}, activation="relu"),
        StackLayer(key="dropout"),
        StackLayer(key="dense", settings={"units": 34}, activation="tanh"),
    ]
)
SMALL = digits_experiment(batch_size=50, epochs=1, learning_rate=0.01).model_copy(
    update={"net": NET, "data": DigitsData(source="builtin", train_count=200)}
)


@pytest.fixture(scope="session")
def small_pool():
    pool = Pool(workers=1)
    yield pool
    pool.stop()


@pytest.fixture(scope="session")
def trained(small_pool):
    """Run for one epoch, at rest; leased, so that it stays though nobody watches. Tests that change it make one of their own."""
    run = LiveRun(SMALL, pool=small_pool, speed="max").lease()
    run.play()
    eventually(lambda: run.driver.status == "finished", 120)
    return run
