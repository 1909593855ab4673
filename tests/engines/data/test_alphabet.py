"""Alphabets: characters as numbers and back, whatever the script."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.data.alphabet import MAX_CHARACTERS, REPLACEMENT, Alphabet, alphabet_of, code_points

TEXTS = st.text(st.characters(codec="utf-8"), min_size=2, max_size=60).filter(lambda text: len(set(text)) > 1)


@given(TEXTS)
def test_there_and_back(text):
    alphabet, rare = alphabet_of(text)
    assert rare == 0 and list(alphabet.characters) == sorted(set(text))
    ids, unknown = alphabet.encode(text)
    assert unknown == "" and ids.dtype == np.uint16 and alphabet.decode(ids) == text
    assert [alphabet.characters[i] for i in ids] == list(text)


@given(TEXTS, st.integers(3, 8))
def test_the_rarest_characters_share_one(text, most):
    alphabet, rare = alphabet_of(text, most)
    kinds = set(text)
    if len(kinds) <= most:
        assert rare == 0
        return
    assert len(alphabet) == most and rare == len(kinds - {REPLACEMENT}) - (most - 1)
    kept = set(alphabet.characters) - {REPLACEMENT}
    lost = kinds - kept - {REPLACEMENT}
    assert min(text.count(c) for c in kept) >= max(text.count(c) for c in lost)
    again = alphabet.decode(alphabet.encode(text).ids)
    assert again == "".join(c if c in kept else REPLACEMENT for c in text)


def test_a_text_of_many_scripts_keeps_its_bounds():
    rng = np.random.default_rng(0)
    text = "".join(map(chr, rng.integers(0x4E00, 0x4E00 + 2000, 20_000)))
    alphabet, rare = alphabet_of(text)
    assert len(alphabet) == MAX_CHARACTERS and rare == len(set(text)) - MAX_CHARACTERS + 1
    assert alphabet.encode(text).unknown != "" and len(alphabet.encode(text).ids) == len(text)


def test_unknown_characters_are_named_and_left_out():
    alphabet = Alphabet("abc")
    ids, unknown = alphabet.encode("a😀bé😀c")
    assert ids.tolist() == [0, 1, 2] and unknown == "😀é"
    ids, unknown = Alphabet("ab" + REPLACEMENT).encode("aéb")
    assert ids.tolist() == [0, 2, 1] and unknown == "é"
    assert Alphabet("ab").encode("").ids.tolist() == []


@pytest.mark.parametrize("characters", ["", "a", "aa", "ba", "".join(map(chr, range(100, 101 + MAX_CHARACTERS)))])
def test_what_is_no_alphabet_is_refused(characters):
    with pytest.raises(ValueError, match="alphabet is 2 to 512"):
        Alphabet(characters)


@pytest.mark.parametrize("ids", [[0, 3], [-1], [2**40]])
def test_numbers_beyond_the_alphabet_are_refused(ids):
    with pytest.raises(ValueError, match="from 0 to 2"):
        Alphabet("abc").decode(np.array(ids))


def test_one_repeated_character_has_no_alphabet():
    with pytest.raises(ValueError, match="at least two different"):
        alphabet_of("aaaa")


def test_code_points_are_those_of_ord():
    text = "aé😀\u4e00\n"
    assert code_points(text).tolist() == [ord(c) for c in text]
