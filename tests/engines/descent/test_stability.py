"""The rule read as a matrix: against the closed forms, against spectral radii, against iterating the rule itself."""

import numpy as np
import pytest

from engines.descent.stability import linear_rule
from engines.optimizers import OPTIMIZERS

LINEAR = {"gradient_descent", "sgd", "momentum", "nesterov"}


def _heavy_ball(rate, momentum, curvature):
    """(p, m) -> (p - rate (momentum m + curvature p), momentum m + curvature p)."""
    return np.array([[1 - rate * curvature, -rate * momentum], [curvature, momentum]])


def _radius(matrix):
    return np.abs(np.linalg.eigvals(matrix)).max()


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_which_rules_are_linear(key):
    assert (linear_rule(key) is not None) == (key in LINEAR)


def test_plain_is_without_memory():
    assert linear_rule("sgd").plain
    assert linear_rule("momentum", {"momentum": 0.0}).plain
    assert not linear_rule("momentum").plain


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("curvature", [0.3, 10.0])
def test_closed_forms(momentum, curvature):
    settings = {"momentum": momentum}
    heavy = linear_rule("momentum", settings).largest_stable_rate(curvature)
    assert heavy == pytest.approx(2 * (1 + momentum) / curvature, rel=1e-5)
    nesterov = linear_rule("nesterov", settings).largest_stable_rate(curvature)
    assert nesterov == pytest.approx(2 * (1 + momentum) / ((1 + 2 * momentum) * curvature), rel=1e-5)
    assert linear_rule("sgd").largest_stable_rate(curvature) == pytest.approx(2 / curvature)


@pytest.mark.parametrize("momentum", [0.0, 0.4, 0.9])
def test_the_spectral_radius_crosses_one_at_the_boundary(momentum):
    rule, curvature = linear_rule("momentum", {"momentum": momentum}), 7.0
    limit = rule.largest_stable_rate(curvature)
    np.testing.assert_allclose(rule.matrix(0.1, curvature), _heavy_ball(0.1, momentum, curvature), rtol=1e-6)
    assert _radius(_heavy_ball(0.999 * limit, momentum, curvature)) < 1
    assert _radius(_heavy_ball(1.001 * limit, momentum, curvature)) > 1
    nesterov = linear_rule("nesterov", {"momentum": momentum})
    limit = nesterov.largest_stable_rate(curvature)
    assert _radius(nesterov.matrix(0.999 * limit, curvature)) < 1 < _radius(nesterov.matrix(1.001 * limit, curvature))


def test_a_ramp_is_judged_at_its_end():
    assert linear_rule("momentum", {"momentum": 0.9, "start": 0.1, "ramp": 500}) == linear_rule("momentum", {"momentum": 0.9})
