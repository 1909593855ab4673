"""Every cell of the table against float64 NumPy: what it shows, what comes out, every gradient."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.nets.recurrent import net as nets
from engines.nets.recurrent.cells import CELLS
from tests.engines.nets.recurrent.numpy_text import ALPHABET, CASES, described, forward, random_weights, single, text


def random_state(net, batch, seed=8):
    rng = np.random.default_rng(seed)
    return tuple(tuple(rng.normal(0, 0.5, part.shape) for part in layer) for layer in nets.fresh_state(net, batch))


@pytest.mark.parametrize("cell, layers, embedding", CASES)
def test_a_chunk_gives_the_logits_and_the_state_of_the_oracle(cell, layers, embedding):
    net = described(cell, layers, 4, embedding)
    weights, ids, state = random_weights(net), text(7, 3), random_state(net, 3)
    logits, after = jax.jit(nets.run, static_argnums=0)(nets.form(net, ALPHABET), single(weights), ids, single(state))
    wanted, held, _ = forward(net, weights, ids, state)
    np.testing.assert_allclose(logits, wanted, atol=2e-5)
    for mine, theirs in zip(jax.tree.leaves(after), jax.tree.leaves(held), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_several_heads_see_what_the_oracle_sees():
    net = described("transformer", 1, 66)
    weights, ids = random_weights(net), text(6, 2)
    logits, _ = jax.jit(nets.run, static_argnums=0)(nets.form(net, ALPHABET), single(weights), ids, nets.fresh_state(net, 2))
    np.testing.assert_allclose(logits, forward(net, weights, ids)[0], atol=1e-4)


@pytest.mark.parametrize("cell, layers, embedding", CASES)
def test_every_gradient_is_the_oracles_slope(cell, layers, embedding):
    """Of a random sum of logits and last states; by every array of weights, biases and first states, along random directions."""
    net = described(cell, layers, 3, embedding)
    weights, ids, state = random_weights(net), text(4, 2), random_state(net, 2)
    rng = np.random.default_rng(0)
    shares = rng.normal(size=(4, 2, ALPHABET)).astype(np.float32)
    ends = [rng.normal(size=part.shape).astype(np.float32) for part in jax.tree.leaves(state)]

    def total(found, np=np):
        pairs = zip(jax.tree.leaves(found[1]), ends, strict=True)
        return np.sum(found[0] * shares) + sum(np.sum(a * b) for a, b in pairs)

    gradient = jax.jit(jax.grad(lambda both: total(nets.run(net, both[0], ids, both[1]), jnp)))
    leaves, tree = jax.tree.flatten((weights, state))

    def along(place, direction, step):
        moved = [leaf + step * direction if i == place else leaf for i, leaf in enumerate(leaves)]
        new_weights, new_state = jax.tree.unflatten(tree, moved)
        return total(forward(net, new_weights, ids, new_state))

    for place, mine in enumerate(jax.tree.leaves(gradient((single(weights), single(state))))):
        for _ in range(3 if mine.size else 0):
            direction = rng.normal(size=mine.shape)
            slope = (along(place, direction, 1e-5) - along(place, direction, -1e-5)) / 2e-5
            assert np.sum(mine * direction) == pytest.approx(slope, abs=1e-3, rel=2e-4), f"array {place}"


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_shows_what_the_oracle_holds(cell):
    net = described(cell, 2, 4)
    weights, ids, window = random_weights(net), text(6, 2), 3
    _, _, wanted = forward(net, weights, ids, window=window)
    found, memories = nets.parts(net, single(weights)), list(nets.fresh_memory(net, 2, window))

    @jax.jit
    def read(now, memories):
        h, after, seen = nets.entered(found, now), [], []
        for layer, memory in zip(found.layers, memories, strict=True):
            last, shown = CELLS[cell].step(layer, CELLS[cell].enter(layer, h), memory)
            h = shown["h"]
            after.append(last)
            seen.append(shown)
        return after, seen

    for t, now in enumerate(ids):
        memories, seen = read(now, memories)
        for i, shown in enumerate(seen):
            assert set(shown) == set(CELLS[cell].gates)
            for name, value in shown.items():
                np.testing.assert_allclose(value, wanted[i][name][t], atol=1e-5)


@pytest.mark.parametrize("cell", [key for key in CELLS if CELLS[key].carried])
def test_a_state_carried_from_chunk_to_chunk_equals_one_long_sequence(cell):
    net = described(cell, 3, 5)
    weights, ids = single(random_weights(net)), text(12, 2)
    run = jax.jit(nets.run, static_argnums=0)
    whole, end = run(nets.form(net, ALPHABET), weights, ids, nets.fresh_state(net, 2))
    state, pieces = nets.fresh_state(net, 2), []
    for part in (ids[:6], ids[6:]):
        logits, state = run(nets.form(net, ALPHABET), weights, part, state)
        pieces.append(logits)
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-6)
    np.testing.assert_allclose(state[-1][0], end[-1][0], atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_are_drawn_in_the_shapes_the_cell_names(cell):
    entry = CELLS[cell]
    pairs = entry.init(np.random.default_rng(0), 4, 4, lambda rng, i, o: rng.standard_normal((i, o)))
    shapes = entry.shapes(4, 4)
    assert [(w.shape, b.shape) for w, b in pairs] == [((m.fan_in, m.fan_out), (m.fan_out * m.bias,)) for m in shapes]
    assert entry.gates[0] == "h"


def test_the_table_can_be_read_before_jax_has_loaded():
    """The experiment's validation reads it, so it must not import that either."""
    code = "import sys, engines.nets.recurrent.cells; sys.exit(('jax' in sys.modules) + 2 * ('engines.experiment' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
