"""Saving a text net and opening it again; what is said where that cannot be."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engines.data.alphabet import Alphabet
from engines.live import LiveRun, Pool
from engines.nets.recurrent.taken import capture
from engines.nets.recurrent.text_file import SavedText, from_bytes, to_bytes
from playground import net_files
from playground.shakespeare_panels.files import FILES
from playground.shakespeare_panels.taking import when
from tests.engines.live.conftest import eventually
from tests.engines.nets.recurrent.plays import PLAY, small

SMALL = small(epochs=1)


@pytest.fixture(scope="module")
def trained():
    pool = Pool(workers=1)
    run = LiveRun(SMALL, pool=pool, speed="max")
    run.watch(lambda: None)
    run.play()
    eventually(lambda: run.status == "finished", 120)
    yield run
    pool.stop()


def weights_of(run):
    found = []
    run.visit(lambda driver: found.append(driver.ready.weights()))
    eventually(lambda: found)
    return found[0]


def test_what_is_saved_is_opened_again(trained):
    content = FILES.content(trained)
    saved = from_bytes(content)
    assert saved.experiment == SMALL and saved.epoch == 1.0 and saved.alphabet.characters == "".join(sorted(set(PLAY)))
    assert saved.nats == pytest.approx(float(trained.snapshot.metrics.test_loss), rel=1e-5)
    pool = Pool(workers=1)
    try:
        other = LiveRun(small(net__units=32), pool=pool)
        other.watch(lambda: None)
        right, told = FILES.opened(other, "net.safetensors", content)
        assert right and "trained for 1 epoch" in told and "nats a character" in told
        eventually(lambda: other.snapshot.run.message and "Opened" in other.snapshot.run.message, 60)
        for pair, expected in zip(weights_of(other), saved.weights, strict=True):
            for array, ours in zip(pair, expected, strict=True):
                np.testing.assert_array_equal(array, ours)
        assert when(capture(other)) == "The net **as it was opened**." and other.snapshot.facts["opened"]
        told = FILES.opened(other, "again.safetensors", FILES.content(other))[1]
        assert told == "Opened again.safetensors: the weights its run began with."
    finally:
        pool.stop()


@pytest.mark.parametrize("content", [b"", b"junk" * 50, b"\x10\0\0\0\0\0\0\0{}              "])
def test_what_is_no_net_is_said_and_changes_nothing(content):
    right, told = FILES.opened(None, "x" * 200, content)
    assert not right and told.endswith("Nothing was changed.") and len(told) < 400


def test_a_net_of_another_alphabet_is_refused():
    saved = SavedText(SMALL, trained_weights(7), Alphabet("abcdefg"), 1.0)
    right, told = FILES.opened(None, "net.safetensors", to_bytes(saved))
    assert not right and "different characters" in told


def trained_weights(size):
    from engines.nets.recurrent.net import initial_weights

    return initial_weights(SMALL.net, size, 0)


def test_why_there_is_nothing_to_save():
    run = SimpleNamespace(status="failed")
    assert "no net to save" in net_files.nothing_to_save(SimpleNamespace(run=run, diagnosis=(), recording=None))
    broken = SimpleNamespace(
        run=SimpleNamespace(status="stopped"), diagnosis=(SimpleNamespace(key="nan"),), recording=SimpleNamespace(position=None)
    )
    assert "overflowed" in net_files.nothing_to_save(broken)
