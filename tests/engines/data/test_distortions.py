"""Distorting digits: against SciPy's sampling in float64, what amounts promise, and that each digit has its own draw."""

import math

import jax
import numpy as np
import pytest
from scipy import ndimage

from engines.data import distortions as d
from engines.data.distortions import CENTRE, DISTORTIONS, SIDE, distort, preview, whole

ALL = {"shift": 2.0, "rotation": 15.0, "scale": 0.2, "shear": 0.3, "elastic": 1.4}
COUNT = 24
CHANGED, SAMPLED, SOURCES = jax.jit(distort), jax.jit(d.sampled), jax.jit(d.sources)


def amounts_of(key):
    """Each entry alone at its most, or all of them together."""
    return whole(ALL if key == "all" else {key: DISTORTIONS[key].settings[0].high})


def digits(seed=0, count=COUNT):
    """Noise with paper around it, multiples of 1/255."""
    images = np.zeros((count, SIDE, SIDE), np.float32)
    images[:, 4:24, 4:24] = np.random.default_rng(seed).integers(0, 256, (count, 20, 20)) / np.float32(255)
    return images


def places(u, amounts):
    """The definition written out in float64 for one digit with its numbers u: x and y (28, 28) in the digit."""
    a = {key: float(value) for key, value in amounts.items()}
    (move_x, move_y, turn, wide, high, slant), bend = u[:6], u[6:].reshape(2, 9, 9)
    angle = math.radians(a["rotation"] * turn)
    field = np.zeros((2, SIDE, SIDE))
    bells = [np.exp(-0.5 * ((at - (CENTRE + 4 * (np.arange(9) - 4))) / 4) ** 2) for at in range(SIDE)]
    for y in range(SIDE):
        for x in range(SIDE):
            spread = np.linalg.norm(bells[y]) * np.linalg.norm(bells[x]) / math.sqrt(3)
            field[:, y, x] = bells[y] @ bend @ bells[x] / spread
    y, x = np.meshgrid(np.arange(SIDE) - CENTRE, np.arange(SIDE) - CENTRE, indexing="ij")
    at = np.stack([x - a["shift"] * move_x, y - a["shift"] * move_y]).reshape(2, -1)
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    scale = np.diag([math.exp(-a["scale"] * wide), math.exp(-a["scale"] * high)])
    shear = np.array([[1, -a["shear"] * slant], [0, 1]])
    return (shear @ scale @ rotation @ at).reshape(2, SIDE, SIDE) + a["elastic"] * field + CENTRE


@pytest.mark.parametrize("key", [*DISTORTIONS, "all"])
def test_it_is_what_the_definition_says(key):
    images, amounts = digits(), amounts_of(key)
    numbers = jax.random.key(7)
    got = np.asarray(CHANGED(numbers, images, amounts))
    u = np.asarray(d.drawn(numbers, COUNT), np.float64)
    for i in (0, 5, COUNT - 1):
        x, y = places(u[:, i], amounts)
        wanted = ndimage.map_coordinates(images[i].astype(np.float64), [y, x], order=1, mode="grid-constant", cval=0.0)
        np.testing.assert_allclose(got[i], wanted, atol=3e-5)


def test_sampling_is_bilinear_with_paper_all_around():
    rng = np.random.default_rng(1)
    images = rng.random((COUNT, SIDE, SIDE), np.float32)
    x, y = (rng.uniform(-40, 70, (COUNT, SIDE, SIDE)).astype(np.float32) for _ in range(2))
    x[0, 0, :6], y[0, 0, :6] = (-1, 0, 27, 28, 27.5, -0.25), (0, 27, 27, 3, 27.75, -0.5)
    got = np.asarray(SAMPLED(images, x, y))
    for i in range(3):
        wanted = ndimage.map_coordinates(images[i].astype(np.float64), [y[i], x[i]], order=1, mode="grid-constant", cval=0.0)
        np.testing.assert_allclose(got[i], wanted, atol=1e-5)


def test_without_amounts_nothing_is_touched():
    images = digits()
    np.testing.assert_array_equal(CHANGED(jax.random.key(0), images, whole({})), images)
    # and the way through the sampling is the identity too, so that a tiny amount is a tiny change
    x, y = SOURCES(d.drawn(jax.random.key(0), COUNT), whole({}))
    np.testing.assert_array_equal(SAMPLED(images, x, y), images)


@pytest.mark.parametrize("key", DISTORTIONS)
def test_an_amount_is_a_bound_or_a_spread(key):
    most = DISTORTIONS[key].settings[0].high
    x, y = (
        np.asarray(a)
        for a in SOURCES(np.random.default_rng(3).uniform(-1, 1, (d.DRAWS, 1000)).astype(np.float32), whole({key: most}))
    )
    along = np.arange(SIDE) - CENTRE
    moved = np.stack([x - CENTRE - along[None, None, :], y - CENTRE - along[None, :, None]])
    corner = np.abs(moved[:, :, 0, 0])
    bound = {
        "shift": most,
        "rotation": 2 * math.sin(math.radians(most) / 2) * CENTRE * math.sqrt(2),
        "scale": (math.exp(most) - 1) * CENTRE,
        "shear": most * CENTRE,
        "elastic": math.sqrt(3) * most * np.abs(d.smoother()).sum(0).max(),
    }[key]
    assert 0.8 * bound < corner.max() <= bound * (1 + 1e-5) or key == "elastic"
    assert np.abs(moved).max() <= bound * (1 + 1e-5)
    if key == "shift":
        assert np.abs(moved).mean() == pytest.approx(most / 2, rel=0.05) and abs(moved.mean()) < 0.1
    if key == "elastic":
        spread = np.sqrt(np.square(moved).mean(1))
        np.testing.assert_allclose(spread, most, rtol=0.1)
        beside, far = (np.mean(moved[0, :, 14, 10] * moved[0, :, 14, at]) / most**2 for at in (11, 24))
        assert beside > 0.95 and abs(far) < 0.1


def test_the_classic_elastic_field_is_as_strong_as_the_help_says():
    z = np.random.default_rng(0).uniform(-1, 1, (400, 29, 29))
    field = 34 * ndimage.gaussian_filter(z, (0, 4, 4), mode="wrap")
    assert field.std() == pytest.approx(1.4, abs=0.05)


def test_every_digit_has_its_own_draw():
    images, amounts = np.repeat(digits(count=1), COUNT, 0), whole(ALL)
    seen = np.asarray(CHANGED(jax.random.key(0), images, amounts))
    apart = np.abs(seen[:, None] - seen[None]).mean((2, 3))
    assert (apart + np.eye(COUNT) > 0.01).all()
    # what becomes of a digit does not depend on its neighbours
    others = digits(seed=9)
    others[3] = images[3]
    np.testing.assert_array_equal(np.asarray(CHANGED(jax.random.key(0), others, amounts))[3], seen[3])
    assert np.abs(np.asarray(CHANGED(jax.random.key(1), images, amounts)) - seen).mean() > 0.01


def test_ink_stays_within_paper_and_ink_and_other_amounts_compile_nothing():
    program = jax.jit(lambda *arguments: distort(*arguments))
    images = digits()
    for key in [*DISTORTIONS, "all"]:
        seen = np.asarray(program(jax.random.key(2), images, amounts_of(key)))
        assert seen.shape == images.shape and seen.dtype == np.float32
        assert seen.min() >= 0 and seen.max() <= 1 + 1e-6 and seen.std() > 0.05
    assert program._cache_size() == 1


def test_a_shift_to_the_right_moves_ink_to_the_right():
    dot = np.zeros((COUNT, SIDE, SIDE), np.float32)
    dot[0, 13, 13] = 1
    numbers = np.zeros((d.DRAWS, COUNT), np.float32)
    numbers[:2, 0] = 1.0, -0.5  # to the right, and up
    seen = np.asarray(SAMPLED(dot, *SOURCES(numbers, whole({"shift": 4.0}))))[0]
    assert np.argwhere(seen == 1).tolist() == [[11, 17]]


def test_a_preview_is_what_a_step_would_see():
    images = (digits() * 255).round().astype(np.uint8)
    np.testing.assert_array_equal(preview(images, {}, 5), images)
    seen = preview(images, {"rotation": 20.0}, 5)
    assert seen.dtype == np.uint8 and seen.shape == images.shape
    wanted = CHANGED(jax.random.key(5), images / np.float32(255), whole({"rotation": 20.0}))
    np.testing.assert_allclose(seen, np.asarray(wanted) * 255, atol=0.51)
    assert (preview(images, {"rotation": 20.0}, 6) != seen).mean() > 0.2


def test_the_table_is_whole():
    for key, entry in DISTORTIONS.items():
        (setting,) = entry.settings
        assert (setting.key, setting.default, setting.low) == ("amount", 0.0, 0.0) and setting.high > 0
        assert entry.draws > 0 and entry.formula and entry.source and entry.help.endswith(".") and key.isidentifier()
    assert list(DISTORTIONS) == ["shift", "rotation", "scale", "shear", "elastic"]
