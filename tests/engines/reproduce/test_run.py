"""A published result from name to record."""

import pytest

from engines.data import digits
from engines.data.sources import DataProblem
from engines.experiment import Experiment
from engines.reproduce import PUBLISHED, reproduce
from engines.reproduce.records import Record
from engines.rivals import run_rival
from engines.rivals.watch import Cancelled


def test_a_rival_is_reproduced(here):
    shares = []
    found = reproduce("knn", seed=4, progress=shares.append)
    record = Record.model_validate(found)
    expected = run_rival("knn", {}, here, 400)
    assert found["measured"] == expected.error_percent and found["published"] == 3.3 and found["unit"] == "%"
    assert (record.data.source, record.data.train, record.data.test, record.seed) == ("full", 400, 200, 4)
    assert record.experiment == {"rival": "knn", "settings": {"k": 3.0}, "train_count": 400} and record.opened() is None
    assert record.machine.platform == "cpu" and record.machine.cores >= 1 and record.machine.said()
    assert {"python", "numpy", "scikit-learn"} <= set(record.versions) and len(record.date) == 10
    assert found["seconds"] >= 0 and found["cpu_seconds"] >= 0 and shares[-1] == 1


def test_a_net_is_reproduced_and_always_the_same(here, tiny):
    told = []
    found = reproduce("mlp-500-300", seed=1, epochs=2, tell=told.append)
    record = Record.model_validate(found)
    experiment = record.opened()
    assert isinstance(experiment, Experiment) and experiment.epochs == 2 and experiment.seed == 1
    assert experiment.data.source == "full" and record.epochs_overruled == 2
    assert len(record.parts) == 1 and record.parts[0].value == record.measured and 0 < record.measured < 60
    assert told[-1] == f"784-500-300-10: epoch 2 of 2: test error {record.measured:.2f} %"
    again = reproduce("mlp-500-300", seed=1, epochs=2)
    assert again["measured"] == found["measured"] and again["experiment"] == found["experiment"]


def test_built_in_digits_never_stand_in_for_the_full_set(nowhere):
    with pytest.raises(DataProblem, match="not on this machine"):
        reproduce("knn")


def test_built_in_digits_are_labelled(nowhere, monkeypatch):
    few = digits.load("builtin")
    monkeypatch.setattr(
        digits, "load", lambda source: few._replace(train_images=few.train_images[:50], train_labels=few.train_labels[:50])
    )
    found = reproduce("knn", data="builtin")
    assert found["data"]["source"] == "builtin" and found["data"]["train"] == 50 and found["data"]["test"] == 1000


@pytest.mark.parametrize(
    ("name", "data", "told"), [("alchemy", "full", "no published result called 'alchemy'"), ("knn", "half", "data must be")]
)
def test_what_does_not_exist_is_named(name, data, told):
    with pytest.raises(ValueError, match=told):
        reproduce(name, data=data)


@pytest.mark.parametrize("name", ["linear", "mlp-500-300"])
def test_a_run_stops_when_asked(name, here, tiny):
    with pytest.raises(Cancelled):
        reproduce(name, cancelled=lambda: True)


def test_rivals_run_on_the_processor_whatever_else_there_is(monkeypatch):
    from engines.reproduce import run

    report = run.device.report(measure=False)
    monkeypatch.setattr(
        run.device, "report", lambda measure: type(report)(**{**vars(report), "platform": "gpu", "device": "GPU 9"})
    )
    assert run.machine(False)["device"] == "GPU 9" and run.machine(False)["platform"] == "gpu"
    assert run.machine(True)["device"] == "the processor beside GPU 9" and run.machine(True)["platform"] == "cpu"


def test_every_name_of_the_table_is_known_to_the_function(nowhere):
    for name in PUBLISHED:
        with pytest.raises(DataProblem):
            reproduce(name)
