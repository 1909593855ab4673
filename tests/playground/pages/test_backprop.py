"""The Backprop page through AppTest: controls reach the study, panels say the engine's numbers, bad input costs nothing."""

from __future__ import annotations

import time

import pytest
import streamlit as st

from engines.activations import ACTIVATIONS
from engines.initializers import INITIALIZERS
from engines.presets import PRESETS
from engines.trace.check import check
from engines.trace.net import COSTS
from engines.trace.quizzes import ask
from engines.trace.study import MAX_LAYERS, Study
from playground.backprop.component import Entry, Place
from playground.backprop.traced import traced
from playground.backprop_panels import stage
from playground.backprop_panels.controls import GONE
from tests.playground.pages.opening import open_page, open_tab


def study_of(app) -> Study:
    return app.session_state["held.backprop"].experiment


def labelled(elements, label):
    return next(element for element in elements if element.label == label)


def said(app) -> str:
    return " ".join(str(e.value) for e in [*app.markdown, *app.caption, *app.warning, *app.info, *app.latex])


def studied(app, tab):
    """The page with another of the tabs under the view open."""
    app.session_state["backprop_studies"] = tab
    return app.run()


@pytest.fixture
def shown(monkeypatch):
    """What the component was given, newest last."""
    given = []
    monkeypatch.setattr(stage, "backprop_view", lambda data, key, heard: given.append(data))
    return given


@pytest.fixture
def tell(shown, monkeypatch):
    """tell(app, name, *values): the browser says something; the page runs on with it."""
    waiting = []

    def view(data, key, heard):
        shown.append(data)
        if waiting:
            name, values = waiting.pop()
            getattr(heard, name)(*values)
            st.rerun()

    monkeypatch.setattr(stage, "backprop_view", view)
    return lambda app, name, *values: waiting.append((name, values)) or app.run()


# ---- the view


def test_the_first_study_is_the_worked_example(shown):
    app = open_page("backprop")
    assert not app.exception and study_of(app) == Study()
    data = shown[-1]
    assert data["net"]["widths"] == [2, 2, 2] and data["selected"] == {"layer": 2, "row": 0, "column": 0}
    assert data["summary"]["total"] == pytest.approx(0.298371109, abs=5e-10)
    assert app.query_params == {}


def test_what_is_picked_moved_and_typed_in_the_view_reaches_the_page(shown, tell):
    app = open_page("backprop")
    revision = shown[-1]["revision"]
    tell(app, "picked", Place(1, 1, 0))
    assert shown[-1]["selected"] == {"layer": 1, "row": 1, "column": 0} and "from input 2 to unit 1" in said(app)
    tell(app, "moved", 7, 0)
    assert study_of(app).step == 7 and app.query_params["step"] == "7"
    assert shown[-1]["study"]["step"] == 7 and shown[-1]["revision"] == revision
    tell(app, "edited", Entry("W2", 0, 1, 0.75))
    assert shown[-1]["revision"] != revision
    assert traced(study_of(app)).trace.values["W2"][0, 1] == 0.75
    labelled(open_tab(app, "backprop", "Examples").button, "Take back the number you typed").click().run()
    assert study_of(app).typed == () and shown[-1]["revision"] == revision


@pytest.mark.parametrize("value", [1e5, -1e300])
def test_a_huge_number_is_refused_and_nothing_is_lost(tell, value):
    app = open_page("backprop")
    tell(app, "edited", Entry("W1", 0, 0, value))
    assert study_of(app) == Study() and "Not changed" in said(app) and not app.exception


def test_typed_numbers_that_lose_their_place_are_told(shown):
    app = open_page("backprop", typed="W2.1.1~0.5,X.0.0~0.5")
    labelled(open_tab(app, "backprop", "Net").slider, "Hidden layers").set_value(0).run()
    assert [typed.matrix for typed in study_of(app).typed] == ["X"]
    assert "A number you typed has no place in this net any more" in said(app) and not app.exception


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"step": "99999"}, "there is no step 99999 in this pass, which ends with 18; showing the last"),
        ({"step": "500"}, "there is no step 500"),
        ({"batch": "0", "trace": "random"}, ""),
        ({"net": "99relu"}, ""),
        ({"typed": "W1.0.0~nan"}, ""),
        ({"trace": "nothing"}, "nothing"),
        ({"net": "-".join(["2tanh"] * 9)}, "more than 6"),
    ],
)
def test_a_bad_link_is_told_and_the_rest_is_shown(shown, query, told):
    app = open_page("backprop", v="1", **query)
    assert not app.exception and told in said(app) and app.warning
    assert shown[-1]["operations"]


def test_a_net_that_is_gone_at_first_gives_way_to_the_worked_example(shown):
    app = open_page("backprop", v="1", trace="brought", brought="abcdefghijkl")
    assert not app.exception and GONE in said(app) and study_of(app) == Study()
    assert app.query_params == {} and GONE not in said(app.run())


def test_a_net_that_is_gone_later_is_told_and_the_last_one_stays(shown):
    app = open_page("backprop")
    app.query_params.update({"v": "1", "trace": "brought", "brought": "abcdefghijkl"})
    app.run()
    assert not app.exception and "no longer in memory" in said(app)
    assert shown[-1]["net"]["widths"] == [2, 2, 2]
    for tab in ("Examples", "Net", "Learning"):
        assert not open_tab(app, "backprop", tab).exception


# ---- controls


@pytest.mark.parametrize("examples", ["worked_example", "pixels", "xor", "random"])
def test_all_examples_and_controls_can_be_drawn(shown, examples):
    app = open_page("backprop")
    labelled(app.selectbox, "Examples").set_value(examples).run()
    assert study_of(app).examples == examples and not app.exception
    for tab in ("Net", "Learning"):
        assert not open_tab(app, "backprop", tab).exception


def test_layers_units_and_functions(shown):
    app = open_tab(open_page("backprop", v="1", trace="random"), "backprop", "Net")
    labelled(app.slider, "Hidden layers").set_value(MAX_LAYERS).run()
    labelled(app.number_input, "Units 6").set_value(7).run()
    labelled(app.selectbox, "Function 6").set_value("relu").run()
    labelled(app.selectbox, "First weights").set_value("normal").run()
    labelled(app.number_input, "Scale").set_value(0.1).run()
    study = study_of(app)
    assert study.widths == (2, 2, 2, 2, 2, 2, 7, 2) and study.layers[5].activation == "relu"
    assert study.initializer.settings == {"scale": 0.1}
    assert shown[-1]["net"]["widths"] == list(study.widths) and not app.exception


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_can_be_chosen(shown, cost):
    app = open_tab(open_page("backprop", v="1", trace="pixels", outputs="3"), "backprop", "Learning")
    labelled(app.selectbox, "Cost").set_value(cost).run()
    assert not app.exception and study_of(app).cost == cost
    assert study_of(app).output_used == (
        "linear" if cost in ("cross_entropy", "hinge", "softmax_cross_entropy", "summed_squared", "map_criterion") else "sigmoid"
    )
    assert not open_tab(app, "backprop", "Net").exception
    labelled(open_tab(app, "backprop", "Learning").selectbox, "Cost").set_value("half_squared").run()
    assert study_of(app).cost == "half_squared"


def test_targets_and_the_sigmoid_of_cross_entropy_are_told(shown):
    app = open_tab(
        open_page("backprop", v="1", trace="random", out="linear", cost="cross_entropy", typed="T.0.0~0.3"), "backprop", "Learning"
    )
    assert (
        "0.3 counts as -1" in said(app) and r"$\sigma(" in said(app) and "contains the sigmoid" in said(app) and not app.exception
    )


def test_the_shares_of_a_batch(shown):
    app = open_page("backprop", v="1", trace="random", batch="16", example="-1")
    assert "shares of the other 15" in said(app) and r"\text{share of example 1} &=" in said(app)


def test_rate_and_biases(shown):
    app = open_tab(open_page("backprop"), "backprop", "Learning")
    labelled(app.select_slider, "Learning rate").set_value(0.1).run()
    labelled(app.toggle, "Update the biases too").set_value(True).run()
    assert study_of(app).learning_rate == 0.1 and study_of(app).train_biases
    assert "b1'" in shown[-1]["matrices"]


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "backprop"])
def test_every_preset_opens(shown, key):
    app = open_page("backprop")
    app.selectbox(key="backprop.preset").set_value(key).run()
    assert not app.exception and study_of(app) == PRESETS[key].experiment
    for tab in ("Chain rule", "Run updates", "Without functions"):
        assert not studied(app, tab).exception


# ---- what can be studied


def test_the_chain_rule_and_the_three_ways(shown):
    app = open_page("backprop")
    labelled(app.selectbox, "Matrix").set_value("W1").run()
    labelled(app.number_input, "Row (from)").set_value(2).run()
    found = check(traced(Study()).trace, 1, 1, 0)
    text = said(app)
    assert "There are 2 ways" in text and f"{found.rules:.9g}" in text and f"{found.autodiff:.9g}" in text
    assert f"{found.difference:.5g}"[:6] in text
    assert f"{float(traced(Study()).trace.values[chr(87) + '1' + chr(39)][1, 0]):.9g}" in text
    labelled(app.selectbox, "Matrix").set_value("b2").run()
    assert "Biases are left alone" in said(app) and not app.exception


def test_the_published_figures_stand_beside_ours(shown):
    app = studied(open_page("backprop"), "Published figures")
    text = said(app)
    assert text.count("every digit") == 5 and "0.09" in text and "misprint for **0.99**" in text
    assert "0.291027774" in text
    other = open_page("backprop", v="1", trace="xor")
    assert "Published figures" not in [tab.label for tab in other.tabs]


def test_ten_thousand_updates_and_their_weights(shown):
    app = studied(open_page("backprop"), "Run updates")
    app.button(key="backprop.run_10000").click().run()
    assert "**3.51019e−05**" in said(app) and not app.exception
    app.button(key="backprop.adopt").click().run()
    assert len(study_of(app).typed) == 8 and "run it again" in said(app)
    assert shown[-1]["summary"]["total"] == pytest.approx(3.51e-5, rel=1e-3)


def test_gradient_flow_answers_a_change_quickly(shown):
    app = studied(open_page("backprop"), "Gradient flow")
    assert "**vanishes**" in said(app)
    labelled(app.slider, "Layers").set_value(100).run()
    took = []
    for key in ("tanh", "relu", "gelu", "elu", "softplus", "sigmoid", "silu", "sine"):
        begin = time.perf_counter()
        labelled(app.selectbox, "Function, solid").set_value(key).run()
        took.append(time.perf_counter() - begin)
        assert f"**{ACTIVATIONS[key].label} with" in said(app) and not app.exception
        if len(took) >= 3 and min(took) <= 0.3:
            break
    assert min(took) <= 0.3
    for key in INITIALIZERS:
        labelled(app.selectbox, "First weights, dashed").set_value(key).run()
        assert INITIALIZERS[key].label in said(app) and not app.exception


def test_every_activation_hangs_in_the_gallery(shown):
    app = studied(open_page("backprop"), "Activations")
    app.session_state["backprop.gallery.chosen"] = list(ACTIVATIONS)
    app.run()
    assert not app.exception
    assert all(entry.source in said(app) for entry in ACTIVATIONS.values())


@pytest.mark.parametrize("tab", ["What it costs", "Two costs", "Without functions"])
def test_the_other_panels_say_something(shown, tab):
    app = studied(open_page("backprop", v="1", trace="pixels", net="5tanh", outputs="3", batch="128"), tab)
    assert not app.exception
    expected = {"What it costs": "weights and biases", "Two costs": "halved it after", "Without functions": "**The same**"}
    assert expected[tab] in said(app)


def test_the_cost_of_backprop_is_measured(shown):
    app = studied(open_page("backprop"), "What it costs")
    app.button(key="backprop.effort_go").click().run()
    for _ in range(120):
        if any(button.label == "Measure again" for button in app.button):
            break
        time.sleep(0.25)
        app.run()
    assert "Finite differences: one forward pass" in said(app)


def test_a_quiz_is_answered_by_the_pass(shown):
    app = open_page("backprop")
    asked = ask("next_shape", traced(Study()).trace, 0)
    pills = labelled(app.button_group, "Your answer")
    assert asked.question in said(app)
    pills.set_value(asked.choices[asked.answer]).run()
    assert "Right." in said(app) and asked.why in said(app)
    labelled(app.button_group, "Your answer").set_value(next(c for c in asked.choices if c != asked.choices[asked.answer])).run()
    assert f"It is: {asked.choices[asked.answer]}." in said(app)
    app.button(key="backprop.quiz.another").click().run()
    assert asked.question not in said(app) and "Right." not in said(app) and not app.exception


def test_the_words_have_all_sections(shown):
    app = open_page("backprop")
    for title in ("Try", "What you see", "How it works"):
        app.session_state[f"backprop.explain.{title}"] = True
    app.run()
    assert not app.exception and "0.09" in said(app) and "Half squared error" in said(app)
