"""Texts to learn: Tiny Shakespeare where it is found, Shakespeare's Sonnets built in, or a text of the visitor's own."""

from __future__ import annotations

import codecs
import threading
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engines.data import sources
from engines.data.alphabet import Alphabet, alphabet_of, code_points
from engines.data.baselines import Baselines, baselines
from engines.data.digits import Place
from engines.data.sources import DataProblem, Progress, Remote
from engines.experiment import MAX_OWN_CHARACTERS, TextData

FILE = Remote("shakespeare/input.txt", "6fb458f1232090904fb40fe944165e91", 1_115_394)
MIRRORS = [
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
    "https://cdn.jsdelivr.net/gh/karpathy/char-rnn@master/data/tinyshakespeare/",
    "https://raw.githubusercontent.com/karpathy/ng-video-lecture/master/",
]
SONNETS = Path(__file__).with_name("sonnets.txt")
MIN_CHARACTERS = 200
MAX_OWN_BYTES = 4 * MAX_OWN_CHARACTERS
MAX_CONTROL_SHARE = 0.02
"""A file of which more are control characters is no text."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PLAIN_CONTROLS = "\t\n\r\f\v\x1b\x85"


class Text(NamedTuple):
    """A whole text. source: 'data_dir' | 'cache' | 'builtin' | 'own'. sentence: what the page says about it."""

    text: str
    source: str
    sentence: str


class Corpus(NamedTuple):
    """A text as a net learns it. train (n,), validation (m,): uint16 numbers of the alphabet; the validation part is the end."""

    text: Text
    alphabet: Alphabet
    train: np.ndarray
    validation: np.ndarray
    baselines: Baselines
    sentence: str


_lock = threading.Lock()
_loaded: dict[tuple[str, str, str], Text] = {}
_stamp = 0


def load(source: str = "auto") -> Text:
    """A text that comes with the playground, read once a process. source: 'auto' | 'shakespeare' | 'sonnets'.

    The first two try PLAYGROUND_DATA_DIR, then the user's cache, then fall back to the Sonnets; the sentence says so.
    Raises DataProblem only when not even these can be read.
    """
    with _lock:
        if _key(source) not in _loaded:
            _loaded[_key(source)] = _search(source)
        return _loaded[_key(source)]


def known(source: str = "auto") -> Text | None:
    """What `load` has found already; None when nobody has asked yet. Reads nothing and never waits for a reading."""
    return _loaded.get(_key(source))


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
    """Download Tiny Shakespeare into the user's cache. Returns the sentence of the text that is found afterwards.

    progress(share 0..1, text) is called often, from this thread; cancelled() is asked between pieces (at most 10 s apart).
    Raises DataProblem with a sentence: no network, wrong checksum, full disk, time-out, already running; or Cancelled.
    """
    sources.fetch([FILE], MIRRORS, sources.cache_dir(), progress, cancelled)
    forget()
    return load("shakespeare").sentence


def places() -> list[Place]:
    """Where texts are looked for, in order, without reading them: for the command line's `doctor`."""
    folder, cache = sources.data_dir(), sources.cache_dir()
    found = [_place("data_dir", folder)] if folder else [Place("data_dir", "", False, "PLAYGROUND_DATA_DIR is not set.")]
    sentence = "Shakespeare's Sonnets, part of this project." if SONNETS.is_file() else "The Sonnets are missing."
    return [*found, _place("cache", cache), Place("builtin", str(SONNETS), SONNETS.is_file(), sentence)]


def corpus(data: TextData) -> Corpus:
    """The text of `data` with its alphabet, its two parts and its baselines; kept for the next caller.

    Raises ValueError in one sentence where the visitor's own text cannot be learned, DataProblem where nothing can be read.
    """
    text = own(data.own, data.name) if data.source == "own" else load(data.source)
    return _corpus(text, data.validation)


@lru_cache(maxsize=4)
def own(text: str, name: str = "") -> Text:
    """The visitor's text as it is learned. Raises ValueError in one sentence where it is none that can be."""
    clean = cleaned(text)
    if len(clean) < MIN_CHARACTERS:
        raise ValueError(f"A text needs at least {MIN_CHARACTERS} characters to learn from; this one has {len(clean):,}.")
    if len(clean) > MAX_OWN_CHARACTERS:
        raise ValueError(
            f"A text may have at most {MAX_OWN_CHARACTERS:,} characters; this one has {len(clean):,}. Take a part of it."
        )
    if clean == clean[0] * len(clean):
        raise ValueError("A text needs at least two different characters: there is nothing to guess in this one.")
    called = f"Your text {name}" if name else "Your text"
    return Text(clean, "own", f"{called}: {len(clean):,} characters.")


def cleaned(text: str) -> str:
    """`text` with line ends of one kind, characters in composed form (NFC), and no broken halves of characters."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").removeprefix("\ufeff")
    return unicodedata.normalize("NFC", whole.replace("\r\n", "\n").replace("\r", "\n"))


def decoded(content: bytes, name: str = "") -> str:
    """The text in a file of the visitor's, cleaned: UTF-8, or UTF-16 that says so. Raises ValueError in one sentence."""
    called = f"The file {name}" if name else "This file"
    if len(content) > MAX_OWN_BYTES:
        raise ValueError(f"{called} is larger than {MAX_OWN_BYTES // 1_000_000} MB. Take a part of it.")
    utf16 = content.startswith(_UTF16)
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in content[:4096] or _control_share(content[:4096].decode("latin-1")) > MAX_CONTROL_SHARE:
            raise ValueError(f"{called} is not text but something else, a picture or a document perhaps.") from None
        raise ValueError(f"{called} is not text in UTF-8. Save it as UTF-8 (most editors offer that) and try again.") from None
    if "\0" in text or _control_share(text) > MAX_CONTROL_SHARE:
        raise ValueError(f"{called} is not text but something else, a picture or a document perhaps.")
    return cleaned(text)


def _control_share(text: str) -> float:
    codes = code_points(text)
    plain = np.array([ord(c) for c in _PLAIN_CONTROLS], np.uint32)
    return float((((codes < 32) | (codes == 127)) & ~np.isin(codes, plain)).mean()) if len(codes) else 0.0


def _key(source: str) -> tuple[str, str, str]:
    return (source, str(sources.data_dir()), str(sources.cache_dir()))


def _place(key: str, folder: Path) -> Place:
    present = (folder / FILE.path).is_file()
    return Place(key, str(folder), present, "Tiny Shakespeare." if present else f"No {FILE.path}.")


def _search(source: str) -> Text:
    problems: list[str] = []
    folders = [("data_dir", sources.data_dir()), ("cache", sources.cache_dir())] if source != "sonnets" else []
    for key, folder in folders:
        if folder is None or not (folder / FILE.path).is_file():
            continue
        try:
            return _found(key, folder / FILE.path)
        except (DataProblem, ValueError) as problem:
            problems.append(str(problem))
    if source == "shakespeare" and not problems:
        problems.append("Tiny Shakespeare is not on this machine yet; it can be downloaded.")
    return _sonnets(problems)


def _found(key: str, path: Path) -> Text:
    """The text at `path`, checked. Raises DataProblem, or ValueError where it is no text."""
    content = sources.read(path)
    canonical = sources.md5(content) == FILE.md5
    if key == "cache" and not canonical:
        raise DataProblem(f"{path} has the wrong checksum: download the text again.")
    text = own(decoded(content, path.name), path.name).text
    what = "Tiny Shakespeare" if canonical else "A text in the place of Tiny Shakespeare (not the original file)"
    where = "from this server's own folder" if key == "data_dir" else "from your cache"
    return Text(text, key, f"{what}: {len(text):,} characters, {where}.")


def _sonnets(problems: list[str]) -> Text:
    try:
        text = SONNETS.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataProblem(" ".join([*problems, "The built-in Sonnets cannot be read: install the playground again."])) from error
    sentence = f"Shakespeare's 154 Sonnets: {len(text):,} characters, built in."
    return Text(text, "builtin", " ".join([sentence, *problems]))


@lru_cache(maxsize=4)
def _corpus(text: Text, validation: float) -> Corpus:
    alphabet, rare = alphabet_of(text.text)
    ids = alphabet.encode(text.text).ids
    held = max(2, round(len(ids) * validation))
    train, end = ids[:-held], ids[-held:]
    shared = f" {rare:,} rare ones share one more." if rare else ""
    sentence = (
        f"{text.sentence} The net learns from {len(train):,} and is tested on the last {held:,}. "
        f"There are {len(alphabet) - bool(rare)} different characters.{shared}"
    )
    return Corpus(text, alphabet, train, end, baselines(train, end, len(alphabet)), sentence)
