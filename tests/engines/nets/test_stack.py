"""Stacks: shapes and counts against published ones, the forward pass and its gradient against float64 NumPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engines.activations import ACTIVATIONS
from engines.experiment import DenseNet, StackLayer, StackNet, WideLayer
from engines.nets import stack
from engines.nets.layers import LAYERS, windows
from engines.nets.layers.prototypes import PROTOTYPES
from engines.nets.layers.table import Pass
from engines.nets.presets_stack import STACKS
from tests.engines.nets.numpy_stack import forward


def small(*layers, **more):
    return StackNet(layers=[{"key": key, "settings": s, "activation": a} for key, s, a in layers], **more)


NETS = {
    "conv": small(("conv", {"filters": 3, "size": 4, "stride": 2, "padding": 1}, "tanh"), border=1, scaling="standard"),
    "two": small(("conv", {"filters": 2, "size": 5, "stride": 3}, "relu"), ("conv", {"filters": 4, "size": 3}, "sigmoid")),
    "wide": small(
        ("conv", {"filters": 30, "size": 9, "stride": 4}, "tanh"), ("conv", {"filters": 3, "size": 3, "padding": 1}, "tanh")
    ),
    **{
        key: small((key, {"size": 3, "stride": 2}, "linear"), ("flatten", {}, "linear")) for key in LAYERS if key.startswith("pool")
    },
    "tiles": small(("pool_l2", {"size": 4, "stride": 4}, "linear"), ("dense", {"units": 5}, "tanh")),
    "subsample": small(("subsample", {"size": 3}, "scaled_tanh"), ("dense", {"units": 4}, "relu"), scaling="lenet"),
    "norm": small(
        ("conv", {"filters": 3, "size": 6, "stride": 4}, "linear"),
        ("norm", {}, "relu"),
        ("dense", {"units": 6}, "linear"),
        ("norm", {}, "tanh"),
    ),
    "lenet5": STACKS["lenet5"],
    "nothing": small(),
}


def random_weights(net, seed=3):
    rng = np.random.default_rng(seed)
    return [(w + rng.normal(0, 0.1, w.shape), rng.normal(0, 0.3, b.shape)) for w, b in stack.initial_weights(net, seed)]


def activate(key):
    return ACTIVATIONS[key].apply


def run(net, weights, pixels, training=False):
    on = lambda index: Pass(training)  # noqa: E731
    return stack.run(net, weights, stack.prepared(net, jnp.asarray(pixels)), activate, on)


@pytest.mark.parametrize("name", NETS)
def test_every_layer_against_numpy(name):
    net = NETS[name]
    weights, pixels = random_weights(net), np.random.default_rng(0).random((3, 784))
    with jax.enable_x64(True):
        found = run(net, weights, pixels, training=True)
    for row, inner, (z, a) in zip(stack.rows(net), found, forward(net, weights, pixels), strict=True):
        assert z.shape[1:] == row.shape
        np.testing.assert_allclose(np.moveaxis(np.asarray(inner.z), -1, 0), z, rtol=1e-6, atol=1e-6, err_msg=row.label)
        np.testing.assert_allclose(np.moveaxis(np.asarray(inner.a), -1, 0), a, rtol=1e-6, atol=1e-6, err_msg=row.label)


@pytest.mark.parametrize("name", [name for name in NETS if name != "nothing"])
def test_gradients_against_finite_differences(name):
    net = NETS[name]
    weights, pixels = random_weights(net), np.random.default_rng(1).random((2, 784))
    aims = np.random.default_rng(2).normal(size=(10, 2))

    def cost(weights):
        return (run(net, weights, pixels, training=True)[-1].a * aims).sum()

    with jax.enable_x64(True):
        gradients = jax.grad(cost)([(jnp.asarray(w), jnp.asarray(b)) for w, b in weights])
    rng, h = np.random.default_rng(4), 1e-6
    for pair, layer in enumerate(weights):
        for part in (0, 1):
            place = tuple(rng.integers(n) for n in layer[part].shape)
            values = []
            for sign in (1, -1):
                moved = [[w.copy(), b.copy()] for w, b in weights]
                moved[pair][part][place] += sign * h
                values.append((forward(net, moved, pixels)[-1][1].T * aims).sum())
            expected = (values[0] - values[1]) / (2 * h)
            np.testing.assert_allclose(gradients[pair][part][place], expected, rtol=1e-4, atol=1e-6)


def test_lenet5_is_as_large_as_published():
    """LeCun et al. 1998, section II.B: trainable parameters of C1, S2, C3, S4, C5, F6, and connections of C1 and C3."""
    rows = stack.rows(STACKS["lenet5"])
    assert [row.parameters for row in rows] == [156, 12, 1516, 32, 48_120, 10_164, 0]
    assert [row.shape for row in rows[:6]] == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1), (84,)]
    assert rows[0].multiplies + 6 * 784 == 122_304 and rows[2].multiplies + 1600 == 151_600
    assert PROTOTYPES.shape == (10, 12, 7) and set(np.unique(PROTOTYPES)) == {-1, 1}
    flat = PROTOTYPES.reshape(10, -1)
    assert all((flat[i] != flat[j]).sum() >= 8 for i in range(10) for j in range(i))


@pytest.mark.parametrize("name", NETS)
def test_counts_are_those_of_the_arrays(name):
    net = NETS[name]
    assert sum(row.parameters for row in stack.rows(net)) == sum(
        np.count_nonzero(w) + b.size for w, b in stack.initial_weights(net, 0)
    )


def test_a_dense_net_is_the_same_as_a_stack():
    net = DenseNet(layers=[WideLayer(units=7, activation="tanh", dropout=0.5), WideLayer(units=5, activation="relu")])
    same = stack.as_stack(net)
    assert [row.label for row in stack.rows(same)] == ["dense 1", "dropout 1", "dense 2", "output"]
    weights, pixels = random_weights(same), np.random.default_rng(0).random((4, 784))
    h = pixels
    for (w, b), f in zip(weights, (np.tanh, lambda z: np.maximum(z, 0), lambda z: z), strict=True):
        h = f(h @ w + b)
    np.testing.assert_allclose(np.asarray(run(same, weights, pixels)[-1].a).T, h, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", ["conv", "two", "pool_max", "subsample"])
def test_a_receptive_field_is_what_a_place_depends_on(name):
    net = NETS[name]
    weights = [(np.abs(w) + 0.1, b) for w, b in random_weights(net)]
    last = max(row.index for row in stack.rows(net) if len(row.shape) == 3)
    shape = stack.rows(net)[last].shape
    y, x = shape[1] // 2, shape[2] // 2
    rising = lambda key: lambda z: z  # noqa: E731  every place that can matter does

    def value(pixels):
        return stack.run(net, weights, stack.prepared(net, pixels[None]), rising)[last].a[0, y, x, 0]

    ramp = jnp.asarray(np.random.default_rng(0).random(784))
    touched = np.asarray(jax.grad(value)(ramp)).reshape(28, 28) != 0
    top, left, height, width = stack.receptive_field(net, last, y, x)
    field = np.zeros((28, 28), bool)
    field[max(0, top) : top + height, max(0, left) : left + width] = True
    assert not (touched & ~field).any()
    if name != "pool_max":
        assert touched.sum() == field.sum()


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([("dense", {"units": 5}, "relu"), ("conv", {}, "relu")], r"layer 2, conv 1: it slides over maps, but a row of 5 numbers"),
        (
            [("pool_max", {"size": 8, "stride": 8}, "linear"), ("conv", {"size": 5}, "relu")],
            "window of 5 x 5 does not fit into maps of 3 x 3",
        ),
        ([("conv", {"connections": 1}, "relu")], "LeNet-5's table connects 6 maps with 16 filters, and here are 1 and 8"),
        ([("conv", {"size": 2, "padding": 2}, "relu")], "padding 2 is not smaller"),
        ([("dense", {"units": 2048}, "relu")] * 2, "has 5,824,522 weights, and at most"),
        ([("conv", {"filters": 128, "size": 9, "padding": 4}, "relu")] * 2, "multiplications a digit"),
        ([("pool_max", {}, "relu")], "Max pooling has no activation of its own"),
        ([("conv", {"filters": 0}, "relu")], "filters must lie between 1 and 128, not 0"),
        ([("conv", {"filters": 2.5}, "relu")], "filters must be a whole number, not 2.5"),
        ([("blur", {}, "linear")], "there is no layer called 'blur'"),
    ],
)
def test_impossible_stacks_are_explained(layers, told):
    with pytest.raises(ValueError, match=told.replace("(", r"\(")):
        small(*layers)


def test_the_radial_basis_output_needs_84_values():
    with pytest.raises(ValueError, match="compares 84 values with ten pictures, and 784 reach it"):
        small(head="rbf")


@pytest.mark.parametrize("key", LAYERS)
def test_layers_are_complete(key):
    entry = LAYERS[key]
    assert entry.help and entry.formula and entry.source and entry.short
    settings = entry.defaults()
    shape = (2, 12, 12)
    fan = entry.fan(shape, settings)
    assert (fan is None) == (entry.parameters(shape, settings) == 0)
    assert set(entry.traced) <= set(settings)


def slid(x, w, size, stride, padding):
    """Cross-correlation place by place in float64."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    kernel = w.reshape(size, size, x.shape[0], -1)
    places = [(n - size) // stride + 1 for n in x.shape[1:3]]
    y = np.zeros((w.shape[1], *places, x.shape[-1]))
    for row, column in np.ndindex(*places):
        under = x[:, row * stride : row * stride + size, column * stride : column * stride + size]
        y[:, row, column] = np.einsum("ijcf,cijn->fn", kernel, under)
    return y


@pytest.mark.parametrize("at_once", [1 << 25, 40_000, 1])
@pytest.mark.parametrize(("size", "stride", "padding"), [(3, 1, 1), (3, 2, 0), (5, 1, 2), (5, 3, 1), (7, 2, 0)])
def test_convolution_and_its_gradient_in_parts(monkeypatch, size, stride, padding, at_once):
    monkeypatch.setattr(windows, "MOST_COPIED", at_once)
    rng = np.random.default_rng(size + stride)
    x, w = rng.normal(size=(3, 11, 9, 6)), rng.normal(size=(size * size * 3, 4))
    expected = slid(x, w, size, stride, padding)
    pull = rng.normal(size=expected.shape)

    def pulled(x, w):
        return jnp.sum(windows.convolve(x, w, size, stride, padding) * pull)

    assert np.allclose(windows.convolve(jnp.float32(x), jnp.float32(w), size, stride, padding), expected, atol=1e-4)
    by_x, by_w = jax.grad(pulled, (0, 1))(jnp.float32(x), jnp.float32(w))
    for array, gradient in ((x, by_x), (w, by_w)):
        for place in (tuple(rng.integers(0, array.shape)) for _ in range(6)):
            step = np.zeros_like(array)
            step[place] = 1.0
            other = slid(x + step, w, size, stride, padding) if array is x else slid(x, w + step, size, stride, padding)
            assert np.isclose(gradient[place], np.sum((other - expected) * pull), rtol=1e-3, atol=1e-3)


POOLS = {"pool_max": np.max, "pool_sum": np.sum, "pool_average": np.mean}


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (2, 1), (5, 3), (2, 3)])
def test_pooling_and_its_gradient(name, size, stride):
    rng = np.random.default_rng(size)
    x = rng.normal(size=(2, 9, 8, 3))
    places = [(n - size) // stride + 1 for n in x.shape[1:3]]

    def pooled(x):
        y = np.zeros((2, *places, 3))
        for row, column in np.ndindex(*places):
            under = x[:, row * stride : row * stride + size, column * stride : column * stride + size]
            y[:, row, column] = POOLS[name](under, (1, 2))
        return y

    pull = rng.normal(size=(2, *places, 3))
    pool = getattr(windows, name)
    assert np.allclose(pool(jnp.float32(x), size, stride), pooled(x), atol=1e-5)
    gradient = jax.grad(lambda x: jnp.sum(pool(x, size, stride) * pull))(jnp.float32(x))
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        slope = np.sum((pooled(x + step) - pooled(x - step)) * pull) / 2e-6
        assert np.isclose(gradient[place], slope, rtol=1e-3, atol=1e-3)


def test_of_equal_values_one_gets_the_gradient():
    gradient = jax.grad(lambda x: jnp.sum(windows.pool_max(x, 3, 1)))(jnp.ones((1, 3, 3, 2)))
    assert gradient[0, 0, 0].tolist() == [1, 1]
    assert gradient.sum() == 2


def test_a_layer_that_does_not_fit_is_named_with_its_place():
    net = StackNet.model_construct(layers=(StackLayer(key="flatten"), StackLayer(key="conv")), border=0, head="dense")
    with pytest.raises(stack.Misfit, match="layer 2, conv 1: it slides over maps") as found:
        stack.rows(net)
    assert (found.value.index, found.value.label) == (1, "conv 1") and found.value.why.startswith("it slides")
