"""A folder in MNIST's format with a few hundred real digits, and recipes of small nets."""

import gzip
import struct

import numpy as np
import pytest

from engines.data import digits
from engines.experiment import DenseNet, WideLayer
from engines.reproduce.recipes import RECIPES, Recipe


def _idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder: 400 training and 200 test digits."""
    found = digits.load("builtin")
    path = tmp_path_factory.mktemp("data")
    (path / "mnist").mkdir()
    parts = {
        "train_images": found.train_images[:400],
        "train_labels": found.train_labels[:400],
        "test_images": found.test_images[:200],
        "test_labels": found.test_labels[:200],
    }
    for name, file in digits.FILES.items():
        (path / file.path).write_bytes(gzip.compress(_idx(parts[name]), 1))
    return path


@pytest.fixture
def here(monkeypatch, folder, tmp_path):
    """The small set is what 'full' finds."""
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(folder))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    digits.forget()
    yield digits.load("full")
    digits.forget()


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No full set anywhere."""
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    digits.forget()
    yield
    digits.forget()


@pytest.fixture
def tiny(monkeypatch):
    """Recipe 'tiny': one hidden layer of 16 units, three epochs. It also stands in for that of mlp-500-300."""
    net = lambda: DenseNet(layers=(WideLayer(units=16),))  # noqa: E731
    for name in ("tiny", "mlp-500-300"):
        monkeypatch.setitem(RECIPES, name, Recipe(net=net, epochs=3, rate=0.1, optimizer="sgd", batch=20))
    return "tiny"
