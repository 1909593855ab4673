"""The program of the tiny tier: training and evaluation, written once for every net of the Network page.

Backpropagation is written out, rule by rule. Examples are processed in chunks of CHUNK, layers in a loop of dynamic depth, so
that the cost follows depth and batch and not the padding. Every function takes `c`, the traced description that
`layout.describe` makes.
"""

from __future__ import annotations

from typing import Any

from engines.activations import ACTIVATIONS
from engines.lazy import jnp, lax
from engines.losses import LOSSES
from engines.optimizers import OPTIMIZERS, Clock, Move
from engines.schedules import SCHEDULES
from engines.tiny.layout import CHUNK, LAYERS, ROWS, Data, State
from engines.tiny.order import traced_mix, traced_order

Array = Any
Description = dict[str, Any]

EVALUATION_CHUNK = 128
TILE = 25
NAN, EARLY = 1, 2


def _at(array: Array, index: Array) -> Array:
    return lax.dynamic_index_in_dim(array, index, 0, keepdims=False)


def _put(array: Array, value: Array, index: Array) -> Array:
    return lax.dynamic_update_index_in_dim(array, value, index, 0)


def _times(h: Array, w: Array) -> Array:
    """(n, i) times (i, o), as multiply and add: a library call would cost more than the product."""
    return (h[:, :, None] * w[None]).sum(1)


def _cube(theta: Array, width: int) -> Array:
    return theta.reshape(LAYERS, width + 1, width)


def activate(key: Array, z: Array) -> Array:
    """Apply activation number `key` to z."""
    return lax.switch(key, [entry.apply for entry in ACTIVATIONS.values()], z)


def _activate_with_slope(key: Array, z: Array) -> tuple[Array, Array]:
    branches = [lambda z, e=entry: (e.apply(z), e.derivative(z)) for entry in ACTIVATIONS.values()]
    return lax.switch(key, branches, z)


def _loss(c: Description, y: Array, t: Array) -> Array:
    return lax.switch(c["loss"], [entry.value for entry in LOSSES.values()], y, t)


def _loss_slope(c: Description, y: Array, t: Array) -> Array:
    return lax.switch(c["loss"], [entry.slope for entry in LOSSES.values()], y, t)


def outputs(theta: Array, c: Description, x: Array) -> Array:
    """The net's outputs for inputs x (n, width): (n,). Works on columns, so that examples fill the vector units."""
    width = x.shape[1]
    cube = _cube(theta, width)
    return lax.fori_loop(0, c["depth"] + 1, lambda index, h: _layer_of_columns(cube, c, index, h), x.T)[0]


def _layer_of_columns(cube: Array, c: Description, index: Array, h: Array) -> Array:
    """One layer for examples in columns: (width, n) -> (width, n)."""
    w = _at(cube, index)
    width = h.shape[0]
    z = (w[:width, :, None] * h[:, None, :]).sum(0) + w[width][:, None]
    return activate(_at(c["activation"], index), z) * _at(c["mask"], index)[:, None]


def _dropped(c: Description, index: Array, draw: Array, a: Array, slope: Array) -> tuple[Array, Array]:
    """A layer's outputs and slopes (n, width) after dropout: 0 where dropped, grown by 1 / keep where kept."""
    keep = _at(c["keep"], index)

    def drop(a: Array, slope: Array) -> tuple[Array, Array]:
        place = jnp.arange(a.size, dtype=jnp.uint32).reshape(a.shape)
        bits = traced_mix(traced_mix(draw + jnp.uint32(0x9E3779B9) * index.astype(jnp.uint32)) + place)
        gate = jnp.where((bits >> 8).astype(jnp.float32) * (1 / 16777216.0) < keep, 1 / keep, 0.0)
        return a * gate, slope * gate

    return lax.cond(keep < 1, drop, lambda a, slope: (a, slope), a, slope)


def forward(theta: Array, c: Description, x: Array, draw: Array) -> tuple[Array, Array]:
    """Forward rules: every layer's output (LAYERS + 1, n, width), inputs first, and its slope (LAYERS, n, width)."""
    n, width = x.shape
    cube = _cube(theta, width)
    passed = _put(jnp.zeros((LAYERS + 1, n, width), jnp.float32), x, 0)
    slopes = jnp.zeros((LAYERS, n, width), jnp.float32)

    def layer(index: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        passed, slopes = carry
        w = _at(cube, index)
        z = _times(_at(passed, index), w[:width]) + w[width][None]
        a, slope = _activate_with_slope(_at(c["activation"], index), z)
        mask = _at(c["mask"], index)[None]
        a, slope = _dropped(c, index, draw, a * mask, slope * mask)
        return _put(passed, a, index + 1), _put(slopes, slope, index)

    return lax.fori_loop(0, c["depth"] + 1, layer, (passed, slopes))


def backward(turned: Array, c: Description, passed: Array, slopes: Array, error: Array, gradient: Array) -> Array:
    """Backward rules: add this chunk's gradient to `gradient` (LAYERS, width + 1, width).

    turned: weights transposed (LAYERS, width, width). error: (n,) derivative of the cost by the output.
    """
    width = slopes.shape[2]
    d = jnp.zeros(slopes.shape[1:], jnp.float32).at[:, 0].set(error)

    def layer(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        gradient, d = carry
        index = c["depth"] - k
        d = d * _at(slopes, index)
        product = (_at(passed, index)[:, :, None] * d[:, None, :]).sum(0)
        here = jnp.concatenate([product, d.sum(0)[None]], 0)
        return _put(gradient, _at(gradient, index) + here, index), _times(d, _at(turned, index)[:, :width])

    return lax.fori_loop(0, c["depth"] + 1, layer, (gradient, d))[0]


def batch_gradient(theta: Array, c: Description, data: Data, step: Array) -> Array:
    """Gradient of the mean cost over the batch that step number `step` (from 0) looks at, flat like theta."""
    width = data.x.shape[1]
    per_epoch = (c["train"] + c["batch"] - 1) // c["batch"]
    start = (step % per_epoch) * c["batch"]
    size = jnp.minimum(c["batch"], c["train"] - start)
    n = c["train"].astype(jnp.uint32)
    a, shift = traced_order(c["seed"], (step // per_epoch).astype(jnp.uint32), n)
    turned = jnp.swapaxes(_cube(theta, width)[:, :width], 1, 2)
    draw = traced_mix(c["seed"] + step.astype(jnp.uint32) * jnp.uint32(0x85EBCA6B))

    def chunk(k: Array, gradient: Array) -> Array:
        place = k * CHUNK + jnp.arange(CHUNK, dtype=jnp.int32)
        rows = ((a * (start + place).astype(jnp.uint32) + shift) % n).astype(jnp.int32)
        weight = jnp.where(place < size, 1.0, 0.0) / size
        passed, slopes = forward(theta, c, data.x[rows], draw + (k * 7919).astype(jnp.uint32))
        y = _at(passed, c["depth"] + 1)[:, 0]
        return backward(turned, c, passed, slopes, _loss_slope(c, y, data.t[rows]) * weight, gradient)

    zero = jnp.zeros((LAYERS, width + 1, width), jnp.float32)
    return lax.fori_loop(0, (size + CHUNK - 1) // CHUNK, chunk, zero).ravel()


def learning_rate(c: Description, epoch: Array) -> Array:
    """The scheduled learning rate at `epoch` (a float32 scalar with its fraction)."""
    branches = [lambda e, s, entry=entry: entry.factor(e, s) for entry in SCHEDULES.values()]
    return c["rate"] * lax.switch(c["schedule"], branches, epoch, c["schedule_settings"])


def _move(c: Description, g: Array, state: State, clock: Clock) -> Move:
    settings = c["optimizer_settings"] | {"learning_rate": learning_rate(c, clock.epoch)}
    branches = [entry.update for entry in OPTIMIZERS.values()]
    return lax.switch(c["optimizer"], branches, g, state.theta, state.first, state.second, clock, settings)


def _is_weight(width: int) -> Array:
    """1 for weights, 0 for biases, flat like theta."""
    row = jnp.arange(LAYERS * (width + 1) * width) // width % (width + 1)
    return jnp.where(row < width, 1.0, 0.0).astype(jnp.float32)


def _bounded(theta: Array, c: Description, width: int) -> Array:
    """Incoming weights of each unit, scaled down to `max_norm` where they are longer; biases stay."""

    def shorten() -> Array:
        cube = _cube(theta, width)
        norm = jnp.sqrt((cube[:, :width] ** 2).sum(1, keepdims=True))
        scale = jnp.minimum(1.0, c["max_norm"] / jnp.maximum(norm, 1e-12))
        return jnp.concatenate([cube[:, :width] * scale, cube[:, width:]], 1).ravel()

    return lax.cond(c["max_norm"] > 0, shorten, lambda: theta)


def _clipped(g: Array, c: Description) -> Array:
    def clip() -> Array:
        return g * jnp.minimum(1.0, c["clip"] / jnp.maximum(jnp.sqrt((g * g).sum()), 1e-12))

    return lax.cond(c["clip"] > 0, clip, lambda: g)


def train_step(state: State, c: Description, data: Data) -> State:
    """One step: gradient of the batch, penalty, clipping, the optimizer's rule, max-norm."""
    width = data.x.shape[1]
    per_epoch = (c["train"] + c["batch"] - 1) // c["batch"]
    g = batch_gradient(state.theta, c, data, state.step)
    g = g + _is_weight(width) * (c["l1"] * jnp.sign(state.theta) + c["l2"] * state.theta)
    step = state.step.astype(jnp.float32)
    move = _move(c, _clipped(g, c), state, Clock(state.age.astype(jnp.float32) + 1, step / per_epoch.astype(jnp.float32)))
    theta = _bounded(state.theta + move.change, c, width)
    return state._replace(theta=theta, first=move.first, second=move.second, step=state.step + 1, age=state.age + 1)


def _evaluate(theta: Array, c: Description, x: Array, t: Array, n: Array) -> tuple[Array, Array]:
    """Mean cost and share of right signs over the first n of padded examples; nan where there are none."""

    def chunk(k: Array, totals: tuple[Array, Array]) -> tuple[Array, Array]:
        start = k * EVALUATION_CHUNK
        here = lax.dynamic_slice_in_dim(t, start, EVALUATION_CHUNK, 0)
        y = outputs(theta, c, lax.dynamic_slice_in_dim(x, start, EVALUATION_CHUNK, 0))
        real = start + jnp.arange(EVALUATION_CHUNK) < n
        cost = jnp.where(real, _loss(c, y, here), 0.0).sum()
        right = jnp.where(real & (jnp.where(y > 0, 1.0, -1.0) == here), 1.0, 0.0).sum()
        return totals[0] + cost, totals[1] + right

    chunks = (n + EVALUATION_CHUNK - 1) // EVALUATION_CHUNK
    cost, right = lax.fori_loop(0, chunks, chunk, (jnp.float32(0), jnp.float32(0)))
    count = jnp.where(n > 0, n.astype(jnp.float32), jnp.nan)
    return cost / count, right / count


def evaluate(theta: Array, c: Description, data: Data) -> Array:
    """(4,): train loss, test loss, train accuracy, test accuracy; the accuracies mean nothing for regression."""
    cost, right = _evaluate(theta, c, data.x, data.t, c["train"])
    test_cost, test_right = _evaluate(theta, c, data.test_x, data.test_t, c["test"])
    return jnp.stack([cost, test_cost, right, test_right])


def _close_epoch(state: State, c: Description, data: Data) -> tuple[State, Array, Array]:
    """Evaluate, keep early stopping's memory: the state, the row of figures, why to stop (0: go on)."""
    row = evaluate(state.theta, c, data)
    better = row[1] < state.best
    stale = jnp.where(better, 0, state.stale + 1)
    sick = ~jnp.isfinite(row[0])
    tired = (c["patience"] > 0) & (stale >= c["patience"])
    why = jnp.where(sick, NAN, jnp.where(tired, EARLY, 0)).astype(jnp.int32)
    return state._replace(best=jnp.where(better, row[1], state.best), stale=stale), row, why


def advance(state: State, c: Description, data: Data, steps: Array) -> tuple[State, Array, Array]:
    """Train up to `steps` steps.

    Returns the state, figures of each epoch that ended (ROWS, 4), and three numbers: how many epochs that is, why it stopped early
    (0: it did not), and the state's step.
    """
    per_epoch = (c["train"] + c["batch"] - 1) // c["batch"]
    last = state.step + steps

    def going(carry: tuple[State, Array, Array, Array]) -> Array:
        state, _, count, why = carry
        return (state.step < last) & (why == 0) & (count < ROWS)

    def step(carry: tuple[State, Array, Array, Array]) -> tuple[State, Array, Array, Array]:
        state, rows, count, why = carry
        state = train_step(state, c, data)

        def close() -> tuple[Array, Array, Array, Array, Array]:
            after, row, why = _close_epoch(state, c, data)
            return after.best, after.stale, row, why, count + 1

        def carry_on() -> tuple[Array, Array, Array, Array, Array]:
            return state.best, state.stale, jnp.zeros(4, jnp.float32), why, count

        best, stale, row, why, after = lax.cond(state.step % per_epoch == 0, close, carry_on)
        return state._replace(best=best, stale=stale), _put(rows, row, count), after, why

    start = (state, jnp.zeros((ROWS, 4), jnp.float32), jnp.int32(0), jnp.int32(0))
    state, rows, count, why = lax.while_loop(going, step, start)
    return state, rows, jnp.stack([count, why, state.step])


def full_gradient(theta: Array, c: Description, data: Data) -> tuple[Array, Array, Array]:
    """Gradient of the mean training cost without dropout, and how units stand.

    Returns the gradient (LAYERS, width + 1, width), the largest |slope| of each unit over the training set (LAYERS, width)
    and how often its slope was under a hundredth (LAYERS, width).
    """
    width = data.x.shape[1]
    calm = c | {"keep": jnp.ones_like(c["keep"])}
    turned = jnp.swapaxes(_cube(theta, width)[:, :width], 1, 2)

    def chunk(k: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        gradient, steepest, flat = carry
        start = k * CHUNK
        real = jnp.where(start + jnp.arange(CHUNK) < c["train"], 1.0, 0.0)
        passed, slopes = forward(theta, calm, lax.dynamic_slice_in_dim(data.x, start, CHUNK, 0), jnp.uint32(0))
        y = _at(passed, c["depth"] + 1)[:, 0]
        t = lax.dynamic_slice_in_dim(data.t, start, CHUNK, 0)
        error = _loss_slope(c, y, t) * real / c["train"].astype(jnp.float32)
        steep = jnp.abs(slopes) * real[None, :, None]
        gradient = backward(turned, c, passed, slopes, error, gradient)
        return gradient, jnp.maximum(steepest, steep.max(1)), flat + ((steep < 0.01) * real[None, :, None]).sum(1)

    zero = jnp.zeros((LAYERS, width), jnp.float32)
    start = (jnp.zeros((LAYERS, width + 1, width), jnp.float32), zero, zero)
    return lax.fori_loop(0, (c["train"] + CHUNK - 1) // CHUNK, chunk, start)


def picture(theta: Array, c: Description, grid: Array, focus: Array, soft: Array) -> tuple[Array, Array, Array]:
    """What the net looks like over a square grid: grid (width, side * side) inputs, quantised so that 0..255 is -1..1.

    Returns the output (side, side), every hidden unit on a coarser grid (LAYERS, width, TILE, TILE) and the
    unit `focus` = (layer from 0, unit) on the whole grid. soft: 1 shows a logit as the tanh of its half (twice its
    probability minus 1).
    """
    width = grid.shape[0]
    side = round(grid.shape[1] ** 0.5)
    skip = side // TILE
    cube = _cube(theta, width)

    def layer(index: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        h, units, chosen = carry
        h = _layer_of_columns(cube, c, index, h)
        small = h.reshape(width, TILE, skip, TILE, skip)[:, :, skip // 2, :, skip // 2]
        chosen = jnp.where(index == focus[0], _at(h, focus[1]), chosen)
        return h, _put(units, small, index), chosen

    units = jnp.zeros((LAYERS, width, TILE, TILE), jnp.float32)
    h, units, chosen = lax.fori_loop(0, c["depth"] + 1, layer, (grid, units, jnp.zeros_like(grid[0])))
    shown = jnp.where(soft > 0, jnp.tanh(0.5 * h[0]), h[0])
    return _quantise(shown).reshape(side, side), _quantise(units), _quantise(chosen).reshape(side, side)


def _quantise(a: Array) -> Array:
    return jnp.clip(jnp.round(jnp.nan_to_num(a) * 127.0 + 128.0), 0, 255).astype(jnp.uint8)


def trace_layer(theta: Array, c: Description, x: Array, layer: Array) -> Array:
    """Outputs of hidden layer number `layer` (from 0; -1 is the inputs) for inputs x (n, width): (n, width)."""
    cube = _cube(theta, x.shape[1])
    return lax.fori_loop(0, layer + 1, lambda index, h: _layer_of_columns(cube, c, index, h), x.T).T
