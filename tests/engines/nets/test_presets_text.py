"""Presets on texts: the named ones, and the promise of the quickest."""

from __future__ import annotations

import pytest

from engines.nets.presets_text import TEXTS
from engines.presets import PRESETS
from engines.training import make_trainer

KEYS = {"shakespeare-lstm", "shakespeare-gru", "shakespeare-rnn", "shakespeare-3x512", "sonnets-quick"}


def test_the_named_ones_are_there():
    assert {preset.key for preset in TEXTS} == KEYS and all(PRESETS[key].page == "shakespeare" for key in KEYS)
    net = PRESETS["shakespeare-3x512"].experiment.net
    assert (net.layers, net.units, net.cell) == (3, 512, "lstm")


@pytest.mark.parametrize("key", sorted(KEYS))
def test_each_ends_by_itself(key):
    assert 0 < PRESETS[key].experiment.epochs <= 60 and PRESETS[key].experiment.clip_norm > 0


def test_the_sonnets_are_spelled_after_a_tenth_of_the_quick_run():
    trainer = make_trainer(PRESETS["sonnets-quick"].experiment)
    while trainer.epoch < 3:
        assert trainer.advance(50).stopped is None
    assert trainer.validation().nats < 2.05 < trainer.corpus.baselines.bigram
