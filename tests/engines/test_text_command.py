"""The command line on text: train with its last line, keep a net, let it write."""

from __future__ import annotations

import json

import pytest

from engines import cli
from engines.experiment import Experiment
from engines.files import load_strict
from tests.engines.nets.recurrent.plays import small


@pytest.fixture
def run(capsys, monkeypatch):
    def run(*arguments):
        # JAX's settings are the whole process's: leave them as the other tests expect them
        monkeypatch.setattr(cli.device, "enable_compilation_cache", lambda: None)
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with an experiment, and what training it for an epoch into `net` printed."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "play.json").write_text(small().to_json())
    return folder


@pytest.fixture
def trained(kept, run):
    if not (kept / "net").exists():
        code, out, err = run("train", str(kept / "play.json"), "--epochs", "1", "--save", str(kept / "net"))
        assert code == 0 and err == ""
        (kept / "lines").write_text(out)
    return kept


def test_training_says_how_well_all_of_the_validation_text_is_guessed(trained):
    lines = [json.loads(line) for line in (trained / "lines").read_text().splitlines()]
    last = lines[-1]
    assert last["done"] and last["stopped"] == "budget" and last["epoch"] == 1
    assert last["validation_bits"] == pytest.approx(last["validation_nats"] / 0.693147, rel=1e-4)
    assert 0 < last["validation_nats"] < last["baseline_nats"]["uniform"] and 0 < last["validation_accuracy"] < 1
    epochs = [line["epoch"] for line in lines]
    assert epochs == sorted(epochs) and epochs[0] == 0 and lines[1]["characters"] == 4 * 32
    assert lines[0]["train_loss"] is None and all("examples" not in line for line in lines)


def test_the_last_line_says_how_far_training_came_since_the_last_row(trained, run):
    lines = run("train", str(trained / "play.json"), "--seconds", "0.05")[1].splitlines()
    last = json.loads(lines[-1])
    assert last["stopped"] == "seconds" and last["characters"] == 32 * last["steps"]
    assert last["epoch"] == pytest.approx(last["steps"] / 51, abs=1e-4)


def test_what_was_kept_can_be_read_and_writes(trained, run):
    assert sorted(path.name for path in (trained / "net").iterdir()) == ["experiment.json", "net.safetensors"]
    found = load_strict((trained / "net" / "experiment.json").read_text())
    assert found == small(epochs=1)
    wish = ("--length", "300", "--prime", "All:\n", "--seed", "4")
    code, out, err = run("sample", str(trained / "net"), *wish)
    assert (code, err) == (0, "") and out.startswith("All:\n") and len(out) == len("All:\n") + 300 + 1
    assert run("sample", str(trained / "net" / "net.safetensors"), *wish)[1] == out
    assert run("sample", str(trained / "net"), *wish[:-1], "5")[1] != out
    cold = [run("sample", str(trained / "net"), "--length", "50", "--temperature", "0", "--seed", seed)[1] for seed in "12"]
    assert cold[0] == cold[1] and len(cold[0]) == 51
    assert len(run("sample", str(trained / "net"), "--length", "20", "--temperature", "1e9", "--top-k", "3")[1]) == 21


def test_characters_the_net_has_never_read_are_named(trained, run):
    code, out, err = run("sample", str(trained / "net"), "--length", "5", "--prime", "é😀")
    assert code == 0 and out.startswith("é😀") and "never read 'é😀'" in err


def test_what_is_read_first_is_cleaned_as_the_text_was(trained, run):
    code, out, err = run("sample", str(trained / "net"), "--length", "9", "--prime", "All:\r\n")
    assert (code, err) == (0, "") and out == run("sample", str(trained / "net"), "--length", "9", "--prime", "All:\n")[1]
    assert "'é'" in run("sample", str(trained / "net"), "--length", "9", "--prime", "e\u0301")[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sample", "/no/such/folder"], "/no/such/folder: cannot be read"),
        (["sample", __file__], "no safetensors file"),
        (["sample", "x", "--temperature", "-1"], "temperature must be a number from 0"),
        (["sample", "x", "--top-p", "1.5"], "top-p must be a number from 0 to 1"),
        (["sample", "x", "--length", "2.5"], "length must be a whole number"),
        (["train", "xor", "--save", "x"], "--save keeps nets that read digits or text"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and said in err


@pytest.mark.parametrize("place", ["file", "file/net"])
def test_a_folder_that_cannot_be_written_is_refused_before_training(run, kept, tmp_path, place):
    (tmp_path / "file").write_text("not a folder")
    code, out, err = run("train", str(kept / "play.json"), "--epochs", "1", "--save", str(tmp_path / place))
    assert code == 2 and out == "" and err.startswith(f"{tmp_path / place}: cannot be written: ") and err.count("\n") == 1


def test_an_existing_folder_takes_the_newer_net(trained, run, tmp_path):
    (tmp_path / "net.safetensors").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    assert run("train", str(trained / "play.json"), "--seconds", "0.01", "--save", str(tmp_path))[0] == 0
    assert run("sample", str(tmp_path), "--length", "3")[0] == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["experiment.json", "net.safetensors", "notes.txt"]


@pytest.mark.parametrize("own", ["hello", "a" * 900])
def test_a_text_that_cannot_be_learned(run, tmp_path, own):
    path = tmp_path / "short.json"
    path.write_text(small(data__own=own).to_json())
    code, out, err = run("train", str(path))
    assert code == 2 and out == "" and err.startswith("A text needs at least") and err.count("\n") == 1


def test_presets_train_by_name(run):
    code, out, _ = run("train", "sonnets-quick", "--seconds", "0.001")
    last = json.loads(out.splitlines()[-1])
    assert code == 0 and last["done"] and last["stopped"] == "seconds" and last["validation_nats"] > 2
    assert isinstance(load_strict(run("preset", "shakespeare-lstm")[1]), Experiment)
