"""Exported studies are run in a process of their own, and must print the playground's numbers."""

import ast
import json
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from engines.presets import PRESETS
from engines.trace.brought import Brought, keep
from engines.trace.check import cost_of
from engines.trace.net import Net
from engines.trace.passes import trace
from engines.trace.study import Study, material
from playground.study_export import to_notebook, to_script
from tests.strategies import studies

ALLOWED = {"base64", "zlib", "jax", "jax.numpy", "numpy"}
STUDIES = [key for key, preset in PRESETS.items() if preset.page == "backprop"]


def _layers(*layers):
    return [{"units": n, "activation": key} for n, key in layers]


def _brought(widths=(20, 8, 3)):
    rng = np.random.default_rng(0)
    shapes = list(pairwise(widths))
    weights = tuple(rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    biases = tuple(rng.standard_normal(o).astype(np.float32) for _, o in shapes)
    functions = (*["relu"] * (len(shapes) - 1), "linear")
    net = Net(weights, biases, functions, "softmax_cross_entropy")
    x = rng.random((1, widths[0])).astype(np.float32)
    brought = Brought(net, x, np.eye(widths[-1], dtype=np.float32)[:1], "digits", "a test", 0.1)
    return Study(examples="brought", brought=keep(brought), train_biases=True, cost="softmax_cross_entropy")


CASES = {
    "worked example": Study(),
    "no hidden layer, logistic cost": Study(
        examples="random", inputs=3, layers=[], outputs=2, output="linear", cost="cross_entropy", batch=6, train_biases=True
    ),
    "pixels, orthogonal": PRESETS["backprop-pixels"].experiment.change(initializer={"key": "orthogonal"}),
    "typed": PRESETS["backprop-dead-relu"].experiment.change(layers=_layers((4, "leaky_relu")), cost="huber"),
    "functions": Study(
        examples="xor", layers=_layers((3, "step_surrogate"), (4, "gelu"), (5, "silu")), cost="summed_squared", train_biases=True
    ),
    "brought": _brought,
}


def _printed(script, tmp_path):
    (tmp_path / "study.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(tmp_path / "study.py")]
    surroundings = {**os.environ, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=surroundings, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", CASES)
def test_the_script_prints_the_playground_s_numbers(name, tmp_path):
    study = CASES[name]() if callable(CASES[name]) else CASES[name]
    net, x, t = material(study)
    done = trace(net, x, t, study.learning_rate, np.float64)
    lines = dict(line.rsplit(maxsplit=1) for line in _printed(to_script(study), tmp_path) if "total" in line or "largest" in line)
    assert float(lines["total cost"]) == pytest.approx(done.total, rel=1e-12)
    assert float(lines["total after"]) == pytest.approx(cost_of(done.updated, x, t), rel=1e-12)
    assert float(lines["largest difference"]) < 1e-12


def test_gradients_and_weights_are_printed_as_the_example_counts_them(tmp_path):
    lines = _printed(to_script(Study()), tmp_path)
    gradient = next(line for line in lines if line.startswith("gradient of W2"))
    assert float(gradient.partition(": ")[2].split()[0]) == pytest.approx(0.082167041, abs=1e-9)
    after = next(line for line in lines if line.startswith("W2 after"))
    assert f"{float(after.partition(': ')[2].split()[0]):.8f}" == "0.35891648"


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (lambda: Study(examples="brought", brought="gone"), "no longer in memory"),
        (lambda: _brought((1100, 1000, 3)), "too many for a script"),
    ],
)
def test_what_cannot_be_written_says_so(study, said, tmp_path):
    study = study()
    (tmp_path / "study.py").write_text(to_script(study), encoding="utf-8")
    done = subprocess.run([sys.executable, str(tmp_path / "study.py")], capture_output=True, text=True)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert len(json.loads(to_notebook(study))["cells"]) == 1


@pytest.mark.parametrize("key", STUDIES)
def test_every_preset_exports_to_a_program_without_other_imports(key):
    tree = ast.parse(to_script(PRESETS[key].experiment))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= ALLOWED
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(studies())
def test_every_study_exports_to_a_program_and_a_notebook(study):
    script = to_script(study)
    ast.parse(script)
    assert "$" not in script
    notebook = json.loads(to_notebook(study))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(script))
