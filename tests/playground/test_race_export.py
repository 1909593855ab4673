"""Exported races are run in a process of their own, and must end where the playground's do."""

import ast
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from engines.descent.paths import run_race
from engines.descent.race import Race, Runner, all_runners, default_runners, race_on
from engines.descent.score import score
from engines.descent.terrain import terrain_of
from engines.descriptions import Choice
from engines.presets import PRESETS
from playground.race_export import to_notebook, to_script
from tests.strategies import races

ALLOWED = {"jax", "jax.numpy", "numpy", "optax", "typing", "collections.abc"}
RACES = [key for key, preset in PRESETS.items() if preset.page == "descent"]


def _runner(key, rate, schedule="constant", **given):
    return Runner(optimizer=Choice(key=key, settings=given), learning_rate=rate, schedule=Choice(key=schedule))


CASES = {
    "every optimizer": race_on("long_valley", runners=all_runners("long_valley"), steps=80),
    "schedules and ramps": race_on(
        "quadratic",
        surface__settings__condition=30,
        steps=60,
        runners=(
            _runner("momentum", 0.02, "cosine", ramp=20),
            _runner("nesterov", 0.02, "warm_up", ramp=40, start=0.2),
            _runner("adam", 0.1, "step"),
            _runner("sgd", 0.1, "exponential"),
        ),
    ),
    "noise from a ring": race_on(
        "himmelblau", noise=0.5, ring=3, seed=7, steps=40, runners=default_runners("himmelblau", ["gradient_descent", "adam"])
    ),
    "thrown off": race_on("beale", steps=40, runners=(_runner("momentum", 0.05), _runner("adam", 0.01), _runner("sgd", 5))),
    "off the map": race_on("saddle", start=(2.2, 0.1), ring=3, ring_radius=0.4, steps=60),
    "a formula": race_on("formula", formula="abs(x) + 3 sin(y)^2 - x y/10", start=(1, 2), steps=50),
    "two weights": race_on("two_weights", steps=60),
    "a glance": race_on(
        "two_weights", glance=8, noise=0.01, seed=3, steps=30, runners=default_runners("two_weights", ["sgd", "gradient_descent"])
    ),
}


def _run(script, tmp_path):
    """What the program prints, and of each line the numbers: start x, y, end x, y, height."""
    (tmp_path / "race.py").write_text(script, encoding="utf-8")
    surroundings = {**os.environ, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-W", "error", str(tmp_path / "race.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=surroundings, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    numbers = [re.findall(r"\((\S+), (\S+)\)", line) for line in lines]
    return lines, np.array([[float(n) for pair in found for n in pair] for found in numbers])


def _check(race, tmp_path, **tolerance):
    lines, found = _run(to_script(race), tmp_path)
    paths = run_race(race)
    order = np.lexsort((paths.start, paths.runner))
    np.testing.assert_allclose(found[:, :2], paths.origin[paths.start[order]], rtol=1e-5)
    np.testing.assert_allclose(found[:, 2:], paths.position[order, -1], **{"rtol": 2e-3, "atol": 2e-4} | tolerance)
    scores = score(race, terrain_of(race), paths)
    for line, k in zip(lines, order, strict=True):
        left = re.search(r"Left the map downhill (at step \d+)", scores[k].words)
        assert (left[1] if left else None) == next(iter(re.findall(r"left the map (at step \d+),", line)), None)
        assert (f"thrown off at step {paths.thrown[k]}," in line) == (paths.thrown[k] >= 0)


@pytest.mark.parametrize("name", CASES)
def test_the_script_ends_where_the_playground_does(name, tmp_path):
    _check(CASES[name], tmp_path)


def test_a_slice_of_a_net_is_carried_along(tmp_path, monkeypatch):
    from engines import landscape
    from engines.descent.terrain import Terrain
    from engines.landscape import spline

    x, y = np.linspace(-1, 1, 9), np.linspace(-2, 2, 7)
    samples = x[None] ** 2 + 0.3 * np.sin(3 * x[None]) * y[:, None] + y[:, None] ** 2
    terrain = Terrain("slice:7x9", "Your net", spline.height, spline.params_of(x, y, samples), (-1.0, 1.0, -2.0, 2.0))
    monkeypatch.setattr(landscape, "find", lambda token: token)
    monkeypatch.setattr(landscape, "terrain_of_slice", lambda made: terrain)
    _check(race_on("landscape", landscape="abc", steps=60, runners=default_runners("saddle", ["adam", "sgd"])), tmp_path)


@pytest.mark.parametrize(
    ("race", "said"),
    [(race_on("formula", formula="x +"), "formula"), (race_on("landscape", landscape="gone"), "no longer in memory")],
)
def test_what_cannot_be_raced_says_so(race, said, tmp_path):
    (tmp_path / "race.py").write_text(to_script(race), encoding="utf-8")
    done = subprocess.run([sys.executable, str(tmp_path / "race.py")], capture_output=True, text=True)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert len(json.loads(to_notebook(race))["cells"]) == 1


@pytest.mark.parametrize("key", RACES)
def test_every_preset_exports_to_a_program_without_other_imports(key):
    script = to_script(PRESETS[key].experiment)
    tree = ast.parse(script)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= ALLOWED
    assert all(len(line) <= 160 for line in script.splitlines() if not line.startswith("#"))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(races())
def test_every_race_exports_to_a_program_and_a_notebook(race):
    if race.surface.key == "formula":
        race = race.change(formula="x*y + 1")
    script = to_script(race)
    ast.parse(script)
    assert "$" not in script
    json.loads(to_notebook(race))


def test_what_the_visitor_types_cannot_become_code():
    script = to_script(race_on("formula", formula='x"""\n__import__("os")'))
    assert [type(node).__name__ for node in ast.parse(script).body] == ["Raise"]


def test_the_notebook_s_code_cells_are_the_script():
    for race in (CASES["a glance"], CASES["schedules and ramps"], Race()):
        notebook = json.loads(to_notebook(race))
        code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
        assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(to_script(race)))
        text = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        assert [part.split("\n")[0] for part in text[1:]] == ["## The surface", "## The runners", "## The race"]
