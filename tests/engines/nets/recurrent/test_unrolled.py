"""A net unrolled: against the float64 oracle, and its gradients against differences with states nudged."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets.recurrent import unrolled
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.unrolled import LONGEST, walk
from tests.engines.nets.recurrent.numpy_text import described, forward, log_softmax, random_weights, single, text

T, UNITS, STEP = 5, 3, 1e-5


def costs(net, weights, ids, nudge=None):
    logs = log_softmax(forward(net, weights, ids[:-1, None], nudge=nudge)[0][:, 0])
    return -logs[np.arange(len(ids) - 1), ids[1:]]


@pytest.fixture(scope="module", params=list(CELLS))
def walked(request):
    patch = pytest.MonkeyPatch()
    patch.setattr(unrolled, "LONGEST", 7)
    net = described(request.param, 2, UNITS)
    weights, ids = random_weights(net), text(T + 1, 1)[:, 0]
    found = [walk(net, single(weights), ids, only_last) for only_last in (False, True)]
    unrolled._program.cache_clear()
    patch.undo()
    return net, weights, ids, found


def test_what_is_shown_is_the_oracles(walked):
    net, weights, ids, (found, _) = walked
    logits, _, shown = forward(net, weights, ids[:-1, None])
    np.testing.assert_allclose(found.hidden, np.stack([layer["h"][:, 0] for layer in shown]), atol=1e-5)
    np.testing.assert_allclose(found.costs, costs(net, weights, ids), atol=1e-5)
    np.testing.assert_allclose(found.chances, np.exp(log_softmax(logits[:, 0])), atol=1e-6)


@pytest.mark.parametrize("only_last", [False, True])
def test_gradients_are_differences_of_the_cost(walked, only_last):
    net, weights, ids, found = walked
    share = np.eye(T)[-1] if only_last else np.full(T, 1 / T)
    parts = [found[only_last].gradients] + ([found[only_last].memory] if net.cell == "lstm" else [])
    assert (found[only_last].memory is not None) == (net.cell == "lstm")
    for which, gradients in enumerate(parts):
        for place in np.ndindex(gradients.shape):
            layer, t, unit = place

            def at(size, layer=layer, t=t, unit=unit, which=which):
                return lambda *where: size * np.eye(UNITS)[unit] if where == (layer, which, t) else 0.0

            slope = (costs(net, weights, ids, at(STEP)) - costs(net, weights, ids, at(-STEP))) @ share / (2 * STEP)
            assert gradients[place] == pytest.approx(slope, abs=2e-5, rel=1e-3)


@pytest.mark.parametrize("count", [0, 1, LONGEST + 2])
def test_too_short_or_too_long_a_string_is_refused(count):
    with pytest.raises(ValueError, match=f"not {count}"):
        walk(described("rnn"), [], np.zeros(count))
