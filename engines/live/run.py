"""LiveRun: one visitor's run, commanded from anywhere, trained by the pool's threads, watched through snapshots."""

from __future__ import annotations

import itertools
import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engines.data.drawn import Moves
from engines.experiment import Experiment
from engines.live.driver import Driver
from engines.live.edits import Refused, edited
from engines.live.pool import Pool, the_pool
from engines.live.remedies import REMEDIES
from engines.live.snapshot import RunState, Snapshot
from engines.live.speeds import SPEEDS
from engines.live.warm import ready_trainer
from engines.training import KEEP, Inside, Look, Trainer, Writing

MOST_COMMANDS = 256


class LiveRun:
    """A run owned by one visitor and page.

    Every method may be called from any thread, returns at once and raises nothing on bad values: a refusal is said in the
    next snapshot's `run.message`. The trainer is built and used by the pool's threads only.

    token: unguessable, finds the run. snapshot: the newest `Snapshot`. revision: grows whenever the experiment changes.
    """

    def __init__(
        self,
        experiment: Experiment,
        *,
        trainer_factory: Callable[[Experiment], Trainer] = ready_trainer,
        pool: Pool | None = None,
        recording_bytes: int | None = None,
        speed: str = "1",
    ) -> None:
        self.token = secrets.token_urlsafe(16)
        self.snapshot = Snapshot(0, 1, experiment, RunState(rate=experiment.learning_rate, speed=speed))
        self.look_at = Look()
        self._leases = 0
        self.closed = False
        self.unwatched_since: float | None = time.monotonic()
        self._lock = threading.Lock()
        self._accepted = (experiment, 1)
        self._commands: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._viewers: dict[int, Callable[[], None]] = {}
        self._handles = itertools.count(1)
        self.pool = pool or the_pool()
        self.driver = Driver(self, trainer_factory, recording_bytes, speed)
        self.pool.add(self)

    # What it is

    @property
    def experiment(self) -> Experiment:
        """The newest accepted experiment."""
        return self._accepted[0]

    @property
    def revision(self) -> int:
        """Grows by one whenever the experiment changes."""
        return self._accepted[1]

    @property
    def accepted(self) -> tuple[Experiment, int]:
        """The experiment and its revision, belonging together."""
        return self._accepted

    @property
    def status(self) -> str:
        """The newest snapshot's status."""
        return self.snapshot.run.status

    # Commands

    def play(self) -> None:
        """Train until told otherwise."""
        self._post("play")

    def pause(self) -> None:
        """Stop training after the present chunk."""
        self._post("pause")

    def step(self) -> None:
        """Pause, and train one step."""
        self._post("step")

    def epoch(self) -> None:
        """Pause, and train to the end of the epoch."""
        self._post("epoch")

    def reset(self) -> None:
        """Back to the same initial weights, paused."""
        self._post("reset")

    def cancel(self) -> None:
        """Give the run up: stopped, but still there to look at."""
        self._post("cancel")

    def new_weights(self) -> None:
        """Back to the beginning with other initial weights: the next seed."""
        experiment = self.experiment
        self.apply(experiment.model_copy(update={"seed": (experiment.seed + 1) % 2**31}))
        self._post("reset")

    def set_speed(self, key: str) -> None:
        """Take another pace; `key` of `SPEEDS`."""
        if key in SPEEDS:
            self._post("speed", key)
        else:
            self.say(f"There is no speed called {str(key)[:20]!r}; choose from {', '.join(SPEEDS)}.")

    def set_rate(self, value: float) -> None:
        """Take another learning rate, from the next chunk on."""
        self.change({"learning_rate": value})

    def apply(self, experiment: Experiment) -> None:
        """Adopt another experiment without a reset; what fits is kept."""
        if self._accept(experiment):
            self._wake()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change fields by dotted path, for example {'net.layers.0.units': 3}; validated, all or nothing."""
        try:
            experiment, note = edited(self.experiment, changes)
        except Refused as refused:
            self.say(str(refused))
            return
        self._accept(experiment)
        self._post("say", note)

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        """Set one weight; row == fan_in is the bias."""
        try:
            place, number = (int(layer), int(row), int(column)), float(value)
        except (TypeError, ValueError, OverflowError):
            self.say("Not changed: a weight is a number.")
            return
        if not math.isfinite(number) or abs(number) > 1000:
            self.say("Not changed: a weight lies between -1000 and 1000.")
            return
        self._post("weight", *place, number)

    def open_net(self, experiment: Experiment, weights: list[tuple[Any, Any]], message: str) -> None:
        """Begin anew with a net from a file; `message` is said once it is there."""
        self.apply(experiment)
        self._post("weights", weights, message)

    def look(
        self,
        hover: tuple[int, int] | None = KEEP,
        warp: tuple[int, int, int] | None = KEEP,
        inside: Mapping[str, Any] | None = KEEP,
        writing: Mapping[str, Any] | None = KEEP,
        typed: str | None = KEEP,
    ) -> None:
        """Look at a unit (layer, unit), at the grid that two units of a layer bend (layer, a, b), inside a digits net, at samples.

        Layer 0 is the inputs. inside, writing: fields of `Inside` and `Writing` to change, the others stay as they are. typed: a
        text after which the net says what it expects. None looks there no longer; what is not mentioned is kept.
        """
        with self._lock:
            if inside is not None and inside is not KEEP:
                inside = (self.look_at.inside or Inside())._replace(**inside)
            if writing is not None and writing is not KEEP:
                writing = (self.look_at.writing or Writing())._replace(**writing)
            wanted = {"hover": hover, "warp": warp, "inside": inside, "writing": writing, "typed": typed}
            self.look_at = self.look_at._replace(**{name: value for name, value in wanted.items() if value is not KEEP})
        self._wake()

    def draw(self, picture: np.ndarray | None = KEEP, moves: Moves = KEEP) -> None:
        """Look inside at a picture (28, 28) uint8 of the visitor's own; None goes back to the test digit. moves: done to either."""
        if picture is not KEEP and picture is not None and (picture.shape != (28, 28) or picture.dtype != np.uint8):
            self.say("Not shown: a picture of a digit is 28 by 28 pixels.")
            return
        with self._lock:
            wanted = {"picture": picture, "moves": moves}
            inside = self.look_at.inside or Inside()
            inside = inside._replace(**{name: value for name, value in wanted.items() if value is not KEEP})
            self.look_at = self.look_at._replace(inside=inside)
        self._wake()

    def seek(self, index: int | None) -> None:
        """Show recorded moment `index`, paused; None goes back to the live end."""
        self._post("seek", index)

    def continue_from_here(self) -> None:
        """Train on from the moment shown; the curve so far becomes the overlay."""
        self._post("continue")

    def overlay_off(self) -> None:
        """Forget the earlier run's curve."""
        self._post("overlay_off")

    def remedy(self, key: str) -> None:
        """Apply a remedy of `REMEDIES`."""
        remedy = REMEDIES.get(key)
        if remedy is None:
            self.say(f"There is no remedy called {str(key)[:20]!r}.")
            return
        going = self.status in ("playing", "stopped", "finished")
        self._accept(remedy.change(self.experiment))
        self._post("restart" if remedy.restart else "resume", going)

    def say(self, message: str | None) -> None:
        """Show a sentence to the visitor; None leaves the one that stands there."""
        self._post("say", message)

    def visit(self, call: Callable[[Driver], None]) -> None:
        """Call `call` (quick, raising nothing) with the driver, in the thread that trains, between two chunks of training."""
        self._post("visit", call)

    # Viewers

    def watch(self, notify: Callable[[], None]) -> int:
        """Call `notify` (quick, from any thread) after every new snapshot. Returns a handle for `unwatch`."""
        handle = next(self._handles)
        with self._lock:
            self._viewers[handle] = notify
            self.unwatched_since = None
        self._post("shown")
        return handle

    def unwatch(self, handle: int) -> None:
        """A viewer has gone."""
        with self._lock:
            self._viewers.pop(handle, None)
            if not self._viewers and self.unwatched_since is None:
                self.unwatched_since = time.monotonic()
        self.pool.watched(self)

    @property
    def viewers(self) -> int:
        """How many are watching."""
        return len(self._viewers)

    @property
    def leased(self) -> bool:
        """Whether a session holds the run."""
        return self._leases > 0

    def lease(self) -> LiveRun:
        """A session holds the run: it is paused but not dropped while nobody watches."""
        with self._lock:
            self._leases += 1
        return self

    def release(self) -> None:
        """The session has ended: dropped after a grace period unless somebody watches, or another session holds it by then."""
        with self._lock:
            self._leases = max(0, self._leases - 1)
        self.pool.watched(self)

    def close(self) -> None:
        """Drop the run now and free its memory."""
        self.pool.drop(self)

    # For the pool and the driver

    def publish(self, snapshot: Snapshot) -> None:
        """Make `snapshot` the newest and tell the viewers."""
        self.snapshot = snapshot
        for notify in tuple(self._viewers.values()):
            notify()

    def commands(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Take the commands that have come in."""
        taken = []
        while self._commands:
            taken.append(self._commands.popleft())
        return taken

    def _accept(self, experiment: Experiment) -> bool:
        with self._lock:
            current, revision = self._accepted
            if experiment == current:
                return False
            self._accepted = (experiment, revision + 1)
        return True

    def _post(self, name: str, *arguments: Any) -> None:
        if len(self._commands) < MOST_COMMANDS:
            self._commands.append((name, arguments))
        self._wake()

    def _wake(self) -> None:
        self.pool.wake(self)
