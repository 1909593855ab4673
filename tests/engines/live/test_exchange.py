"""A run whose net becomes one of another kind takes another trainer, and keeps what can be kept."""

from __future__ import annotations

import pytest

from engines.experiment import digits_experiment
from engines.nets.catalogue import NETS
from engines.nets.stack import as_stack
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer

DENSE = digits_experiment(epochs=0)
FORM = DENSE.change(net=as_stack(DENSE.net))
LENET = DENSE.change(net=NETS["lenet1"].net)


class Fake(FakeTrainer):
    """Remembers every trainer that was made."""

    made: list[Fake] = []

    def __init__(self, experiment):
        super().__init__(experiment)
        Fake.made.append(self)


def trained(start, steps=3):
    """A run that has trained so many steps."""
    Fake.made.clear()
    run = start(DENSE, trainer=Fake)
    for step in range(1, steps + 1):
        run.step()
        eventually(lambda: run.snapshot.run.step == step and run.status == "paused")  # noqa: B023
    return run


def test_the_same_net_as_a_stack_keeps_everything(start):
    run = trained(start)
    run.apply(FORM)
    eventually(lambda: len(Fake.made) == 2 and run.snapshot.experiment == FORM and run.status == "paused")
    assert run.snapshot.run.step == 3 and Fake.made[1].step == 3 and Fake.made[1].w == Fake.made[0].w
    assert run.snapshot.recording.count > 0
    run.apply(DENSE)
    eventually(lambda: len(Fake.made) == 3 and run.snapshot.experiment == DENSE)
    assert run.snapshot.run.step == 3


def test_another_net_starts_from_its_beginning(start):
    run = trained(start)
    run.apply(LENET)
    eventually(lambda: len(Fake.made) == 2 and run.snapshot.experiment == LENET and run.status == "ready")
    assert run.snapshot.run.step == 0 and run.snapshot.recording.count == 0


def test_a_run_that_plays_goes_on_playing(start):
    run = trained(start, 1)
    run.play()
    eventually(lambda: run.status == "playing" and run.snapshot.run.step > 10)
    run.apply(LENET)
    eventually(lambda: run.snapshot.experiment == LENET and run.status == "playing" and Fake.made[-1].step > 0)
    run.apply(FORM)
    eventually(lambda: run.snapshot.experiment == FORM and run.status == "playing" and Fake.made[-1].step > 0)
    run.pause()


def test_a_trainer_that_cannot_be_made_says_why_and_the_way_back_is_open(start):
    class Picky(Fake):
        def __init__(self, experiment):
            if experiment.net.kind == "stack":
                raise ValueError("There is no room for this net.")
            super().__init__(experiment)

    run = start(DENSE, trainer=Picky)
    run.apply(LENET)
    eventually(lambda: run.status == "failed")
    assert run.snapshot.run.message == "There is no room for this net."
    run.apply(DENSE)
    run.reset()
    eventually(lambda: run.status == "ready")


def test_a_moment_of_the_recording_survives_the_change_of_form(start):
    run = trained(start, 5)
    run.seek(1)
    eventually(lambda: run.snapshot.recording.position == 1)
    run.apply(FORM)
    eventually(lambda: len(Fake.made) == 2 and run.snapshot.experiment == FORM)
    run.seek(None)
    eventually(lambda: run.snapshot.run.step == 5)


class Prepared(Fake):
    """Has to be compiled, and measures what it has trained."""

    prepared = False
    report = None
    seen: list[tuple[int, int, bool]] = []

    run = None

    def prepare(self):
        if self.run is not None:
            now = self.run.snapshot
            Prepared.seen.append((now.run.step, len(now.curve.table()), now.metrics is None))

    def advance(self, steps):
        done = super().advance(steps)
        self.report = done.rows if len(done.rows) else self.report
        return done

    def apply(self, experiment):
        self.report = None
        return super().apply(experiment)

    def reset(self, experiment=None):
        self.report = None
        super().reset(experiment)


def measured(start):
    run = start(DENSE, trainer=Prepared)
    run.epoch()
    eventually(lambda: run.status == "paused" and run.snapshot.metrics is not None)
    Prepared.seen.clear()
    return run


@pytest.mark.parametrize("net", [LENET.net, DENSE.change(net__layers=[{"units": 5}]).net])
def test_nothing_of_the_run_before_is_shown_while_the_next_net_is_compiled(start, monkeypatch, net):
    run = measured(start)
    monkeypatch.setattr(Prepared, "run", run)
    run.apply(run.experiment.model_copy(update={"net": net}))
    run.reset()
    eventually(lambda: run.snapshot.experiment.net == net and run.status == "ready")
    assert Prepared.seen and all(seen == (0, 0, True) for seen in Prepared.seen)
    assert run.snapshot.metrics is None and run.snapshot.run.step == 0


def test_a_net_whose_shape_changes_in_a_run_has_no_figures_until_it_is_measured(start, monkeypatch):
    monkeypatch.setattr(Prepared, "prepared", True)
    run = measured(start)
    before = run.snapshot.run.step
    run.apply(DENSE.change(net__layers=[{"units": 5}]))
    eventually(lambda: run.snapshot.revision == run.revision and run.status == "paused")
    assert run.snapshot.metrics is None and run.snapshot.run.step == before and len(run.snapshot.curve.table()) == 1
    run.epoch()
    eventually(lambda: run.status == "paused" and run.snapshot.metrics is not None and run.snapshot.metrics.epoch == 2)
