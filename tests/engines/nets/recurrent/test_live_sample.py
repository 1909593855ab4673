"""Samples written piece by piece: of one moment each, kept in order, begun anew when asked."""

from __future__ import annotations

import numpy as np
import pytest

from engines.data.alphabet import Alphabet
from engines.nets.recurrent import live_sample as module
from engines.nets.recurrent.live_sample import Author, LiveSample, Sample, primed
from engines.nets.recurrent.net import form, initial_weights
from engines.nets.recurrent.sampling import Writer
from engines.training import Writing
from tests.engines.nets.recurrent.plays import small

ALPHABET = Alphabet("\n abcdefg")
NET = small().net
SHORT = Writing(length=40, seed=3, prime="abc")


def author(step=0, seed=0, alphabet=ALPHABET):
    weights = tuple((w * 3, b) for w, b in initial_weights(NET, len(alphabet), seed))
    return Author(form(NET, len(alphabet)), weights, alphabet, 8, step, step / 10)


def finish(live, who, writing=SHORT):
    for _ in range(200):
        live.go_on(who, writing)
        if not live.unfinished:
            return live.newest
    raise AssertionError("never done")


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    monkeypatch.setattr(module, "REST_S", 0.0)


def test_pieces_make_the_text_written_at_once():
    who = author()
    sample = finish(LiveSample(), who)
    writer = Writer(who.net, who.weights, len(ALPHABET), 8)
    page, _ = writer.read(writer.fresh(), ALPHABET.encode("abc").ids)
    ids, chances, _ = writer.write(page, 40, SHORT.temperature, 0, 1.0, 3)
    assert sample.text == ALPHABET.decode(ids) and sample.done and sample.prime == "abc" and sample.step == 0
    live = LiveSample()
    finish(live, who)
    np.testing.assert_allclose(live.chances, chances, rtol=1e-5)


def test_a_sample_keeps_to_its_moment_and_the_next_is_of_a_later_one():
    live, early, late = LiveSample(), author(1, 0), author(2, 1)
    live.go_on(early, SHORT, 0.0)
    expected = finish(LiveSample(), early).text
    assert finish(live, late).text == expected and live.newest.step == 1
    assert finish(live, late).step == 2 and [sample.step for sample in live.kept] == [1, 2]
    kept = live.kept
    live.go_on(late, SHORT)
    assert live.kept is kept and not live.unfinished


def test_another_wish_begins_at_once():
    live, who = LiveSample(), author()
    finish(live, who)
    warm = finish(live, who, SHORT._replace(temperature=2.0)).text
    cold = finish(live, who, SHORT._replace(temperature=0.0)).text
    assert len({live.kept[-1].text, warm}) == 2 and cold == live.newest.text and len(live.kept) == 1


def test_the_timeline_is_bounded_and_can_be_cut():
    live = LiveSample()
    for step in range(200):
        live._keep(Sample(step, step / 10, "", "x", True))
    steps = [sample.step for sample in live.kept]
    assert len(steps) <= module.MOST_KEPT and steps[-1] == 199 and steps == sorted(set(steps)) and steps[0] == 0
    live.cut(100)
    assert live.kept and live.kept[-1].step <= 100
    live.forget()
    assert live.kept == () and live.newest is None


@pytest.mark.parametrize(
    ("prime", "read"),
    [("abc", "abc"), ("", "\n"), ("xyz", "\n"), ("a?b", "ab"), ("a" * 900, "a" * 400)],
)
def test_what_is_read_first(prime, read):
    assert primed(ALPHABET, prime) == read
    assert primed(Alphabet("xy"), "") == "x"


def test_no_wish_is_too_long():
    live = LiveSample()
    assert len(finish(live, author(), Writing(length=10**9)).text) == module.MOST_WRITTEN


def test_a_moment_that_is_shown_while_nothing_trains_is_written_at_once(monkeypatch):
    monkeypatch.setattr(module, "REST_S", 1e9)
    live = LiveSample()
    finish(live, author(5, 0))
    live.go_on(author(9, 1), SHORT)
    assert live.newest.step == 5 and live.behind(author(9, 1)) and not live.unfinished
    for step, seed in ((2, 2), (7, 3)):
        who = author(step, seed)
        while live.behind(who) or live.unfinished:
            live.go_on(who, SHORT, resting=True)
        assert live.newest.step == step and live.newest.done
    assert [sample.step for sample in live.kept] == [2, 5, 7]  # going back loses nothing: only training on does
