"""Exported stacks: their first weights, their outputs and their training are the engine's; their text is what formatters want."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jax
import numpy as np
import pytest

from engines.data import digits
from engines.data.distortions import DISTORTIONS, sampled, sources, whole
from engines.experiment import DigitsData, Experiment, StackLayer, StackNet, digits_experiment
from engines.nets.layers import LAYERS
from engines.nets.presets_stack import STACKS
from engines.nets.stack_trainer import StackTrainer
from engines.training import make_trainer
from playground.export import to_notebook, to_script
from playground.source_text import together

SMALL = {
    "conv": {"filters": 4, "size": 3, "stride": 2, "padding": 1},
    "pool_max": {"size": 3, "stride": 2},
    "pool_average": {"stride": 1},
    "pool_l2": {"stride": 1},
    "dropout": {"rate": 0.25},
    "dense": {"units": 11},
}
EACH = tuple(
    StackLayer(key=key, settings=SMALL.get(key, {}), activation="tanh" if LAYERS[key].activated else "linear") for key in LAYERS
)
AMOUNTS = {key: entry.settings[0].high / 3 for key, entry in DISTORTIONS.items()}


def stacked(net: StackNet, **changes) -> Experiment:
    data = DigitsData(source="builtin", train_count=300, distortions=changes.pop("distortions", {}))
    return digits_experiment(batch_size=60, epochs=2, **changes).model_copy(update={"net": net, "data": data})


CASES = {
    "every kind": stacked(StackNet(layers=EACH, border=2, scaling="lenet"), distortions=AMOUNTS),
    **{key: stacked(net, cost="map_criterion" if net.head == "rbf" else "softmax_cross_entropy") for key, net in STACKS.items()},
    "dense, distorted": digits_experiment(
        data={"kind": "digits", "source": "builtin", "train_count": 300, "distortions": {"shear": 0.4}},
        net__layers=[{"units": 9, "activation": "relu", "dropout": 0.5}],
    ),
    "rows only": stacked(
        StackNet(
            layers=[EACH[-1], StackLayer(key="dropout"), StackLayer(key="norm", activation="relu")],
            initializer={"key": "orthogonal"},
        )
    ),
    "no layers": stacked(StackNet(scaling="standard")),
}


def cells(experiment: Experiment, *wanted: str) -> str:
    """The code of the exported notebook's parts with these headings ('' is the first)."""
    heading, found = "", []
    for cell in json.loads(to_notebook(experiment))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = text.partition("\n")[0].removeprefix("## ") if text.startswith("## ") else ""
        elif heading in wanted:
            found.append(text)
    return "\n\n".join(found)


def program(experiment: Experiment) -> dict:
    """What the exported program defines before it trains, without digits."""
    names: dict = {}
    exec(cells(experiment, "", "The net"), names)
    return names


@pytest.fixture(autouse=True)
def built_in(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)


@pytest.mark.parametrize("name", ["every kind", "lenet5", "cnn-modern", "dense, distorted", "rows only", "no layers"])
def test_first_weights_and_outputs_are_the_engine_s(name):
    trainer, exported = make_trainer(CASES[name]), program(CASES[name])
    own = trainer.weights()
    assert len(exported["weights"]) == len(own)
    for theirs, ours in zip(exported["weights"], own, strict=True):
        for array, expected in zip(theirs, ours, strict=True):
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, expected)
    rng = np.random.default_rng(5)
    shaken = [tuple(array + rng.normal(0, 0.1, array.shape).astype(np.float32) for array in pair) for pair in own]
    trainer.set_weights(shaken)
    x = rng.uniform(0, 1, (5, 784)).astype(np.float32)
    seen = trainer.digits.train_images[:300].reshape(-1, 784).astype(np.float32) / 255
    used = exported["settled"](shaken, seen) if "settled" in exported else shaken
    for theirs, ours in zip(used, trainer.settled(), strict=True):
        for array, expected in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(np.asarray(array), np.asarray(expected), rtol=2e-4, atol=1e-5)
    expected = np.asarray(jax.jit(trainer.spec.logits)(trainer.settled(), x))
    found = np.asarray(jax.jit(lambda weights, x: exported["net"](weights, x))(used, x))
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_the_same_numbers_distort_a_digit_in_the_same_way():
    exported = program(CASES["no layers"].change(data__distortions=AMOUNTS))
    images = np.random.default_rng(1).uniform(0, 1, (3, 28, 28)).astype(np.float32)
    key, rows = jax.random.key(3), []
    for entry in DISTORTIONS.values():
        key, now = jax.random.split(key)
        rows.append(np.asarray(jax.random.uniform(now, (entry.draws, 3, 1, 1), minval=-1, maxval=1))[..., 0, 0])
    expected = jax.jit(lambda numbers: sampled(images, *sources(numbers, whole(AMOUNTS))))(np.concatenate(rows))
    found = np.asarray(jax.jit(exported["distorted"])(jax.random.key(3), images.reshape(3, 784)))
    np.testing.assert_allclose(found.reshape(3, 28, 28), expected, atol=2e-4)
    assert abs(found.reshape(3, 28, 28) - images).max() > 0.1


def test_learning_draws_anew():
    exported = program(CASES["dense, distorted"])
    x = np.random.default_rng(0).uniform(0, 1, (4, 784)).astype(np.float32)
    net = jax.jit(exported["net"])
    first, second = (np.asarray(net(exported["weights"], x, jax.random.key(seed))) for seed in (0, 1))
    assert abs(first - second).max() > 1e-3


def printed(experiment: Experiment, capsys) -> np.ndarray:
    exec(to_script(experiment), {"__name__": "__main__"})
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("epoch")]
    return np.array([[float(n) for n in re.findall(r"(?:loss|accuracy) (\S+?)(?:,|$)", line)] for line in lines])


def test_a_whole_run_repeats_the_engine_s_where_nothing_is_left_to_chance(capsys):
    layers = [layer for layer in EACH if layer.key in ("conv", "norm", "subsample", "dense")]
    experiment = stacked(
        StackNet(layers=layers, border=1),
        optimizer={"key": "gradient_descent"},
        learning_rate=0.1,
        penalty={"key": "l2"},
        max_norm=3,
    )
    trainer, rows = StackTrainer(experiment), []
    while len(rows) < 2:
        rows += trainer.advance(10).rows.tolist()
    found = printed(experiment, capsys)
    np.testing.assert_allclose(found[:, :2], np.array(rows)[:, 1:3], rtol=2e-3)
    np.testing.assert_allclose(found[:, 2:], np.array(rows)[:, 3:], atol=0.01)


def test_a_run_with_chance_learns(capsys):
    net = StackNet(layers=[EACH[0], StackLayer(key="norm", activation="relu"), StackLayer(key="dropout", settings={"rate": 0.2})])
    found = printed(stacked(net, distortions={"shift": 1.0}, learning_rate=0.01).change(epochs=8), capsys)
    assert np.isfinite(found).all() and found[-1, 1] < 0.7 * found[0, 1] and found[-1, 3] > 0.6


@pytest.mark.parametrize("name", ["lenet5", "every kind"])
def test_the_notebook_is_the_script_cell_by_cell(name):
    notebook = json.loads(to_notebook(CASES[name]))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    for cell in notebook["cells"]:
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | (
            {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        )
    bare = lambda text: [line for line in text.splitlines() if line.strip() and not line.startswith("# ")]  # noqa: E731
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert bare(code) == [line for line in bare(to_script(CASES[name])) if line != "#"]


def test_what_is_drawn_otherwise_is_named():
    said = lambda name: " ".join(to_script(CASES[name])[:1000].replace("\n# ", " ").split())  # noqa: E731
    assert "differently: the order of the examples." in said("lenet5")
    assert "differently: the order of the examples and which units dropout leaves out." in said("cnn-modern")
    assert "the order of the examples, how digits are distorted and which units dropout leaves out." in said("every kind")


def test_programs_are_formatted_and_hold_nothing_unused(tmp_path):
    for name, experiment in CASES.items():
        script = to_script(experiment)
        (tmp_path / f"{re.sub(r'[^a-z0-9]', '_', name)}.py").write_text(script, encoding="utf-8")
        for function in re.findall(r"^def (\w+)", script, re.MULTILINE):
            assert len(re.findall(rf"\b{function}\b", script)) > 1, (name, function)
    for command in (["format", "--check"], ["check", "--select", "F,E,W,I"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--line-length", "132", "--isolated", "--no-cache", str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout


def test_source_without_annotations_needs_no_imports():
    text = together([digits.split, digits.known], plain=True)
    assert "->" not in text and not re.search(r"def \w+\([^)]*:", text) and "def split(" in text and "def known(" in text
