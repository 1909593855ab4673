"""Softmax regression: its gradient against differences, its end against scikit-learn's."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from engines.rivals import linear
from engines.rivals.watch import Watch


def test_the_gradient_is_that_of_the_cost():
    rng = np.random.default_rng(1)
    rows, labels = rng.random((30, 6)), rng.integers(0, 10, 30)
    flat = rng.standard_normal(70) * 0.5
    cost = linear.cost_of(rows, labels, 0.3, Watch())
    value, gradient = cost(flat)
    whole = flat.reshape(7, 10)
    z = rows @ whole[:6] + whole[6]
    surprise = np.log(np.exp(z).sum(1)) - z[np.arange(30), labels]
    assert value == pytest.approx(surprise.mean() + 0.15 * (whole[:6] ** 2).sum(), rel=1e-6)
    for i in rng.choice(70, 12, replace=False):
        step = np.zeros(70)
        step[i] = 1e-3
        assert gradient[i] == pytest.approx((cost(flat + step)[0] - cost(flat - step)[0]) / 2e-3, abs=2e-4)


def test_it_ends_where_scikit_learn_does(few):
    mixed = np.random.default_rng(3).standard_normal((784, 30)) / 28
    rows, shown = (images.reshape(-1, 784) / 255 @ mixed for images in (few.train_images, few.test_images))
    weights, bias = linear.fit(rows.astype(np.float32), few.train_labels, 0.01, 500, Watch())
    model = LogisticRegression(C=1 / (0.01 * len(rows)), max_iter=1000, tol=1e-6).fit(rows, few.train_labels)
    ours, theirs = shown @ weights + bias, model.decision_function(shown)
    assert ours - ours.mean(1, keepdims=True) == pytest.approx(theirs - theirs.mean(1, keepdims=True), abs=0.01)
    assert np.ptp(theirs) > 1


@pytest.mark.parametrize("n", [1, 31, 64, 100])
def test_products_in_blocks_are_products(n, monkeypatch):
    monkeypatch.setattr(linear, "AT_ONCE", 2)
    rng = np.random.default_rng(n)
    rows, weights, slope = (rng.standard_normal(shape).astype(np.float32) for shape in ((n, 784), (784, 10), (n, 10)))
    exact = rows.astype(np.float64)
    assert linear.outputs(rows, weights) == pytest.approx(exact @ weights, abs=1e-3)
    assert linear.back(rows, slope) == pytest.approx(exact.T @ slope, abs=1e-4)
