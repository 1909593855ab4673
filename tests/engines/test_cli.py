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
        ("x" * 2_000_000, "larger than 1 MB"),
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


def test_tables(run):
    code, out, _ = run("tables")
    tables = json.loads(out)
    assert code == 0 and {"activations", "optimizers", "datasets", "presets"} <= set(tables)
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
    process = subprocess.Popen(_endless(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline())["epoch"] == 1
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    last = json.loads(out.splitlines()[-1])
    assert process.returncode == 130 and last["done"] is True and last["stopped"] == "interrupted" and err == ""


def test_a_reader_that_leaves_is_no_error(tmp_path):
    process = subprocess.Popen(_endless(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
    process.stdout.readline()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.returncode == 0 and process.stderr.read() == b""
    process.stderr.close()
