"""The working side of a run: what a pool thread does in one turn. One thread at a time; visitors never call it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.experiment import Experiment
from engines.live.curve import Curve
from engines.live.edits import refusal
from engines.live.pacing import UNWATCHED_PERIODS, YOUNG_GROWTH, Goal, Meter, Metronome, StepTimer, chunk_s
from engines.live.recording import DENSE_BYTES, PLANE_BYTES, Recording
from engines.live.show import Show
from engines.live.snapshot import NO_ROWS
from engines.live.speeds import SPEEDS, Speed
from engines.nets.count import interchangeable, is_same_net
from engines.training import Trainer

if TYPE_CHECKING:
    from engines.live.run import LiveRun

_log = logging.getLogger(__name__)


class Driver:
    """Trains and records one run; `show` probes and publishes it.

    status: as `engines.live.snapshot.STATUSES`. step: steps done. position: index of the recorded moment shown, None at the
    live end. meter: steps a second just now.
    """

    def __init__(self, run: LiveRun, make: Callable[[Experiment], Trainer], recording_bytes: int | None, speed: str) -> None:
        self.run, self.pool = run, run.pool
        self._make = make
        self.trainer: Trainer | None = None
        self.experiment, self.revision = run.accepted
        self.status, self.message = "starting", None
        limit = PLANE_BYTES if self.experiment.net.kind == "plane" else DENSE_BYTES
        self.recording = Recording(limit if recording_bytes is None else recording_bytes)
        self.curve, self.overlay = Curve(), NO_ROWS
        self.position: int | None = None
        self._live: tuple[Any, ...] | None = None
        self._goal: Goal | None = None
        self._timer, self.meter = StepTimer(), Meter()
        self._metronome = Metronome(SPEEDS[speed])
        self._next_train = 0.0
        self.show = Show(self)
        self._at_beginning()

    def _at_beginning(self) -> None:
        self.step, self.epochs_done, self._into_epoch, self.seconds = 0, 0.0, 0, 0.0
        self.stopped: str | None = None
        self._recorded_at, self._recorded_step = 0.0, 0

    @property
    def epoch(self) -> float:
        """Epochs done, with a fraction."""
        return self.epochs_done + (min(1.0, self._into_epoch / self.trainer.steps_per_epoch) if self.trainer else 0.0)

    def turn(self, now: float) -> float | None:
        """Obey what has come in, train a chunk if one is due, show it if somebody looks. Returns when the next turn is due."""
        try:
            self._obey()
            if self.status == "playing" and now >= self._next_train:
                self._train(now)
            self.show.frame(time.monotonic())
        except Exception:
            _log.exception("a live run failed")
            self._fail("Something went wrong inside the playground. Press reset to start again.")
        return self._due()

    def _due(self) -> float | None:
        train = [self._next_train] if self.status == "playing" else []
        frame = [self.show.due] if self.show.wanted and self.run.viewers else []
        return min(train + frame, default=None)

    def _obey(self) -> None:
        commands = self.run.commands()
        if self.trainer is None and self.status != "failed":
            self._build()
        if self.trainer is not None:
            self._adopt(fresh=any(name == "reset" for name, _ in commands))
        self.show.wanted |= bool(commands)
        self.show.notice_look()
        for name, arguments in commands:
            if self.trainer is not None or name in ("reset", "restart", "say", "weights"):
                getattr(self, "_do_" + name)(*arguments)

    def _build(self) -> None:
        self._announce("compiling")
        self.experiment, self.revision = self.run.accepted
        try:
            self.trainer = self._make(self.experiment)
        except (ValueError, OSError) as error:
            self._fail(str(error))
            return
        self._prepare()
        self._set_status("ready")

    def _prepare(self) -> None:
        """Let a trainer that compiles for a while (large nets) do it now, and say so; the run then goes on as it was."""
        if getattr(self.ready, "prepared", True):
            return
        self._announce("compiling")
        self.ready.prepare()  # type: ignore[attr-defined]
        self.show.wanted = True
        self._timer, self.meter = StepTimer(), Meter()

    def _adopt(self, fresh: bool = False) -> None:
        """Take over a changed experiment. fresh: a reset comes next, and what is compiled meanwhile is not to show the old run."""
        experiment, revision = self.run.accepted
        if revision == self.revision:
            return
        if experiment.net.kind != self.experiment.net.kind:
            self._exchange()
            return
        reshaped = not interchangeable(experiment, self.experiment)
        if reshaped and self.position is not None:
            self._branch()
        self.experiment, self.revision, self.show.wanted = experiment, revision, True
        try:
            self.message = " ".join(self.ready.apply(experiment)) or None
        except (ValueError, OSError) as error:
            self._fail(str(error))
            return
        if self.step and not self.ready.step:  # no weight fitted: that run is over, and its curve stays as the overlay
            if len(self.curve):
                self.overlay = self.curve.copied(self.overlay.version + 1)
            self._clear()
        if reshaped:
            self.recording.restart()
            self._timer = StepTimer()
            self.show.forget()
        if fresh:
            self._do_reset()
        self._prepare()
        if self.status in ("finished", "stopped") and self.stopped != "nan" and self.remaining_steps():
            self.stopped = None
            self._set_status("paused")

    def _exchange(self) -> None:
        """Another kind of net takes another trainer. What was learned goes along where it is the same net in another form."""
        before, status, saved = self.experiment, self.status, self.ready.save_state()
        if not is_same_net(before, self.run.experiment):
            self._clear()
        self._build()
        if self.trainer is None:
            return
        if is_same_net(before, self.experiment):
            self.trainer.restore(saved)
            self._set_status("ready" if status == "playing" else status)
        else:
            self._do_reset()
        if status == "playing":
            self._do_play()

    @property
    def speed(self) -> Speed:
        """The pace."""
        return self._metronome.speed

    @property
    def ready(self) -> Trainer:
        """The trainer, where there has to be one. Raises RuntimeError otherwise."""
        if self.trainer is None:
            raise RuntimeError("no trainer yet")
        return self.trainer

    def _do_play(self) -> None:
        self._back_to_live()
        if self.stopped == "nan":
            self.message = "These weights overflowed and cannot be trained on. Reset, or take one of the remedies."
            return
        if self.remaining_steps() == 0:
            self._finish("budget")
            return
        self.stopped = None
        self.message = self.pool.may_play(self.run)
        if self.message is not None:
            self._set_status("waiting")
            return
        now = time.monotonic()
        self._goal = None
        if self.status != "playing":
            self._metronome.start(now)
            self._next_train = 0.0
        self._set_status("playing")

    def _do_pause(self) -> None:
        if self.status in ("playing", "waiting"):
            if self.step and self.stopped is None:
                self._record_now(time.monotonic())
            self._set_status("paused")

    def _do_step(self) -> None:
        self._play_until(lambda: Goal(step=self.step + 1))

    def _do_epoch(self) -> None:
        self._play_until(lambda: Goal(epoch=self.epochs_done + 1))

    def _play_until(self, goal: Callable[[], Goal]) -> None:
        """Play from the live end, as fast as may be, until the goal set there is reached: often within the present turn."""
        self._do_pause()
        self._do_play()
        if self.status == "playing":
            self._goal = goal()

    def _do_reset(self) -> None:
        self._set_status("paused")
        self._live, self.position, self.message = None, None, None
        if self.trainer is None:
            self.status = "starting"
            self._build()
            if self.trainer is None:
                return
        self.trainer.reset(self.experiment)
        self._clear()
        self._set_status("ready")

    def _clear(self) -> None:
        self.curve.restart()
        self.recording.restart()
        self.show.judge.forget()
        self.show.forget()
        self._at_beginning()

    def _do_restart(self, play: bool) -> None:
        self._do_reset()
        if play:
            self._do_play()

    def _do_resume(self, play: bool) -> None:
        if play and self.status != "playing":
            self._do_play()

    def _do_cancel(self) -> None:
        self._do_pause()
        self.message = "Cancelled. Press play to go on, or reset to start again."
        self._set_status("stopped")

    def _do_speed(self, key: str) -> None:
        self._metronome = Metronome(SPEEDS[key])
        self._metronome.start(time.monotonic())
        self._next_train = 0.0

    def _do_weight(self, *place_and_value: Any) -> None:
        if self.position is not None:
            self._branch()
        self.message = refusal(self.ready.set_weight, *place_and_value) or self.message

    def _do_weights(self, weights: list[tuple[Any, Any]], message: str) -> None:
        """A new beginning with weights from elsewhere; nothing is lost where they are of another shape than the net."""
        refused = refusal(self.ready.set_weights, weights) if self.trainer else None
        if refused is None:
            self._do_reset()
            refused = refusal(self.ready.set_weights, weights) if self.trainer else None
        self.message = refused or (message if self.trainer else self.message)

    def _do_say(self, message: str | None) -> None:
        self.message = message or self.message

    def _do_visit(self, call: Callable[[Driver], None]) -> None:
        call(self)

    def _do_shown(self) -> None:
        """A viewer has come: whatever there is has to be shown to it."""

    def _do_overlay_off(self) -> None:
        self.overlay = NO_ROWS._replace(version=self.overlay.version + 1)

    def _do_seek(self, index: int | None) -> None:
        if index is None:
            self._back_to_live()
        elif len(self.recording) == 0:
            self.message = "Nothing is recorded yet: play first."
        else:
            self._do_pause()
            if self._live is None:
                self._live = (self.ready.save_state(), self.epochs_done, self._into_epoch)
            self.position = min(max(0, int(index)), len(self.recording) - 1)
            moment = self.recording[self.position]
            self._restore(moment.saved, moment.epochs_done, moment.into_epoch)

    def _back_to_live(self) -> None:
        if self._live is not None:
            self._restore(*self._live)
        self._live, self.position = None, None

    def _restore(self, saved: Any, epochs_done: float, into_epoch: int) -> None:
        self.ready.restore(saved)
        self.step, self.epochs_done, self._into_epoch = self.ready.step, epochs_done, into_epoch

    def _do_continue(self) -> None:
        if self.position is None:
            self.message = "You are at the live end already."
        else:
            self._branch()
        self._do_play()

    def _branch(self) -> None:
        """The moment shown becomes the live end; what came after it is kept as the overlay only."""
        self.overlay = self.curve.copied(self.overlay.version + 1)
        self.recording.cut(self.position or 0)
        self._recorded_step = self.step
        self.curve.cut(self.epoch)
        self._live, self.position, self.stopped = None, None, None
        self.show.judge.forget()

    def _record(self, now: float) -> None:
        """Keep the present moment: while the run is young every time it has grown by a twentieth, later twenty times a second."""
        young = self.step >= (1 + YOUNG_GROWTH) * self._recorded_step
        if self.stopped != "nan" and (young or now >= self._recorded_at + 0.05) and self.recording.wants(self.step):
            self._record_now(now)

    def _record_now(self, now: float) -> None:
        if len(self.recording) and self.recording[-1].step == self.step:
            return
        self._recorded_at, self._recorded_step = now, self.step
        self.recording.add(self.step, self.epoch, self.epochs_done, self._into_epoch, self.ready.save_state())

    def remaining_steps(self) -> int:
        """Steps until the experiment's last epoch; a very large number when it has none."""
        if not self.experiment.epochs:
            return 2**31
        each = self.ready.steps_per_epoch
        return max(0, round((self.experiment.epochs - self.epochs_done) * each) - self._into_epoch)

    def _train(self, now: float) -> None:
        each = self.ready.steps_per_epoch
        owed = float("inf") if self._goal else self._metronome.due(now, each)
        unpaced = owed == float("inf") and not self.pool.crowded
        if owed >= 1:
            young = max(each, int(YOUNG_GROWTH * self.step)) if unpaced and not self._goal else 2**31
            left = self.remaining_steps()
            left = self._goal.most(left, self.step, each - self._into_epoch) if self._goal else left
            seconds = chunk_s(unpaced, self.pool.share_s() - self.show.cost_s, self.show.due - now if self.run.viewers else None)
            steps = min(int(min(owed, 2**31)), self._timer.fit(seconds), left, young)
            self._metronome.paid(self._chunk(steps, now))
        wait = 0.0 if owed == float("inf") else min(1.0, self._metronome.wait_seconds(each))
        period = self.pool.period_s() * (UNWATCHED_PERIODS if self.pool.crowded and not self.run.viewers else 1)
        self._next_train = 0.0 if unpaced else max(self._next_train + period, now + wait, now - period)
        if self.status == "playing" and self.remaining_steps() == 0:
            self._finish("budget")
        elif self.status == "playing" and self._goal and self._goal.reached(self.step, self.epochs_done):
            self._set_status("paused")

    def _chunk(self, steps: int, now: float) -> int:
        trainer = self.ready
        if self.step == 0 and len(self.recording) == 0:
            self._record(now)
        began = time.monotonic()
        done = trainer.advance(steps)
        ended = time.monotonic()
        self._timer.note(done.steps, ended - began)
        self.meter.note(done.steps, began, ended)
        self.seconds += ended - began
        self._note(done.rows)
        if done.stopped in ("nan", "early") or (done.stopped == "budget" and self.experiment.epochs):
            self._finish(done.stopped)
        self._record(ended)
        self.show.wanted = True
        return done.steps

    def _note(self, rows: np.ndarray) -> None:
        """Epochs are counted here: the trainer's count jumps when the batch size changes in mid-run. Texts count their own."""
        counted = getattr(self.ready, "epochs_done", None)
        if counted is None and len(rows):
            rows = rows.copy()
            rows[:, 0] = self.epochs_done + np.arange(1, len(rows) + 1)
        self.epochs_done = self.epochs_done + len(rows) if counted is None else counted
        self.curve.add(rows)
        self.step = self.ready.step
        self._into_epoch = getattr(self.ready, "into_epoch", self.step % self.ready.steps_per_epoch)

    def _finish(self, why: str) -> None:
        self.stopped = why
        if why != "nan":
            self._record_now(time.monotonic())
        self.show.judge.hurry()
        self._set_status("finished" if why == "budget" else "stopped")

    def _set_status(self, status: str) -> None:
        if status != self.status:
            self.show.judge.hurry()
        if self.status in ("playing", "waiting") and status not in ("playing", "waiting"):
            self.pool.stop_playing(self.run)
            self.meter.stop()
            self._goal = None
        self.status, self.show.wanted = status, True

    def _fail(self, message: str) -> None:
        self.trainer, self.message = None, message
        self._live, self.position = None, None
        self._set_status("failed")
        self.show.forget()
        self.show.publish()

    def _announce(self, status: str) -> None:
        """Show another status until the next frame: what comes now may take a while."""
        before, self.status = self.status, status
        if self.run.viewers:
            self.show.publish()
        self.status = before

    def show_waiting(self, message: str) -> None:
        """No place on this server yet. Called before the run is hosted, so by one thread too."""
        self.status, self.message = "waiting", message
        self.show.publish()

    def release(self) -> None:
        """Forget everything that takes memory."""
        self.trainer, self._live = None, None
        self.recording.restart()
        self.curve, self.overlay = Curve(capacity=2), NO_ROWS
        self.show.end()
