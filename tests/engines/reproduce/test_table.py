"""The table of published results: complete, and every run in it possible."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engines.experiment import Experiment
from engines.nets import count
from engines.reproduce import PUBLISHED
from engines.reproduce.parts import NetPart, RivalPart
from engines.reproduce.recipes import RECIPES, experiment_of
from engines.reproduce.table import GROUPS
from engines.rivals import RIVALS

ENTRIES = list(PUBLISHED.values())
ASKED = {
    *("knn", "svm", "linear", "hand-made", "mlp-1000", "mlp-500-300", "mlp-dropout", "perceptron-logistic", "lenet1", "lenet5"),
    *("lenet5-distorted", "cnn-modern", "cnn-modern-distorted", "dropout", "relu-tanh", "conv-dense", "initial-accuracy"),
    "training-size",
}


def test_everything_asked_for_is_there():
    assert set(PUBLISHED) >= ASKED
    assert {entry.group for entry in ENTRIES} == set(GROUPS)
    assert {part.recipe for entry in ENTRIES for part in entry.parts if isinstance(part, NetPart)} == set(RECIPES)
    json.dumps(PUBLISHED.describe(), allow_nan=False)


@pytest.mark.parametrize("entry", ENTRIES, ids=list(PUBLISHED))
def test_entries_are_complete(entry):
    assert entry.label and entry.help and entry.source and entry.claims and entry.parts and entry.quantity
    assert entry.published is None or entry.published > 0
    assert sum(part.headline for part in entry.parts) == (1 if len(entry.parts) > 1 and entry.key != "initial-accuracy" else 0)
    assert len({part.within(60_000).label for part in entry.parts}) == len(entry.parts)
    assert all(
        (part.x is None) == (part.of in ("", "training digits")) and bool(part.series) == bool(part.of) for part in entry.parts
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=list(PUBLISHED))
def test_every_run_is_possible(entry):
    for part in entry.parts:
        how = part.how(3, "full", None)
        json.dumps(how, allow_nan=False)
        assert part.seconds(None) > part.seconds(1) or isinstance(part, RivalPart) or part.experiment(0, "full").epochs == 1
        if isinstance(part, RivalPart):
            assert how["rival"] in RIVALS and set(how["settings"]) == set(RIVALS[part.rival].defaults())
            continue
        made = Experiment.model_validate(how)
        assert made.seed == 3 and made.data.source == "full" and made.data.train_count == part.train_count and made.epochs > 0
        assert made.schedule.key == "constant" or made.schedule.settings["length"] == made.epochs
        short = part.experiment(0, "builtin", 2)
        assert short.epochs == 2 and short.schedule.settings.get("length", 2) == 2
    assert entry.opens == (entry.experiment() is not None)
    assert entry.experiment() is None or entry.experiment("auto", 7).seed == 7


def test_the_published_architectures_are_what_they_are_called():
    nets = {key: RECIPES[key].net() for key in RECIPES}
    assert count.sizes(nets["mlp-1000"]) == (784, 1000, 10)
    assert count.sizes(nets["mlp-500-300"]) == (784, 500, 300, 10)
    assert nets["lenet5"].head == "rbf" and nets["lenet5"].border == 2
    assert count.parameters(nets["equal-dense"]) == pytest.approx(count.parameters(nets["lenet5-modern"]), rel=0.01)
    relu, tanh = nets["relu"], nets["tanh"]
    assert [layer.key for layer in relu.layers] == [layer.key for layer in tanh.layers] and "dropout" not in str(relu.layers)
    assert {layer.activation for layer in relu.layers} == {"linear", "relu"}
    assert {layer.activation for layer in tanh.layers} == {"linear", "tanh"}
    plain, dropped = nets["without-dropout"], nets["with-dropout"]
    assert count.sizes(plain) == count.sizes(dropped) and all(layer.dropout == 0.5 for layer in dropped.layers)


def test_distorted_recipes_distort_and_others_do_not():
    for key in RECIPES:
        assert bool(experiment_of(key, source="full").data.distortions) == key.endswith("distorted")


def test_the_tables_need_neither_jax_nor_scikit_learn():
    code = "import sys, engines.reproduce, engines.rivals; sys.exit(bool({'jax', 'sklearn', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3]).returncode == 0
