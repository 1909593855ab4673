"""L-BFGS on functions whose least place is known."""

import numpy as np
import pytest

from engines.rivals.quasi_newton import minimise


def test_the_bottom_of_a_long_valley_is_found():
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.standard_normal((20, 20)))
    matrix = turned * np.logspace(0, 3, 20) @ turned.T
    middle = rng.standard_normal(20)
    cost = lambda x: (0.5 * (x - middle) @ matrix @ (x - middle), matrix @ (x - middle))  # noqa: E731
    seen = []
    found = minimise(cost, np.zeros(20), 500, seen.append)
    assert found == pytest.approx(middle, abs=1e-4)
    assert seen == list(range(1, len(seen) + 1)) and len(seen) < 200


def test_rosenbrock():
    def cost(x):
        a, b = 1 - x[0], x[1] - x[0] ** 2
        return a * a + 100 * b * b, np.array([-2 * a - 400 * x[0] * b, 200 * b])

    assert minimise(cost, np.array([-1.2, 1.0]), 200) == pytest.approx([1, 1], abs=1e-4)


def test_it_stops_at_the_limit_and_where_it_begins_at_the_bottom():
    calls = []
    cost = lambda x: (float((x**4).sum()), 4 * x**3)  # noqa: E731
    minimise(cost, np.full(3, 5.0), 4, calls.append)
    assert calls == [1, 2, 3, 4]
    assert minimise(cost, np.zeros(3), 50, calls.append).tolist() == [0, 0, 0] and len(calls) == 4
