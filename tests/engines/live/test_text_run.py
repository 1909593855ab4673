"""A live run on a text: rows within epochs, samples, recordings, and changes in mid-run."""

from __future__ import annotations

import numpy as np
import pytest

from engines.live import LiveRun, Pool
from engines.nets.recurrent import trainer as module
from tests.engines.live.conftest import eventually
from tests.engines.nets.recurrent.plays import PLAY, small


@pytest.fixture(scope="module")
def run():
    """One run for the module: it has trained for more than an epoch, with a row every other step."""
    before, module.ROW_FLOPS = module.ROW_FLOPS, 1.0
    pool = Pool(workers=2)
    made = LiveRun(small(), pool=pool, speed="max")
    made.watch(lambda: None)
    eventually(lambda: made.status == "ready", 200)
    made.play()
    eventually(lambda: made.snapshot.run.epoch > 1.2, 60)
    pause(made)
    yield made
    pool.stop()
    module.ROW_FLOPS = before


def pause(run):
    run.pause()
    eventually(lambda: run.status == "paused" and run.snapshot.run.status == "paused")


def test_rows_come_within_an_epoch(run):
    table = run.snapshot.curve.table()
    assert table[0, 0] == 0 and (np.diff(table[:, 0]) > 0).all() and (table[:, 0] % 1 > 0).sum() > 10
    assert abs(table[-1, 0] - run.snapshot.run.epoch) < 0.2 and run.snapshot.run.examples_per_second >= 0
    assert (run.snapshot.data.train, run.snapshot.data.test, run.snapshot.data.task) == (*counts(run), "text")


def counts(run):
    text = run.snapshot.facts["text"]
    return text["train"], text["validation"]


def test_a_paused_run_goes_on_writing_until_its_sample_is_whole(run):
    eventually(lambda: run.snapshot.facts["sample"] and run.snapshot.facts["sample"]["done"], 30)
    assert len(run.snapshot.facts["sample"]["text"]) == 300 and run.snapshot.facts["samples"]
    assert run.snapshot.layers and run.snapshot.sections["baselines"].shape == (4,)


def test_another_temperature_writes_another_text(run):
    before = run.snapshot.facts["sample"]["text"]
    run.look(writing={"temperature": 0.0, "length": 50})
    eventually(lambda: run.snapshot.facts["sample"]["done"] and len(run.snapshot.facts["sample"]["text"]) == 50, 30)
    assert run.snapshot.facts["sample"]["text"] != before[:50]


def test_going_back_and_on_again_repeats_the_run(run):
    old = run.snapshot.curve.table().copy()
    run.seek(run.snapshot.recording.count // 2)
    eventually(lambda: run.snapshot.recording.position is not None)
    middle = run.snapshot.run.epoch
    assert 0 < middle < old[-1, 0] and run.snapshot.metrics.epoch <= middle + 1e-6
    run.continue_from_here()
    eventually(lambda: run.snapshot.run.epoch > old[-1, 0] + 0.05, 60)
    pause(run)
    new = run.snapshot.curve.table()
    again = new[: len(old)]
    assert (np.diff(new[:, 0]) > 0).all()
    shared = np.isin(again[:, 0], old[:, 0])
    assert shared.sum() > len(old) // 2
    np.testing.assert_array_equal(again[:, 2][shared], old[np.isin(old[:, 0], again[:, 0])][:, 2][: shared.sum()])


def test_another_text_in_mid_run_keeps_the_page_alive(run):
    run.apply(small(data__own=PLAY.upper()))
    eventually(lambda: run.snapshot.experiment.data.own != PLAY, 120)
    assert run.status != "failed" and run.snapshot.recording.count <= 1
    run.play()
    epoch = run.snapshot.run.epoch
    eventually(lambda: run.snapshot.run.epoch > epoch, 120)
    pause(run)
    run.seek(0)
    eventually(lambda: run.snapshot.recording.position == 0)
    assert run.status == "paused"


def test_a_text_that_cannot_be_learned_is_said_and_another_heals(run):
    run.apply(small(data__own="short"))
    eventually(lambda: run.status == "failed")
    assert "at least 200 characters" in run.snapshot.run.message
    run.apply(small())
    run.reset()
    eventually(lambda: run.status == "ready", 60)


def test_another_net_begins_anew_beside_the_curve_so_far(run):
    """Its epochs and its loss are its own: those of the net before are the pale line."""
    run.play()
    eventually(lambda: run.snapshot.run.step > 20 and len(run.snapshot.curve.table()) > 3, 60)
    pause(run)
    before = run.snapshot.curve.table().copy()
    run.change({"net.units": 20})
    eventually(lambda: run.snapshot.experiment.net.units == 20 and run.snapshot.run.status == "paused", 30)
    shown = run.snapshot
    assert (shown.run.step, shown.run.epoch) == (0, 0) and len(shown.curve.table()) == 0 and shown.recording.count == 0
    assert shown.metrics is None or shown.metrics.epoch == 0
    np.testing.assert_array_equal(shown.overlay.table(), before)
    run.play()
    eventually(lambda: len(run.snapshot.curve.table()) > 0, 60)
    pause(run)
    assert run.snapshot.curve.table()[0, 0] == 0
