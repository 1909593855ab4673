import pytest

from engines.data import digits
from engines.nets import programs
from engines.trials import trials
from tests.engines.trials.small import write_digits


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("digits"))


@pytest.fixture(autouse=True)
def small_set(folder, monkeypatch, tmp_path):
    """The small digits, in slices of 64, and rows every 100 of them."""
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folder))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("PLAYGROUND_PRECISION", raising=False)
    monkeypatch.setattr(programs, "slice_size", lambda sizes, backend: 64)
    monkeypatch.setattr(trials, "FEWEST_BETWEEN", 100)
    digits.forget()
    yield
    digits.forget()
