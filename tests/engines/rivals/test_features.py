"""Hand-made features: against a slow count by hand, and what they say of simple strokes."""

import numpy as np
import pytest

from engines.rivals import features
from engines.rivals.watch import Watch


def counted(ink, directions):
    """Histograms (7, 7, directions) of one picture, pixel by pixel."""
    found = np.zeros((7, 7, directions))
    at = lambda y, x: ink[y, x] if 0 <= y < 28 and 0 <= x < 28 else 0.0  # noqa: E731
    for y in range(28):
        for x in range(28):
            dx, dy = (at(y, x + 1) - at(y, x - 1)) / 2, (at(y + 1, x) - at(y - 1, x)) / 2
            turn = (np.arctan2(dy, dx) / (2 * np.pi) % 1) * directions
            low = int(turn) % directions
            share = turn - int(turn)
            found[y // 4, x // 4, low] += np.hypot(dx, dy) * (1 - share)
            found[y // 4, x // 4, (low + 1) % directions] += np.hypot(dx, dy) * share
    return found


@pytest.mark.parametrize("directions", [4, 8, 9])
def test_histograms_are_those_counted_by_hand(directions):
    ink = np.random.default_rng(directions).random((2, 28, 28))
    found = features.histograms(ink.astype(np.float32), directions)
    assert found == pytest.approx(np.stack([counted(one, directions) for one in ink]), abs=1e-4)


def test_an_edge_shows_in_its_direction_alone():
    image = np.zeros((1, 28, 28), np.float32)
    image[0, :, 14:] = 1.0  # ink begins to the right: the change points along x
    inside = features.histograms(image, 8)[0, 2:5, 3]
    assert inside.sum(0)[0] > 0 and inside.sum(0)[1:].max() < 1e-6


def test_features_are_bounded_and_ink_is_a_mean():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    found = features.described(images, 8)
    assert found.shape == (3, features.count(8)) and found.dtype == np.float32 and np.abs(found).max() <= 1
    zones = found[:, -49:].reshape(3, 7, 7)
    assert zones[1, 2, 3] == pytest.approx(images[1, 8:12, 12:16].mean() / 255, rel=1e-5)
    blocks = found[:, :-49].reshape(3, 36, -1)
    assert np.linalg.norm(blocks, axis=-1) == pytest.approx(np.ones((3, 36)), abs=0.02)
    assert not features.described(np.zeros((1, 28, 28), np.uint8), 8).any()


def test_batches_change_nothing(monkeypatch):
    images = np.random.default_rng(2).integers(0, 256, (7, 28, 28), np.uint8)
    monkeypatch.setattr(features, "BATCH", 3)
    assert features.in_batches(images, 6, Watch()) == pytest.approx(features.described(images, 6), abs=1e-6)
