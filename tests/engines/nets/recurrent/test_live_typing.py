"""What is expected after a typed text: what reading it at once gives, read on piece by piece, for every cell."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets.recurrent import live_typing
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.live_sample import MOST_PRIMED, Author
from engines.nets.recurrent.live_typing import LiveTyping
from engines.nets.recurrent.net import form, initial_weights
from engines.nets.recurrent.sampling import Writer
from tests.engines.nets.recurrent.plays import small
from tests.engines.nets.recurrent.test_live_sample import ALPHABET


def author(cell="rnn", step=0, seed=0):
    net = small(net__cell=cell).net
    weights = tuple((w * 2, b) for w, b in initial_weights(net, len(ALPHABET), seed))
    return Author(form(net, len(ALPHABET)), weights, ALPHABET, 8, step, step / 10)


def at_once(who, text):
    writer = Writer(who.net, who.weights, len(ALPHABET), who.sequence)
    return writer.read(writer.fresh(), ALPHABET.encode(text).ids)[1]


@pytest.mark.parametrize("cell", list(CELLS))
def test_letters_one_by_one_give_what_the_whole_text_gives(cell):
    who, typing = author(cell), LiveTyping()
    for end in range(1, 6):
        found = typing.answer(who, "fgabc"[:end])
    np.testing.assert_allclose(found.chances, at_once(who, "fgabc"), rtol=1e-4, atol=1e-6)
    assert found.chances.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(typing.answer(who, "fa").chances, at_once(who, "fa"), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "read", "unknown"),
    [("", "\n", ""), ("aXbXY", "ab", "XY"), ("XY", "\n", "XY"), ("ab" * 900, "ab" * (MOST_PRIMED // 2), "")],
)
def test_what_training_never_saw_is_named_and_passed_over(text, read, unknown):
    found = LiveTyping().answer(author(), text)
    assert (found.text, found.unknown) == (text, unknown)
    np.testing.assert_allclose(found.chances, at_once(author(), read), rtol=1e-4, atol=1e-6)


def test_text_that_scrolls_out_of_reach_is_read_anew():
    typing, who, text = LiveTyping(), author(), "abcdefg" * 80
    for end in (MOST_PRIMED - 1, MOST_PRIMED, MOST_PRIMED + 1, MOST_PRIMED + 30):
        found = typing.answer(who, text[:end])
        np.testing.assert_allclose(found.chances, at_once(who, text[:end][-MOST_PRIMED:]), rtol=1e-4, atol=1e-6)


def test_a_net_that_learns_is_asked_again_now_and_then(monkeypatch):
    typing = LiveTyping()
    first = typing.answer(author(step=1), "ab")
    assert typing.answer(author(step=1, seed=1), "ab") is first
    monkeypatch.setattr(live_typing, "RENEWED_S", 0.0)
    later = typing.answer(author(step=2, seed=1), "ab")
    assert later.step == 2
    np.testing.assert_allclose(later.chances, at_once(author(seed=1), "ab"), rtol=1e-4, atol=1e-6)
    assert typing.answer(author(step=1), "ab").step == 1  # gone back in the recording
