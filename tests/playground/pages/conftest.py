"""After each test of a page the runs that its session started are over: they would train on through the tests that follow."""

from __future__ import annotations

import pytest

from engines.live import the_pool


@pytest.fixture(autouse=True)
def no_run_is_left():
    yield
    the_pool().stop()
