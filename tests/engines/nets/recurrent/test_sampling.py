"""Writing: the distribution drawn from, its edges, reading, continuing, and that no knob compiles anything."""

from __future__ import annotations

from functools import lru_cache

import jax
import numpy as np
import pytest

from engines.nets.recurrent import net as nets
from engines.nets.recurrent import sampling
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.sampling import Taste, Writer
from tests.engines.nets.recurrent.numpy_text import ALPHABET, described, forward, log_softmax, random_weights, single, text

LOGITS = np.array([0.3, 2.0, -1.0, 1.1, 2.0001, -4.0])
DRAWS = 4000
TASTES = [
    (1.0, 0, 1.0),
    (0.5, 0, 1.0),
    (3.0, 3, 1.0),
    (1.0, 0, 0.6),
    (1.0, 0, 0.0),
    (1.0, 4, 0.7),
    (1.0, 1, 1.0),
    (1.0, 10**9, 1.0),
    (0.0, 0, 1.0),
    (0.0, 3, 0.5),
    (1e-9, 0, 1.0),
    (1e9, 0, 1.0),
]


def wanted(temperature, top_k, top_p):
    """The distribution by its definition, one character after the other from the most probable down."""
    order = np.argsort(-LOGITS)
    if temperature < 1e-6:
        return np.eye(len(LOGITS))[order[0]]
    chances = np.exp((LOGITS - LOGITS.max()) / temperature)
    if top_k:
        chances[order[top_k:]] = 0
    chances /= chances.sum()
    kept, gathered = np.zeros(len(LOGITS)), 0.0
    for index in order:
        if gathered < top_p or index == order[0]:
            kept[index] = chances[index]
        gathered += chances[index]
    return kept / kept.sum()


@lru_cache
def picking():
    return jax.jit(jax.vmap(sampling.pick, (None, None, 0)))


def drawn(logits, taste):
    luck = (np.arange(DRAWS, dtype=np.float32) + 0.5) / DRAWS
    traced = Taste(np.float32(taste[0]), np.int32(taste[1]), np.float32(taste[2]))
    picks = picking()(np.asarray(logits, np.float32), traced, luck)
    return np.bincount(np.asarray(picks), minlength=len(logits)) / DRAWS


@pytest.mark.parametrize("taste", TASTES)
def test_luck_spread_evenly_draws_the_distribution(taste):
    np.testing.assert_allclose(drawn(LOGITS, taste), wanted(*taste), atol=2 / DRAWS)


@pytest.mark.parametrize("logits", [[np.nan] * 4, [np.inf, 0, np.nan, -np.inf], [1e38, -1e38, 0, 0], [-np.inf] * 4])
@pytest.mark.parametrize("taste", [(1.0, 0, 1.0), (0.0, 0, 1.0), (1e9, 2, 0.5)])
def test_an_exploded_net_still_writes_characters_of_the_alphabet(logits, taste):
    assert drawn(logits, taste)[:4].sum() == pytest.approx(1)


@pytest.fixture(scope="module", params=list(CELLS))
def written(request):
    net = described(request.param, 2, 6)
    weights = random_weights(net)
    return net, weights, Writer(net, single(weights), ALPHABET, 3)


def test_reading_gives_the_oracles_chances(written):
    net, weights, writer = written
    ids = text(11, 1)
    state, chances = writer.read(writer.fresh(), ids[:, 0])
    logits = forward(net, weights, ids, window=3)[0]
    np.testing.assert_allclose(chances, np.exp(log_softmax(logits[-1, 0])), atol=1e-5)
    np.testing.assert_array_equal(writer.read(state, [])[1], chances)


def test_a_long_text_is_read_in_pieces(written):
    _, _, writer = written
    ids = text(600, 1)[:, 0]
    middle, _ = writer.read(writer.fresh(), ids[:123])
    np.testing.assert_allclose(writer.read(middle, ids[123:])[1], writer.read(writer.fresh(), ids)[1], atol=1e-6)


def test_at_temperature_0_the_oracles_favourite_is_written_each_time(written):
    net, weights, writer = written
    state, _ = writer.read(writer.fresh(), [1, 2])
    ids, chances, _ = writer.write(state, 8, 0.0, seed=9)
    so_far = [1, 2]
    for character, chance in zip(ids, chances, strict=True):
        expected = np.exp(log_softmax(forward(net, weights, np.array(so_far)[:, None], window=3)[0][-1, 0]))
        assert character == expected.argmax()
        assert chance == pytest.approx(expected.max(), abs=1e-5)
        so_far.append(int(character))


def test_a_text_written_piece_by_piece_is_the_text_written_at_once(written):
    _, _, writer = written
    state, _ = writer.read(writer.fresh(), [0])
    whole, _, _ = writer.write(state, 300, seed=4)
    first, _, middle = writer.write(state, 7, seed=4)
    rest, _, _ = writer.write(middle, 293, seed=4, start=7)
    np.testing.assert_array_equal(np.concatenate([first, rest]), whole)
    assert not np.array_equal(writer.write(state, 300, seed=5)[0], whole)
    assert len(writer.write(state, 0)[0]) == 0


def test_no_knob_and_no_length_compiles_anything():
    net = described("gru", 2, 6)
    writer = Writer(net, single(random_weights(net)), ALPHABET, 3)
    state, _ = writer.read(writer.fresh(), [1])
    *_, state = writer.write(state, 3)
    before = [program._cache_size() for program in vars(writer._programs).values()]
    for count, *taste in ((1, 0.0, 0, 1.0), (20, 1e9, 3, 0.5), (300, 0.7, 0, 0.0)):
        *_, state = writer.write(state, count, *taste, seed=count)
        state, _ = writer.read(state, [2] * count)
    other = Writer(described("gru", 2, 6, dropout=0.3), single(random_weights(net, seed=1)), ALPHABET, 9)
    other.write(other.read(other.fresh(), [3])[0], 2)
    assert [program._cache_size() for program in vars(other._programs).values()] == before == [1, 1]


@pytest.mark.parametrize("wrong", [-1, ALPHABET])
def test_a_character_that_is_not_of_the_alphabet_is_named(wrong):
    net = described("rnn", 1, 4)
    writer = Writer(net, nets.initial_weights(net, ALPHABET, 0), ALPHABET, 3)
    with pytest.raises(ValueError, match=f"no character {wrong}; the alphabet has {ALPHABET}"):
        writer.read(writer.fresh(), [0, wrong])
