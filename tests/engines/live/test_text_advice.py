"""Diagnosis and remedies know texts: nothing crashes, and what is offered helps."""

from __future__ import annotations

import numpy as np
import pytest

from engines.experiment import Experiment, digits_experiment, text_experiment
from engines.live.diagnosis import Evidence, diagnose
from engines.live.remedies import REMEDIES
from engines.nets.count import alike, hidden, interchangeable
from engines.nets.recurrent.cells import CELLS

LAYERS = [
    {"name": n, "gradient": g, "units": 16, "dead": 0, "saturated": 0.0}
    for n, g in (("input", 1e-6), ("recurrent", 1.0), ("output", 2.0))
]


@pytest.mark.parametrize("key", REMEDIES)
@pytest.mark.parametrize("cell", CELLS)
def test_every_remedy_leaves_a_text_that_can_be_learned(key, cell):
    before = text_experiment(net__cell=cell, epochs=3)
    after = REMEDIES[key].change(before)
    assert after.data.kind == "text" and after.net.cell == cell
    assert Experiment.model_validate(after.model_dump()) == after


def test_some_remedies_help_and_others_have_nothing_to_say():
    e = text_experiment(clip_norm=0.0)
    assert REMEDIES["dropout"].change(e).net.dropout == 0.2 and REMEDIES["clip"].change(e).clip_norm == 1.0
    assert not any(
        REMEDIES[key].helps(e) for key in ("relu", "tanh", "leaky", "surrogate", "cross_entropy", "more_data", "distort")
    )


@pytest.mark.parametrize("stopped", [None, "nan", "early", "budget"])
def test_findings_offer_only_what_helps(stopped):
    epochs = np.arange(30) / 10
    rows = np.stack([epochs, np.linspace(4, 0.5, 30), 2 + 0.1 * (epochs - 1) ** 2 * 3, epochs / 10, epochs / 10], 1).astype(
        np.float32
    )
    e = text_experiment(clip_norm=0.0, learning_rate=1.0, epochs=3)
    found = diagnose(Evidence(experiment=e, curve=rows, layers=LAYERS, stopped=stopped, step=99, epoch=3.0))
    assert all(REMEDIES[key].helps(e) for finding in found for key in finding.remedies)
    if stopped == "nan":
        assert [finding.key for finding in found] == ["nan"] and found[0].remedies == ("rate_usual", "clip")
    else:
        assert stopped is None or found


def test_weights_stand_in_for_each_other_only_where_they_fit():
    e = text_experiment()
    assert list(hidden(e.net)) == []
    assert alike(e.net, e.change(net__dropout=0.5, net__initializer={"key": "he"}).net)
    for changes in ({"net__cell": "gru"}, {"net__units": 64}, {"net__layers": 2}, {"net__embedding": 0}):
        assert not alike(e.net, e.change(**changes).net)
    assert not alike(e.net, Experiment().net) and not alike(digits_experiment().net, e.net)
    assert interchangeable(e, e.change(data__sequence=8, learning_rate=1.0))
    assert not interchangeable(e, e.change(data__source="sonnets"))


def test_a_loss_that_explodes_at_the_first_step_is_seen_to_climb():
    """Before the first step there is no training loss to compare with, only that on unseen text."""
    losses = np.array([[np.nan, 34, 31, 38], [4.1, 33, 41, 40]], np.float32)
    rows = np.stack([np.arange(4.0), *losses, np.full(4, 0.1), np.full(4, 0.1)], 1).astype(np.float32)
    (found,) = [f for f in diagnose(Evidence(experiment=text_experiment(clip_norm=0.0), curve=rows)) if f.key == "diverging"]
    assert "is 38 and was 4.1 at the start" in found.text and found.remedies == ("rate_down", "clip")
