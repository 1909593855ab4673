"""The compiled programs behind a net that reads digits: one chunk of steps, one slice of a long step, one slice of an evaluation.

What shapes a program (a spec: `Spec` for dense nets, `engines.nets.stack_spec.StackSpec`) is static; every rate and setting
(`Rates`) is traced, so that moving a slider compiles nothing.
Pixels travel as bytes and are scaled to 0..1 (not centred) inside the program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np

from engines.activations import ACTIVATIONS
from engines.data.distortions import DISTORTIONS, distort
from engines.experiment import Experiment
from engines.lazy import jax, jnp, lax
from engines.losses import CLASS_LOSSES
from engines.nets.compiling import compiler_options, kept
from engines.nets.health import idle
from engines.nets.updating import Memory, Rates, Weights, numbers_of, traced, update
from engines.optimizers import Clock

Array = Any

SIDE, PIXELS, CLASSES = 28, 784, 10
MIN_SLICE, MAX_SLICE = 128, 2048
SLICE_FLOPS = {"cpu": 3e9}
"""Work of one slice of a long step: about 50 ms on one core, so that a pause is seen soon."""


class AnySpec(Protocol):
    """What the programs ask of a spec. Hashable: a program is compiled once for each.

    batch, slice: examples. distorted: whether training digits are changed at every look.
    """

    cost: str
    optimizer: str
    batch: int
    slice: int
    precision: str
    distorted: bool

    def chance(self, rates: Rates, key: Callable[[], Array], count: int) -> Any:
        """What is drawn for one training step of `count` examples; given to `logits`."""
        ...

    def pieces(self, count: int) -> int:
        """Into how many equal parts a step's `count` examples are cut, one after the other: small arrays stay in the cache."""
        ...

    def logits(self, weights: Weights, x: Array, chance: Any = None) -> Array:
        """Logits (b, 10) of pixels x (b, 784) in 0..1. chance: as a training step draws it; None outside training."""
        ...

    def sums(self, weights: Weights, x: Array) -> list[tuple[str | None, Array]]:
        """For every pair of weights the activation behind it (None: the output) and its weighted sums (m, units)."""
        ...


class Spec(NamedTuple):
    """What a dense net's program is compiled for. sizes: units layer by layer, 784 first and 10 last; batch, slice: examples.

    precision: 'float32', or 'bfloat16' for the products of the hidden layers (sums, weights and the output layer stay float32).
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str
    optimizer: str
    batch: int
    slice: int
    precision: str = "float32"
    distorted: bool = False

    def chance(self, rates: Rates, key: Callable[[], Array], count: int) -> tuple[Array, ...]:
        """As `AnySpec.chance`: each hidden layer's mask."""
        return dropout_masks(self, rates, key, count)

    def pieces(self, count: int) -> int:
        """As `AnySpec.pieces`: a dense layer gains nothing by it."""
        return 1

    def logits(self, weights: Weights, x: Array, chance: tuple[Array, ...] | None = None) -> Array:
        """As `AnySpec.logits`."""
        return forward(self, weights, x, chance or ())[0]

    def sums(self, weights: Weights, x: Array) -> list[tuple[str | None, Array]]:
        """As `AnySpec.sums`."""
        return list(zip((*self.activations, None), forward(self, weights, x)[1], strict=True))


class Data(NamedTuple):
    """Examples on the device: images (n, 784) uint8, labels (n,) int32."""

    images: Array
    labels: Array


class Moment(NamedTuple):
    """When a chunk starts, int32: steps since the slots were fresh, since the reset; finished epochs; step within the epoch."""

    age: Array
    step: Array
    epoch: Array
    position: Array


@dataclass(frozen=True, eq=False)
class Programs:
    """Compiled on first use; shapes as in the functions of the same name below."""

    chunk: Callable[..., tuple[Weights, Memory, Array, Array]]
    accumulate: Callable[..., tuple[Weights, Array]]
    finish: Callable[..., tuple[Weights, Memory]]
    evaluate: Callable[..., tuple[Array, Array]]
    probabilities: Callable[..., Array]
    study: Callable[..., tuple[Array, Array, Array]]
    look: Callable[..., Array]


def slice_size(sizes: tuple[int, ...], backend: str) -> int:
    """Examples a slice, a power of two within 128..2048, for a net of `sizes` on `backend`."""
    return slice_for(sum(a * b for a, b in pairwise(sizes)), backend)


def slice_for(multiplies: int, backend: str) -> int:
    """The same for a net that multiplies so often for one digit."""
    flops = 6 * multiplies
    wanted = SLICE_FLOPS.get(backend, np.inf) / flops
    return int(2 ** np.clip(np.floor(np.log2(wanted)) if np.isfinite(wanted) else 99, np.log2(MIN_SLICE), np.log2(MAX_SLICE)))


def portion(spec: AnySpec) -> int:
    """Examples of one slice of an evaluation: a quarter, for frames are to come in between and it only goes forward."""
    return max(min(spec.slice, MIN_SLICE), spec.slice // 4)


def rates_of(experiment: Experiment, steps_per_epoch: int) -> Rates:
    """Every traced number of `experiment`, as device scalars (float32 but for the schedule's index and the seed)."""
    distortions = {key: experiment.data.distortions.get(key, 0.0) for key in DISTORTIONS}
    more = {"dropout": dropout_rates(experiment), "distortions": distortions}
    return traced(experiment, numbers_of(experiment, steps_per_epoch) | more)


def dropout_rates(experiment: Experiment) -> list[float]:
    """The rate of every layer that can drop units, in order."""
    if experiment.net.kind == "dense":
        return [layer.dropout for layer in experiment.net.layers]
    return [layer.settings["rate"] for layer in experiment.net.layers if layer.key == "dropout"]


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


def summed_loss(spec: AnySpec, weights: Weights, x: Array, labels: Array, shares: Array | float, chance: Any = None) -> Array:
    """The cost of each example times its share, summed: with shares 1 / b the mean of the batch."""
    logits = spec.logits(weights, x, chance)
    return jnp.sum(CLASS_LOSSES[spec.cost].value(logits, _one_hot(labels)) * shares)


def seen(spec: AnySpec, images: Array, rates: Rates, key: Callable[[], Array]) -> Array:
    """Pixels (b, 784) in 0..1 as a training step sees them: distorted, where the spec says so."""
    x = scaled(images)
    if not spec.distorted:
        return x
    changed = distort(jax.random.fold_in(key(), 1), x.reshape(-1, SIDE, SIDE), rates["distortions"])
    return changed.reshape(x.shape)


def batch_gradient(
    spec: AnySpec, weights: Weights, data: Data, chosen: Array, shares: Array | float, rates: Rates, key: Callable[[], Array]
) -> tuple[Array, Weights]:
    """The summed cost of the chosen examples and its gradient by the weights."""
    x, labels = seen(spec, data.images[chosen], rates, key), data.labels[chosen]
    count = spec.pieces(len(chosen))
    if count == 1:
        return _gradient(spec, weights, x, labels, shares, spec.chance(rates, key, len(chosen)))
    shares = jnp.broadcast_to(jnp.asarray(shares, jnp.float32), labels.shape)
    parts = [array.reshape(count, -1, *array.shape[1:]) for array in (x, labels, shares)]

    def add(total: tuple, part: tuple) -> tuple:
        number, *examples = part
        chance = spec.chance(rates, lambda: jax.random.fold_in(key(), number), len(chosen) // count)
        return jax.tree.map(jnp.add, total, _gradient(spec, weights, *examples, chance)), None

    nothing = (jnp.float32(0), jax.tree.map(jnp.zeros_like, weights))
    return lax.scan(add, nothing, (jnp.arange(count), *parts))[0]


def _gradient(
    spec: AnySpec, weights: Weights, x: Array, labels: Array, shares: Array | float, chance: Any
) -> tuple[Array, Weights]:
    return jax.value_and_grad(lambda w: summed_loss(spec, w, x, labels, shares, chance))(weights)


def _clock(moment: Moment, done: Array, rates: Rates) -> Clock:
    fraction = (moment.position + done).astype(jnp.float32) / rates["steps_per_epoch"]
    return Clock((moment.age + done + 1).astype(jnp.float32), moment.epoch.astype(jnp.float32) + fraction)


def step_key(rates: Rates, step: Array) -> Array:
    """What a step's random numbers are drawn from."""
    return jax.random.fold_in(jax.random.key(rates["seed"]), step)


def chunk(
    spec: AnySpec, weights: Weights, memory: Memory, data: Data, order: Array, rates: Rates, moment: Moment, steps: Array
) -> tuple:
    """`steps` steps along `order` (n,), from moment.position on; stops early at a cost that is no finite number.

    Returns weights, memory, steps done and the last batch's mean cost.
    """

    def going(carry: tuple) -> Array:
        return (carry[2] < steps) & jnp.isfinite(carry[3])

    def step(carry: tuple) -> tuple:
        weights, memory, done, _ = carry
        chosen = lax.dynamic_slice(order, ((moment.position + done) * spec.batch,), (spec.batch,))
        key = lambda: step_key(rates, moment.step + done)  # noqa: E731
        loss, gradients = batch_gradient(spec, weights, data, chosen, 1 / spec.batch, rates, key)
        weights, memory = update(spec.optimizer, weights, memory, gradients, rates, _clock(moment, done, rates))
        return weights, memory, done + 1, loss

    return lax.while_loop(going, step, (weights, memory, jnp.int32(0), jnp.float32(0)))


def accumulate(
    spec: AnySpec, total: Weights, weights: Weights, data: Data, order: Array, rates: Rates, moment: Moment, at: Array
) -> tuple:
    """Add to `total` the gradient of examples at..at+slice of one step whose batch is longer than a slice; also their cost."""
    start = jnp.minimum(at, spec.batch - spec.slice)
    chosen = lax.dynamic_slice(order, (moment.position * spec.batch + start,), (spec.slice,))
    shares = (jnp.arange(spec.slice) + start >= at).astype(jnp.float32) / spec.batch
    key = lambda: jax.random.fold_in(step_key(rates, moment.step), at)  # noqa: E731
    loss, gradients = batch_gradient(spec, weights, data, chosen, shares, rates, key)
    return jax.tree.map(jnp.add, total, gradients), loss


def finish(spec: AnySpec, weights: Weights, memory: Memory, total: Weights, rates: Rates, moment: Moment) -> tuple[Weights, Memory]:
    """End a long step: move along the accumulated gradient."""
    return update(spec.optimizer, weights, memory, total, rates, _clock(moment, jnp.int32(0), rates))


def evaluate(spec: AnySpec, weights: Weights, data: Data, start: Array) -> tuple[Array, Array]:
    """Costs (s,) and probabilities (s, 10) of s = min(portion, n) examples from `start` on (start <= n - s)."""
    count = min(portion(spec), data.images.shape[0])
    images = lax.dynamic_slice(data.images, (start, 0), (count, PIXELS))
    labels = lax.dynamic_slice(data.labels, (start,), (count,))
    logits = spec.logits(weights, scaled(images))
    cost = CLASS_LOSSES[spec.cost]
    return cost.value(logits, _one_hot(labels)), cost.probability(logits)


def probabilities(spec: AnySpec, weights: Weights, images: Array) -> Array:
    """What the bars show, (b, 10), of images (b, 784) uint8."""
    return CLASS_LOSSES[spec.cost].probability(spec.logits(weights, scaled(images)))


def study(spec: AnySpec, weights: Weights, data: Data) -> tuple[Array, Array, Array]:
    """Per pair of weights, over data: the gradient's norm, the number of dead units, the share of saturated outputs; (pairs,) each.

    A unit is dead when no example gets a gradient through it (slope under 1e-6 everywhere). Only activations that are flat at both
    ends saturate. The output layer counts neither.
    """
    x = scaled(data.images)
    gradients = jax.grad(lambda w: summed_loss(spec, w, x, data.labels, 1 / x.shape[0]))(weights)
    norms = [jnp.sqrt(jnp.sum(w * w) + jnp.sum(b * b)) for w, b in gradients]
    dead, saturated = zip(*(idle(key, z) for key, z in spec.sums(weights, x)), strict=True)
    return jnp.stack(norms), jnp.stack(dead), jnp.stack(saturated)


def look(spec: AnySpec, images: Array, rates: Rates, step: Array, whole: Array) -> Array:
    """Pixels (b, 784) in 0..1 as step `step` sees images (b, 784) uint8: all of them, or (whole False) the first slice's."""
    key = step_key(rates, step)
    return seen(spec, images, rates, lambda: lax.cond(whole, lambda: key, lambda: jax.random.fold_in(key, 0)))


def shuffled(seed: Array, epoch: Array, count: int) -> Array:
    """The order (count,) int32 in which `epoch` visits the examples."""
    return jax.random.permutation(jax.random.fold_in(jax.random.key(seed), epoch), count).astype(jnp.int32)


@kept
def programs(spec: AnySpec) -> Programs:
    """The programs for `spec`, shared by every visitor whose net has this shape."""

    def compiled(function: Callable) -> Callable:
        def run(*arguments: Any) -> Any:
            return function(spec, *arguments)

        run.__name__ = run.__qualname__ = function.__name__
        return jax.jit(run, compiler_options=compiler_options() if spec.precision == "float32" else None)

    return Programs(*(compiled(f) for f in (chunk, accumulate, finish, evaluate, probabilities, study, look)))


@lru_cache(maxsize=1)
def shuffle_program() -> Callable[[Array, Array, int], Array]:
    """`shuffled`, compiled."""
    return jax.jit(shuffled, static_argnums=2)
