"""The compiled programs behind a net that learns a text: one chunk of steps, one piece of an evaluation.

The text lies on the device as numbers of its alphabet and is taken as a ring: after its end comes its beginning. What shapes a
program is static (`TextSpec`); every rate and the length of the text are traced, so that moving a slider compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import Experiment
from engines.lazy import jax, jnp, lax
from engines.nets.compiling import KEPT, compiler_options, kept
from engines.nets.programs import step_key
from engines.nets.recurrent.net import Form, run
from engines.nets.recurrent.shapes import State
from engines.nets.updating import Memory, Rates, Weights, numbers_of, traced, update
from engines.optimizers import Clock

Array = Any
SHORTEST_PLACE = 65_536
"""Room for characters that every text takes; longer ones take a power of two."""


class TextSpec(NamedTuple):
    """What a chunk of steps is compiled for. batch: streams of text side by side; sequence: characters of each in one step.

    dropout: whether there is any. Its rate is traced; but drawing random numbers takes as long to compile as all the rest.
    """

    form: Form
    optimizer: str
    batch: int
    sequence: int
    dropout: bool = False


class Moment(NamedTuple):
    """When a chunk starts, int32: steps since the slots were fresh, since the reset; finished epochs; step within the epoch.

    offset: place in the text where the epoch's first stream begins; stride: characters from one stream's beginning to the next's.
    length: characters of the text.
    """

    age: Array
    step: Array
    epoch: Array
    position: Array
    offset: Array
    stride: Array
    length: Array


class Sums(NamedTuple):
    """Over characters: their costs in nats, how many were guessed right, how many there were; float32 scalars."""

    cost: Array
    right: Array
    count: Array


class Done(NamedTuple):
    """What a chunk answers. sums: those it was given and its own. norms (pairs,): of the last step's gradient, before clipping.

    loss: the last step's, nats/character.
    """

    weights: Weights
    memory: Memory
    carried: State
    steps: Array
    loss: Array
    sums: Sums
    norms: Array


class Stretch(NamedTuple):
    """A part of a text that is evaluated as streams side by side, chunk by chunk, int32.

    length: its characters, of which the first is only read. stride: from one stream's beginning to the next's.
    """

    length: Array
    stride: Array


def rates_of(experiment: Experiment, steps_per_epoch: int) -> Rates:
    """Every traced number of `experiment`, as device scalars."""
    more = {
        "dropout": experiment.net.dropout,
        "clip_value": experiment.clip_value,
        "carry": float(experiment.data.carry),
    }
    return traced(experiment, numbers_of(experiment, steps_per_epoch) | more)


def costs(logits: Array, wanted: Array) -> Array:
    """-log softmax(logits)[wanted], nats: logits (..., A), wanted (...) whole numbers.

    The wanted logit is picked by a mask: its gradient is a product, where a look-up's would be a slow scatter on a CPU.
    """
    highest = lax.stop_gradient(jnp.max(logits, -1, keepdims=True))
    total = jnp.log(jnp.sum(jnp.exp(logits - highest), -1)) + highest[..., 0]
    mask = wanted[..., None] == jnp.arange(logits.shape[-1], dtype=wanted.dtype)
    return total - jnp.sum(jnp.where(mask, logits, 0.0), -1)


def _guessed(logits: Array, wanted: Array) -> Array:
    """Whether each guess is right, float32. Of equally likely characters the first counts as the guess; NaN is no guess.

    The smallest number among the likeliest: an argmax takes three times as long on a CPU.
    """
    numbers = jnp.arange(logits.shape[-1], dtype=wanted.dtype)
    likeliest = logits == jnp.max(logits, -1, keepdims=True)
    return (jnp.min(jnp.where(likeliest, numbers, logits.shape[-1]), -1) == wanted).astype(jnp.float32)


def chunk(
    spec: TextSpec,
    weights: Weights,
    memory: Memory,
    carried: State,
    sums: Sums,
    text: Array,
    rates: Rates,
    moment: Moment,
    steps: Array,
) -> Done:
    """`steps` steps from moment.position on; stops early at a cost that is no finite number.

    sums: of the steps before; they go on from there, so that the length of a chunk changes no digit of them.
    text (n,): as `placed` gives it. The state is carried from step to step, where rates["carry"], and forgotten when an epoch
    begins; errors flow back through one step only (truncated backpropagation through time, Williams & Peng 1990).
    """
    window = jnp.arange(spec.sequence + 1)[:, None]
    begins = moment.offset + jnp.arange(spec.batch) * moment.stride

    def going(done: Done) -> Array:
        return (done.steps < steps) & jnp.isfinite(done.loss)

    def step(done: Done) -> Done:
        at = moment.position + done.steps
        places = (begins + at * spec.sequence)[None] + window
        ids = text[places % moment.length].astype(jnp.int32)
        keep = (at > 0) & (rates["carry"] > 0)
        state = jax.tree.map(lambda s: jnp.where(keep, s, 0.0), done.carried)
        chance = (rates["dropout"], lambda: step_key(rates, moment.step + done.steps)) if spec.dropout else None

        def cost(weights: Weights) -> tuple[Array, Any]:
            logits, after = run(spec.form, weights, ids[:-1], state, chance)
            return jnp.mean(costs(logits, ids[1:])), (after, jnp.sum(_guessed(logits, ids[1:])))

        (loss, (after, right)), gradients = jax.value_and_grad(cost, has_aux=True)(done.weights)
        new, slots = update(spec.optimizer, done.weights, done.memory, gradients, rates, _clock(moment, done.steps, rates))
        count = spec.batch * spec.sequence
        sums = Sums(done.sums.cost + loss * count, done.sums.right + right, done.sums.count + count)
        return Done(new, slots, after, done.steps + 1, loss, sums, _norms(gradients))

    start = Done(weights, memory, carried, jnp.int32(0), jnp.float32(0), sums, jnp.zeros(len(weights), jnp.float32))
    return lax.while_loop(going, step, start)


def _norms(gradients: Weights) -> Array:
    return jnp.stack([jnp.sqrt(jnp.sum(w * w) + jnp.sum(b * b)) for w, b in gradients])


def _clock(moment: Moment, done: Array, rates: Rates) -> Clock:
    fraction = (moment.position + done).astype(jnp.float32) / rates["steps_per_epoch"]
    return Clock((moment.age + done + 1).astype(jnp.float32), moment.epoch.astype(jnp.float32) + fraction)


def evaluate(
    form: Form,
    batch: int,
    sequence: int,
    weights: Weights,
    carried: State,
    sums: Sums,
    text: Array,
    stretch: Stretch,
    first: Array,
    many: Array,
) -> tuple[State, Sums]:
    """Chunks first..first + many of the evaluation of text (n,) in `batch` streams: the state and the sums after them.

    sums: of the chunks before; they go on from there, so that the number of pieces changes no digit of them. Every character of
    the stretch but the first is guessed once. The state is carried from chunk to chunk.
    """
    window = jnp.arange(sequence)[:, None]
    begins = (jnp.arange(batch) * stretch.stride)[None]

    def one(i: Array, carry: tuple) -> tuple:
        state, sums = carry
        within = (first + i) * sequence + window
        places = begins + within
        counted = ((within < stretch.stride) & (places < stretch.length - 1)).astype(jnp.float32)
        ids, wanted = (text[jnp.minimum(p, text.shape[0] - 1)].astype(jnp.int32) for p in (places, places + 1))
        logits, state = run(form, weights, ids, state)
        parts = costs(logits, wanted) * counted, _guessed(logits, wanted) * counted, counted
        return state, Sums(*(total + jnp.sum(part) for total, part in zip(sums, parts, strict=True)))

    return lax.fori_loop(0, many, one, (carried, sums))


@kept
def chunk_program(spec: TextSpec) -> Callable[..., Done]:
    """`chunk` for `spec`, compiled on first use and shared by every visitor whose net has this shape."""
    return _compiled(chunk, spec)


@partial(kept, most=2 * KEPT)
def evaluate_program(form: Form, batch: int, sequence: int) -> Callable[..., tuple[State, Sums]]:
    """`evaluate`, compiled on first use."""
    return _compiled(evaluate, form, batch, sequence)


def _compiled(function: Callable, *static: Any) -> Callable:
    def program(*arguments: Any) -> Any:
        return function(*static, *arguments)

    program.__name__ = program.__qualname__ = function.__name__
    return jax.jit(program, compiler_options=compiler_options())


def placed(ids: np.ndarray) -> Array:
    """Characters (n,) on the device, with room behind them: texts of about the same length share their programs."""
    return jax.device_put(np.pad(ids, (0, max(SHORTEST_PLACE, 1 << (len(ids) - 1).bit_length()) - len(ids))))


def epoch_offset(seed: int, epoch: int, length: int) -> np.int32:
    """Where in a text of `length` characters an epoch begins: another place each time."""
    return np.int32(np.random.default_rng([seed, epoch]).integers(length))
