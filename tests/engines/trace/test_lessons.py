"""Gallery, costs compared, quizzes, presets: each says what its numbers say."""

from itertools import pairwise

import numpy as np
import pytest

from engines.activations import ACTIVATIONS
from engines.presets import PRESETS
from engines.trace.costs import compare
from engines.trace.gallery import REACH, gallery, portrait
from engines.trace.passes import trace
from engines.trace.quizzes import QUIZZES, ask
from engines.trace.study import Study, material, settled

STUDIES = {key: preset.experiment for key, preset in PRESETS.items() if preset.page == "backprop"}


def _traced(study):
    net, x, t = material(study)
    return trace(net, x, t, study.learning_rate, np.float64)


# ---- gallery


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_a_portrait_is_the_function_and_its_derivative(key):
    found = portrait(key)
    assert found.z[0] == -REACH and found.z[-1] == REACH and found.value.shape == found.slope.shape == found.z.shape
    assert found.words.endswith(".")
    for low, high in found.flat:
        inside = (found.z > low - 0.01) & (found.z < high + 0.01)
        assert (np.abs(found.slope[inside]) < 0.01).all()
    if key not in ("step", "step_surrogate", "relu", "leaky_relu", "elu"):
        np.testing.assert_allclose(np.gradient(found.value, found.z)[1:-1], found.slope[1:-1], atol=2e-3)


def test_where_they_saturate():
    found = {portrait.key: portrait for portrait in gallery()}
    assert list(found) == list(ACTIVATIONS)
    edge = np.log((1 + np.sqrt(0.96)) / (1 - np.sqrt(0.96)))  # where s(1 - s) = 0.01
    (_, low), (high, _) = found["sigmoid"].flat
    assert low == pytest.approx(-edge, abs=0.03) and high == pytest.approx(edge, abs=0.03)
    assert found["sigmoid"].steepest == 0.25 and found["tanh"].steepest == 1
    assert found["relu"].flat == ((-6, 0),) and "dead" in found["relu"].words
    assert found["linear"].flat == () and found["sine"].flat == ()
    assert found["step"].flat == ((-6, 6),) and "nothing before it learns" in found["step"].words
    assert "errors can grow" in found["quadratic"].words


# ---- costs


def test_a_badly_wrong_neuron_learns_faster_with_cross_entropy():
    quadratic, entropy = compare()
    assert quadratic.output[0] == pytest.approx(1 / (1 + np.exp(-4)), rel=1e-9) == entropy.output[0]
    assert entropy.halfway < 20 and quadratic.halfway > 200
    assert entropy.gradient[0] > 50 * quadratic.gradient[0]
    assert compare(start=5, updates=50)[0].halfway is None


@pytest.mark.parametrize(("start", "updates"), [(2.0, 40), (0.3, 40)])
def test_both_are_what_plain_loops_find(start, updates):
    for lesson, slope in zip(compare(start, 0.15, updates), (lambda y: y * y * (1 - y), lambda y: y), strict=True):
        w = b = start
        for step in range(updates):
            y = 1 / (1 + np.exp(-(w + b)))
            assert lesson.output[step] == pytest.approx(y, rel=1e-9)
            assert lesson.gradient[step] == pytest.approx(slope(y), rel=1e-9)
            w, b = w - 0.15 * slope(y), b - 0.15 * slope(y)


@pytest.mark.parametrize("wrong", [{"start": 11}, {"updates": 0}, {"updates": 2001}, {"start": float("nan")}])
def test_costs_have_bounds(wrong):
    with pytest.raises(ValueError, match="must lie between"):
        compare(**wrong)


# ---- quizzes


@pytest.mark.parametrize("key", QUIZZES)
@pytest.mark.parametrize("study", STUDIES)
def test_a_question_has_one_right_answer_among_different_choices(key, study):
    done = _traced(STUDIES[study])
    for step in (0, len(done.operations) - 1):
        asked = ask(key, done, step)
        if asked is not None:
            assert 0 <= asked.answer < len(asked.choices) == len(set(asked.choices)) >= 2
            assert asked.question.endswith(("?",)) and asked.why.endswith(".")


def test_answers_are_the_numbers():
    done = _traced(Study())
    right = {key: (asked := ask(key, done)).choices[asked.answer] for key in QUIZZES}
    assert right == {
        "next_shape": "1 × 2",
        "blame": "Output 1",
        "movers": "Those of layer 2",
        "fading": "It shrinks",
        "direction": "Down",
        "after": "Lower",
    }
    pixels = _traced(STUDIES["backprop-pixels"])
    asked = ask("next_shape", pixels, 2)
    assert asked.choices[asked.answer] == "128 × 3" and "$A_{1}$ (128 × 5) times $W_{2}$ (5 × 3)" in asked.question
    too_long = _traced(Study(examples="random", layers=[], outputs=1, output="linear", learning_rate=100, batch=8))
    assert ask("after", too_long).answer == 0
    dead = _traced(STUDIES["backprop-dead-relu"])
    assert ask("movers", dead).choices[ask("movers", dead).answer] == "None of them moves" and ask("direction", dead) is None


@pytest.mark.parametrize(
    ("rule", "given", "hint"),
    [
        ("forward_1", "$X$ (1 × 2) times $W_{1}$ (2 × 2)", "Rows of the first matrix"),
        ("gradient", r"$A_{1}^\top$ (2 × 1) times $\delta_{2}$ (1 × 2)", "the shape of its weights"),
        ("backward_1", r"$\delta_{2}$ (1 × 2) times $W_{2}^\top$ (2 × 2)", "they are transposed"),
    ],
)
def test_matrices_are_written_as_they_are_multiplied_and_each_rule_has_its_hint(rule, given, hint):
    done = _traced(Study())
    step = next(o.index for o in done.operations if o.rule == rule)
    asked = ask("next_shape", done, step - 1)
    assert f"Next: {given}." in asked.question and hint in asked.hint


def test_numbers_that_ran_out_are_not_asked_about():
    layers = [{"units": 8, "activation": "quadratic"}] * 6
    huge = Study(
        examples="random", layers=layers, output="quadratic", initializer={"key": "constant", "settings": {"scale": 5}}, batch=4
    )
    typed = [{"matrix": "X", "row": 0, "column": 0, "value": 1e4}]
    done = _traced(huge.change(typed=typed))
    assert not np.isfinite(done.total) and ask("after", done) is None and ask("fading", done) is None


# ---- presets


@pytest.mark.parametrize("key", STUDIES)
def test_a_preset_is_settled_and_survives_json(key):
    study = STUDIES[key]
    assert settled(study) == (study, []) and Study.model_validate_json(study.to_json()) == study
    assert len(_traced(study).operations) == study.operations


def test_the_named_ones_are_there():
    named = "worked-example pixels xor saturated cross-entropy softmax linear deep-sigmoid dead-relu twins"
    assert {f"backprop-{name}" for name in named.split()} == set(STUDIES)


def test_presets_show_what_they_say():
    v = {key: _traced(study).values for key, study in STUDIES.items()}
    pixels = v["backprop-pixels"]
    assert pixels["X"].shape == (128, 3) and pixels["W1"].shape == (3, 5) and pixels["Z1"].shape == (128, 5)
    y = v["backprop-saturated"]["Y"][0, 0]
    assert y == pytest.approx(0.982, abs=1e-3) and y * (1 - y) == pytest.approx(0.0177, abs=1e-4)
    assert v["backprop-cross-entropy"]["D1"][0, 0] == pytest.approx(y) and v["backprop-saturated"]["D1"][0, 0] < 0.02 * y
    np.testing.assert_allclose(v["backprop-softmax"]["dA1"].sum(1), 0, atol=1e-12)
    deep = [np.abs(v["backprop-deep-sigmoid"][f"D{n}"]).max() for n in range(1, 8)]
    assert deep[0] < 1e-3 * deep[-1] and all(a < b for a, b in pairwise(deep))
    tanh = STUDIES["backprop-deep-sigmoid"].change(layers=[{"units": 6, "activation": "tanh"}] * 6)
    assert np.abs(_traced(tanh).values["D1"]).max() > 100 * deep[0]
    dead = STUDIES["backprop-dead-relu"]
    assert not v["backprop-dead-relu"]["G1"].any() and not v["backprop-dead-relu"]["A1"].any()
    alive = _traced(dead.change(typed=[t.model_dump() | {"value": 0 if t.column == 0 else t.value} for t in dead.typed]))
    assert alive.values["G1"][:, 0].any() and not alive.values["G1"][:, 1:].any()
    twins = v["backprop-twins"]["G1"]
    np.testing.assert_allclose(twins, np.repeat(twins[:, :1], 4, 1))
    assert twins.any()
