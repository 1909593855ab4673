"""When frames are made: how often, and how soon a moved look is answered."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engines.experiment import Experiment, StackNet, digits_experiment
from engines.live.show import FRAMES_PER_SECOND, INSIDE_FRAMES_PER_SECOND, MOVED_S, Show
from engines.training import Inside, Look, Probe
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer

NETS = {
    "plane": Experiment(),
    "dense": digits_experiment(),
    "stack": digits_experiment(net=StackNet()),
}
INSIDE = Look(inside=Inside())


class Recorder(Show):
    """Notes when it shows what. again_s, cost_s: of every probe."""

    def __init__(self, experiment: Experiment, status: str) -> None:
        run = SimpleNamespace(look_at=Look(), viewers=1)
        pool = SimpleNamespace(period_s=lambda: 1 / 60, crowded=False)
        super().__init__(SimpleNamespace(experiment=experiment, run=run, pool=pool, status=status, trainer=object()))
        self.shown: list[float] = []
        self.again_s, self.cost_s = None, 0.0

    def _probed(self) -> Probe:
        return Probe({}, [], {}, {}, self.again_s)

    def publish(self) -> None:
        pass

    def at(self, now: float) -> bool:
        """Whether there is a frame at `now`."""
        before, cost_s = self._shown, self.cost_s
        self.notice_look()
        self.frame(now)
        self.cost_s = cost_s
        return self._shown != before

    def count(self, seconds: float) -> int:
        """Frames in so many seconds of playing, in steps of a millisecond."""
        frames = 0
        for t in range(round(seconds * 1000)):
            self.wanted = True
            frames += self.at(1 + t / 1000)
        return frames


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize(("look", "cost_s"), [(Look(), 0.0), (INSIDE, 0.0), (Look(), 0.03), (INSIDE, 0.03)])
def test_frames_per_second(kind: str, look: Look, cost_s: float) -> None:
    show = Recorder(NETS[kind], "playing")
    show.driver.run.look_at, show.cost_s = look, cost_s
    inside = look.inside is not None and kind != "plane"
    most = INSIDE_FRAMES_PER_SECOND if inside else FRAMES_PER_SECOND[kind]
    share = 0.3 if inside else {"plane": 0.5, "dense": 0.1, "stack": 0.1}[kind]
    expected = 10 * min(most, share / cost_s if cost_s else 60)
    assert show.count(10) == pytest.approx(expected, rel=0.05, abs=1)


@pytest.mark.parametrize("status", ["paused", "playing"])
def test_a_moved_look_is_answered_at_once(status: str) -> None:
    show = Recorder(NETS["stack"], status)
    show.due, show.cost_s = 5.0, 0.03
    assert show.at(5.0) and show.due == pytest.approx(5.3)
    for i in range(1, 20):
        show.driver.run.look_at = Look(inside=Inside(digit=i))
        assert show.at(5.0 + 0.04 * i)


def test_moved_looks_are_answered_thirty_times_a_second_at_most() -> None:
    show = Recorder(NETS["stack"], "paused")
    show.driver.run.look_at, show.cost_s = INSIDE, 0.03
    assert show.at(5.0) and not show.at(5.09)
    show.driver.run.look_at = Look(inside=Inside(digit=1))
    assert show.at(5.095) and not show.at(5.1)
    show.driver.run.look_at = Look(inside=Inside(digit=2))
    assert not show.at(5.095 + MOVED_S - 0.002) and show.at(5.095 + MOVED_S + 0.001)
    assert not show.at(5.3)


def test_pictures_are_compared_without_an_error() -> None:
    show = Recorder(NETS["stack"], "paused")
    for shade in (1, 2):
        show.driver.run.look_at = Look(inside=Inside(picture=np.full((28, 28), shade, np.uint8)))
        assert show.at(float(shade))


def test_looking_elsewhere_with_the_inside_closed_waits_its_turn() -> None:
    show = Recorder(NETS["dense"], "paused")
    assert show.at(5.0)
    show.driver.run.look_at = Look(hover=(1, 0))
    assert not show.at(5.05) and show.at(5.09)


def test_a_resting_moment_is_shown_again_where_there_is_more_to_come() -> None:
    show = Recorder(NETS["stack"], "paused")
    show.again_s = 0.4
    assert show.at(5.0) and not show.at(5.39)
    show.again_s = None
    assert show.at(5.41) and not show.at(9.0)


class Facts(FakeTrainer):
    """Says what it was asked to look at."""

    def probe(self, look: Look, health: bool = True, coarse: bool = False) -> Probe:
        return super().probe(look)._replace(facts={"inside": None if look.inside is None else look.inside._asdict()})


def test_looks_are_changed_part_by_part(start) -> None:
    run = start(trainer=Facts)
    run.look(inside={"digit": 3})
    run.look((1, 0))
    assert run.look_at == Look((1, 0), None, Inside(digit=3))
    run.look(inside={"unit": (1, 2, 3, 4), "values": "d"})
    run.look(None)
    run.look(warp=(1, 0, 1))
    assert run.look_at == Look(None, (1, 0, 1), Inside(digit=3, unit=(1, 2, 3, 4), values="d"))
    eventually(lambda: run.snapshot.facts["inside"] and run.snapshot.facts["inside"]["digit"] == 3)
    run.play()
    eventually(lambda: run.snapshot.run.step > 20)
    assert run.snapshot.facts["inside"]["values"] == "d"
    run.look(inside=None)
    assert run.look_at == Look(None, (1, 0, 1), None)
    eventually(lambda: run.snapshot.facts["inside"] is None)
