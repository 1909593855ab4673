"""The file of measured results: its shape, and putting a record in."""

import json

import pytest

from engines.reproduce import PUBLISHED
from engines.reproduce.records import MEASURED, Record, load, save

RECORD = {
    "name": "knn",
    "label": "k nearest neighbours",
    "published": 3.3,
    "published_text": "about",
    "published_source": "a tutorial",
    "measure": "test_error_percent",
    "unit": "%",
    "measured": 2.95,
    "seconds": 41.2,
    "cpu_seconds": 70.0,
    "seed": 0,
    "data": {"source": "full", "train": 60_000, "test": 10_000, "sentence": "The full MNIST."},
    "machine": {"platform": "cpu", "device": "A processor", "count": 1, "cores": 2},
    "versions": {"python": "3.11"},
    "experiment": {"rival": "knn", "settings": {"k": 3.0}, "train_count": 60_000},
    "epochs_overruled": None,
    "date": "2026-11-21",
    "parts": [{"label": "3 nearest", "value": 2.95, "unit": "%", "seconds": 41.0}],
}


def test_the_file_that_comes_with_the_project_fits():
    records = load(MEASURED)
    keys = [record.key for record in records]
    assert keys == sorted(set(keys))
    for record in records:
        assert record.name in PUBLISHED and record.epochs_overruled is None
        assert "rival" in record.experiment or record.opened() is not None, record.name
        assert record.unit == PUBLISHED[record.name].unit and record.measure == PUBLISHED[record.name].quantity
        assert record.data.source == "builtin" or (record.data.train, record.data.test) == (60_000, 10_000)


def test_records_are_kept_sorted_one_a_name_data_and_seed(tmp_path):
    path = tmp_path / "measured.json"
    builtin = {"source": "builtin", "train": 4000, "test": 1000, "sentence": "built in"}
    for change in ({"seed": 1}, {}, {"data": builtin}, {"name": "svm"}, {"measured": 2.9}):
        save(RECORD | change, path)
    assert [record.key for record in load(path)] == [
        ("knn", "builtin", 0),
        ("knn", "full", 0),
        ("knn", "full", 1),
        ("svm", "full", 0),
    ]
    assert [record["measured"] for record in json.loads(path.read_text())] == [2.95, 2.9, 2.95, 2.95]
    assert list(tmp_path.iterdir()) == [path] and path.read_text().endswith("]\n")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"epochs_overruled": 2}, "a trial"),
        ({"data": RECORD["data"] | {"train": 400}}, "this run had other data"),
        ({"measured": None}, "measured"),
        ({"extra": 1}, "extra"),
        ({"date": "yesterday"}, "date"),
        ({"parts": []}, "parts"),
        ({"experiment": {"rival": "parrot"}}, "parrot"),
        ({"experiment": {}}, "a net or a rival"),
    ],
)
def test_what_does_not_fit_is_not_kept(change, told, tmp_path):
    path = tmp_path / "measured.json"
    save(RECORD, path)
    before = path.read_text()
    with pytest.raises(ValueError, match=told):
        save(RECORD | change, path)
    assert path.read_text() == before


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", json.dumps([RECORD | {"seed": -1}])])
def test_a_damaged_file_is_told_in_a_sentence(text, tmp_path):
    path = tmp_path / "measured.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"measured\.json: ") as told:
        load(path)
    assert "\n" not in str(told.value) and "pydantic" not in str(told.value)


def test_no_file_is_no_records(tmp_path):
    assert load(tmp_path / "measured.json") == ()


def test_an_experiment_of_another_version_is_kept_but_not_opened():
    record = Record.model_validate(RECORD | {"experiment": {"net": {"kind": "quantum"}}})
    assert record.opened() is None


def test_machines_are_named_briefly():
    said = lambda **change: Record.model_validate(RECORD | {"machine": RECORD["machine"] | change}).machine.said()  # noqa: E731
    assert said() == "A processor, 2 cores" and said(cores=1) == "A processor, 1 core"
    assert said(platform="gpu", device="GPU") == "GPU" and said(platform="gpu", device="GPU", count=2) == "2 x GPU"
