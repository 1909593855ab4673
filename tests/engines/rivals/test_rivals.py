"""Every rival of the table, run as visitors run it: right answers counted, watched, stopped, always the same."""

import json

import numpy as np
import pytest

from engines.rivals import RIVALS, run_rival
from engines.rivals.watch import Cancelled, Watch

ENTRIES = list(RIVALS.values())
KEYS = list(RIVALS)
MOST_PERCENT = {"knn": 25, "svm": 20, "svm_poly": 20, "linear": 25, "hand_made": 15}


@pytest.mark.parametrize("key", KEYS)
def test_a_rival_reads_digits_and_tells_how_far_it_is(key, few):
    shares = []
    found = run_rival(key, {}, few, 300, progress=shares.append)
    assert found.errors == (found.predictions != few.test_labels).sum()
    assert found.error_percent == pytest.approx(100 * found.errors / 200) and found.error_percent < MOST_PERCENT[key]
    assert (found.train_count, found.test_count) == (300, 200) and found.predictions.dtype == np.uint8
    assert found.seconds == found.seconds_fit + found.seconds_predict and min(found.seconds_fit, found.seconds_predict) >= 0
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert np.array_equal(run_rival(key, {}, few, 300, seed=5).predictions, found.predictions)


@pytest.mark.parametrize("key", KEYS)
def test_a_rival_stops_when_asked(key, few):
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        run_rival(key, {}, few, 300, cancelled=cancelled)


@pytest.mark.parametrize("key", KEYS)
def test_one_class_alone_is_always_the_answer(key, few):
    zeros = few._replace(train_images=few.train_images[few.train_labels == 0], train_labels=few.train_labels[few.train_labels == 0])
    assert set(run_rival(key, {}, zeros, 20).predictions) == {0}


def test_no_more_digits_than_there_are(few):
    assert run_rival("knn", {}, few, 60_000).train_count == 300
    assert run_rival("knn", {"k": 50}, few, 10).train_count == 10


@pytest.mark.parametrize(
    ("key", "settings", "count", "told"),
    [
        ("parrot", {}, 10, "no rival called 'parrot'"),
        ("knn", {"c": 1.0}, 10, "no setting 'c'"),
        ("knn", {"k": 0}, 10, "k must lie between"),
        ("knn", {}, 0, "at least 1 training digit"),
    ],
)
def test_what_does_not_fit_is_named(key, settings, count, told, few):
    with pytest.raises(ValueError, match=told):
        run_rival(key, settings, few, count)


@pytest.mark.parametrize("entry", ENTRIES, ids=KEYS)
def test_entries_are_complete(entry):
    assert entry.help and entry.source and entry.formula and 0 < entry.fit_share < 1
    assert (entry.published is None) == (not entry.published_source)
    assert 0 < entry.seconds(100) < entry.seconds(10_000) < entry.seconds(60_000) < 3600
    assert all(setting.check(setting.default) == setting.default for setting in entry.settings)
    json.dumps(RIVALS.describe(), allow_nan=False)


def test_a_watch_divides_its_work_into_parts():
    seen, stop = [], False
    watch = Watch(seen.append, lambda: stop)
    half = watch.part(0.5, 1.0).part(0.0, 0.5)
    for share in (0.0, 0.5, 2.0, -1.0):
        half.at(share)
    assert seen == [0.5, 0.625, 0.75, 0.5] and not watch.cancelled
    stop = True
    assert half.cancelled
    with pytest.raises(Cancelled):
        half.at(0.1)
