"""The trainer of nets that learn a text character by character."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from engines.data import text
from engines.data.text import Corpus
from engines.experiment import Experiment
from engines.lazy import jax
from engines.nets.compiling import Compiled
from engines.nets.edits import require_fit, with_one_set
from engines.nets.recurrent import steps as compiled
from engines.nets.recurrent.assessment import Assessment, Judged, Plan, plan
from engines.nets.recurrent.health import weight_figures
from engines.nets.recurrent.live_sample import BUDGET_S, Author, LiveSample, compile_writing
from engines.nets.recurrent.live_typing import LiveTyping
from engines.nets.recurrent.net import form, fresh_state, initial_weights, weight_shapes
from engines.nets.recurrent.sampling import programs, window_of
from engines.nets.recurrent.shapes import Pairs
from engines.nets.recurrent.sizes import batch_that_fits, flops_per_character
from engines.nets.recurrent.steps import Sums, TextSpec
from engines.nets.recurrent.text_state import State, from_arrays, to_arrays
from engines.nets.updating import fresh_memory
from engines.training import Advance, Look, Metrics, Probe, Saved

PATIENCE_S = 0.05
"""How long the pieces of one evaluation go on before `advance` returns, so that a pause is seen."""
ROW_FLOPS = 1e11
"""Work between two rows of the curve: a second or two on two cores."""
FIRST_ROW, ROW_GROWTH = 4, 3
"""The first rows come sooner: after 4 steps, then after three times as many as before."""
EVALUATION_SHARE = 0.06
"""Of the work between two rows that its evaluation may take."""
MIN_EVALUATED, MAX_EVALUATED = 1024, 32_768
ANEW = "The run begins anew: its weights were those of another net or another alphabet. The loss so far stays as a pale line."
RESTING_BUDGET_S = 0.025
"""Time for one turn of writing while nothing trains."""


_prepared = Compiled()


class TextTrainer:
    """A `Trainer` (engines.training) for texts.

    The training text is cut into as many streams as the batch has; a step takes the next `sequence` characters of each. An epoch
    has gone through each stream once; it begins at another place of the text (which closes to a ring) and with nothing remembered.
    Rows come several times an epoch and hold the mean loss of the steps since the last row (dropout included) and the loss on the
    first part of the validation text; `validation` measures all of it. Accuracies are shares of characters guessed right.
    `full_batch` optimizers take batches here, too. patience: epochs without a better validation loss; it starts again afterwards.
    A batch that needs too much memory, or a text too short for it, makes it smaller: see `batch`. opened: whether the run began
    with weights from elsewhere.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._samples, self._typing = LiveSample(), LiveTyping()
        self._version = 0
        self._slow: tuple[Any, list[dict[str, Any]], dict[str, Any]] = (None, [], {})
        self._advanced = False
        self._validated: tuple[Any, Any, Any] = (None, None, None)
        self._first: tuple[Any, Any, Any, Any] = (None, None, None, None)
        self._adopt(experiment)
        self.reset()

    @property
    def step(self) -> int:
        """Steps since the reset."""
        return self.state.step

    @property
    def source(self) -> str:
        """The sentence that says which text this is and how it is split."""
        return self.corpus.sentence

    @property
    def epochs_done(self) -> int:
        """Finished epochs; the last one counts only once it has been evaluated."""
        return self.state.epoch - self._closing

    @property
    def into_epoch(self) -> int:
        """Steps done in this epoch."""
        return self.steps_per_epoch - 1 if self._closing else self.state.position

    @property
    def _closing(self) -> bool:
        """Whether the run is over but for its last evaluation."""
        return self._assessment is not None and 0 < self.experiment.epochs <= self.state.epoch

    @property
    def measuring(self) -> bool:
        """Whether a row of the curve is half measured: `advance` finishes that before it trains on."""
        return self._assessment is not None

    @property
    def epoch(self) -> float:
        """Epochs done, with a fraction."""
        return self.state.epoch + self.state.position / self.steps_per_epoch

    @property
    def counts(self) -> tuple[int, int]:
        """Characters of the training and of the validation text."""
        return len(self.corpus.train), len(self.corpus.validation)

    @property
    def train_count(self) -> int:
        """Characters that one epoch learns from."""
        return self.steps_per_epoch * self.spec.batch * self.spec.sequence

    @property
    def batch(self) -> int:
        """Streams side by side: the experiment's batch size, or what the text and the memory allow."""
        return self.spec.batch

    def _adopt(self, experiment: Experiment) -> None:
        """Take over everything but the weights. Raises ValueError or DataProblem where the text cannot be learned."""
        self.corpus: Corpus = text.corpus(experiment.data)
        self.experiment = experiment
        size, count = len(self.corpus.alphabet), len(self.corpus.train)
        sequence = min(experiment.data.sequence, count)
        most = batch_that_fits(experiment.net, size, sequence)
        batch = max(1, min(experiment.batch_size, count // sequence, most))
        self._adopt_spec(
            TextSpec(form(experiment.net, size), experiment.optimizer.key, batch, sequence, experiment.net.dropout > 0)
        )
        self.steps_per_epoch = count // batch // sequence
        self._rates = compiled.rates_of(experiment, self.steps_per_epoch)
        work = 3 * flops_per_character(experiment.net, size) * batch * sequence
        self._row_every = int(np.clip(ROW_FLOPS / work, FIRST_ROW, 10_000))
        evaluated = int(np.clip(EVALUATION_SHARE * 3 * batch * sequence * self._row_every, MIN_EVALUATED, MAX_EVALUATED))
        self._head = plan(min(evaluated, len(self.corpus.validation)), sequence)
        writing = programs(self.spec.form, window_of(experiment.net, experiment.data.sequence))
        self._held = compiled.evaluate_program(self.spec.form, *self._head[:2]), writing
        self._place(experiment)

    def _adopt_spec(self, spec: TextSpec) -> None:
        """Its program, like those in `_held`, is held as long as it is in use, so that no other net's can push it out."""
        if getattr(self, "spec", None) != spec:
            self.spec, self._chunk = spec, compiled.chunk_program(spec)

    def _place(self, experiment: Experiment) -> None:
        """The text on the device, unless it lies there already."""
        key = (id(self.corpus), self.spec.form)
        if getattr(self, "_placed", None) != key:
            self._placed = key
            self._train, self._validation = compiled.placed(self.corpus.train), compiled.placed(self.corpus.validation)
            self._names = [matrix.name for matrix in weight_shapes(experiment.net, len(self.corpus.alphabet))]

    def _begin(self, state: State) -> None:
        """Go on from `state`: nothing half done survives."""
        self.state = state
        self._assessment: Assessment | None = None
        self._norms: np.ndarray | None = None
        self._version += 1

    def _fresh(self, weights: Pairs) -> State:
        placed = jax.device_put(tuple(weights))
        return State(placed, fresh_memory(self.spec.optimizer, placed), self._nothing())

    def _nothing(self) -> Any:
        """What the net remembers before it has read anything."""
        return jax.device_put(fresh_state(self.spec.form, self.spec.batch))

    def _drawn(self) -> Pairs:
        return initial_weights(self.experiment.net, len(self.corpus.alphabet), self.experiment.seed)

    def reset(self, experiment: Experiment | None = None) -> None:
        """Back to step 0 with the initial weights that the seed gives; with `experiment`, adopt it first."""
        if experiment is not None:
            self._adopt(experiment)
        self._untouched, self.opened = True, False
        self._samples.forget()
        self._typing.forget()
        self._begin(self._fresh(self._drawn()))

    def apply(self, experiment: Experiment) -> list[str]:
        """Adopt a changed experiment without a reset. Returns plain-word notes on what was kept and what waits for a reset.

        A net of another shape, or one that reads another alphabet, begins anew, at step 0. One that nobody has trained or edited
        yet does so without a word.
        """
        old, spec, alphabet, every = self.experiment, self.spec, self.corpus.alphabet, self.steps_per_epoch
        drawn_anew = (old.net, old.seed) != (experiment.net, experiment.seed)
        self._adopt(experiment)
        notes, untouched = self._notes(old), self._untouched and self.state.step == 0
        if (spec.form, alphabet) != (self.spec.form, self.corpus.alphabet) or (untouched and drawn_anew):
            self.reset()
            return notes if untouched else [*notes, ANEW]
        state = self.state
        if drawn_anew and (old.net.initializer, old.seed) != (experiment.net.initializer, experiment.seed):
            notes.append("The new initialisation or seed draws other weights at the next reset.")
        if spec.optimizer != self.spec.optimizer:
            state = state._replace(memory=fresh_memory(self.spec.optimizer, state.weights), age=0)
        if spec.batch != self.spec.batch or old.data != experiment.data or every != self.steps_per_epoch:
            position = min(round(state.position / every * self.steps_per_epoch), self.steps_per_epoch - 1)
            state = state._replace(carried=self._nothing(), position=position)
        if state is not self.state:
            self._begin(state)
        return notes

    def _notes(self, old: Experiment) -> list[str]:
        new, notes = self.experiment, []
        if (old.data.source, old.data.own, old.data.validation) != (new.data.source, new.data.own, new.data.validation):
            notes += [self.source] if self.state.step else []
            self.state = self.state._replace(best=float("inf"), best_epoch=self.epoch)
        if self.spec.batch < new.batch_size and (old.batch_size, old.data, old.net) != (new.batch_size, new.data, new.net):
            notes.append(f"The batch is {self.spec.batch:,} here: the text is too short or the memory too small for more.")
        return notes

    def advance(self, steps: int) -> Advance:
        """Train up to `steps` steps, never past a row of the curve or an epoch's end; then evaluate. At most one row a call."""
        self._advanced = True
        if self._assessment is not None:
            return self._assess(0)
        if 0 < self.experiment.epochs <= self.state.epoch:
            return self._answer(0, "budget")
        if self.state.row_step < 0:
            self._assessment = self._first_look()
            return self._assess(0)
        wanted = min(steps, self.steps_per_epoch - self.state.position, self._next_row() - self.state.step)
        if wanted <= 0:
            return self._answer(0, None)
        done, loss = self._train_chunk(wanted)
        if not np.isfinite(loss):
            return self._answer(done, "nan")
        if self.state.step < self._next_row() and not 0 < self.experiment.epochs <= self.state.epoch:
            return self._answer(done, None)
        self._assessment = self._assessed(self._head)
        return self._assess(done)

    def _next_row(self) -> int:
        last = self.state.row_step
        return min(last + self._row_every, max(FIRST_ROW, ROW_GROWTH * last))

    def _answer(self, steps: int, stopped: str | None, rows: tuple[Metrics, ...] = ()) -> Advance:
        return Advance(self.state, np.array(rows, np.float32).reshape(-1, len(Metrics._fields)), steps, stopped)

    def _moment(self) -> compiled.Moment:
        s, count = self.state, len(self.corpus.train)
        numbers = (s.age, s.step, s.epoch, s.position, compiled.epoch_offset(self.experiment.seed, s.epoch, count))
        return compiled.Moment(*map(np.int32, (*numbers, count // self.spec.batch, count)))

    def _run(self, steps: int) -> compiled.Done:
        s = self.state
        sums = Sums(*map(np.float32, (s.cost, s.right, s.count)))
        return self._chunk(s.weights, s.memory, s.carried, sums, self._train, self._rates, self._moment(), np.int32(steps))

    def _train_chunk(self, wanted: int) -> tuple[int, float]:
        """Up to `wanted` steps in one program; returns steps done and the last one's cost."""
        s = self.state
        self._samples.cut(s.step)
        done = self._run(wanted)
        count, (cost, right, characters) = int(done.steps), map(float, done.sums)
        self._norms = np.asarray(done.norms)
        epoch, position = divmod(s.position + count, self.steps_per_epoch)
        self.state = s._replace(
            weights=done.weights, memory=done.memory, carried=done.carried, age=s.age + count, step=s.step + count,
            epoch=s.epoch + epoch, position=position, cost=cost, right=right, count=characters,
        )  # fmt: skip
        return count, float(done.loss)

    @property
    def prepared(self) -> bool:
        """Whether the next step and sample need no compiling."""
        return _prepared.knows(self._chunk, self._compiled_as)

    @property
    def _compiled_as(self) -> tuple[Any, ...]:
        return self._head[:2], self._train.shape, self._validation.shape

    def prepare(self) -> None:
        """Compile what the next step, its measuring and a sample need, without a step. Takes seconds where `prepared` is False."""
        self.prepare_training()
        compile_writing(self._author())
        _prepared.note(self._chunk, self._compiled_as)

    def prepare_training(self) -> None:
        """The same without the sample."""
        self._run(0)
        self._assessed(self._head).compile()

    def _assessed(self, plan: Plan) -> Assessment:
        return Assessment(plan, self.spec.form, self.state.weights, self._validation, self.state.step)

    def assessment(self, most: int) -> Assessment:
        """An evaluation, to be run, of the net as it is on the first characters of the validation text, at most so many."""
        return self._assessed(plan(min(most, len(self.corpus.validation)), self.spec.sequence))

    def _assess(self, steps: int) -> Advance:
        found = self._assessment.run(time.perf_counter() + PATIENCE_S)
        if found is None:
            return self._answer(steps, None)
        self._assessment = None
        s, loss = self.state, found.nats
        trained = (s.cost / s.count, s.right / s.count) if s.count else (np.nan, np.nan)
        metrics = Metrics(self.epoch, trained[0], loss, trained[1], found.right)
        better = loss < s.best
        early = 0 < self.experiment.patience <= self.epoch - s.best_epoch and not better
        best = {"best": loss, "best_epoch": self.epoch} if better else {"best_epoch": self.epoch} if early else {}
        self.state = s._replace(row_step=s.step, cost=0.0, right=0.0, count=0.0, **best)
        stopped = "budget" if 0 < self.experiment.epochs <= s.epoch else "early" if early else None
        return self._answer(steps, stopped if np.isfinite(loss) else "nan", (metrics,))

    def validation(self) -> Judged:
        """How well the net as it is guesses all of the validation text; measured once a moment."""
        weights, text, found = self._validated
        if weights is not self.state.weights or text is not self._validation:
            found = self.assessment(len(self.corpus.validation)).run(float("inf"))
            self._validated = self.state.weights, self._validation, found
        return found

    def _first_look(self) -> Assessment:
        """The evaluation that the first row tells of: of weights that nothing has trained yet, begun once."""
        weights, text, head, found = self._first
        if weights is not self.state.weights or text is not self._validation or head != self._head:
            found = self._assessed(self._head)
            self._first = self.state.weights, self._validation, self._head, found
        return found

    def _author(self) -> Author:
        net, s = self.spec.form, self.state
        return Author(net, s.weights, self.corpus.alphabet, self.experiment.data.sequence, s.step, self.epoch)

    def probe(self, look: Look, health: bool = True, coarse: bool = False) -> Probe:
        """Sections `baselines` (4,) nats: uniform, unigram, bigram, trigram; `sample_chances` (k,): of the sample's characters.

        facts: `text`, what is learned; `sample`, the newest; `samples`, the finished ones, oldest first, as the same object until
        there is another; `writing`, how they are written; `opened`, as above; `first`, (nats, share guessed right) of a net before
        its first step, None until that is measured. Where something is typed, `typed` and the section `typed_chances` (A,) say what
        is expected after it. Every call writes a little more of the sample, in the time that a frame may take.
        """
        resting, self._advanced = not self._advanced, False
        samples = self._samples
        if look.writing is not None:
            samples.go_on(self._author(), look.writing, RESTING_BUDGET_S if resting else BUDGET_S, resting)
        key = (self._version, self.state.row_step, self._norms is None)
        if self._slow[0] != key:
            self._slow = (key, *weight_figures(self._names, self._norms, self.weights()))
        shown = {"baselines": np.array(self.corpus.baselines, np.float32), "sample_chances": samples.chances}
        sample, writing = (part and part._asdict() for part in (samples.newest, look.writing))
        untold = resting and self.state.row_step < 0
        first = self._first_look().run(time.perf_counter() + RESTING_BUDGET_S) if untold else None
        facts = {"text": self._facts(), "sample": sample, "samples": samples.kept, "writing": writing, "opened": self.opened}
        facts["first"] = first and first[:2]
        if look.typed is not None:
            expected = self._typing.answer(self._author(), look.typed)
            facts["typed"], shown["typed_chances"] = expected.plain(), expected.chances
        more = look.writing is not None and (samples.unfinished or samples.behind(self._author()))
        again_s = 0.02 if more or (untold and first is None) else None
        return Probe(shown, *self._slow[1:], facts, again_s)

    def _facts(self) -> dict[str, Any]:
        corpus = self.corpus
        counts = dict(zip(("train", "validation"), self.counts, strict=True))
        spec = {"batch": self.spec.batch, "sequence": self.spec.sequence}
        return {"sentence": corpus.sentence, "alphabet": corpus.alphabet.characters, **counts, **spec}

    def weights(self) -> Pairs:
        """(W (fan_in, fan_out), b (fan_out,) or (0,)) a matrix, in the order of `weight_shapes`, float32, read-only."""
        return [(np.asarray(w), np.asarray(b)) for w, b in self.state.weights]

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        """Set one weight; row == fan_in means the bias. Raises ValueError naming an index that does not exist."""
        self.set_weights(with_one_set(self.weights(), layer, row, column, value))

    def set_weights(self, weights: Pairs) -> None:
        """Take other weights of the same shapes. Raises ValueError where they are not."""
        require_fit(weights, self.state.weights)
        self._untouched, self.opened = False, True
        self._begin(self.state._replace(weights=jax.device_put(tuple(weights))))

    def save_state(self) -> Saved:
        """Counters, weights, optimizer's slots and what the net remembers, as a flat tuple of NumPy arrays."""
        return to_arrays(self.state, self.spec.optimizer)

    def restore(self, saved: Saved) -> None:
        """Back to a saved state. Raises ValueError when the net has another shape by now.

        Slots of another optimizer start at 0, and so does what the net remembers where there are more or fewer streams now.
        """
        state = from_arrays(saved, self.state._replace(carried=self._nothing()), self.spec.optimizer)
        self._untouched = False
        self._begin(state._replace(position=min(state.position, self.steps_per_epoch - 1)))
