"""Every control of the Network page, used on a live run, while compiles are counted. Runs in a worker's process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

Change = dict[str, Any]


class EveryControl:
    """A live run with a viewer, training at full speed."""

    def __init__(self) -> None:
        from engines.experiment import Experiment
        from engines.live import LiveRun, warm_up

        warm_up().join()
        self.run = LiveRun(Experiment(), speed="max")
        self.changed = threading.Event()
        self.run.watch(self.changed.set)
        self.changes = 0

    def use_all(self, seconds_each: float) -> tuple[int, int]:
        """Compiles and changes. seconds_each: how long the run trains after each change."""
        from engines.live import compiles

        self._wait(lambda: self.run.status == "ready")
        self.run.play()
        self._wait(lambda: self.run.snapshot.run.step > 0)
        before = compiles()
        if not before:
            raise RuntimeError("nothing was compiled while warming up: the count does not count")
        for change in every_change():
            self._apply(change, seconds_each)
        self._press_everything(seconds_each)
        self.run.close()
        return compiles() - before, self.changes

    def _apply(self, change: Change, seconds: float) -> None:
        revision = self.run.revision
        self.run.change(change)
        self.changes += 1
        self._wait(lambda: self.run.snapshot.revision >= self.run.revision)
        if self.run.revision == revision:
            raise RuntimeError(f"{change} was refused: {self.run.snapshot.run.message}")
        if self.run.status != "playing":
            self.run.reset()
            self.run.play()
        time.sleep(seconds)

    def _press_everything(self, seconds: float) -> None:
        run = self.run
        presses = [
            *[lambda key=key: run.set_speed(key) for key in ("slow", "1", "max")],
            *[lambda rate=rate: run.set_rate(rate) for rate in (0.1, 0.001)],
            *[lambda unit=unit: run.look(hover=unit) for unit in ((0, 0), (1, 1), (2, 0), None)],
            lambda: run.look(warp=(1, 0, 1)),
            *(run.new_weights, run.play, run.pause, run.step, run.epoch, run.reset, run.play),
            *(lambda: run.set_weight(0, 0, 0, 0.5), lambda: run.set_weight(1, 4, 0, -0.5)),
            *(lambda: run.seek(0), run.continue_from_here, run.overlay_off, run.cancel),
        ]
        for press in presses:
            press()
            self.changes += 1
            time.sleep(max(seconds, 0.05))

    def _wait(self, reached, limit_s: float = 60.0) -> None:
        end = time.monotonic() + limit_s
        while not reached():
            self.changed.clear()
            if time.monotonic() > end:
                raise RuntimeError(f"not reached after {limit_s:g} s: {self.run.snapshot.run}")
            self.changed.wait(0.2)


def every_change() -> Iterator[Change]:
    """Changes by dotted path that use every field and every entry of every table of the Network page, ending where they began."""
    from engines.experiment import Experiment

    yield from _data_changes()
    yield from _net_changes()
    yield from _learning_changes()
    yield _back_to(Experiment())


def _back_to(experiment: Any) -> Change:
    """Every field of `experiment` at once, and one more point: a change always."""
    raw = experiment.model_dump()
    data = {f"data.{name}": value for name, value in raw.pop("data").items() if name != "kind"}
    net = {f"net.{name}": value for name, value in raw.pop("net").items() if name != "kind"}
    raw.pop("version")
    return raw | data | net | {"data.count": experiment.data.count + 10}


def _data_changes() -> Iterator[Change]:
    from engines.data.points import DATASETS

    for key in [*list(DATASETS)[1:], next(iter(DATASETS))]:
        yield {"data.source": key, "cost": "half_squared"}
    yield from ({"data.count": n} for n in (10, 2000, 500))
    yield from ({"data.noise": n} for n in (0.5, 0.1))
    yield from ({"data.train_fraction": n} for n in (0.1, 0.9, 0.5))
    yield {"data.seed": 1}
    own = [{"x": 1.0, "y": 1.0, "t": 1.0, "test": False}, {"x": -1.0, "y": 0.0, "t": -1.0, "test": True}]
    yield {"data.source": "own", "data.own": own, "data.own_task": "classification"}
    yield {"data.own": [*own, {"x": 0.0, "y": -2.0, "t": -1.0, "test": False}]}
    yield {"data.source": "circle"}
    yield from ({"batch_size": n} for n in (1, 1000, 10))


def _net_changes() -> Iterator[Change]:
    from engines.activations import ACTIVATIONS
    from engines.data.inputs import INPUTS
    from engines.initializers import INITIALIZERS

    def layers(*units: int, activation: str = "tanh", dropout: float = 0.0) -> Change:
        return {"net.layers": [{"units": n, "activation": activation, "dropout": dropout} for n in units]}

    yield {"net.inputs": list(INPUTS)}
    yield {"net.inputs": ["x", "y"]}
    yield from (layers(*shape) for shape in ((), (1,), (8,), (9,), (16, 16), (8,) * 8, (4, 3), (5, 2)))
    yield from (layers(5, 2, activation=key) for key in ACTIVATIONS if key != "tanh")
    yield layers(5, 2, dropout=0.5)
    yield layers(4, 2)
    yield from ({"net.output": key} for key in [*ACTIVATIONS, "auto"])
    keys = [key for key in INITIALIZERS if key != "xavier"]
    yield from ({"net.initializer": {"key": key}} for key in [*keys, "xavier"])
    yield {"seed": 5}


def _learning_changes() -> Iterator[Change]:
    from engines.losses import LOSSES
    from engines.optimizers import OPTIMIZERS
    from engines.regularizers import PENALTIES
    from engines.schedules import SCHEDULES

    yield from ({"cost": key} for key in [*[key for key in LOSSES if key != "half_squared"], "half_squared"])
    usual = {"optimizer": "sgd", "schedule": "constant", "penalty": "none"}
    for field, table in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES), ("penalty", PENALTIES)):
        for key, entry in table.items():
            if key != usual[field]:
                yield {field: {"key": key}}
            yield from ({field: {"key": key, "settings": {s.key: s.low}}} for s in entry.settings if s.low != s.default)
        yield {field: {"key": usual[field]}}
    yield from ({"learning_rate": rate} for rate in (0.001, 1.0, 0.03))
    for field, value in (("clip_norm", 1.0), ("max_norm", 2.0), ("patience", 1000), ("epochs", 5000)):
        yield {field: value}
        yield {field: 0}
