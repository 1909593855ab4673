import numpy as np
import pytest

from engines.trace.chain import MOST_PATHS, chain
from engines.trace.passes import trace
from tests.engines.trace.test_passes import PAIR, WORKED, examples, random_net


def test_all_ways_add_up_to_the_gradient():
    rng = np.random.default_rng(3)
    net = random_net(rng, (3, 4, 3, 2), ("tanh", "sigmoid", "tanh"))
    done = trace(net, *examples(rng, net, 5), dtype=np.float64)
    for layer, row, column in ((1, 2, 3), (2, 0, 0), (3, 2, 1), (1, None, 2), (3, None, 0)):
        parts = [chain(done, layer, row, column, example) for example in range(5)]
        symbol, place = (f"G{layer}", (row, column)) if row is not None else (f"g{layer}", column)
        assert sum(part.total for part in parts) == pytest.approx(done.values[symbol][place], rel=1e-12)
        for part in parts:
            assert len(part.paths) == part.count
            assert part.shown == pytest.approx(part.total, rel=1e-10)
            for path in part.paths:
                assert path.product == pytest.approx(np.prod([factor.value for factor in path.factors]))


def test_the_worked_example_by_hand():
    done = trace(WORKED, *PAIR, 0.5, np.float64)
    (path,) = chain(done, 2, 0, 0).paths
    assert [round(factor.value, 9) for factor in path.factors] == [0.741365070, 0.186815602, 0.593269992]
    assert path.product == pytest.approx(0.082167041, abs=1e-9)
    assert chain(done, 1, 0, 0).count == 2
    assert chain(done, 1, 0, 0).total == pytest.approx(0.000438568, abs=1e-9)


def test_of_very_many_ways_the_heaviest_are_listed():
    rng = np.random.default_rng(4)
    net = random_net(rng, (2, 6, 6, 6, 3), ("linear",) * 4)
    done = trace(net, *examples(rng, net, 1), dtype=np.float64)
    found = chain(done, 1, 0, 0)
    sizes = [abs(path.product) for path in found.paths]
    assert found.count == 6 * 6 * 3 and len(sizes) == MOST_PATHS
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("place", "words"), [((0, 0, 0, 0), "matrices 1 to 2"), ((1, 2, 0, 0), "2 rows"), ((1, 0, 0, 1), "examples 0 to 0")]
)
def test_a_place_that_does_not_exist_is_named(place, words):
    with pytest.raises(IndexError, match=words):
        chain(trace(WORKED, *PAIR), *place)
