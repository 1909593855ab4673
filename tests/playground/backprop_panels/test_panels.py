"""What the parts of the Backprop page say and carry, without a page."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engines.presets import PRESETS
from engines.trace import learn
from engines.trace.brought import Brought, keep
from engines.trace.chain import chain
from engines.trace.costs import compare
from engines.trace.effort import count
from engines.trace.flow import Flow
from engines.trace.lines import summary
from engines.trace.net import Net
from engines.trace.study import MAX_TYPED, Study
from playground.backprop.component import Entry
from playground.backprop.traced import traced
from playground.backprop_panels import updates
from playground.backprop_panels.collapse import nested, pmatrix
from playground.backprop_panels.controls import GONE, StudyEditor, likely, settle, typable
from playground.backprop_panels.costs import said
from playground.backprop_panels.effort import sentence, work
from playground.backprop_panels.flow import named, verdict
from playground.backprop_panels.published import PUBLISHED, agrees, changed
from playground.backprop_panels.stage import typed_with
from playground.backprop_panels.updates import MAX_KEPT_BYTES, learned, too_many, typed_numbers, why_not
from playground.backprop_panels.weight import how_many, number, path_latex, share_name, shares_latex, weight_latex
from playground.held import Held
from playground.kept import Kept


def test_the_published_figures_agree_but_for_the_one_that_is_explained():
    of = traced(Study())
    computed = summary(of.trace)
    verdicts = []
    for _, path, told in PUBLISHED:
        value = computed
        for name in path:
            value = value[name]
        verdicts.append(agrees(told, value))
    assert verdicts == [True] * 5 + [False]
    assert not changed(of) and changed(traced(Study(learning_rate=0.1)))


def test_the_published_total_after_comes_from_weights_that_were_updated_too_early():
    v = traced(Study()).trace.values
    arriving = v["D2"] @ v["W2'"].T
    early = v["W1"] - 0.5 * v["X"].T @ (arriving * v["A1"] * (1 - v["A1"]))
    squash = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    y = squash(squash(v["X"] @ early + v["b1"]) @ v["W2'"] + v["b2"])
    assert f"{0.5 * ((y - v['T']) ** 2).sum():.9f}" == "0.291027924"


def test_ten_thousand_updates_reach_the_published_end_and_can_be_adopted():
    of = traced(Study())
    found = learned(of, 10_000)
    assert found.costs[-1] == pytest.approx(3.51e-5, rel=5e-4) and len(found.costs) == 10_001
    assert learned(of, 10_000) is found
    typed = typed_numbers(of, found)
    assert len(typed) == 8
    again = traced(of.study.change(typed=typed))
    assert again.trace.total == pytest.approx(found.costs[-1], rel=1e-6)
    assert again.trace.values["b1"] == pytest.approx(of.trace.values["b1"])


def test_other_typed_numbers_stay_when_weights_are_adopted():
    study = Study(typed=[{"matrix": "T", "row": 0, "column": 0, "value": 0.2}, {"matrix": "W1", "row": 0, "column": 0, "value": 3}])
    of = traced(study)
    typed = typed_numbers(of, learned(of, 1))
    assert len(typed) == 9 and typed[0]["matrix"] == "T" and study.change(typed=typed)


def test_large_nets_are_not_updated_for_minutes_and_take_their_room_in_what_is_kept():
    def net(*widths):
        weights = tuple(np.zeros(pair) for pair in pairwise(widths))
        return Net(weights, tuple(np.zeros(w.shape[1]) for w in weights), ("tanh",) * len(weights), "half_squared")

    usual, large = net(784, 256, 10), net(784, 1024, 1024, 1024, 1024, 1024, 10)
    assert [bool(too_many(usual, count)) for count in (1, 10_000)] == [False, False]
    assert [bool(too_many(large, count)) for count in (1, 100, 1000, 10_000)] == [False, False, True, True]
    assert "5,012,490 weights and biases" in too_many(large, 10_000)
    of = traced(Study(seed=3))
    kept = Kept(MAX_KEPT_BYTES, updates._learned._weight)
    made = [kept.get(str(i), lambda: replace(learned(of, 1), net=large)) for i in range(4)]
    assert made[0].nbytes > MAX_KEPT_BYTES / 2 and [str(i) in kept for i in range(4)] == [False, False, False, True]


def test_programs_for_many_updates_do_not_gather_all_day():
    assert learn._program.cache_info().maxsize == learn.PROGRAMS < 100


def test_what_the_address_cannot_carry_is_not_offered():
    wide = traced(Study(examples="random", inputs=8, layers=[{"units": 8}], outputs=8, train_biases=True))
    assert wide.trace.net.parameters > MAX_TYPED and typed_numbers(wide, learned(wide, 1)) is None
    numbers = [{"matrix": "W1", "row": 0, "column": 0, "value": 1e4}]
    thrown = traced(Study(examples="random", layers=[], output="quadratic", learning_rate=100, batch=4, typed=numbers))
    found = learned(thrown, 100)
    assert found.thrown_at is not None and typed_numbers(thrown, found) is None
    assert "these weights overflow" in why_not(thrown, found)
    assert "would need 144" in why_not(wide, learned(wide, 1))


def test_a_number_typed_again_replaces_the_first():
    study = Study()
    for value in (1.0, 2.0):
        study = study.change(typed=typed_with(study, Entry("W1", 0, 0, value)))
    study = study.change(typed=typed_with(study, Entry("b1", 0, 1, -1.0)))
    assert [(t.matrix, t.value) for t in study.typed] == [("W1", 2.0), ("b1", -1.0)]


def test_typed_numbers_without_a_place_are_left_out_and_told():
    held = Held(
        Study(typed=[{"matrix": "W2", "row": 1, "column": 0, "value": 1}, {"matrix": "X", "row": 0, "column": 0, "value": 1}])
    )
    assert settle(held) == [] and len(held.experiment.typed) == 2
    held.apply(held.experiment.change(layers=[]))
    told = settle(held)
    assert len(told) == 1 and "A number you typed has no place" in told[0]
    assert [t.matrix for t in held.experiment.typed] == ["X"]


def test_what_is_late_is_dropped_and_no_dotted_path_is_shown():
    editor = StudyEditor(Held(Study(examples="random", layers=[{"units": 3}])), "late")
    editor.change(layers__5__activation="relu")
    editor.change(initializer__settings__scale=0.5)
    assert editor.experiment == Study(examples="random", layers=[{"units": 3}])
    editor.change(layers__0__activation="relu", layers__1__units=2)
    assert editor.experiment.layers[0].activation == "relu" and len(editor.experiment.layers) == 1


def test_a_net_that_is_gone_at_first_gives_way_to_the_worked_example():
    held = Held(Study(examples="brought", brought="gone"))
    assert settle(held) == [] and held.experiment.examples == "brought"
    assert settle(held, first=True) == [GONE] and held.experiment == Study()


def test_which_matrices_can_be_typed():
    assert "inputs, targets" in typable(Study())
    weights = tuple(np.zeros(shape) for shape in ((784, 30), (30, 10)))
    net = Net(weights, (np.zeros(30), np.zeros(10)), ("tanh", "linear"), "softmax_cross_entropy")
    digit = Brought(net, np.zeros((1, 784)), np.eye(10)[:1], "digits", "a digit", 0.1, side=28)
    said = typable(Study(examples="brought", brought=keep(digit)))
    assert "$X$, $T$, $b_{1}$, $W_{2}$, $b_{2}$" in said and "$W_{1}$ is shown in blocks" in said


def test_what_the_output_means_where_the_cost_holds_the_sigmoid():
    study = PRESETS["backprop-cross-entropy"].experiment
    assert likely(study) == r"Here: $\sigma(4) = 0.982$"
    assert likely(Study(examples="brought", brought="gone")) == ""


def test_shares_of_a_batch_add_up_to_the_gradient():
    of = traced(Study(examples="random", batch=16, train_biases=True)).trace
    for row, symbol in ((0, "G1"), (None, "g1")):
        found = chain(of, 1, row, 1, 2)
        text = shares_latex(of, found)
        assert share_name(of, found) == "share of example 3" and "shares of the other 15" in text
        total = of.values[symbol][1] if row is None else of.values[symbol][0, 1]
        assert text.startswith(weight_latex(found)) and text.endswith(f"= {number(float(total), 9, tex=True)}")
        assert text.count("{") == text.count("}")
    alone = traced(Study()).trace
    assert share_name(alone, chain(alone, 1, 0, 0)) == ""


def test_every_factor_of_a_way_stands_above_its_number():
    found = chain(traced(Study()).trace, 1, 0, 0)
    text = path_latex(found.paths[0], weight_latex(found))
    for factor in found.paths[0].factors:
        assert rf"\underbrace{{{factor.latex}}}_{{{number(factor.value, tex=True)}}}" in text
    assert text.count("{") == text.count("}") and r"\frac{\partial C}{\partial w^{(1)}_{1,1}} &=" in text
    assert path_latex(found.paths[1], "").startswith(r"\begin{aligned} &+")
    assert how_many(found) >= found.count == 2
    assert "b^{(1)}_{2}" in weight_latex(chain(traced(Study()).trace, 1, None, 1))


@pytest.mark.parametrize(
    ("value", "text", "tex"),
    [
        (0.0821670406, "0.0822", "0.0822"),
        (-1.5e-7, "−1.5e−07", r"-1.5 \cdot 10^{-7}"),
        (0.0, "0", "0"),
        (2e12, "2e+12", r"2 \cdot 10^{12}"),
    ],
)
def test_numbers_are_short(value, text, tex):
    assert number(value) == text and number(value, tex=True) == tex


def test_the_flow_is_put_in_words():
    def of(first, last, flat=0.0):
        sizes = np.array([first, 1, 1, 1, last], float)
        return Flow(np.ones(5), sizes, sizes, np.full(5, flat))

    assert "vanishes" in verdict("a", of(1e-9, 1.0)) and "explodes" in verdict("a", of(1e9, 1.0))
    assert "arrives" in verdict("a", of(0.5, 1.0, 0.5)) and "50% of the units" in verdict("a", of(0.5, 1.0, 0.5))
    assert "no gradient at all" in verdict("a", of(0.0, 1.0)) and "overflow" in verdict("a", of(math.inf, 1.0))
    assert named([("relu", "he", math.nan), ("tanh", "normal", 0.5)]) == ["ReLU with He", "Tanh with Normal 0.5"]


def test_the_two_costs_are_put_in_words():
    told = said(compare(2.0, 0.15, 300))
    quadratic, entropy = compare(2.0, 0.15, 300)
    assert f"after {quadratic.halfway:,} updates" in told and f"after {entropy.halfway:,} updates" in told
    assert "has not halved it after 100 updates" in said(compare(4.0, 0.1, 100))


def test_the_effort_is_put_in_words():
    effort = count((2, 2, 2), 1)
    told = sentence(effort)
    assert f"{effort.forward:,} operations" in told and f"{effort.differences:,}" in told and "12 weights and biases" in told


def test_measuring_can_be_stopped():
    assert work(lambda share: None, lambda: True) is None


def test_layers_as_one_expression():
    assert nested(1) == "X W_1 + b_1"
    assert nested(2) == r"(X W_1 + b_1)\, W_2 + b_2"
    assert nested(7).endswith("W_{7} + b_{7}")
    assert pmatrix(np.array([[1, -0.25]])) == r"\begin{pmatrix} 1 & -0.25 \end{pmatrix}"
