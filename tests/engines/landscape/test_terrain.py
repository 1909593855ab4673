"""A slice as terrain: heights, level points, where a race starts."""

import numpy as np
import pytest

from engines.descent.race import Race
from engines.descent.terrain import UnknownLandscape, field, terrain_of
from engines.landscape import keep
from engines.landscape.slice import make_slice
from engines.landscape.terrain import start_of, terrain_of_slice
from tests.engines.landscape.nets import DIGITS, LINEAR, PLAIN, still, trained


@pytest.fixture(scope="module")
def made():
    return make_slice(trained(PLAIN), "path", 21)


def test_the_height_is_the_loss(made):
    terrain = terrain_of_slice(made)
    a, b = np.meshgrid(made.alpha, made.beta)
    np.testing.assert_allclose(terrain.height(a, b, terrain.params), made.loss, rtol=1e-4)
    assert float(terrain.height(np.float32(0), np.float32(0), terrain.params)) == pytest.approx(
        made.centre_loss, rel=2 * made.interpolation_error + 1e-3
    )
    assert terrain.domain == made.domain and terrain.key == "slice:21x21"
    assert "4 → 2" in terrain.label and "main directions" in terrain.label


def test_slices_of_one_size_are_one_terrain_for_the_compiler(made):
    other = terrain_of_slice(make_slice(still(PLAIN), "random", 21))
    assert other == terrain_of_slice(made)
    assert not np.array_equal(other.params["coefficients"], terrain_of_slice(made).params["coefficients"])


def test_the_bowl_of_a_linear_net_has_its_minimum_where_algebra_has_it():
    made = make_slice(still(LINEAR, 3), "random", 21)
    a, b = np.meshgrid(made.alpha.astype(np.float64), made.beta.astype(np.float64))
    basis = np.stack([np.ones_like(a), a, b, a * a, a * b, b * b], -1).reshape(-1, 6)
    _, ca, cb, aa, ab, bb = np.linalg.lstsq(basis, made.loss.ravel(), rcond=None)[0]
    lowest = np.linalg.solve([[2 * aa, ab], [ab, 2 * bb]], [-ca, -cb])
    found = terrain_of_slice(made).stationary
    if np.abs(lowest).max() < 1:
        assert [point.kind for point in found] == ["minimum"]
        np.testing.assert_allclose((found[0].x, found[0].y), lowest, atol=1e-3)
    else:
        assert not found


def test_a_race_finds_its_slice_by_token_and_says_when_it_is_gone(made):
    race = Race().change(surface={"key": "landscape"}, landscape=keep(made))
    heights = field(terrain_of(race)).height
    assert np.isfinite(heights).all() and heights.min() >= made.loss.min() - 0.01
    with pytest.raises(UnknownLandscape):
        terrain_of(race.change(landscape="gone"))


def test_a_race_starts_where_the_path_began_or_on_high_ground(made):
    np.testing.assert_allclose(start_of(made), made.path[0], rtol=1e-6)
    random = make_slice(trained(DIGITS), "random", 21)
    x, y = start_of(random)
    low, high = random.domain[:2]
    assert low < x < high and low < y < high
    terrain = terrain_of_slice(random)
    assert float(terrain.height(np.float32(x), np.float32(y), terrain.params)) > 1.2 * random.centre_loss
