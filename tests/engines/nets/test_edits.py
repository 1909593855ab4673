import numpy as np
import pytest

from engines.nets.edits import require_fit, require_recorded, with_one_set


def pairs(seed=0):
    random = np.random.default_rng(seed)
    shapes = [(3, 4, 4), (4, 2, 0)]
    return [(random.normal(size=(rows, columns)), random.normal(size=size)) for rows, columns, size in shapes]


def test_one_weight_or_bias_is_set_in_a_copy_and_nothing_else_changes():
    before = pairs()
    for layer, row, column in ((0, 2, 3), (0, 3, 1), (1, 0, 0)):
        after = with_one_set(before, layer, row, column, 7.5)
        flat = [np.vstack([w, b]) if b.size else w for w, b in after]
        assert flat[layer][row, column] == 7.5
        changed = sum(int((a != b).sum()) for new, old in zip(after, before, strict=True) for a, b in zip(new, old, strict=True))
        assert changed == 1
    assert all((a == b).all() for old, same in zip(before, pairs(), strict=True) for a, b in zip(old, same, strict=True))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((2, 0, 0), "no weight layer 2; this net has 2"),
        ((-1, 0, 0), "no weight layer -1"),
        ((0, 4, 0), "layer 0 has 4 rows and 4 columns, not row 4"),
        ((1, 4, 0), "layer 1 has 4 rows and 2 columns, not row 4"),
        ((1, 0, 2), "not row 0, column 2"),
        ((0, -1, 0), "not row -1"),
    ],
)
def test_a_place_that_does_not_exist_is_named(place, words):
    with pytest.raises(ValueError, match=words):
        with_one_set(pairs(), *place, 1.0)


def test_other_shapes_are_refused():
    require_fit(pairs(1), pairs(2))
    with pytest.raises(ValueError, match="weights are of a net of another shape"):
        require_fit(pairs()[:1], pairs())
    require_recorded([np.zeros((2, 3))], [np.ones((2, 3))])
    with pytest.raises(ValueError, match="recording is of a net of another shape"):
        require_recorded([np.zeros((2, 3))], [np.ones((3, 2))])
