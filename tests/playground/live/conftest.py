"""A server with the live routes on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

import engines.live.pool
from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from playground.live import wire
from playground.live.frames import pack
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """host:port of a server whose pool drops runs after a second without a viewer."""
    pool = Pool(workers=2, grace_s=0.4, drop_s=1.0, encode=pack)
    before, engines.live.pool._shared = engines.live.pool._shared, pool
    config = uvicorn.Config(Starlette(routes=wire.routes()), port=0, log_level="error", ws="websockets-sansio", lifespan="off")
    made = uvicorn.Server(config)
    thread = threading.Thread(target=made.run)
    thread.start()
    eventually(lambda: made.started)
    yield f"127.0.0.1:{made.servers[0].sockets[0].getsockname()[1]}"
    made.should_exit = True
    thread.join()
    pool.stop()
    engines.live.pool._shared = before


@pytest.fixture
def run(server: str) -> LiveRun:
    """A run on the server."""
    return LiveRun(Experiment(), trainer_factory=FakeTrainer, speed="1")


@pytest.fixture
def dial(server: str) -> Callable[..., object]:
    """dial(token, **options): a client's connection, as a context manager."""

    @contextmanager
    def open_(token: str, **options) -> Iterator[ClientConnection]:
        with connect(f"ws://{server}/live/{token}", compression=None, **options) as socket:
            yield socket

    return open_
