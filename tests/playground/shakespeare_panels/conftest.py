from __future__ import annotations

import pytest

from tests.playground.shakespeare_panels.labs import trained_run


@pytest.fixture(scope="session")
def trained():
    """A run of an LSTM of 16 units that has learned a little, at rest; tests do not change it."""
    run, pool = trained_run()
    yield run
    pool.stop()
