"""Studies out of anything: what fits is kept, the rest is replaced and named."""

import pytest
from hypothesis import given, settings

from engines.trace.repair import repair_study
from engines.trace.study import MAX_LAYERS, MAX_TYPED, HiddenLayer, Study
from tests.strategies import damaged, junk, studies

DEFAULT = Study(examples="random", inputs=3, outputs=2, batch=8, layers=[{"units": 4, "activation": "tanh"}], train_biases=True)
HERE = {"matrix": "W1", "row": 0, "column": 1, "value": 0.5}


def _raw(**changes):
    return DEFAULT.model_dump(mode="json") | changes


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({"batch": 999}, {}, "examples in the batch: 999 is above the largest allowed, 256; using 8"),
        ({"inputs": 0}, {}, "inputs: 0 is below the smallest allowed, 1; using 3"),
        ({"learning_rate": float("nan")}, {}, "learning rate: NaN is not a finite number; using 0.5"),
        ({"version": 2}, {}, "version: 2 is not 1"),
        ({"kind": "walk"}, {}, "kind: 'walk' is not 'study'; reading what fits"),
        ({"zz": 1}, {}, "zz: there is no such field; ignored"),
        (
            {"examples": "pears"},
            {},
            "examples: there is no example called 'pears'; choose from worked_example, pixels, xor, random;",
        ),
        ({"output": "swoosh"}, {}, "output activation: there is no activation called 'swoosh'"),
        ({"cost": "none"}, {}, "cost: there is no cost called 'none'"),
        ({"initializer": "luck"}, {}, "initialisation, key: 'luck' is none of"),
        ({"brought": "../x"}, {}, "brought: it may hold letters, digits, - and _ only"),
        ({"layers": 7}, {}, "layers: 7 should be a list of layers; using the default's"),
        ({"layers": [{"units": 5}, 5]}, {"layers": [{"units": 5}]}, "layer 2: 5 should be an object with named fields"),
        ({"layers": [{"units": 99, "activation": "relu"}]}, {"layers": [{"activation": "relu"}]}, "layer 1, units: 99 is above"),
        ({"layers": [{}] * 7}, {"layers": [{}] * MAX_LAYERS}, "layers: there are more than 6; using the first 6"),
        ({"typed": "W1"}, {}, "typed numbers: 'W1' should be a list of numbers and their places; left out"),
        (
            {"typed": [HERE, 1]},
            {"typed": [HERE]},
            "typed number 2: 1 should be an object with named fields; this number is left out",
        ),
        (
            {"typed": [HERE | {"value": 1e9}]},
            {},
            "typed number 1, value: 1e9 is above the largest allowed, 10000; this number is left out",
        ),
        ({"typed": [HERE | {"value": float("inf")}]}, {}, "typed number 1, value: infinity is not a finite number"),
        ({"typed": [HERE | {"matrix": "W3"}]}, {}, "typed number 1: there is no matrix W3 in this net; left out"),
        ({"typed": [HERE | {"row": 3}]}, {}, "typed number 1: W1 has 3 rows and 4 columns; (3, 1) is outside; left out"),
        ({"typed": [HERE] * 65}, {"typed": [HERE] * MAX_TYPED}, "typed numbers: there are more than 64; using the first 64"),
        ({"step": 99}, {"step": 20}, "step: there is no step 99 in this pass, which ends with 20; showing the last"),
        ({"step": 99999}, {"step": 20}, "step: there is no step 99999 in this pass, which ends with 20; showing the last"),
        ({"step": 10**30}, {"step": 20}, "step: there is no step so large in this pass"),
        ({"example": 999}, {"example": 7}, "example: there is no example 999, only 0 to 7; showing the last"),
        ({"example": 8}, {"example": 7}, "example: there is no example 8, only 0 to 7; showing the last"),
    ],
)
def test_only_the_smallest_wrong_field_is_replaced_and_named(changes, expected, said):
    repaired, problems = repair_study(_raw(**changes), DEFAULT)
    assert repaired == DEFAULT.change(**expected)
    assert len(problems) == 1 and problems[0].startswith(said)


def test_what_the_examples_fix_is_told():
    repaired, problems = repair_study(_raw(examples="xor"), DEFAULT)
    assert (repaired.inputs, repaired.outputs, repaired.batch) == (2, 1, 4)
    assert [problem.split(":")[0] for problem in problems] == ["inputs", "outputs", "examples in the batch"]
    assert "3 does not fit the examples, XOR; using 2" in problems[0]
    assert repair_study({"examples": "xor"}, DEFAULT) == (DEFAULT.change(examples="xor"), [])


def test_an_empty_net_is_a_net_without_hidden_layers():
    repaired, problems = repair_study(_raw(layers=[]), DEFAULT)
    assert repaired.layers == () and not problems and repaired.widths == (3, 2)


@pytest.mark.parametrize("raw", [None, 5, "text", [], object()])
def test_what_is_no_object_gives_the_default(raw):
    repaired, problems = repair_study(raw, DEFAULT)
    assert repaired == DEFAULT and len(problems) == 1 and problems[0].startswith("study: ")


def test_huge_input():
    for raw in ({"layers": [{}] * 500_000}, {"typed": [HERE] * 500_000}, {str(i): i for i in range(200_000)}):
        repaired, problems = repair_study(raw, DEFAULT)
        assert isinstance(repaired, Study) and problems and all(len(problem) < 400 for problem in problems)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(studies(), studies())
def test_a_valid_study_comes_back_as_it_was(study, default):
    assert repair_study(study.model_dump(mode="json"), default) == (study, [])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(damaged(studies()))
def test_damaged_descriptions(raw):
    repaired, problems = repair_study(raw, DEFAULT)
    assert repair_study(repaired.model_dump(mode="json"), DEFAULT) == (repaired, [])
    assert len(problems) <= 13 and all(problem and len(problem) < 400 for problem in problems)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(junk)
def test_junk(raw):
    repaired, _ = repair_study(raw, DEFAULT)
    assert Study.model_validate(repaired.model_dump()) == repaired


def test_layers_without_fields_are_usual_ones():
    assert repair_study(_raw(layers=[{}]), DEFAULT) == (DEFAULT.change(layers=[HiddenLayer().model_dump()]), [])
