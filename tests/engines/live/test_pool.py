"""The pool: fair turns, limits, runs nobody watches, threads that end."""

import gc
import threading
import time
import weakref

from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer


class Slow(FakeTrainer):
    step_seconds = 0.0005


def frames_each(runs: list[LiveRun], seconds: float) -> list[float]:
    before = [run.snapshot.id for run in runs]
    began = time.monotonic()
    time.sleep(seconds)
    return [(run.snapshot.id - id) / (time.monotonic() - began) for run, id in zip(runs, before, strict=True)]


def test_thirty_runs_share_two_threads_fairly(start) -> None:
    runs = [start(trainer=Slow, speed="max", watched=False) for _ in range(30)]
    for run in runs:
        run.watch(lambda: None)
        run.play()
    eventually(lambda: all(run.status == "playing" and run.snapshot.run.step > 3 for run in runs))
    frames = frames_each(runs, 1.5)
    assert min(frames) > 0.7 * max(frames)
    assert min(frames) > 8
    steps = [run.snapshot.run.step for run in runs]
    assert min(steps) > 0.5 * max(steps)


def test_one_run_alone_gets_sixty_frames(start) -> None:
    run = start(speed="max", trainer=Slow)
    run.play()
    eventually(lambda: run.snapshot.run.step > 100)
    (frames,) = frames_each([run], 1.0)
    assert 35 < frames <= 63


def test_both_threads_work(pool, start) -> None:
    class Noting(Slow):
        def advance(self, steps):
            names.add(threading.current_thread().name)
            return super().advance(steps)

    names: set[str] = set()
    runs = [start(trainer=Noting, speed="max") for _ in range(4)]
    time.sleep(0.2)
    for run in runs:
        run.play()
    eventually(lambda: len(names) == 2)


def test_a_run_is_never_in_two_threads(start) -> None:
    inside, clashes = [0], []

    class Watchful(FakeTrainer):
        def advance(self, steps):
            inside[0] += 1
            clashes.append(inside[0] > 1)
            time.sleep(0.001)
            done = super().advance(steps)
            inside[0] -= 1
            return done

    run = start(trainer=Watchful, speed="max")
    for _ in range(200):
        run.play()
        time.sleep(0.001)
    assert len(clashes) > 10
    assert not any(clashes)


def test_too_many_players_wait_their_turn() -> None:
    pool = Pool(workers=1, max_playing=1)
    try:
        one, two = (LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool) for _ in range(2))
        for run in (one, two):
            run.watch(lambda: None)
            run.play()
        eventually(lambda: {one.status, two.status} == {"playing", "waiting"})
        first, second = (one, two) if one.status == "playing" else (two, one)
        assert "by itself" in second.snapshot.run.message
        first.pause()
        eventually(lambda: second.status == "playing")
        assert second.snapshot.run.message is None
    finally:
        pool.stop()


def test_a_full_server_lets_visitors_wait_for_a_place() -> None:
    pool = Pool(workers=1, max_runs=2, grace_s=30)
    try:
        runs = [LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool) for _ in range(3)]
        for run in runs:
            run.watch(lambda: None)
        eventually(lambda: [run.status for run in runs] == ["ready", "ready", "waiting"])
        assert "full" in runs[2].snapshot.run.message
        assert pool.find(runs[2].token) is runs[2]
        assert pool.waiting == 1
        runs[0].close()
        eventually(lambda: runs[2].status == "ready")
        assert pool.waiting == 0
    finally:
        pool.stop()


def test_a_full_server_drops_who_has_long_gone() -> None:
    pool = Pool(workers=1, max_runs=1, grace_s=0.05, drop_s=60)
    try:
        gone = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
        time.sleep(0.1)
        here = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
        here.watch(lambda: None)
        eventually(lambda: here.status == "ready")
        assert gone.closed
    finally:
        pool.stop()


def test_who_is_dropped_while_asking_to_play_takes_nobodys_place(pool, start) -> None:
    run, entered, go = start(), threading.Event(), threading.Event()

    def hold(driver) -> None:
        entered.set()
        go.wait(10)

    run.visit(hold)
    assert entered.wait(10)
    run.visit(lambda driver: run.close())
    run.play()
    go.set()
    eventually(lambda: run.driver.trainer is None)
    assert run not in pool.playing


def test_a_dropped_run_in_the_line_does_not_keep_the_next_one_waiting() -> None:
    pool = Pool(workers=1, max_runs=3, max_playing=1)
    try:
        one, gone, next_one = runs = [LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool) for _ in range(3)]
        one.watch(lambda: None)
        next_one.watch(lambda: None)
        for run in runs:
            run.play()
            eventually(lambda run=run: run.driver.status in ("playing", "waiting"))
        pool.grace_s = 0.0
        LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
        assert gone.closed
        one.pause()
        eventually(lambda: next_one.status == "playing", 5)
    finally:
        pool.stop()


def test_who_has_gone_does_not_begin_to_play_when_a_place_is_free() -> None:
    pool = Pool(workers=1, max_playing=1, grace_s=0.1, drop_s=60)
    try:
        one, gone = (LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool) for _ in range(2))
        one.watch(lambda: None)
        for run in (one, gone):
            run.play()
            eventually(lambda run=run: run.driver.status in ("playing", "waiting"))
        time.sleep(0.4)
        one.pause()
        eventually(lambda: one.status == "paused")
        time.sleep(0.1)
        assert not pool.playing
    finally:
        pool.stop()


def test_a_vanished_browser_pauses_then_frees_its_run() -> None:
    pool = Pool(workers=2, grace_s=0.3, drop_s=0.8)
    try:
        run = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool).lease()
        handle = run.watch(lambda: None)
        run.play()
        eventually(lambda: run in pool.playing)
        run.unwatch(handle)
        time.sleep(0.1)
        assert run in pool.playing
        eventually(lambda: run not in pool.playing, 2)
        time.sleep(0.8)
        assert not run.closed
        run.release()
        eventually(lambda: run.closed, 2)
        assert pool.find(run.token) is None
        assert run.driver.trainer is None
    finally:
        pool.stop()


def test_coming_back_in_time_keeps_the_run_playing() -> None:
    pool = Pool(workers=1, grace_s=0.3, drop_s=0.6)
    try:
        run = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
        handle = run.watch(lambda: None)
        run.play()
        run.unwatch(handle)
        time.sleep(0.1)
        run.watch(lambda: None)
        time.sleep(0.8)
        assert run.status == "playing"
        assert not run.closed
    finally:
        pool.stop()


def test_a_dropped_run_is_freed_and_deaf() -> None:
    pool = Pool(workers=1)
    run = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
    run.watch(lambda: None)
    run.play()
    eventually(lambda: run.status == "playing")
    trainer = weakref.ref(run.driver.trainer)
    run.close()
    eventually(lambda: run.driver.trainer is None)
    gc.collect()
    assert trainer() is None
    run.play()
    run.change({"seed": 5})
    assert pool.find(run.token) is None
    pool.stop()


def test_threads_are_joined_and_the_pool_can_start_again() -> None:
    before = threading.active_count()
    pool = Pool(workers=3)
    run = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
    run.play()
    assert threading.active_count() == before + 3
    pool.stop()
    assert threading.active_count() == before
    assert run.closed
    again = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
    again.watch(lambda: None)
    eventually(lambda: again.status == "ready")
    pool.stop()
    assert threading.active_count() == before


def test_idle_threads_sleep(pool, start) -> None:
    start()
    time.sleep(0.1)
    turns, cpu = pool.turns, time.process_time()
    time.sleep(0.5)
    assert pool.turns == turns
    assert time.process_time() - cpu < 0.1


def test_a_bad_task_does_not_end_a_thread(pool, start, caplog) -> None:
    def bad() -> None:
        raise RuntimeError("no")

    pool.start()
    for _ in range(4):
        pool.call_at(0.0, bad)
    assert start().status == "ready"


def test_memory_is_given_back_once_nothing_trains(start, monkeypatch) -> None:
    monkeypatch.setattr("engines.live.pool.TIDY_S", 0.05)
    given: list[bool] = []
    one, two = start(trainer=Slow, speed="max"), start(trainer=Slow, speed="max")
    monkeypatch.setattr(
        "engines.live.pool.give_back_memory", lambda: given.append(one.status == "playing" or two.status == "playing")
    )
    for run in (one, two):
        run.play()
    eventually(lambda: one.status == two.status == "playing")
    one.pause()
    time.sleep(0.3)
    assert given == []
    two.pause()
    eventually(lambda: given == [False])
