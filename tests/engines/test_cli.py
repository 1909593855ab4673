"""The command line, in this process where it can be and in one of its own where the process matters."""

import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from engines import cli
from engines.presets import PRESETS
from engines.trace.study import Study

COMMAND = [sys.executable, "-m", "engines"]
FIGURES = {"epoch", "examples", "seconds", "train_loss", "test_loss", "train_accuracy", "test_accuracy"}


def _strict(text):
    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


@pytest.fixture
def run(capsys, monkeypatch):
    def run(*arguments, stdin=""):
        class Input:
            buffer = io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin)

        monkeypatch.setattr(sys, "stdin", Input)
        # JAX's settings are the whole process's: leave them as the other tests expect them
        monkeypatch.setattr(cli.device, "enable_compilation_cache", lambda: None)
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


def test_train_prints_a_line_an_epoch_and_a_last_one(run, tmp_path):
    path = tmp_path / "xor.json"
    path.write_text(PRESETS["xor"].experiment.to_json())
    code, out, err = run("train", str(path), "--epochs", "5", "--seed", "3")
    lines = _strict(out)
    assert code == 0 and err == ""
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 5]
    assert all(set(line) >= FIGURES for line in lines) and all(set(line) == FIGURES for line in lines[:-1])
    assert [line["examples"] for line in lines[:5]] == [200, 400, 600, 800, 1000]
    assert lines[-1]["done"] is True and lines[-1]["stopped"] == "budget" and lines[-1]["steps"] == 100
    assert lines[4]["train_loss"] < lines[0]["train_loss"]
    again = _strict(run("train", str(path), "--epochs", "5", "--seed", "3")[1])
    other = _strict(run("train", str(path), "--epochs", "5", "--seed", "4")[1])
    assert again[-1]["train_loss"] == lines[-1]["train_loss"] != other[-1]["train_loss"]


def test_a_preset_goes_through_standard_input(run):
    _, preset, _ = run("preset", "xor")
    code, out, _ = run("train", "-", "--epochs", "2", stdin=preset)
    assert code == 0 and _strict(out)[-1]["done"] is True


def test_numbers_that_ran_out_are_null_and_said(run):
    code, out, _ = run("train", "-", stdin=PRESETS["too_big"].experiment.to_json())
    last = _strict(out)[-1]
    assert code == 0 and last["stopped"] == "nan" and last["train_loss"] is None


def test_seconds_end_the_run_even_within_an_epoch(run):
    text = PRESETS["xor"].experiment.change(epochs=0).to_json()
    run("train", "-", "--epochs", "1", stdin=text)
    code, out, _ = run("train", "-", "--seconds", "0.2", stdin=text)
    last = _strict(out)[-1]
    assert code == 0 and last["stopped"] == "seconds" and 0.15 < last["seconds"] < 1 and last["epoch"] > 50
    code, out, _ = run("train", "-", "--seconds", "0.001", stdin=PRESETS["xor"].experiment.change(batch_size=1).to_json())
    assert code == 0 and _strict(out)[-1]["train_loss"] > 0


def test_regression_has_no_accuracy(run):
    _, out, _ = run("train", "-", "--epochs", "1", stdin=PRESETS["hills"].experiment.to_json())
    assert _strict(out)[0]["train_accuracy"] is None


def test_digits(run):
    text = PRESETS["digits-linear"].experiment.change(data__source="builtin", data__train_count=1000).to_json()
    code, out, _ = run("train", "-", "--epochs", "2", stdin=text)
    lines = _strict(out)
    assert code == 0 and [line["epoch"] for line in lines] == [1, 2, 2]
    assert lines[1]["examples"] == 2000 and lines[1]["test_accuracy"] > 0.3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"learning_rate": 1e9}', "standard input: learning_rate: 1e9 is above the largest allowed, 100"),
        ('{"net": {"layers": [{"units": 0}]}}', "net.layers.0.units"),
        ('{"data": {"source": "pear"}}', "data.source"),
        ('{"zz": 1}', "zz: there is no such field"),
        ("[1]", "experiment: a list should be an object with named fields"),
        ("{", "not JSON"),
        ("", "not JSON"),
        (b"\xff\xfe\xfd", "not text in UTF-8"),
        ("x" * 17_000_000, "larger than 16 MB"),
    ],
)
def test_bad_files(run, text, said):
    code, out, err = run("train", "-", stdin=text)
    assert code == 2 and out == "" and said in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "/no/such/file"], "/no/such/file: cannot be read: No such file or directory"),
        (["train", "."], "cannot be read"),
        (["train", "-", "--epochs", "0"], "epochs must be a whole number from 1 to 1,000,000, not '0'"),
        (["train", "-", "--epochs", "2.5"], "epochs must be a whole number"),
        (["train", "-", "--seconds", "nan"], "seconds must be a number"),
        (["train", "-", "--seconds", "-1"], "seconds must be a number"),
        (["train", "-", "--seed", "-1"], "seed must be a whole number"),
        (["preset", "pear"], "there is no preset called 'pear'; there are xor"),
        (["race", "/no/such/file"], "/no/such/file: cannot be read"),
        (["race", "xor"], "preset xor is an experiment for the Network page; train it with: python -m engines preset xor"),
        (["race", "descent-saddle", "--steps", "9"], "steps must be a whole number from 10 to 2,000"),
        (["trace", "/no/such/file"], "/no/such/file: cannot be read"),
        (["trace", "spiral"], "preset spiral is an experiment for the Network page"),
        (["race", "backprop-xor"], "preset backprop-xor is a study for the Backprop page; trace it with"),
        (["dance"], "invalid choice"),
        ([], "required"),
    ],
)
def test_bad_arguments(run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and said in err


def test_presets_are_listed_and_printed(run):
    assert [entry["key"] for entry in _strict(run("preset")[1])] == list(PRESETS)
    assert json.loads(run("preset", "spiral")[1]) == PRESETS["spiral"].experiment.model_dump(mode="json")


def test_a_race_prints_a_line_a_runner_and_a_last_one(run):
    code, out, err = run("race", "descent-too-big", "--steps", "60")
    *rows, last = _strict(out)
    assert code == 0 and err == ""
    assert [row["status"] for row in rows][2] == "thrown" and rows[2]["thrown"] < 60
    assert [row["learning_rate"] for row in rows] == [0.1, 0.19, 0.21]
    assert (last["surface"], last["runners"], last["starts"], last["steps"], last["done"]) == ("quadratic", 3, 1, 60, True)


def test_a_race_from_a_file_with_another_seed(run, tmp_path):
    path = tmp_path / "race.json"
    path.write_text(PRESETS["descent-noise"].experiment.to_json())
    ends = [[row.get("end") for row in _strict(run("race", str(path), "--seed", seed)[1])] for seed in ("1", "1", "2")]
    assert ends[0] == ends[1] != ends[2]
    through_input = run("race", "-", "--seed", "1", stdin=path.read_text())
    assert [row.get("end") for row in _strict(through_input[1])] == ends[0]


def test_a_race_as_csv(run):
    code, out, _ = run("race", "descent-zigzag", "--steps", "20", "--csv")
    header, *rows = out.splitlines()
    assert code == 0 and header.startswith("runner,optimizer,start,status,step,x,y,height")
    assert len(rows) == 3 * 21 and rows[0].startswith("1,sgd,1,going,0,-2.5,1,")


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        ("race", '{"surface": "alps"}', "standard input: surface.key: 'alps' is none of saddle"),
        ("race", '{"surface": "formula", "formula": "x +"}', "formula"),
        ("race", '{"surface": "landscape"}', "no longer in memory"),
        ("race", '{"runners": []}', "runners: there has to be at least one"),
        ("race", '{"net": {}}', "it holds an experiment for the Network page; run it with: python -m engines train"),
        ("race", "{", "not JSON"),
        ("trace", '{"examples": "pears"}', "standard input: examples: there is no example called 'pears'"),
        ("trace", '{"examples": "brought", "brought": "x"}', "no longer in memory"),
        ("trace", '{"batch": 999, "examples": "pixels"}', "batch: 999 is above the largest allowed, 256"),
        ("trace", '{"step": 99}', "step: there is no step 99 in this pass, which ends with 18"),
        ("trace", '{"typed": [{"matrix": "W3", "row": 0, "column": 0, "value": 1}]}', "typed.0: there is no matrix W3 in this net"),
        (
            "trace",
            '{"typed": [{"matrix": "W1", "row": 0, "column": 0, "value": NaN}]}',
            "typed.0.value: NaN is not a finite number",
        ),
        ("trace", '{"layers": [{"units": 0}]}', "layers.0.units: 0 is below"),
        ("trace", '{"surface": "beale"}', "it holds a race for the Descent page; run it with: python -m engines race"),
        ("trace", "{", "not JSON"),
        ("race", '{"examples": "xor"}', "it holds a study for the Backprop page; run it with: python -m engines trace"),
        ("train", '{"surface": "beale"}', "it holds a race for the Descent page; run it with: python -m engines race"),
    ],
)
def test_files_that_cannot_be_raced_or_trained(run, command, text, said):
    code, out, err = run(command, "-", stdin=text)
    assert code == 2 and out == "" and said in err and err.count("\n") == 1


@pytest.mark.parametrize("name", ["worked-example", "worked_example", "backprop-worked-example"])
def test_the_worked_example_is_traced_to_its_published_figures(run, name):
    code, out, err = run("trace", name)
    *operations, last = _strict(out)
    assert code == 0 and err == "" and len(operations) == 19
    assert all({"rule", "operation", "shapes", "values"} <= set(line) for line in operations)
    assert operations[0]["shapes"] == {"X": [1, 2], "W1": [2, 2], "b1": [2], "Z1": [1, 2]}
    assert [f"{last['errors'][name]:.9f}" for name in ("o1", "o2")] == ["0.274811083", "0.023560026"]
    assert f"{last['total']:.9f}" == "0.298371109" and f"{last['total_after']:.9f}" == "0.291027774"
    assert f"{last['updated']['w5']:.8f}" == "0.35891648" and f"{last['updated']['w1']:.9f}" == "0.149780716"


def test_a_study_from_a_file_with_another_seed(run, tmp_path):
    path = tmp_path / "study.json"
    path.write_text(PRESETS["backprop-xor"].experiment.to_json())
    totals = [_strict(run("trace", str(path), "--seed", seed)[1])[-1]["total"] for seed in ("1", "1", "2")]
    assert totals[0] == totals[1] != totals[2]
    assert _strict(run("trace", "-", "--seed", "1", stdin=path.read_text())[1])[-1]["total"] == totals[0]
    assert _strict(run("trace", "xor")[1])[-1]["total"] == totals[0]


def test_a_pass_that_overflows_prints_null(run):
    layers = [{"units": 8, "activation": "quadratic"}] * 6
    initializer = {"key": "constant", "settings": {"scale": 5}}
    typed = [{"matrix": "X", "row": 0, "column": 0, "value": 1e4}]
    study = Study(examples="random", layers=layers, output="quadratic", initializer=initializer, typed=typed)
    code, out, err = run("trace", "-", stdin=study.to_json())
    assert code == 0 and err == "" and _strict(out)[-1]["total"] is None


def test_tables(run):
    code, out, _ = run("tables")
    tables = json.loads(out)
    assert code == 0 and {"activations", "optimizers", "datasets", "surfaces", "presets"} <= set(tables)
    assert all({"key", "label"} <= set(entry) for entries in tables.values() for entry in entries)


def test_doctor(run):
    code, out, _ = run("doctor")
    report = json.loads(out)
    assert code == 0 and set(report) >= {"device", "memory", "versions", "data"}
    assert report["versions"]["jax"] and any(place["key"] == "builtin" for place in report["data"])


def _endless(tmp_path):
    path = tmp_path / "endless.json"
    path.write_text(PRESETS["xor"].experiment.change(epochs=1_000_000).to_json())
    return [*COMMAND, "train", str(path)]


def test_an_interrupt_prints_the_last_line(tmp_path):
    heard = signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background ignores it, and so would its children
    process = subprocess.Popen(_endless(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, heard)
    assert json.loads(process.stdout.readline())["epoch"] == 1
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    last = json.loads(out.splitlines()[-1])
    assert process.returncode == 130 and last["done"] is True and last["stopped"] == "interrupted" and err == ""


def test_a_reader_that_leaves_is_no_error(tmp_path):
    process = subprocess.Popen(_endless(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
    process.stdout.readline()
    process.stdout.close()
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.returncode == 0 and process.stderr.read() == b""
    process.stderr.close()
