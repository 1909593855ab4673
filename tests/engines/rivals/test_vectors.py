"""Support vector machines pair by pair, against scikit-learn's own over all classes at once."""

import numpy as np
import pytest
from sklearn.svm import SVC

from engines.rivals import vectors
from engines.rivals.watch import Watch

RIVALS = [
    (vectors.fit_gaussian, {"c": 5.0, "gamma": 0.03}, {"kernel": "rbf", "C": 5.0, "gamma": 0.03}),
    (vectors.fit_gaussian, {"c": 0.2, "gamma": 0.01}, {"kernel": "rbf", "C": 0.2, "gamma": 0.01}),
    (
        vectors.fit_polynomial,
        {"c": 2.0, "gamma": 0.02, "degree": 3.0},
        {"kernel": "poly", "C": 2.0, "gamma": 0.02, "degree": 3, "coef0": 1.0},
    ),
]


@pytest.mark.parametrize(("fit", "settings", "options"), RIVALS)
def test_pairs_vote_as_scikit_learn_does(fit, settings, options, few):
    rows = few.train_images.reshape(-1, 784) / 255
    expected = SVC(**options).fit(rows, few.train_labels).predict(few.test_images.reshape(-1, 784) / 255)
    predict = fit(few.train_images, few.train_labels, settings, Watch())
    assert np.array_equal(predict(few.test_images), expected)
    assert 0 < (expected != few.test_labels).mean() < 0.9


def test_classes_may_be_missing(few):
    kept = np.isin(few.train_labels, [2, 5, 9])
    predict = vectors.fit_gaussian(few.train_images[kept], few.train_labels[kept], {"c": 5.0, "gamma": 0.03}, Watch())
    assert set(predict(few.test_images)) == {2, 5, 9}


def test_votes_by_hand():
    pairs = [vectors.Pair(i, j, np.zeros(0, int), np.zeros(0), 0.0) for i, j in ((0, 1), (0, 2), (1, 2))]
    sums = np.array([[1.0, 1.0, 1.0], [-1.0, -1.0, 1.0], [1.0, -1.0, -1.0], [1.0, -1.0, 1.0]])
    assert vectors.votes(sums, pairs, 3).tolist() == [[0, 1, 2], [2, 0, 1], [1, 2, 0], [1, 1, 1]]


def test_the_gaussian_kernel_is_its_formula():
    rng = np.random.default_rng(0)
    a, b = rng.random((5, 784)), rng.random((4, 784))
    direct = np.array([[np.exp(-0.02 * ((x - y) ** 2).sum()) for y in b] for x in a])
    assert vectors.gaussian(a, b, 0.02) == pytest.approx(direct, rel=1e-10)
    assert np.diag(vectors.gaussian(a, a, 1.0)).max() <= 1.0
