"""Texts: the order of places, the Sonnets, and whatever a visitor may bring."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.data import sources, text
from engines.data.sources import DataProblem
from engines.data.text import cleaned, corpus, decoded, own
from engines.experiment import MAX_OWN_CHARACTERS, TextData

PLAY = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\n" * 20


@pytest.fixture(autouse=True)
def places(monkeypatch, tmp_path):
    """An empty data folder and cache."""
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path / "cache"))
    text.forget()
    yield tmp_path
    text.forget()


def write(folder: Path, content: str = PLAY) -> None:
    (folder / "shakespeare").mkdir(parents=True, exist_ok=True)
    (folder / "shakespeare" / "input.txt").write_text(content, encoding="utf-8")


def as_canonical(monkeypatch, content: str = PLAY) -> None:
    monkeypatch.setattr(text, "FILE", text.FILE._replace(md5=sources.md5(content.encode())))


def test_all_the_sonnets_are_there_and_whole():
    raw = text.SONNETS.read_bytes()
    assert b"\r" not in raw and b"\t" not in raw and raw.endswith(b"\n") and raw.isascii()
    sonnets = raw.decode().rstrip("\n").split("\n\n")
    assert len(sonnets) == 154
    # the 99th has a line more, the 126th is six couplets
    expected = {99: 15, 126: 12}
    for number, sonnet in enumerate(sonnets, 1):
        lines = sonnet.split("\n")
        assert len(lines) == expected.get(number, 14), number
        assert all(line.startswith("  ") == (i >= len(lines) - 2) for i, line in enumerate(lines)), number
        assert all(
            line == line.rstrip() and 20 <= len(line.strip()) <= 62 and line.strip()[0] in "'" + line.strip()[0].upper()
            for line in lines
        )
    assert sonnets[17].startswith("Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:")
    assert sonnets[-1].endswith("Love's fire heats water, water cools not love.")


def test_places_are_tried_in_order(places, monkeypatch):
    found = text.load("auto")
    assert found.source == "builtin" and found.sentence == f"Shakespeare's 154 Sonnets: {len(found.text):,} characters, built in."
    assert text.load("shakespeare").sentence.endswith("can be downloaded.")
    as_canonical(monkeypatch)
    write(places / "cache")
    assert text.load("auto") is found
    text.forget()
    assert text.known("auto") is None
    cached = text.load("auto")
    assert (
        cached.source == "cache" and cached.text == PLAY and "from your cache" in cached.sentence and text.known("auto") is cached
    )
    write(places / "data", PLAY + "Another.\n")
    text.forget()
    other = text.load("auto")
    assert other.source == "data_dir" and "not the original" in other.sentence and other.text.endswith("Another.\n")
    assert text.load("sonnets").source == "builtin"
    assert [(place.key, place.present) for place in text.places()] == [("data_dir", True), ("cache", True), ("builtin", True)]


@pytest.mark.parametrize("content", ["short", "a" * 5000, "\0" * 5000], ids=["short", "one character", "binary"])
def test_a_useless_file_is_named_and_passed_over(places, content):
    write(places / "data", content)
    found = text.load("auto")
    assert found.source == "builtin" and len(found.sentence) > len("Shakespeare's 154 Sonnets: 94,649 characters, built in.")


def test_a_damaged_cache_is_not_used(places):
    write(places / "cache")
    assert "wrong checksum" in text.load("auto").sentence


def test_the_download_is_checked_and_found(places, monkeypatch):
    as_canonical(monkeypatch)

    def fetch(files, mirrors, folder, progress, cancelled):
        assert files == [text.FILE] and all((mirror + "input.txt").startswith("https://") for mirror in mirrors)
        write(folder)

    monkeypatch.setattr(sources, "fetch", fetch)
    before = text.stamp()
    assert "Tiny Shakespeare" in text.install(lambda *_: None, lambda: False) and text.stamp() > before
    assert text.load("auto").source == "cache"


def test_no_sonnets_no_text(monkeypatch, places):
    monkeypatch.setattr(text, "SONNETS", places / "gone.txt")
    with pytest.raises(DataProblem, match="cannot be read"):
        text.load()


SAID = {
    "no text": (b"", "at least 200"),
    "short": (b"hello", "at least 200"),
    "one character": (b"a" * 300, "two different"),
    "picture": (b"\x89PNG\r\n\x1a\n" + random.Random(0).randbytes(3000), "not text"),
    "zeros": (b"\0" * 1000, "not text"),
    "control": (b"\x01\x02ab" * 100, "not text"),
    "latin-1": ("Où est passé l'été? ".encode("latin-1") * 50, "not text in UTF-8"),
    "half utf-16": (b"\xff\xfea", "UTF-8"),
    "huge": (b"ab" * (text.MAX_OWN_BYTES // 2 + 1), "larger than 8 MB"),
    "long": (b"ab" * (MAX_OWN_CHARACTERS // 2 + 1), "at most 2,000,000"),
}


@pytest.mark.parametrize("name", SAID)
def test_what_cannot_be_learned_is_refused_in_one_sentence(name):
    content, said = SAID[name]
    with pytest.raises(ValueError, match=said) as caught:
        own(decoded(content, "x.txt"), "x.txt")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_a_text_of_the_visitors_own_is_cleaned_once():
    mine = "Zo\u0065\u0301 reads.\r\n" * 30
    assert own(mine, "a.txt") is own(mine, "a.txt") is not own(mine, "b.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_usual_encodings_are_read(encoding):
    written = "Größe 😀 — \u202bשלום\u202c\t日本\n" * 20
    assert decoded(written.encode(encoding)) == written


@given(st.text(st.characters(), max_size=60))
def test_cleaning_leaves_text_that_can_be_written_down(raw):
    clean = cleaned(raw)
    clean.encode("utf-8")
    assert "\r" not in clean and cleaned(clean) == clean
    assert cleaned("e\u0301\r\na\rb") == "é\na\nb"


def test_a_corpus_splits_off_the_end():
    data = TextData(source="own", own=PLAY, name="play.txt", validation=0.25)
    found = corpus(data)
    together = np.concatenate([found.train, found.validation])
    assert found.alphabet.decode(together) == PLAY and len(found.validation) == round(0.25 * len(PLAY))
    assert corpus(data) is found and "Your text play.txt" in found.sentence
    assert f"{len(found.train):,} and is tested on the last {len(found.validation):,}" in found.sentence
    assert found.baselines.uniform == pytest.approx(np.log(len(found.alphabet)))
    assert found.baselines.trigram < found.baselines.bigram < found.baselines.unigram < found.baselines.uniform


def test_rare_characters_are_said_to_be():
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 600))) + "abab" * 100
    assert "There are 511 different characters. 91 rare ones share one more." in corpus(TextData(source="own", own=many)).sentence


@pytest.mark.parametrize("words", ["", " " * 500, "hello"])
def test_a_corpus_of_nothing_is_refused(words):
    with pytest.raises(ValueError):
        corpus(TextData(source="own", own=words))
