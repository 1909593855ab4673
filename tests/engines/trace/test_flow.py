import time

import numpy as np
import pytest

from engines.activations import ACTIVATIONS
from engines.initializers import INITIALIZERS
from engines.trace.flow import flow


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "linear"])
@pytest.mark.parametrize("depth", [1, 3, 40, 100])
def test_flow_is_what_a_plain_loop_finds(activation, depth):
    found = flow(depth, 16, activation, "xavier", batch=32, seed=5)
    rng = np.random.default_rng(5)
    weights = [INITIALIZERS["xavier"].draw(rng, 16, 16, {}) for _ in range(depth)]
    x, error = rng.standard_normal((2, 32, 16))
    apply = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "relu": lambda z: np.maximum(z, 0), "linear": lambda z: z}[
        activation
    ]
    slope = {"tanh": lambda z: 1 - np.tanh(z) ** 2, "sigmoid": lambda z: apply(z) * (1 - apply(z)), "relu": lambda z: (z > 0) * 1.0,
             "linear": np.ones_like}[activation]  # fmt: skip
    inputs, sums, a = [], [], x
    for w in weights:
        inputs.append(a)
        sums.append(a @ w)
        a = apply(sums[-1])
    for layer in reversed(range(depth)):
        delta = error * slope(sums[layer])
        expected = [
            np.sqrt((apply(sums[layer]) ** 2).mean()),
            np.sqrt((delta**2).mean()),
            np.sqrt(((inputs[layer].T @ delta / 32) ** 2).mean()),
        ]
        got = [found.signal[layer], found.delta[layer], found.gradient[layer]]
        np.testing.assert_allclose(got, expected, rtol=1e-7)
        error = delta @ weights[layer].T
    assert len(found.signal) == depth


def test_what_the_sources_claim():
    sigmoid, relu = flow(30, 32, "sigmoid", "xavier"), flow(30, 32, "relu", "he")
    assert sigmoid.gradient[0] < 1e-10 * sigmoid.gradient[-1]
    assert 0.01 < relu.ratio < 100
    small = flow(30, 32, "tanh", "normal", {"scale": 0.01})
    assert small.signal[-1] < 1e-20


def test_nothing_compiles_again():
    flow(3, 16, "relu", "he", batch=32)
    begin = time.process_time()
    for activation in ACTIVATIONS:
        flow(50, 16, activation, "lecun", batch=32)
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("depth", [0, 101])
def test_depth_has_bounds(depth):
    with pytest.raises(ValueError, match=f"not {depth}"):
        flow(depth, 16, "relu", "he")
