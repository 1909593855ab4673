"""Exported text programs: their first weights and their losses are the engine's; their text is what formatters want."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from engines.data.text import SONNETS
from engines.experiment import Experiment, text_experiment
from engines.nets.recurrent.cells import CELLS
from engines.training import make_trainer
from playground.export import to_notebook, to_script

PIECE = SONNETS.read_text("utf-8")[:1500]
SMALL = {"data__source": "own", "data__own": PIECE, "data__sequence": 8, "net__units": 16, "batch_size": 4, "epochs": 1}
CASES = {
    **{f"{cell}, embedded": text_experiment(**SMALL, net__cell=cell, net__embedding=4) for cell in CELLS if cell != "lstm"},
    "lstm, one-hot, 2 layers": text_experiment(**SMALL, net__cell="lstm", net__embedding=0, net__layers=2),
    "limits, penalty, schedule": text_experiment(
        **SMALL,
        clip_value=0.01,
        clip_norm=0.05,
        max_norm=1.0,
        data__carry=False,
        penalty={"key": "l2", "settings": {"rate": 0.01}},
        schedule={"key": "cosine"},
        optimizer={"key": "rmsprop"},
        net__initializer={"key": "orthogonal"},
    ),
}
RARE = text_experiment(**SMALL | {"data__own": "".join(chr(0x4E00 + (i * i) % 701) for i in range(3000))})


def outcome(experiment: Experiment) -> tuple[dict, str]:
    """What the exported program has defined at its end, and what it printed."""
    names: dict = {}
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(to_script(experiment), "exported.py", "exec"), names)
    return names, out.getvalue()


@pytest.mark.parametrize("name", CASES)
def test_the_program_learns_as_the_engine_does(name):
    experiment = CASES[name]
    trainer, (names, printed) = make_trainer(experiment), outcome(experiment)
    before = re.search(r"before training: validation ([\d.]+)", printed)
    assert float(before[1]) == pytest.approx(float(trainer.validation().nats), abs=2e-4)
    assert "".join(names["CHARACTERS"]) == trainer.corpus.alphabet.characters and len(names["write"]("the", 20)) == 20
    while not trainer.advance(10_000).stopped:
        pass
    found = re.search(r"epoch 1: train ([\d.]+), validation ([\d.]+) nats", printed)
    assert float(found[2]) == pytest.approx(float(trainer.validation().nats), abs=3e-3)
    for theirs, ours in zip(names["weights"], trainer.weights(), strict=True):
        for array, expected in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(np.asarray(array), expected, atol=5e-3)


def test_rare_characters_share_one():
    names, _ = outcome(RARE)
    trainer = make_trainer(RARE)
    assert "".join(names["CHARACTERS"]) == trainer.corpus.alphabet.characters
    np.testing.assert_array_equal(names["train_ids"], trainer.corpus.train)


def test_dropout_is_drawn_differently_and_that_is_said():
    experiment = text_experiment(**SMALL, net__dropout=0.5, patience=1)
    script = to_script(experiment)
    assert "dropout leaves out" in script.replace("\n#", "") and "stopping early" in script
    _, printed = outcome(experiment)
    assert "epoch 1" in printed


@pytest.mark.parametrize("name", ["gru, embedded", "lstm, one-hot, 2 layers", "transformer, embedded", "limits, penalty, schedule"])
def test_the_text_is_what_formatters_want(name, tmp_path):
    path = tmp_path / "exported.py"
    path.write_text(to_script(CASES[name].change(data__own=PIECE[:300])))
    for check in (["format", "--check", "--line-length", "132"], ["check", "--select", "F,E,W", "--line-length", "132"]):
        answer = subprocess.run([sys.executable, "-m", "ruff", *check, "--isolated", str(path)], capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_notebook_is_the_script(monkeypatch):
    experiment = CASES["gru, embedded"]
    notebook = json.loads(to_notebook(experiment))
    code = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert "train_epoch" in code and notebook["nbformat"] == 4


@pytest.mark.parametrize(("source", "words"), [("sonnets", "Shakespeare's Sonnets"), ("shakespeare", "Shakespeare's Sonnets")])
def test_a_built_in_text_is_in_the_program(source, words, monkeypatch, tmp_path):
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    script = to_script(text_experiment(data__source=source))
    assert words in script and "From fairest creatures we desire increase" in script
