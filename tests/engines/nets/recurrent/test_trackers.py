"""What units keep track of: features written out by hand, and scores against scikit-learn and NumPy."""

from __future__ import annotations

import string

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from engines.nets.recurrent.trackers import CLEARLY, FEATURES, FEWEST, best, correlation, separation, track, tracked

SPOKEN = 'KING: no\nFirst Lord:\nAh, "go (now)" on!\nÉ 9:\n'


@pytest.mark.parametrize("entry", FEATURES.values(), ids=lambda entry: entry.key)
def test_an_entry_says_what_it_is_and_answers_any_text(entry):
    assert set(entry.key) <= set(string.ascii_lowercase) and entry.help.endswith(".") and len(entry.help) < 200 and entry.source
    for text in ("", "a", "\n", SPOKEN, "日本語 🙂\u0301\n\n(x"):
        found = entry.values(text)
        assert found.shape == (len(text),) and found.dtype == np.float32 and (found >= 0).all()
        assert not entry.yes or set(found.tolist()) <= {0.0, 1.0}


def by_rule(key):
    """What a reader would mark in `SPOKEN`, from the rule in words."""
    text, found = SPOKEN, []
    for i, c in enumerate(text):
        line = text.rfind("\n", 0, i) + 1
        found.append(
            {
                "speaker": text[line:].split("\n")[0] in ("First Lord:", "É 9:") and c not in ":\n",
                "break": i > 0 and text[i - 1] == "\n",
                "space": c in " \n",
                "vowel": c in "aeiouAEIOUÉ",
                "capital": c in "KINGFLAÉ",
                "mark": c in ':,"()!',
                "enclosed": text.index('"') <= i < text.rindex('"'),
                "line": i - line,
                "word": next(k for k in range(i + 2) if i - k < 0 or not text[i - k].isalpha()),
                "sentence": i if i <= text.index("!") else i - text.index("!") - 1,
            }[key]
        )
    return np.array(found, np.float32)


@pytest.mark.parametrize("key", FEATURES)
def test_features_are_what_their_words_say(key):
    np.testing.assert_array_equal(FEATURES[key].values(SPOKEN), by_rule(key))


def test_a_bracket_that_is_never_closed_ends_at_an_empty_line():
    found = FEATURES["enclosed"].values("(ab\nc\n\nd)e[")
    assert found.tolist() == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1]


@pytest.fixture(scope="module")
def shown():
    """(600, 5), with many ties and one unit that never changes."""
    values = np.random.default_rng(4).normal(size=(600, 5)).round(1)
    values[:, 3] = 0.25
    return values


def test_separation_is_that_of_the_area_under_the_curve(shown):
    from scipy.stats import rankdata

    yes = np.random.default_rng(5).random(600) < 0.3 + 0.2 * (shown[:, 0] > 0)
    wanted = [2 * roc_auc_score(yes, column) - 1 for column in shown.T]
    found = separation(rankdata(shown, axis=0), yes)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert found[3] == 0 and found[0] > 0.1
    assert np.isnan(separation(rankdata(shown, axis=0), np.arange(600) < FEWEST - 1)).all()


def test_correlation_is_pearsons(shown):
    wanted = shown[:, 1] * 2 + np.random.default_rng(6).normal(size=600)
    found = correlation(shown, wanted)
    moving = [0, 1, 2, 4]
    np.testing.assert_allclose(found[moving], [np.corrcoef(shown[:, i], wanted)[0, 1] for i in moving], atol=1e-12)
    assert found[3] == 0 and np.isnan(correlation(shown, np.ones(600))).all()


TEXT = "Ab (cd) ef.\nGHI:\nthe end, so.\n" * 40


@pytest.fixture(scope="module")
def tracking():
    """Two layers of six units of noise; unit 4 of layer 1 is on within brackets, unit 2 of layer 0 falls along the line."""
    hidden = np.random.default_rng(7).normal(0, 0.1, (2, len(TEXT), 6)).astype(np.float16)
    hidden[1, :, 4] += FEATURES["enclosed"].values(TEXT)
    hidden[0, :, 2] -= 0.2 * FEATURES["line"].values(TEXT)
    return track(hidden, TEXT), hidden


def test_planted_units_are_found_and_hold_on_text_not_used_to_choose_them(tracking):
    found, hidden = tracking
    first, second = best(found, "enclosed")[:2]
    assert (first.layer, first.unit) == (1, 4) and first.judged > 0.95 and abs(second.chosen) < 0.3
    falling = best(found, "line", most=1)[0]
    half = len(TEXT) // 2
    wanted = np.corrcoef(hidden[0, half:, 2].astype(float), FEATURES["line"].values(TEXT)[half:])[0, 1]
    assert (falling.layer, falling.unit) == (0, 2) and falling.judged == pytest.approx(wanted, abs=1e-6)


def test_the_first_half_chooses_and_the_second_judges():
    """A unit that goes along with vowels in the first half only."""
    hidden = np.random.default_rng(8).normal(0, 0.1, (1, len(TEXT), 3))
    half = len(TEXT) // 2
    hidden[0, :half, 1] += FEATURES["vowel"].values(TEXT)[:half]
    found = best(track(hidden, TEXT), "vowel", most=1)[0]
    assert found.unit == 1 and found.chosen > 0.95 and abs(found.judged) < 0.3


def test_a_feature_that_the_text_does_not_have_is_not_ranked(tracking):
    found = track(np.zeros((1, 60, 2)), "all of this is plain and small " + "x" * 29)
    assert best(found, "capital") == [] and best(found, "vowel")
    with pytest.raises(ValueError, match="60 characters of a text of 3"):
        track(np.zeros((1, 60, 2)), "abc")


def test_what_is_shown_first_is_something_that_a_unit_follows():
    noise = np.random.default_rng(9).normal(0, 0.1, (1, len(TEXT), 6))
    assert tracked(track(noise, TEXT)) == "speaker"
    noise[0, :, 3] += FEATURES["enclosed"].values(TEXT)
    found = track(noise, TEXT)
    first = tracked(found)
    followed = [key for key in FEATURES if (ranked := best(found, key, 1)) and abs(ranked[0].judged) >= CLEARLY]
    assert first != "speaker" and first == followed[0] and "enclosed" in followed
