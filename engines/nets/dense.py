"""The large tier for digits: a net from 784 pixels to 10 digits, trained in compiled chunks on the device; here dense nets.

`engines.nets.stack_trainer` builds on it: a trainer of another kind of net says how its programs are made and its weights drawn.
"""

from __future__ import annotations

import os
import time
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from engines.data import digits
from engines.experiment import Experiment
from engines.lazy import jax
from engines.nets import programs as compiled
from engines.nets.compiling import Compiled
from engines.nets.count import sizes
from engines.nets.dense_state import State, from_arrays, to_arrays
from engines.nets.edits import require_fit, with_one_set
from engines.nets.evaluate import Evaluation, Report, filters, histogram, layer_facts, pictures
from engines.nets.examples import Examples, examples
from engines.nets.first_weights import Pairs, fitted, initial_weights
from engines.nets.glance import NONE, SAMPLE, Glances
from engines.nets.inside import inside_sections
from engines.nets.programs import AnySpec, Moment, Spec
from engines.nets.updating import Memory, Weights, fresh_memory
from engines.optimizers import OPTIMIZERS
from engines.training import Advance, Look, Metrics, Probe, Saved

PATIENCE_S = 0.02
"""How long the slices of one evaluation or one long step go on before `advance` returns, so that a pause is seen."""


AGAIN_S = 0.2
HEAD_START_S = 0.25
_aside, _beside = ThreadPoolExecutor(1, "study"), ThreadPoolExecutor(1, "bars")
"""Compile what can wait until a net already trains and has been seen to; and what is needed as soon as its chunk."""
_prepared = Compiled()
"""By the shape of the training set."""


class DenseTrainer:
    """A `Trainer` (engines.training) for digits.

    Each epoch is reshuffled and cut into whole batches; the remainder (fewer than batch_size examples) sits that epoch out. A batch
    longer than a slice (always so with full-batch gradient descent) is worked through slice by slice. At an epoch's end the test
    set and as many training examples (up to 10,000, always the same ones) are evaluated; `advance` may return with 0 steps while
    that goes on. `patience` starts again after it has stopped a run, so that the visitor may go on. max_norm holds for the incoming
    weights of every unit, the ten outputs included.
    precision: 'float32' or 'bfloat16' (or the environment's PLAYGROUND_PRECISION), see `Spec`. opened: whether the run began with
    weights from elsewhere.
    """

    def __init__(self, experiment: Experiment, precision: str | None = None) -> None:
        self._precision = precision or os.environ.get("PLAYGROUND_PRECISION", "float32")
        self._version = 0
        self._slow: tuple[Any, list[dict[str, Any]], dict[str, Any]] = (None, [], {})
        self._study: Future[Any] | None = None
        self._order: tuple[Any, Any] = (None, None)
        self._glances, self._untrained = Glances(), NONE
        self._adopt(experiment)
        self.reset()

    @property
    def step(self) -> int:
        """Steps since the reset."""
        return self.state.step

    @property
    def source(self) -> str:
        """The sentence that says which digits these are."""
        return self.examples.digits.sentence

    @property
    def digits(self) -> digits.Digits:
        """The digits themselves."""
        return self.examples.digits

    @property
    def into_epoch(self) -> int:
        """Steps done in this epoch; the last one counts only once the epoch has been evaluated."""
        return min(self.state.position, self.steps_per_epoch - 1)

    @property
    def counts(self) -> tuple[int, int]:
        """Training and test examples in use."""
        return self.train_count, len(self.examples.digits.test_labels)

    def _adopt(self, experiment: Experiment) -> None:
        """Take over everything but the weights."""
        self.experiment = experiment
        self.examples = examples(experiment.data.source, experiment.data.train_count, digits.stamp())
        self.train_count = min(experiment.data.train_count, len(self.examples.digits.train_labels))
        whole = OPTIMIZERS[experiment.optimizer.key].full_batch
        batch = self.train_count if whole else min(experiment.batch_size, self.train_count)
        self.spec = self._spec_of(experiment, batch)
        self.steps_per_epoch = self.train_count // batch
        self._rates = compiled.rates_of(experiment, self.steps_per_epoch)
        self._programs = compiled.programs(self.spec)

    def _spec_of(self, experiment: Experiment, batch: int) -> AnySpec:
        """What the experiment's programs are compiled for."""
        units = sizes(experiment.net)
        slice_size = compiled.slice_size(units, jax.default_backend())
        activations = tuple(layer.activation for layer in experiment.net.layers)
        rest = (batch, slice_size, self._precision, bool(experiment.data.distortions))
        return Spec(units, activations, experiment.cost, experiment.optimizer.key, *rest)

    def _drawn(self, experiment: Experiment) -> Pairs:
        """The first weights."""
        return initial_weights(experiment)

    def _shapes(self, experiment: Experiment) -> Any:
        """Equal for experiments whose weights have the same shapes and meaning."""
        return sizes(experiment.net)

    def _names(self) -> list[str]:
        """What each pair of weights is called."""
        return [*(f"hidden {i + 1}" for i in range(len(self.experiment.net.layers))), "output"]

    def settled(self, exact: bool = True) -> Weights:
        """The weights as they are used outside training. exact: False may settle for statistics of fewer digits."""
        return self.state.weights

    def _begin(self, state: State, report: Report | None) -> None:
        """Go on from `state`: nothing half done survives."""
        self.state, self.report = state, report
        self._partial: tuple[int, Any, float] | None = None
        self._evaluation: Evaluation | None = None
        self._glances.forget()
        self._version += 1
        if state.position >= self.steps_per_epoch:
            self._begin_evaluation()

    def _begin_evaluation(self) -> None:
        e = self.examples
        self._evaluation = Evaluation(self._programs, self.spec, self.settled(), e.train_sample, e.test, self.state.epoch + 1.0)

    def _fresh(self, weights: list[tuple[np.ndarray, np.ndarray]]) -> State:
        placed = jax.device_put(tuple(weights))
        return State(placed, fresh_memory(self.spec.optimizer, placed))

    def reset(self, experiment: Experiment | None = None) -> None:
        """Back to step 0 with the initial weights that the seed gives; with `experiment`, adopt it first."""
        self._untouched, self.opened = True, False
        if experiment is not None:
            self._adopt(experiment)
        self._begin(self._fresh(self._drawn(self.experiment)), None)

    def apply(self, experiment: Experiment) -> list[str]:
        """Adopt a changed experiment without a reset. Returns plain-word notes on what was kept and what waits for a reset.

        A net that nobody has trained or edited yet simply starts as the new experiment says.
        """
        if self._untouched and self.state.step == 0 and self._draws_anew(experiment):
            self.reset(experiment)
            return []
        old, before, spe, spec = self.experiment, self.state, self.steps_per_epoch, self.spec
        self._adopt(experiment)
        notes, state, report = [], before, self.report
        if self._shapes(old) != self._shapes(experiment):
            fresh = self._fresh(fitted(self.weights(), self._drawn(experiment)))
            state = before._replace(weights=fresh.weights, memory=fresh.memory, age=0)
            notes.append("Kept the weights that fit; new ones start as the initialisation draws them.")
            report, self._untrained = None, NONE
        elif old.optimizer.key != experiment.optimizer.key:
            state = before._replace(memory=fresh_memory(self.spec.optimizer, before.weights), age=0)
        if old.data != experiment.data:
            notes.append(self.source)
            state, report = state._replace(best=float("inf"), waited=0), None
        if old.cost != experiment.cost:
            state = state._replace(best=float("inf"), waited=0)
            report = report if state.step else None
        if old.net.initializer != experiment.net.initializer or old.seed != experiment.seed:
            notes.append("The new initialisation or seed draws other weights at the next reset.")
        if spe != self.steps_per_epoch:
            state = state._replace(position=round(before.position / spe * self.steps_per_epoch))
        if state is not before or report is not self.report or old.net != experiment.net:
            self._begin(state, report)
        elif spec != self.spec:
            self._partial = None
        return notes

    def _draws_anew(self, experiment: Experiment) -> bool:
        """Whether the experiment starts from other weights than the present one."""
        return (self.experiment.net, self.experiment.seed) != (experiment.net, experiment.seed)

    def advance(self, steps: int) -> Advance:
        """Train up to `steps` steps, never past an epoch's end; then evaluate. At most one row a call."""
        began = time.perf_counter()
        advance = self._advance(steps)
        self._glances.trained(time.perf_counter() - began)
        return advance

    def _advance(self, steps: int) -> Advance:
        if self._evaluation is not None:
            return self._evaluate(0)
        if 0 < self.experiment.epochs <= self.state.epoch:
            return self._answer(0, "budget")
        wanted = min(steps, self.steps_per_epoch - self.state.position)
        if wanted <= 0:
            return self._answer(0, None)
        done, loss = self._long_step() if self.spec.batch > self.spec.slice else self._chunk(wanted)
        if not np.isfinite(loss):
            return self._answer(done, "nan")
        if self.state.position < self.steps_per_epoch:
            return self._answer(done, None)
        self._begin_evaluation()
        return self._evaluate(done)

    def _answer(self, steps: int, stopped: str | None, rows: tuple[Metrics, ...] = ()) -> Advance:
        return Advance(self.state, np.array(rows, np.float32).reshape(-1, len(Metrics._fields)), steps, stopped)

    def _moment(self) -> Moment:
        s = self.state
        return Moment(*(np.int32(n) for n in (s.age, s.step, s.epoch, s.position)))

    def _epoch_order(self) -> Any:
        key = (self.experiment.seed, self.state.epoch, self.train_count)
        if self._order[0] != key:
            order = compiled.shuffle_program()(np.uint32(key[0]), np.int32(key[1]), key[2])
            self._order = (key, order)
        return self._order[1]

    def _moved(self, weights: Weights, memory: Memory, done: int) -> None:
        s = self.state
        self.state = s._replace(weights=weights, memory=memory, age=s.age + done, step=s.step + done, position=s.position + done)

    def _chunk(self, steps: int) -> tuple[int, float]:
        """Up to `steps` steps in one program; returns steps done and the last batch's cost."""
        s, order = self.state, self._epoch_order()
        arguments = (s.weights, s.memory, self.examples.train, order, self._rates, self._moment(), np.int32(steps))
        try:
            weights, memory, done, loss = self._programs.chunk(*arguments)
            count = int(done)
        except jax.errors.JaxRuntimeError:
            if self._precision == "float32":
                raise
            self._precision = "float32"
            self._adopt(self.experiment)
            return self._chunk(steps)
        self._moved(weights, memory, count)
        return count, float(loss)

    @property
    def prepared(self) -> bool:
        """Whether the next step needs no compiling."""
        return _prepared.knows(self._programs, self._shape)

    def prepare(self) -> None:
        """Compile what the next step and a picture of it need, without a step. Takes a second or two where `prepared` is False.

        What measures is compiled while the net already trains; `probe` leaves the layers' figures out until then.
        """
        s, e, settled = self.state, self.examples, self.settled()
        bars = _beside.submit(self._programs.probabilities, settled, e.strip)
        if self.spec.batch <= self.spec.slice:
            self._programs.chunk(s.weights, s.memory, e.train, self._epoch_order(), self._rates, self._moment(), np.int32(0))
        bars.result()
        _prepared.note(self._programs, self._shape)
        self._study = _aside.submit(self._prepare_measuring, self._programs, self._shape, settled, e)

    def _prepare_measuring(self, programs: compiled.Programs, shape: tuple[int, ...], weights: Weights, e: Examples) -> None:
        """What measures a net. Of one that has been changed again meanwhile the rest is left for when it comes back."""
        evaluations = [partial(programs.evaluate, weights, part, np.int32(0)) for part in (e.train_sample, e.test)]
        time.sleep(HEAD_START_S)
        for measure in (partial(programs.study, weights, e.studied), *evaluations):
            if self._programs is not programs:
                _prepared.forget(programs, shape)
                return
            measure()

    @property
    def _shape(self) -> tuple[int, ...]:
        return (*self.examples.train.images.shape, self.train_count)

    def batch_seen(self, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
        """The next step's first `count` digits as the net will see them, (count, 28, 28) uint8, and their labels."""
        start = min(self.state.position, self.steps_per_epoch - 1) * self.spec.batch
        size = min(self.spec.batch, self.spec.slice)
        chosen = np.asarray(self._epoch_order())[start : start + size]
        found = self.examples.digits
        whole = self.spec.batch <= self.spec.slice
        seen = self._programs.look(found.train_images[chosen].reshape(size, -1), self._rates, np.int32(self.state.step), whole)
        pixels = np.clip(np.rint(np.asarray(seen)[:count] * 255), 0, 255).astype(np.uint8)
        return pixels.reshape(-1, digits.SIDE, digits.SIDE), found.train_labels[chosen[:count]].astype(np.int32)

    def _long_step(self) -> tuple[int, float]:
        """Slices of one step whose batch is longer than a slice, until it is done (1) or time is up (0); and the cost so far."""
        deadline = time.perf_counter() + PATIENCE_S
        s, order, moment = self.state, self._epoch_order(), self._moment()
        at, total, loss = self._partial or (0, jax.tree.map(np.zeros_like, jax.device_get(s.weights)), 0.0)
        while at < self.spec.batch:
            total, part = self._programs.accumulate(total, s.weights, self.examples.train, order, self._rates, moment, np.int32(at))
            loss, at = loss + float(part), at + self.spec.slice
            if at < self.spec.batch and time.perf_counter() >= deadline:
                self._partial = (at, total, loss)
                return 0, 0.0
        self._partial = None
        self._moved(*self._programs.finish(s.weights, s.memory, total, self._rates, moment), 1)
        return 1, loss

    def _evaluate(self, steps: int) -> Advance:
        report = self._evaluation.run(time.perf_counter() + PATIENCE_S)
        if report is None:
            return self._answer(steps, None)
        self._evaluation, self.report = None, report
        self._glances.forget()
        s, loss = self.state, report.metrics.test_loss
        better = loss < s.best
        waited = 0 if better else s.waited + 1
        early = 0 < self.experiment.patience <= waited
        self.state = s._replace(epoch=s.epoch + 1, position=0, best=min(s.best, loss), waited=0 if early else waited)
        stopped = "budget" if 0 < self.experiment.epochs <= self.state.epoch else "early" if early else None
        finite = np.isfinite([loss, report.metrics.train_loss]).all()
        return self._answer(steps, stopped if finite else "nan", (report.metrics,))

    def probe(self, look: Look, health: bool = True, coarse: bool = False) -> Probe:
        """The sections of the Digits page. Layers and histogram are worked out anew once an epoch and after every intervention.

        Untrained weights are evaluated on the test set here, so that a visitor sees what chance gives. In long epochs there are
        provisional figures on a sample (`Glances`); they go nowhere but into the section `glance`.
        """
        weights, d = self.settled(exact=False), self.examples.digits
        if self.report is None and self.state.step == 0:
            self._measure_untrained()
        self._glance()
        bars = np.asarray(self._programs.probabilities(weights, self.examples.strip))
        key, later = (self._version, self.state.epoch), self._study is not None and not self._study.done()
        if self._slow[0] != key and not later:
            facts = layer_facts(self._programs, weights, self.examples.studied, self._names())
            self._slow = (key, facts, histogram([w for w, _ in self.weights()]))
        shown = self._first_layer() | pictures(bars, d.test_images, d.test_labels, self.report)
        shown |= {"untrained": self._untrained, "glance": self._glances.row}
        inside = inside_sections(self, look)
        facts = {**inside.facts, "opened": True} if self.opened else inside.facts
        health = self._slow[1:] if self._slow[0] == key else ([], {})
        return Probe(shown | inside.sections, *health, facts, AGAIN_S if later else inside.again_s)

    def _first_layer(self) -> dict[str, np.ndarray]:
        """Pictures of the first weights, where they stand for pixels."""
        return {"filters": filters(self.state.weights[0][0])}

    def _measure_untrained(self) -> None:
        """The report of step 0: all test digits, and a sample of the training digits."""
        e = self.examples
        counts = (min(SAMPLE, len(e.train_sample.labels)), len(e.test.labels))
        evaluation = Evaluation(self._programs, self.spec, self.settled(), e.train_sample, e.test, 0.0, counts)
        self.report = evaluation.run(float("inf"))
        self._untrained = np.array(self.report.metrics, np.float32)

    def _glance(self) -> None:
        """Begin a glance where one is due, and go on with the one in progress, for no longer than a pause may take."""
        s, e = self.state, self.examples
        if self._evaluation is None and s.position and self._glances.due:
            epoch = s.epoch + s.position / self.steps_per_epoch
            weights = self.settled(exact=False)
            self._glances.begin(self._programs, self.spec, weights, e.train_sample, e.test, epoch)
        self._glances.go_on(PATIENCE_S)

    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(W (fan_in, fan_out), b (fan_out,)) a layer, the output layer last, float32, read-only."""
        return [(np.asarray(w), np.asarray(b)) for w, b in self.state.weights]

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        """Set one weight; row == fan_in means the bias. Raises ValueError naming an index that does not exist."""
        layers = with_one_set(self.weights(), layer, row, column, value)
        self._untouched = False
        self._begin(self.state._replace(weights=jax.device_put(tuple(layers))), self.report)

    def set_weights(self, weights: Pairs) -> None:
        """Take other weights of the same shapes. Raises ValueError where they are not."""
        require_fit(weights, self.state.weights)
        self._untouched, self.opened = False, True
        self._begin(self.state._replace(weights=jax.device_put(tuple(weights))), None)

    @property
    def _measure(self) -> int:
        """Another number where other digits are measured, or by another cost: a report says which digits it is about."""
        found = self.examples.digits
        counts = len(found.train_labels), self.train_count, len(found.test_labels)
        return zlib.crc32(repr((found.source, counts, self.spec.cost, digits.stamp())).encode())

    def save_state(self) -> Saved:
        """Counters, weights, optimizer's slots and the last report, as a flat tuple of NumPy arrays."""
        return to_arrays(self.state, self.spec.optimizer, self.report, self._measure)

    def restore(self, saved: Saved) -> None:
        """Back to a saved state. Raises ValueError when the net has another shape by now; slots of another optimizer start at 0."""
        self._untouched = False
        state, report = from_arrays(saved, self.state, self.spec.optimizer, self._measure)
        self._begin(state._replace(position=min(state.position, self.steps_per_epoch)), report)
