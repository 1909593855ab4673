"""A digit's way through a net against float64 NumPy, and every gradient against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets import inside_pass
from tests.engines.nets import numpy_stack
from tests.engines.nets.inside_case import NETS, case_of


@pytest.fixture(params=NETS)
def case(request):
    return case_of(request.param)


def test_every_layer_against_numpy(case):
    for row, z, a, (true_z, true_a) in zip(case.rows, case.seen.z, case.seen.a, case.oracle, strict=True):
        assert z.shape == a.shape == row.shape
        np.testing.assert_allclose(z, true_z[0], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(a, true_a[0], rtol=1e-4, atol=1e-4)
    logits = case.oracle[-1][1][0]
    assert case.seen.answer == logits.argmax()
    assert case.seen.target == (logits.argmax() if case.truth is None else case.truth)
    np.testing.assert_allclose(case.seen.cost, case.costs(case.oracle)[0], rtol=1e-4)


class Bumps(dict):
    """Activations of NumPy's stack, in the order of its layers, that add something to the output of one of them."""

    def __init__(self, at, bump):
        super().__init__(numpy_stack.ACTIVATE)
        self.left, self.bump = at, bump

    def __getitem__(self, key):
        here, self.left = self.left == 0, self.left - 1
        return lambda z: dict.get(self, key)(z) + (self.bump if here else 0)


def test_gradient_by_every_output_against_differences(case, monkeypatch):
    rng, h = np.random.default_rng(1), 1e-5
    for row in case.rows:
        places = [tuple(int(rng.integers(n)) for n in row.shape) for _ in range(6)]
        bump = np.zeros((12, *row.shape))
        for i, place in enumerate(places):
            bump[(i, *place)], bump[(i + 6, *place)] = h, -h
        monkeypatch.setattr(numpy_stack, "ACTIVATE", Bumps(row.index, bump))
        costs = case.costs(case.numpy(pixels=np.repeat(case.picture.reshape(1, -1) / 255, 12, 0)))
        monkeypatch.undo()
        for place, slope in zip(places, (costs[:6] - costs[6:]) / (2 * h), strict=True):
            np.testing.assert_allclose(case.seen.d[row.index][place], slope, rtol=2e-3, atol=1e-5, err_msg=row.label)


def test_filters_gradient_against_differences(case):
    rng, h = np.random.default_rng(2), 1e-5
    for row in (row for row in case.rows if row.key == "conv"):
        w, b = case.weights[row.weights]
        kept = np.argwhere(w)
        for place in map(tuple, kept[rng.integers(len(kept), size=4)]):
            costs = []
            for sign in (1, -1):
                changed = w.astype(float)
                changed[place] += sign * h
                costs.append(
                    case.costs(case.numpy([*case.weights[: row.weights], (changed, b), *case.weights[row.weights + 1 :]]))[0]
                )
            np.testing.assert_allclose(case.seen.kernels[row.index][place], (costs[0] - costs[1]) / (2 * h), rtol=2e-3, atol=1e-5)


def test_pixels_against_differences(case):
    rng, h = np.random.default_rng(3), 1e-5
    chosen = rng.integers(784, size=10)
    pixels = np.repeat(case.picture.reshape(1, -1) / 255, 20, 0)
    pixels[np.arange(20), np.tile(chosen, 2)] += np.repeat([h, -h], 10)
    found = case.numpy(pixels=pixels)
    scale, border = numpy_stack.SCALE[case.net.scaling][0], case.net.border
    within = case.seen.dx[0, border : border + 28, border : border + 28].ravel()[chosen]
    costs, logits = case.costs(found), found[-1][1][:, case.seen.target]
    np.testing.assert_allclose(within * scale, (costs[:10] - costs[10:]) / (2 * h), rtol=2e-3, atol=1e-4)
    pointed = inside_pass.saliency(case.net, case.weights, case.picture, case.seen.target).ravel()[chosen]
    np.testing.assert_allclose(pointed, (logits[:10] - logits[10:]) / (2 * h), rtol=2e-3, atol=1e-4)


def test_occlusion_against_numpy(case):
    found = inside_pass.occlusion(case.net, case.cost, case.weights, case.picture, case.seen.target)
    assert found.shape == (14, 14)
    for i, j in ((0, 0), (5, 7), (13, 13), (2, 12)):
        covered = case.picture.copy()
        covered[max(0, 2 * i - 2) : 2 * i + 5, max(0, 2 * j - 2) : 2 * j + 5] = 0
        both = [case.numpy(pixels=p.reshape(1, -1) / 255)[-1][1][0] for p in (case.picture, covered)]
        extra = np.exp(-0.1) if case.cost == "map_criterion" else 0
        shares = [np.exp(z - z.max())[case.seen.target] / (np.exp(z - z.max()).sum() + extra * np.exp(-z.max())) for z in both]
        np.testing.assert_allclose(found[i, j], shares[0] - shares[1], atol=1e-5)
