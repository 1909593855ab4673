"""Frames for polling browsers: batches in order, bounded, and no watching for a browser that has gone."""

import base64
import time

from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from playground.live import polling
from playground.live.component import ASSETS, script, tables
from playground.live.frames import decode
from playground.live.polling import Poll
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer


def test_batches_in_order_and_bounded(monkeypatch) -> None:
    pool = Pool(workers=1)
    try:
        run = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
        poll = Poll(run)
        eventually(lambda: run.status == "ready")
        run.play()
        ids = []
        for _ in range(3):
            time.sleep(0.3)
            batch = [decode(base64.b64decode(text)) for text in poll.frames()]
            assert 8 <= len(batch) <= polling.MOST_FRAMES
            ids += [header["id"] for header, *_ in batch]
        assert ids == sorted(set(ids))
        monkeypatch.setattr(polling, "ABANDONED_S", 0.1)
        eventually(lambda: poll.ended)
        assert run.viewers == 0
    finally:
        pool.stop()


def test_starting_over_sends_everything_once_more() -> None:
    pool = Pool(workers=1)
    try:
        run = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
        poll = Poll(run)
        assert poll.sent == -1
        eventually(lambda: run.status == "ready")
        run.step()
        eventually(lambda: run.status == "paused" and run.snapshot.run.step == 1)
        first = decode(base64.b64decode(poll.frames()[0]))[0]
        assert "experiment" in first and poll.sent == run.snapshot.id
        assert poll.frames() == []
        poll.start_over()
        assert poll.sent == -1
        (again,) = poll.frames()
        header = decode(base64.b64decode(again))[0]
        assert header["experiment"] == first["experiment"] and header["id"] == poll.sent == run.snapshot.id
    finally:
        pool.stop()


def test_assets_are_complete() -> None:
    names = (ASSETS / "ORDER").read_text().split()
    assert sorted(names) == sorted(path.name for path in ASSETS.glob("*.js"))
    assert "export default" in script()
    assert (ASSETS / "view.css").is_file()


def test_tables_for_the_view() -> None:
    assert ["1", "1×"] in tables()["speeds"]
    assert ["x", "x"] in tables()["inputs"]
    assert len(tables()["activations"]) > 10
