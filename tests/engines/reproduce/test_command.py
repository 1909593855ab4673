"""The command: exactly one JSON object, everything else on standard error."""

import json

import pytest

from engines import cli
from engines.reproduce import PUBLISHED, command, records
from engines.reproduce.records import Record


@pytest.fixture
def run(capsys, monkeypatch):
    def run(*arguments):
        monkeypatch.setattr(command.device, "enable_compilation_cache", lambda: None)
        try:
            code = cli.main(["reproduce", *arguments])
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


def test_one_json_object_and_progress_elsewhere(run, here, tiny):
    code, out, err = run("mlp-500-300", "--epochs", "1", "--seed", "2")
    assert code == 0 and out.count("\n") == 1
    record = Record.model_validate(json.loads(out))
    assert record.name == "mlp-500-300" and record.seed == 2 and record.data.train == 400
    assert "epoch 1 of 1: test error" in err and "{" not in err


def test_the_results_are_listed(run):
    code, out, _ = run("--list")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [line["key"] for line in lines] == list(PUBLISHED)
    assert run()[1] == out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["alchemy"], "no published result"), (["knn"], "not on this machine"), (["knn", "--seed", "-1"], "seed must be")],
)
def test_bad_input(arguments, told, run, nowhere):
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and told in err and "Traceback" not in err


def test_saving_keeps_only_what_counts(run, here, tmp_path, monkeypatch):
    path = tmp_path / "measured.json"
    kept = records.save
    monkeypatch.setattr(records, "save", lambda record: kept(record, path))
    code, out, err = run("knn", "--save")
    assert code == 1 and json.loads(out)["name"] == "knn" and "not kept: the full MNIST has 60,000" in err and not path.exists()
    monkeypatch.setattr(records, "FULL_COUNTS", (400, 200))
    assert run("knn", "--save")[0] == 0 and [record.name for record in records.load(path)] == ["knn"]
