"""TinyTrainer: a net of the Network page being trained."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from engines.data.own import materialize
from engines.experiment import Experiment, PlaneNet
from engines.tiny import compiled, layout
from engines.tiny.pictures import health_of, histogram_of, picture_of
from engines.training import Advance, Look, Probe, Saved

_STOPPED = {0: None, 1: "nan", 2: "early"}


class TinyTrainer:
    """Trains a plane net. Everything but a change of width bucket keeps the compiled program. See `engines.training.Trainer`."""

    def __init__(self, experiment: Experiment) -> None:
        if experiment.net.kind != "plane":
            raise ValueError(f"the tiny tier trains plane nets, not {experiment.net.kind} ones")
        self.experiment = experiment
        self._load_data()
        self.reset()

    # ---- what it is

    @property
    def step(self) -> int:
        """Steps done so far; it moves with the batch size, so that step / steps_per_epoch is always the epoch."""
        return self._step

    @property
    def steps_per_epoch(self) -> int:
        """Steps that show every training example once."""
        return -(-len(self.train.t) // layout.batch_of(self.experiment, len(self.train.t)))

    @property
    def prepared(self) -> bool:
        """Whether its programs are compiled; where not, `prepare` takes some seconds."""
        return compiled.is_ready(self._width)

    def prepare(self) -> None:
        """Compile what this net needs."""
        compiled.programs_for(self._width)

    @property
    def width(self) -> int:
        """The width bucket in use."""
        return self._width

    # ---- changing it

    def apply(self, experiment: Experiment) -> list[str]:
        """Adopt a changed experiment without a reset: weights that fit are kept, the optimizer's memory where its rule stays.

        A net that nobody has trained or edited yet simply starts as the new experiment says.
        """
        if self._untouched and self.step == 0:
            self.reset(experiment)
            return []
        before, epochs = self.experiment, self.step // self.steps_per_epoch
        self.experiment = experiment
        notes: list[str] = []
        if experiment.data != before.data:
            self._load_data()
        if _shape_changed(before.net, experiment.net):
            notes.append(self._refit(before))
        else:
            self._prepare()
            if experiment.optimizer.key != before.optimizer.key:
                self._place(self.weights())
        if experiment.data != before.data or experiment.patience != before.patience:
            self.state = self.state._replace(**compiled.put({"best": np.float32(np.inf), "stale": np.int32(0)}))
        if epochs != self.step // self.steps_per_epoch:
            self._set_step(epochs * self.steps_per_epoch)
        return notes

    def _set_step(self, step: int) -> None:
        self._step = step
        self.state = self.state._replace(step=compiled.put(np.int32(step)))

    def reset(self, experiment: Experiment | None = None) -> None:
        """Back to step 0 with the initial weights that the seed gives; with `experiment`, adopt it first."""
        if experiment is not None:
            changed = experiment.data != self.experiment.data
            self.experiment = experiment
            if changed:
                self._load_data()
        self._untouched, self._step = True, 0
        self._width = layout.width_for(self.experiment)
        self.state = compiled.blank_state(layout.pack(layout.draw_weights(self.experiment), self._width))
        self._prepare()

    def _load_data(self) -> None:
        self.train, self.test = materialize(self.experiment.data)

    def _prepare(self) -> None:
        """Hand data and description to the device."""
        e, width = self.experiment, self._width
        self._data = compiled.put(layout.pack_data(self.train, self.test, e.net.inputs, width))
        self._description = compiled.put(layout.describe(e, len(self.train.t), len(self.test.t), width))
        self._grid, self._coarse = grids(e.net.inputs, width)

    def _refit(self, before: Experiment) -> str:
        """Carry the weights over to a net of another shape; where nothing fits, the seed's first weights stand."""
        old = layout.unpack(np.asarray(self.state.theta), layout.sizes(before), self._width)
        self._width = layout.width_for(self.experiment)
        fresh = layout.draw_weights(self.experiment)
        rows = _rows_of_inputs(before.net, self.experiment.net)
        last = len(fresh) - 1
        for layer in range(min(len(old), len(fresh))):
            source = len(old) - 1 if layer == last else layer
            if layer == len(old) - 1 and layer != last:
                continue
            _copy_block(old[source], fresh[layer], rows if layer == 0 and source == 0 else None)
        self._place(fresh)
        self._prepare()
        return "Kept the weights that fit; the others start fresh."

    def _place(self, weights: layout.Weights) -> None:
        self.state = compiled.blank_state(layout.pack(weights, self._width))
        self._set_step(self._step)

    # ---- running it

    def advance(self, steps: int) -> Advance:
        """Train up to `steps` steps in one compiled call; blocks, and releases the GIL."""
        budget = self.experiment.epochs * self.steps_per_epoch - self._step if self.experiment.epochs else steps
        if budget <= 0:
            return Advance(self.state, np.zeros((0, 5), np.float32), 0, "budget")
        before = self._step
        run = compiled.programs_for(self._width).advance
        self.state, rows, tally = run(self.state, self._description, self._data, np.int32(min(steps, budget)))
        count, why, self._step = np.asarray(tally).tolist()
        stopped = _STOPPED[why]
        if stopped is None and self._step - before >= budget and self.experiment.epochs:
            stopped = "budget"
        return Advance(self.state, self._rows(np.asarray(rows)[:count], before), self._step - before, stopped)

    def _rows(self, figures: np.ndarray, before: int) -> np.ndarray:
        first = before // self.steps_per_epoch + 1
        epochs = np.arange(first, first + len(figures), dtype=np.float32)
        rows = np.concatenate([epochs[:, None], figures], 1).astype(np.float32)
        if self.experiment.data.task == "regression":
            rows[:, 3:] = np.nan
        return rows

    def figures(self) -> np.ndarray:
        """(5,) the row of the present state, measured now: epoch (with its fraction), losses, accuracies."""
        row = compiled.programs_for(self._width).evaluate(self.state.theta, self._description, self._data)
        row = np.asarray(row, np.float32).copy()
        if self.experiment.data.task == "regression":
            row[2:] = np.nan
        return np.concatenate([[self.step / self.steps_per_epoch], row]).astype(np.float32)

    # ---- looking at it

    def probe(self, look: Look, health: bool = True, coarse: bool = False) -> Probe:
        """Arrays for a picture; `health` False leaves out the layers' figures and the histogram, which need the training set.

        coarse: half the resolution, for a quarter of the time.
        """
        programs = compiled.programs_for(self._width)
        sections = picture_of(self, programs, look, coarse)
        if not health:
            return Probe(sections, [], {})
        weights = self.weights()
        return Probe(sections, health_of(self, programs, weights), histogram_of(weights))

    def weights(self) -> layout.Weights:
        """(W, b) a layer, the output layer last, NumPy."""
        return layout.unpack(np.asarray(self.state.theta), layout.sizes(self.experiment), self._width)

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        """Set one weight; row == fan_in is the bias. Raises ValueError naming an index that does not exist."""
        weights = self.weights()
        if not 0 <= layer < len(weights):
            raise ValueError(f"there is no weight layer {layer}; the net has {len(weights)}")
        w, b = weights[layer]
        if not (0 <= row <= w.shape[0] and 0 <= column < w.shape[1]):
            raise ValueError(f"layer {layer} has {w.shape[0]} x {w.shape[1]} weights, not one at ({row}, {column})")
        if not np.isfinite(value):
            raise ValueError(f"a weight must be a finite number, not {value}")
        self._untouched = False
        (b if row == w.shape[0] else w[row])[column] = value
        self.state = self.state._replace(theta=compiled.put(layout.pack(weights, self._width)))

    # ---- keeping it

    def save_state(self) -> Saved:
        """The whole state, flat; `restore` continues from it to the bit."""
        return tuple(np.array(part) for part in self.state)

    def restore(self, saved: Saved) -> None:
        """Back to a saved state of the same shapes. Raises ValueError when the net has another shape by now."""
        if len(saved) != len(self.state) or any(a.shape != b.shape for a, b in zip(saved, self.state, strict=True)):
            raise ValueError("that moment belongs to a net of another width")
        self._untouched = False
        self.state = compiled.put(layout.State(*saved))
        self._step = int(self.state.step)


@lru_cache(maxsize=256)
def grids(inputs: tuple[str, ...], width: int) -> tuple[Any, Any]:
    """Inputs over the fine and the coarse grid, on the device, shared by every net that sees the same inputs."""
    sides = (compiled.SIDE, compiled.COARSE_SIDE)
    fine, coarse = (compiled.put(layout.pack_grid(compiled.lattice(side), inputs, width)) for side in sides)
    return fine, coarse


def _shape_changed(before: PlaneNet, after: PlaneNet) -> bool:
    return before.inputs != after.inputs or [x.units for x in before.layers] != [x.units for x in after.layers]


def _rows_of_inputs(before: PlaneNet, after: PlaneNet) -> list[tuple[int, int]]:
    """Pairs (old row, new row) of the inputs that both nets see."""
    return [(before.inputs.index(key), row) for row, key in enumerate(after.inputs) if key in before.inputs]


def _copy_block(old: tuple[Any, Any], new: tuple[Any, Any], rows: list[tuple[int, int]] | None) -> None:
    """Copy the overlapping block of one layer's weights and biases into `new`."""
    (w, b), (fresh, bias) = old, new
    o = min(w.shape[1], fresh.shape[1])
    for source, row in rows if rows is not None else [(i, i) for i in range(min(w.shape[0], fresh.shape[0]))]:
        fresh[row, :o] = w[source, :o]
    bias[:o] = b[:o]
