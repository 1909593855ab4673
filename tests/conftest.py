"""Order and marks of the tests."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# The same examples on every machine: what passes here passes there. --hypothesis-profile=default draws new ones.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="module", autouse=True)
def quick_collections():
    """What a file of tests leaves behind for good, compiled programs above all, is not gone through again at every collection.

    Without it a collection takes seconds towards the end, in a process of several gigabytes.
    """
    yield
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Browser tests are marked, and come last: Playwright keeps an event loop running in the thread that started it.

    With `-n` each process is given its share in this order, too.
    """
    browser = [item for item in items if "browser" in item.path.parts]
    for item in browser:
        item.add_marker(pytest.mark.browser)
    items[:] = [item for item in items if "browser" not in item.path.parts] + browser
