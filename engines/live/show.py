"""What a run shows: probes its trainer as often as it may, and puts snapshots together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.live.judge import Judge
from engines.live.material import DataFinder
from engines.live.snapshot import RecordingView, RunState, Snapshot
from engines.training import Look, Metrics, Probe

if TYPE_CHECKING:
    from engines.live.driver import Driver

LONGEST_FRAME_S = 0.03
HEALTH_EVERY_S = 0.1
CROWDED_HEALTH = 4
MOST_TIME_ON_FRAMES = {"plane": 0.5, "dense": 0.1, "stack": 0.1, "recurrent": 0.1}
"""Share of the time that may go into frames: they are made more seldom when they cost more."""
FRAMES_PER_SECOND = {"plane": 60.0, "dense": 12.0, "stack": 12.0, "recurrent": 12.0}
"""At most. Drawing in a browser without a graphics card takes cores from a large net's training, which uses them all."""
INSIDE_TIME_ON_FRAMES, INSIDE_FRAMES_PER_SECOND = 0.3, 24.0
"""The same while somebody looks inside a digits net."""
MOVED_S = 1 / 30
"""A visitor who looks elsewhere is answered at once, unless the frame before is younger than this."""
_NOTHING = Probe({}, [], {})


class Show:
    """Publishes a driver's run. due: when the next frame may be made. wanted: whether there is something new to show.

    cost_s: moving average of the seconds a frame takes. judge: the run's diagnosis and rate.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.due, self.wanted = 0.0, True
        self.cost_s = 0.001
        self.judge = Judge()
        self._data = DataFinder()
        self._look = Look()
        self._shown = 0.0
        self._id = 0
        self._probe = _NOTHING
        self._figures: tuple[Any, np.ndarray] | None = None
        self._health_due = 0.0

    def notice_look(self) -> None:
        """A visitor may look elsewhere by now. Who looks inside a net, or has it write, is answered sooner than usual."""
        look = self.driver.run.look_at
        if look is self._look:
            return
        written = (look.writing, look.typed) != (self._look.writing, self._look.typed)
        if look.inside is not None or self._look.inside is not None or written:
            self.due = min(self.due, self._shown + MOVED_S)
        self._look, self.wanted = look, True

    def frame(self, now: float) -> None:
        """Show what is new, if anybody looks and it is time."""
        driver = self.driver
        if not (self.wanted and driver.run.viewers) or now < self.due:
            return
        period = self._period_s()
        self.due = max(now, self.due + period) if driver.status == "playing" else now + period
        self.wanted, self._shown = False, now
        if driver.trainer is not None:
            self._probe = self._probed()
            self._come_back(now)
        self.publish()
        self.cost_s += 0.1 * (min(time.monotonic() - now, LONGEST_FRAME_S) - self.cost_s)

    def _come_back(self, now: float) -> None:
        """Make another frame of a moment that stays, where it shows more by then."""
        again_s = self._probe.again_s
        if again_s is not None and self.driver.status != "playing":
            self.wanted, self.due = True, max(self.due, now + again_s)

    def _period_s(self) -> float:
        kind = self.driver.experiment.net.kind
        inside = kind != "plane" and self._look.inside is not None
        most = INSIDE_FRAMES_PER_SECOND if inside else FRAMES_PER_SECOND[kind]
        share = INSIDE_TIME_ON_FRAMES if inside else MOST_TIME_ON_FRAMES[kind]
        return max(self.driver.pool.period_s(), 1 / most, self.cost_s / share)

    def forget(self) -> None:
        """There is nothing to see any more."""
        self._probe, self._figures = _NOTHING, None

    def _probed(self) -> Probe:
        try:
            return self._probe_of(self._look)
        except (ValueError, IndexError):
            inside = self._look.inside
            self._look = self.driver.run.look_at = Look(inside=inside and inside._replace(unit=None))
            return self._probe_of(self._look)

    def _probe_of(self, look: Look) -> Probe:
        """During play the layers' figures, which take a pass over the training set, are renewed ten times a second.

        When runs have to share the cores, they are renewed more seldom, and pictures of playing runs are coarser.
        """
        now, before, driver = time.monotonic(), self._probe, self.driver
        playing, crowded = driver.status == "playing", driver.pool.crowded
        hasty = playing and before.layers and now < self._health_due
        if not hasty:
            self._health_due = now + HEALTH_EVERY_S * (CROWDED_HEALTH if crowded else 1)
        fresh = driver.ready.probe(look, health=not hasty, coarse=playing and crowded)
        return fresh._replace(layers=before.layers, histogram=before.histogram) if hasty else fresh

    def publish(self) -> None:
        """Put a snapshot together and hand it out."""
        driver, probe = self.driver, self._probe
        self._id += 1
        last = self._row_shown()
        snapshot = Snapshot(
            id=self._id,
            revision=driver.revision,
            experiment=driver.experiment,
            run=self._run_state(),
            metrics=None if last is None else Metrics(*map(float, last)),
            curve=driver.curve.view(),
            overlay=driver.overlay,
            recording=self._recording_view(),
            layers=probe.layers,
            histogram=probe.histogram,
            diagnosis=self.judge.findings(driver, probe),
            data=self._data.view(driver.experiment, driver.trainer),
            sections={name: array for name, array in probe.sections.items() if name != "points"},
            facts=probe.facts,
        )
        if driver.pool.encode is not None:
            snapshot = snapshot._replace(packed=driver.pool.encode(snapshot))
        driver.run.publish(snapshot)

    def end(self) -> None:
        """The last snapshot: the run is over."""
        driver = self.driver
        self.forget()
        driver.run.publish(Snapshot(self._id + 1, driver.revision, driver.experiment, RunState("stopped", "This run has ended.")))

    def _row_shown(self) -> np.ndarray | None:
        """The newest row of the curve; measured afresh where steps are watched one by one or weights are not the newest.

        None where the net has been changed since and nobody has measured it yet.
        """
        driver = self.driver
        measure, pace = getattr(driver.trainer, "figures", None), driver.speed
        quick = driver.status == "playing" and not pace.steps_per_second and (pace.epochs_per_second or 60) >= 60
        if measure is None and getattr(driver.trainer, "report", driver) is None:
            return None
        if measure is None:
            return driver.curve.last() if driver.position is None else driver.curve.at(driver.epoch)
        if quick and len(driver.curve):
            return driver.curve.last()
        if self._figures is None or self._figures[0] is not driver.ready.state:
            self._figures = (driver.ready.state, measure())
        return self._figures[1]

    def _recording_view(self) -> RecordingView:
        recording = self.driver.recording
        if not len(recording):
            return RecordingView()
        return RecordingView(len(recording), self.driver.position, recording[0].epoch, recording[-1].epoch)

    def _run_state(self) -> RunState:
        driver, experiment = self.driver, self.driver.experiment
        rate = driver.meter.steps_per_second
        each = driver.trainer.steps_per_epoch if driver.trainer else 1
        left = driver.remaining_steps() if driver.trainer and experiment.epochs else None
        return RunState(
            status=driver.status,
            message=driver.message,
            step=driver.step,
            epoch=driver.epoch,
            seconds=driver.seconds,
            rate=self.judge.rate(experiment, driver.epoch),
            steps_per_second=rate,
            examples_per_second=rate * self._data.train_count(experiment, driver.trainer) / each,
            progress=None if left is None else min(1.0, driver.epoch / experiment.epochs),
            seconds_left=left / rate if left is not None and rate > 0 else None,
            speed=driver.speed.key,
        )
