"""Units that stay on through a phrase, against a search character by character."""

from __future__ import annotations

import numpy as np
import pytest

from engines.nets.recurrent.phrases import On, matches, units_through

SHOWN = np.sin(np.random.default_rng(1).normal(0, 0.7, (40, 30)).cumsum(0))


def slowly(shown, start, stop, threshold, edges):
    found = set()
    for unit in range(shown.shape[1]):
        for sign in (1, -1):
            on = [sign * value > threshold for value in shown[:, unit]]
            if not all(on[start:stop]):
                continue
            first, last = start, stop
            while first > 0 and on[first - 1]:
                first -= 1
            while last < len(on) and on[last]:
                last += 1
            if not edges or (first, last) == (start, stop):
                found.add(On(unit, sign, first, last))
    return found


@pytest.mark.parametrize("start, stop", [(0, 3), (10, 14), (37, 40), (20, 21)])
@pytest.mark.parametrize("edges", [False, True])
def test_units_are_those_that_a_search_finds_the_tightest_first(start, stop, edges):
    found = units_through(SHOWN, start, stop, 0.4, edges)
    assert set(found) == slowly(SHOWN, start, stop, 0.4, edges) and len(found) == len(set(found))
    lengths = [one.stop - one.start for one in found]
    assert lengths == sorted(lengths)


def test_the_searched_phrases_have_units():
    assert units_through(SHOWN, 10, 14, 0.4) and units_through(SHOWN, 20, 21, 0.4, True)


@pytest.mark.parametrize("start, stop", [(3, 3), (-1, 2), (38, 41)])
def test_a_phrase_has_to_lie_within_the_text(start, stop):
    with pytest.raises(ValueError, match=f"{start} to {stop}"):
        units_through(SHOWN, start, stop, 0.5)


def test_matches_are_stretches_where_the_same_units_are_on():
    shown = np.zeros((30, 3))
    shown[2:6] = shown[10:13] = [0.9, -0.9, 0]
    shown[20:25, 0] = 0.9
    units = [On(0, 1, 2, 6), On(1, -1, 2, 6)]
    found = matches(shown, units, 0.5)
    assert [(m.start, m.stop, m.share) for m in found] == [(2, 6, 1.0), (10, 13, 1.0), (20, 25, 0.5)]
    assert matches(shown, [], 0.5) == [] and matches(shown, units, 0.95) == []
    assert len(matches(shown, units, 0.5, most=1)) == 1
