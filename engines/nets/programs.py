"""The compiled programs behind a dense net: one chunk of steps, one slice of a long step, one slice of an evaluation.

What shapes a program (`Spec`) is static; every rate and setting (`Rates`) is traced, so that moving a slider compiles nothing.
Pixels travel as bytes and are scaled to 0..1 (not centred) inside the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engines.activations import ACTIVATIONS
from engines.experiment import Experiment
from engines.lazy import jax, jnp, lax
from engines.losses import CLASS_LOSSES
from engines.optimizers import OPTIMIZERS, Clock
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES

Array = Any
Weights = tuple[tuple[Array, Array], ...]
Rates = dict[str, Any]

PIXELS, CLASSES = 784, 10
MIN_SLICE, MAX_SLICE = 128, 2048
SLICE_FLOPS = {"cpu": 3e9}
"""Work of one slice of a long step: about 50 ms on one core, so that a pause is seen soon."""
CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}


class Spec(NamedTuple):
    """What a program is compiled for. sizes: units layer by layer, 784 first and 10 last; batch, slice: examples.

    precision: 'float32', or 'bfloat16' for the products of the hidden layers (sums, weights and the output layer stay float32).
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str
    optimizer: str
    batch: int
    slice: int
    precision: str = "float32"


class Data(NamedTuple):
    """Examples on the device: images (n, 784) uint8, labels (n,) int32."""

    images: Array
    labels: Array


class Memory(NamedTuple):
    """The two slots of the optimizer, shaped as the weights; a slot that the rule does not use is a scalar 0 a leaf."""

    first: Weights
    second: Weights


class Moment(NamedTuple):
    """When a chunk starts, int32: steps since the slots were fresh, since the reset; finished epochs; step within the epoch."""

    age: Array
    step: Array
    epoch: Array
    position: Array


class Programs(NamedTuple):
    """Compiled on first use; shapes as in the functions of the same name below."""

    chunk: Callable[..., tuple[Weights, Memory, Array, Array]]
    accumulate: Callable[..., tuple[Weights, Array]]
    finish: Callable[..., tuple[Weights, Memory]]
    evaluate: Callable[..., tuple[Array, Array]]
    probabilities: Callable[..., Array]
    study: Callable[..., tuple[Array, Array, Array]]


def slice_size(sizes: tuple[int, ...], backend: str) -> int:
    """Examples a slice, a power of two within 128..2048, for a net of `sizes` on `backend`."""
    flops = 6 * sum(a * b for a, b in pairwise(sizes))
    wanted = SLICE_FLOPS.get(backend, np.inf) / flops
    return int(2 ** np.clip(np.floor(np.log2(wanted)) if np.isfinite(wanted) else 99, np.log2(MIN_SLICE), np.log2(MAX_SLICE)))


def rates_of(experiment: Experiment, steps_per_epoch: int) -> Rates:
    """Every traced number of `experiment`, as device scalars (float32 but for the schedule's index and the seed)."""
    l1, l2 = PENALTIES[experiment.penalty.key].strengths(experiment.penalty.settings)
    every = {k: v for entry in SCHEDULES.values() for k, v in entry.defaults().items()} | experiment.schedule.settings
    numbers = {
        "learning_rate": experiment.learning_rate,
        "optimizer": experiment.optimizer.settings,
        "schedule": every,
        "l1": l1,
        "l2": l2,
        "max_norm": experiment.max_norm,
        "clip_norm": experiment.clip_norm,
        "dropout": [layer.dropout for layer in experiment.net.layers],
        "steps_per_epoch": steps_per_epoch,
    }
    traced = jax.tree.map(np.float32, numbers)
    traced["schedule_index"] = np.int32(SCHEDULES.index(experiment.schedule.key))
    traced["seed"] = np.uint32(experiment.seed)
    return jax.device_put(traced)


@lru_cache(maxsize=64)
def activation(key: str) -> Callable[[Array], Array]:
    """The activation `key`, differentiated by its own `derivative`, so that a surrogate gradient is honoured."""
    entry = ACTIVATIONS[key]

    @jax.custom_jvp
    def apply(z: Array) -> Array:
        return entry.apply(z)

    apply.defjvp(lambda primals, tangents: (entry.apply(primals[0]), entry.derivative(primals[0]) * tangents[0]))
    return apply


def _contract(a: Array, b: Array, over: tuple[int, int], dtype: Any) -> Array:
    dimensions = (((over[0],), (over[1],)), ((), ()))
    return lax.dot_general(a.astype(dtype), b.astype(dtype), dimensions, preferred_element_type=jnp.float32)


def _outer(h: Array, dz: Array, dtype: Any) -> Array:
    """h.T @ dz. In bfloat16 the batch axis of length 1 and the barrier keep XLA from folding the transpose into the product,
    which its fast CPU kernels do not take (1.0 against 0.5 ms at 128 x 784 x 500)."""
    if dtype == "float32":
        return h.T @ dz
    a, b = lax.optimization_barrier((h.T.astype(dtype)[None], dz.astype(dtype)[None]))
    return lax.dot_general(a, b, (((2,), (1,)), ((0,), (0,))), preferred_element_type=jnp.float32)[0]


def _matmul(h: Array, w: Array, precision: str) -> Array:
    """h (b, fan_in) times w (fan_in, fan_out) in float32, or with both rounded to bfloat16 and sums kept in float32."""
    return _contract(h, w, (1, 0), precision)


def _matmul_forward(h: Array, w: Array, precision: str) -> tuple[Array, tuple[Array, Array]]:
    h, w = h.astype(precision), w.astype(precision)
    return _contract(h, w, (1, 0), precision), (h, w)


def _matmul_backward(precision: str, saved: tuple[Array, Array], dz: Array) -> tuple[Array, Array]:
    h, w = saved
    return _contract(dz, w, (1, 1), precision), _outer(h, dz, precision)


@lru_cache(maxsize=1)
def matmul() -> Callable[[Array, Array, str], Array]:
    """`_matmul`, differentiable."""
    differentiable = jax.custom_vjp(_matmul, nondiff_argnums=(2,))
    differentiable.defvjp(_matmul_forward, _matmul_backward)
    return differentiable


def scaled(images: Array) -> Array:
    """uint8 pixels -> float32 in 0..1."""
    return images.astype(jnp.float32) * np.float32(1 / 255)


def forward(spec: Spec, weights: Weights, x: Array, masks: tuple[Array, ...] = ()) -> tuple[Array, list[Array]]:
    """Logits (b, 10) and every layer's weighted sums z, of x (b, 784).

    masks: what each hidden layer's outputs are multiplied by (dropout).
    """
    sums, h = [], x
    for i, (w, b) in enumerate(weights):
        hidden = i < len(spec.activations)
        z = matmul()(h, w, spec.precision if hidden else "float32") + b
        sums.append(z)
        if hidden:
            h = activation(spec.activations[i])(z)
            h = h * masks[i] if masks else h
    return sums[-1], sums


def _one_hot(labels: Array) -> Array:
    return (labels[:, None] == jnp.arange(CLASSES, dtype=labels.dtype)).astype(jnp.float32)


def dropout_masks(spec: Spec, rates: Rates, key: Callable[[], Array], count: int) -> tuple[Array, ...]:
    """(count, units) a hidden layer: 0 with the layer's dropout rate, else 1 / (1 - rate).

    key() is asked for only where some rate is not 0: without dropout no random number is drawn.
    """
    hidden = spec.sizes[1:-1]
    if not hidden:
        return ()
    rate = jnp.concatenate([jnp.full(units, r) for units, r in zip(hidden, rates["dropout"], strict=True)])

    def drawn() -> Array:
        bits = jax.random.bits(key(), (count, sum(hidden)), jnp.uint16)
        return jnp.where(bits.astype(jnp.float32) >= rate * 65536, 1 / (1 - rate), 0.0)

    masks = lax.cond(jnp.any(rate > 0), drawn, lambda: jnp.ones((count, sum(hidden)), jnp.float32))
    return tuple(jnp.split(masks, np.cumsum(hidden)[:-1], axis=1))


def summed_loss(spec: Spec, weights: Weights, x: Array, labels: Array, shares: Array | float, masks: tuple[Array, ...]) -> Array:
    """The cost of each example times its share, summed: with shares 1 / b the mean of the batch."""
    logits, _ = forward(spec, weights, x, masks)
    return jnp.sum(CLASS_LOSSES[spec.cost].value(logits, _one_hot(labels)) * shares)


def penalised(weights: Weights, gradients: Weights, rates: Rates) -> Weights:
    """Gradients with the penalty's l1 sign(w) + l2 w added, on weights, not on biases."""
    pulled = [gw + rates["l1"] * jnp.sign(w) + rates["l2"] * w for (w, _), (gw, _) in zip(weights, gradients, strict=True)]
    return tuple((gw, gb) for gw, (_, gb) in zip(pulled, gradients, strict=True))


def _clip_factor(weights: Weights, gradients: Weights, rates: Rates) -> Array:
    """What brings the global norm of the penalised gradient down to clip_norm; 1 when that is 0 (off)."""

    def factor() -> Array:
        squares = [jnp.sum(g * g) for g in jax.tree.leaves(penalised(weights, gradients, rates))]
        norm = jnp.sqrt(sum(squares))
        return jnp.minimum(1.0, rates["clip_norm"] / jnp.maximum(norm, 1e-30))

    return lax.cond(rates["clip_norm"] > 0, factor, lambda: jnp.float32(1))


def _within(w: Array, limit: Array) -> Array:
    """w (fan_in, fan_out) with each unit's incoming weights scaled to a norm of at most `limit`; 0 is off."""

    def scales() -> Array:
        return jnp.minimum(1.0, limit / jnp.maximum(jnp.sqrt(jnp.sum(w * w, 0)), 1e-30))

    return w * lax.cond(limit > 0, scales, lambda: jnp.ones(w.shape[1], jnp.float32))


def scheduled_rate(rates: Rates, epoch: Array) -> Array:
    """The learning rate at `epoch` (counted from 0, with a fraction)."""
    branches = [lambda e, s, f=entry.factor: jnp.asarray(f(e, s), jnp.float32) for entry in SCHEDULES.values()]
    return rates["learning_rate"] * lax.switch(rates["schedule_index"], branches, epoch, rates["schedule"])


def update(spec: Spec, weights: Weights, memory: Memory, gradients: Weights, rates: Rates, now: Clock) -> tuple[Weights, Memory]:
    """One step from the gradient of the cost: penalty, then clipping, then the optimizer's rule, then max-norm."""
    settings = rates["optimizer"] | {"learning_rate": scheduled_rate(rates, now.epoch)}
    factor = _clip_factor(weights, gradients, rates)
    rule = OPTIMIZERS[spec.optimizer].update
    moves = [
        tuple(rule(g * factor, p, m, v, now, settings) for g, p, m, v in zip(*layer, strict=True))
        for layer in zip(penalised(weights, gradients, rates), weights, memory.first, memory.second, strict=True)
    ]
    moved = [(w + to_w.change, b + to_b.change) for (w, b), (to_w, to_b) in zip(weights, moves, strict=True)]
    first = tuple((to_w.first, to_b.first) for to_w, to_b in moves)
    second = tuple((to_w.second, to_b.second) for to_w, to_b in moves)
    return tuple((_within(w, rates["max_norm"]), b) for w, b in moved), Memory(first, second)


def fresh_memory(optimizer: str, weights: Weights) -> Memory:
    """Slots at 0. A slot that the rule passes through untouched needs no room: a scalar stands for it."""
    used = []

    def watch(x: Array) -> Array:
        first, second = x + 0, x + 0
        settings = OPTIMIZERS[optimizer].defaults() | {"learning_rate": 1.0}
        move = OPTIMIZERS[optimizer].update(x, x, first, second, Clock(x, x), settings)
        used.extend((move.first is not first, move.second is not second))
        return x

    jax.eval_shape(watch, np.float32(1))
    return Memory(*(jax.tree.map(lambda p, u=u: jnp.zeros(p.shape if u else (), jnp.float32), weights) for u in used))


def _clock(moment: Moment, done: Array, rates: Rates) -> Clock:
    fraction = (moment.position + done).astype(jnp.float32) / rates["steps_per_epoch"]
    return Clock((moment.age + done + 1).astype(jnp.float32), moment.epoch.astype(jnp.float32) + fraction)


def _key(rates: Rates, step: Array) -> Array:
    return jax.random.fold_in(jax.random.key(rates["seed"]), step)


def chunk(
    spec: Spec, weights: Weights, memory: Memory, data: Data, order: Array, rates: Rates, moment: Moment, steps: Array
) -> tuple:
    """`steps` steps along `order` (n,), from moment.position on; stops early at a cost that is no finite number.

    Returns weights, memory, steps done and the last batch's mean cost.
    """

    def going(carry: tuple) -> Array:
        return (carry[2] < steps) & jnp.isfinite(carry[3])

    def step(carry: tuple) -> tuple:
        weights, memory, done, _ = carry
        chosen = lax.dynamic_slice(order, ((moment.position + done) * spec.batch,), (spec.batch,))
        x, labels = scaled(data.images[chosen]), data.labels[chosen]
        masks = dropout_masks(spec, rates, lambda: _key(rates, moment.step + done), spec.batch)
        loss, gradients = jax.value_and_grad(lambda w: summed_loss(spec, w, x, labels, 1 / spec.batch, masks))(weights)
        weights, memory = update(spec, weights, memory, gradients, rates, _clock(moment, done, rates))
        return weights, memory, done + 1, loss

    return lax.while_loop(going, step, (weights, memory, jnp.int32(0), jnp.float32(0)))


def accumulate(
    spec: Spec, total: Weights, weights: Weights, data: Data, order: Array, rates: Rates, moment: Moment, at: Array
) -> tuple:
    """Add to `total` the gradient of examples at..at+slice of one step whose batch is longer than a slice; also their cost."""
    start = jnp.minimum(at, spec.batch - spec.slice)
    chosen = lax.dynamic_slice(order, (moment.position * spec.batch + start,), (spec.slice,))
    shares = (jnp.arange(spec.slice) + start >= at).astype(jnp.float32) / spec.batch
    masks = dropout_masks(spec, rates, lambda: jax.random.fold_in(_key(rates, moment.step), at), spec.slice)
    x, labels = scaled(data.images[chosen]), data.labels[chosen]
    loss, gradients = jax.value_and_grad(lambda w: summed_loss(spec, w, x, labels, shares, masks))(weights)
    return jax.tree.map(jnp.add, total, gradients), loss


def finish(spec: Spec, weights: Weights, memory: Memory, total: Weights, rates: Rates, moment: Moment) -> tuple[Weights, Memory]:
    """End a long step: move along the accumulated gradient."""
    return update(spec, weights, memory, total, rates, _clock(moment, jnp.int32(0), rates))


def evaluate(spec: Spec, weights: Weights, data: Data, start: Array) -> tuple[Array, Array]:
    """Costs (s,) and probabilities (s, 10) of s = min(slice, n) examples from `start` on (start <= n - s)."""
    count = min(spec.slice, data.images.shape[0])
    images = lax.dynamic_slice(data.images, (start, 0), (count, PIXELS))
    labels = lax.dynamic_slice(data.labels, (start,), (count,))
    logits, _ = forward(spec, weights, scaled(images))
    cost = CLASS_LOSSES[spec.cost]
    return cost.value(logits, _one_hot(labels)), cost.probability(logits)


def probabilities(spec: Spec, weights: Weights, images: Array) -> Array:
    """What the bars show, (b, 10), of images (b, 784) uint8."""
    return CLASS_LOSSES[spec.cost].probability(forward(spec, weights, scaled(images))[0])


SATURATED_SHARE = 0.05
"""A squashing unit counts as saturated where its slope is below this share of the slope at its steepest."""


def study(spec: Spec, weights: Weights, data: Data) -> tuple[Array, Array, Array]:
    """Per weight layer, over data: the gradient's norm, the number of dead units, the share of saturated outputs; (layers,) each.

    A unit is dead when no example gets a gradient through it (slope under 1e-6 everywhere). Only activations that are flat at both
    ends saturate. The output layer counts neither.
    """
    x = scaled(data.images)
    gradients = jax.grad(lambda w: summed_loss(spec, w, x, data.labels, 1 / x.shape[0], ()))(weights)
    norms = [jnp.sqrt(jnp.sum(w * w) + jnp.sum(b * b)) for w, b in gradients]
    dead, saturated = [], []
    for key, z in zip(spec.activations, forward(spec, weights, x)[1], strict=False):
        slopes = jnp.abs(ACTIVATIONS[key].derivative(z))
        dead.append(jnp.sum(jnp.max(slopes, 0) < 1e-6).astype(jnp.int32))
        saturated.append(jnp.mean(slopes < SATURATED_SHARE * _steepest(key)) if squashes(key) else jnp.float32(0))
    return jnp.stack(norms), jnp.stack([*dead, jnp.int32(0)]), jnp.stack([*saturated, jnp.float32(0)])


@lru_cache(maxsize=64)
def _slopes(key: str) -> np.ndarray:
    with jax.ensure_compile_time_eval():
        return np.abs(np.asarray(ACTIVATIONS[key].derivative(jnp.linspace(-20, 20, 401))))


def _steepest(key: str) -> float:
    return float(_slopes(key).max())


def squashes(key: str) -> bool:
    """Whether the activation is flat at both ends and steep between: sigmoid, tanh and their like."""
    slopes = _slopes(key)
    return bool(max(slopes[0], slopes[-1]) < 1e-3 < slopes.max())


def shuffled(seed: Array, epoch: Array, count: int) -> Array:
    """The order (count,) int32 in which `epoch` visits the examples."""
    return jax.random.permutation(jax.random.fold_in(jax.random.key(seed), epoch), count).astype(jnp.int32)


@lru_cache(maxsize=1)
def compiler_options() -> Mapping[str, str] | None:
    """XLA options that pay on this backend in float32, or None. Tried once: a jaxlib that does not know them runs without."""
    if jax.default_backend() != "cpu":
        return None
    try:
        jax.jit(lambda x: x + 1, compiler_options=CPU_OPTIONS)(np.float32(1))
    except Exception:
        return None
    return CPU_OPTIONS


@lru_cache(maxsize=32)
def programs(spec: Spec) -> Programs:
    """The programs for `spec`, shared by every visitor whose net has this shape."""

    def compiled(function: Callable) -> Callable:
        def run(*arguments: Any) -> Any:
            return function(spec, *arguments)

        run.__name__ = run.__qualname__ = function.__name__
        return jax.jit(run, compiler_options=compiler_options() if spec.precision == "float32" else None)

    return Programs(*(compiled(f) for f in (chunk, accumulate, finish, evaluate, probabilities, study)))


@lru_cache(maxsize=1)
def shuffle_program() -> Callable[[Array, Array, int], Array]:
    """`shuffled`, compiled."""
    return jax.jit(shuffled, static_argnums=2)
