"""LiveRun: commands, refusals, the recording, what a snapshot says."""

import threading
import time

import numpy as np
import pytest

from engines.experiment import Experiment, digits_experiment
from engines.live import REMEDIES, LiveRun
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import STEPS_PER_EPOCH, FakeTrainer


class Overflowing(FakeTrainer):
    nan_at = 55


class Stubborn(FakeTrainer):
    early_at = 35


def shown(run: LiveRun):
    return run.snapshot.run


def test_tokens_cannot_be_guessed(start) -> None:
    tokens = {start(watched=False).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 22 for token in tokens)


def test_play_pause_step_epoch(start) -> None:
    run = start()
    run.play()
    eventually(lambda: shown(run).status == "playing" and shown(run).step > 50)
    run.pause()
    eventually(lambda: shown(run).status == "paused")
    step = shown(run).step
    run.step()
    eventually(lambda: shown(run).step == step + 1 and shown(run).status == "paused")
    run.epoch()
    due = (step + 1) // STEPS_PER_EPOCH * STEPS_PER_EPOCH + STEPS_PER_EPOCH
    eventually(lambda: shown(run).step == due and shown(run).status == "paused")
    time.sleep(0.1)
    assert shown(run).step == due
    assert shown(run).epoch == due / STEPS_PER_EPOCH


def test_a_trainer_that_compiles_says_so_and_goes_on(start) -> None:
    class Compiling(FakeTrainer):
        prepared = True

        def apply(self, experiment):
            self.prepared = False
            return super().apply(experiment)

        def prepare(self):
            time.sleep(0.05)
            self.prepared = True

    run, seen = start(digits_experiment(epochs=0), trainer=Compiling), []
    run.watch(lambda: seen.append(run.status))
    run.play()
    eventually(lambda: shown(run).status == "playing")
    run.change({"net.layers": [{"units": 3}, {"units": 4}]})
    eventually(lambda: "compiling" in seen and shown(run).status == "playing" and run.snapshot.revision == 2)
    step = shown(run).step
    eventually(lambda: shown(run).step > step)


def test_speed_sets_the_pace(start) -> None:
    run = start(speed="1")
    run.play()
    eventually(lambda: shown(run).step > 0)
    first, began = shown(run).step, time.monotonic()
    time.sleep(1.0)
    done, seconds = shown(run).step - first, time.monotonic() - began
    assert done == pytest.approx(60 * STEPS_PER_EPOCH * seconds, rel=0.25)
    run.set_speed("warp")
    eventually(lambda: "warp" in (shown(run).message or ""))


def test_slow_speed_hardly_computes(start, pool) -> None:
    run = start(speed="slow")
    run.play()
    eventually(lambda: shown(run).step >= 1)
    turns = pool.turns
    time.sleep(1.0)
    assert pool.turns - turns < 12
    assert 2 <= shown(run).step <= 6


def test_pause_is_seen_at_once(start) -> None:
    run = start(speed="max")
    waits = []
    for _ in range(10):
        run.play()
        eventually(lambda: shown(run).status == "playing")
        began = time.monotonic()
        run.pause()
        eventually(lambda: shown(run).status == "paused")
        waits.append(time.monotonic() - began)
    assert sorted(waits)[5] < 0.06


def test_long_steps_do_not_delay_a_pause(start) -> None:
    class Slow(FakeTrainer):
        step_seconds = 0.002

    run = start(trainer=Slow, speed="max")
    waits = []
    for _ in range(5):
        run.play()
        time.sleep(0.4)
        began = time.monotonic()
        run.pause()
        eventually(lambda: shown(run).status == "paused")
        waits.append(time.monotonic() - began)
        if waits[-1] < 0.15:
            return
    pytest.fail(f"pausing took {waits} s")


def test_reset_gives_the_same_weights_and_new_weights_others(start) -> None:
    run = start(Experiment(seed=3))
    run.play()
    eventually(lambda: shown(run).step > 20)
    run.reset()
    eventually(lambda: shown(run).status == "ready" and shown(run).step == 0)
    assert run.snapshot.sections["theta"][0] == 4.0
    assert run.snapshot.curve.count == 0
    revision = run.revision
    run.new_weights()
    eventually(lambda: run.snapshot.sections["theta"][0] == 5.0)
    assert run.revision == revision + 1
    assert run.experiment.seed == 4


def test_changes_are_validated_and_counted(start) -> None:
    run = start()
    run.change({"net.layers": [{"units": 3, "activation": "relu", "dropout": 0}], "data.source": "spiral"})
    assert run.revision == 2
    assert run.experiment.net.layers[0].activation == "relu"
    eventually(lambda: run.snapshot.revision == 2 and "Kept" in (shown(run).message or ""))
    run.change({"net.layers.0.units": 5})
    assert run.experiment.net.layers[0].units == 5
    run.set_rate(0.5)
    assert run.experiment.learning_rate == 0.5
    run.apply(run.experiment)
    assert run.revision == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 1e9},
        {"learning_rate": "quick"},
        {"learning_rate": None},
        {"nothing.of.that": 1},
        {"net.layers.7.units": 3},
        {"net.layers": [{"units": 99}]},
        {"data": None},
        {"": 1},
        {},
        {f"seed{i}": i for i in range(100)},
        [],
        None,
    ],
)
def test_refusals_are_said_and_change_nothing(start, changes) -> None:
    run = start()
    before = run.accepted
    run.change(changes)
    eventually(lambda: shown(run).message)
    assert run.accepted == before
    assert "changed" in shown(run).message.lower()


def test_a_cost_that_cannot_fit_follows_the_data(start) -> None:
    run = start(Experiment(cost="hinge"))
    run.change({"data.source": "plane"})
    assert run.experiment.cost == "half_squared"
    eventually(lambda: "half squared" in (shown(run).message or ""))


def test_weights_can_be_set(start) -> None:
    run = start()
    run.set_weight(0, 0, 0, 2.5)
    eventually(lambda: run.snapshot.sections["theta"][0] == 2.5)
    for bad in [(9, 0, 0, 1.0), (0, 0, 0, float("nan")), (0, 0, 0, 1e9), ("a", 0, 0, 1)]:
        run.say("nothing yet")
        eventually(lambda: shown(run).message == "nothing yet")
        run.set_weight(*bad)
        eventually(lambda: shown(run).message != "nothing yet")
    assert run.snapshot.sections["theta"][0] == 2.5


def test_looking_and_looking_at_nothing(start) -> None:
    run = start()
    run.look((1, 0))
    eventually(lambda: "focus" in run.snapshot.sections)
    run.look((200, 0))
    eventually(lambda: "focus" not in run.snapshot.sections)
    assert shown(run).status == "ready"


def test_seek_shows_a_moment_and_leaves_the_live_end_alone(start) -> None:
    run = start(speed="10")
    run.play()
    eventually(lambda: run.snapshot.recording.count >= 5)
    run.pause()
    eventually(lambda: shown(run).status == "paused")
    live = run.snapshot
    run.seek(1)
    eventually(lambda: run.snapshot.recording.position == 1)
    assert shown(run).step < live.run.step
    assert run.snapshot.sections["theta"][0] > live.sections["theta"][0]
    run.seek(None)
    eventually(lambda: run.snapshot.recording.position is None)
    assert shown(run).step == live.run.step
    np.testing.assert_array_equal(run.snapshot.sections["theta"], live.sections["theta"])
    np.testing.assert_array_equal(run.snapshot.curve.table(), live.curve.table())


def test_a_step_or_an_epoch_asked_for_at_a_recorded_moment_is_the_next_of_the_live_end(start) -> None:
    run = start(speed="10")
    run.play()
    eventually(lambda: run.snapshot.recording.count >= 5)
    run.pause()
    eventually(lambda: shown(run).status == "paused")
    step = shown(run).step
    run.seek(1)
    eventually(lambda: run.snapshot.recording.position == 1)
    run.step()
    eventually(lambda: run.snapshot.recording.position is None and shown(run).status == "paused")
    assert shown(run).step == step + 1
    run.seek(1)
    eventually(lambda: run.snapshot.recording.position == 1)
    run.epoch()
    eventually(lambda: run.snapshot.recording.position is None and shown(run).status == "paused")
    assert shown(run).step == (step + 1) // STEPS_PER_EPOCH * STEPS_PER_EPOCH + STEPS_PER_EPOCH


def test_continue_goes_on_from_there_and_keeps_the_old_curve(start) -> None:
    run = start(speed="10")
    run.play()
    eventually(lambda: run.snapshot.recording.count >= 8)
    run.pause()
    eventually(lambda: shown(run).status == "paused")
    old = run.snapshot
    run.seek(3)
    eventually(lambda: run.snapshot.recording.position == 3)
    there = shown(run)
    run.set_rate(0.0001)
    eventually(lambda: run.snapshot.revision == run.revision)
    assert run.snapshot.recording.position == 3
    run.continue_from_here()
    eventually(lambda: shown(run).status == "playing" and shown(run).epoch > there.epoch + 2)
    run.pause()
    eventually(lambda: shown(run).status == "paused")
    np.testing.assert_array_equal(run.snapshot.overlay.table(), old.curve.table())
    new, kept = run.snapshot.curve.table(), old.curve.table()
    same = new[:, 0] <= there.epoch
    np.testing.assert_array_equal(new[same], kept[: same.sum()])
    assert new[-1, 1] > kept[np.searchsorted(kept[:, 0], new[-1, 0]) - 1, 1] or new[-1, 0] > kept[-1, 0]
    run.overlay_off()
    eventually(lambda: run.snapshot.overlay.count == 0)


def test_an_unchanged_continuation_repeats_the_numbers(start) -> None:
    run = start(speed="10")
    run.play()
    eventually(lambda: run.snapshot.recording.count >= 8)
    run.pause()
    eventually(lambda: shown(run).status == "paused")
    old = run.snapshot.curve.table().copy()
    run.seek(2)
    run.continue_from_here()
    eventually(lambda: shown(run).status == "playing" and shown(run).epoch > old[-1, 0])
    np.testing.assert_array_equal(run.snapshot.curve.table()[: len(old)], old)


def test_nothing_to_seek(start) -> None:
    run = start()
    run.seek(4)
    eventually(lambda: "recorded" in (shown(run).message or ""))
    run.continue_from_here()
    eventually(lambda: shown(run).status == "playing")


def test_overflow_stops_with_a_diagnosis_and_a_remedy_restarts(start) -> None:
    run = start(Experiment(learning_rate=0.5), trainer=Overflowing)
    run.play()
    eventually(lambda: shown(run).status == "stopped")
    assert [finding.key for finding in run.snapshot.diagnosis] == ["nan"]
    assert "55" in run.snapshot.diagnosis[0].text
    run.play()
    eventually(lambda: "overflowed" in (shown(run).message or ""))
    run.remedy("rate_down")
    eventually(lambda: shown(run).status == "playing")
    assert run.experiment.learning_rate == pytest.approx(0.05)
    run.remedy("magic")
    eventually(lambda: "magic" in (shown(run).message or ""))


def test_play_at_a_recorded_moment_does_not_train_weights_that_overflowed(start) -> None:
    run = start(Experiment(learning_rate=0.5), trainer=Overflowing)
    run.play()
    eventually(lambda: shown(run).status == "stopped")
    run.seek(0)
    eventually(lambda: run.snapshot.recording.position == 0)
    run.play()
    eventually(lambda: "overflowed" in (shown(run).message or ""))
    assert (shown(run).status, shown(run).step) == ("stopped", Overflowing.nan_at)


def test_early_stopping_and_going_on(start) -> None:
    run = start(Experiment(patience=2), trainer=Stubborn)
    run.play()
    eventually(lambda: shown(run).status == "stopped")
    assert run.snapshot.diagnosis[0].key == "early"
    run.remedy("go_on")
    eventually(lambda: shown(run).status == "playing" and shown(run).step > 40)
    assert run.experiment.patience == 0


def test_a_run_with_an_end_finishes(start) -> None:
    run = start(Experiment(epochs=5), speed="10")
    run.play()
    eventually(lambda: shown(run).status == "finished")
    assert shown(run).step == 5 * STEPS_PER_EPOCH
    assert shown(run).progress == 1.0
    run.play()
    time.sleep(0.1)
    assert shown(run).status == "finished"
    run.change({"epochs": 8})
    run.play()
    eventually(lambda: shown(run).epoch == 8)


def test_a_finished_run_that_is_changed_still_trains_as_many_again(start) -> None:
    """What the view sends for play depends on the status: a paused run without an epoch left would finish at once, untrained."""
    run = start(Experiment(epochs=2), speed="max")
    run.play()
    eventually(lambda: shown(run).status == "finished")
    run.change({"net.layers": [{"units": 3}] * 3})
    eventually(lambda: run.snapshot.revision == 2)
    assert shown(run).status == "finished"
    run.change({"epochs": 4})
    eventually(lambda: shown(run).status == "paused")


def test_going_back_in_a_finished_run_and_changing_the_net_leaves_epochs_to_train(start) -> None:
    run = start(Experiment(epochs=3), speed="10")
    run.play()
    eventually(lambda: shown(run).status == "finished")
    run.seek(1)
    eventually(lambda: run.snapshot.recording.position == 1)
    run.change({"net.layers": [{"units": 3}] * 3})
    eventually(lambda: run.snapshot.revision == 2 and shown(run).status == "paused")
    run.play()
    eventually(lambda: shown(run).status == "finished")
    assert shown(run).step == 3 * STEPS_PER_EPOCH


def test_cancel(start) -> None:
    run = start()
    run.play()
    eventually(lambda: shown(run).status == "playing")
    run.cancel()
    eventually(lambda: shown(run).status == "stopped")
    assert "Cancelled" in shown(run).message


def test_a_trainer_that_cannot_be_made_says_why(start) -> None:
    def no(experiment):
        raise ValueError("There are no digits on this machine.")

    run = start(trainer=no, watched=False)
    run.watch(lambda: None)
    eventually(lambda: shown(run).status == "failed")
    assert shown(run).message == "There are no digits on this machine."
    run.play()
    run.reset()
    time.sleep(0.05)
    assert shown(run).status == "failed"


def test_a_broken_trainer_fails_softly_and_reset_mends_it(start, caplog) -> None:
    class Broken(FakeTrainer):
        broken = True

        def advance(self, steps):
            if Broken.broken:
                raise ZeroDivisionError
            return super().advance(steps)

    run = start(trainer=Broken)
    run.play()
    eventually(lambda: shown(run).status == "failed")
    assert "reset" in shown(run).message
    Broken.broken = False
    run.reset()
    eventually(lambda: shown(run).status == "ready")
    run.play()
    eventually(lambda: shown(run).step > 5)


def test_every_remedy_leaves_a_running_run(start) -> None:
    run = start()
    for key in REMEDIES:
        run.remedy(key)
    eventually(lambda: run.snapshot.revision == run.revision)
    assert shown(run).status != "failed"


def test_commands_from_many_threads(start) -> None:
    run = start()
    begin = threading.Barrier(8)

    def hammer(seed: int) -> None:
        begin.wait()
        actions = [run.play, run.pause, run.step, run.reset, lambda: run.set_rate(0.5), lambda: run.look((1, 0))]
        for i in range(50):
            actions[(seed + i) % 6]()

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.pause()
    eventually(lambda: shown(run).status in ("paused", "ready") and run.snapshot.revision == run.revision)
