"""The Network page through AppTest: every control, and what it does to the experiment that the run holds."""

from __future__ import annotations

import pytest

from engines.activations import ACTIVATIONS
from engines.data.own import as_own
from engines.data.points import DATASETS
from engines.experiment import Experiment
from engines.initializers import INITIALIZERS
from engines.losses import LOSSES
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from tests.playground.pages.opening import open_page, open_tab

MENUS = [
    ("Data", "Data set", DATASETS, lambda e: e.data.source),
    ("Net", "First weights", INITIALIZERS, lambda e: e.net.initializer.key),
    ("Net", "Activation of all hidden layers", ACTIVATIONS, lambda e: e.net.layers[0].activation),
    ("Learning", "Cost", LOSSES, lambda e: e.cost),
    ("Learning", "Optimizer", OPTIMIZERS, lambda e: e.optimizer.key),
    ("Learning", "Learning-rate schedule", SCHEDULES, lambda e: e.schedule.key),
    ("Limits", "Penalty on weights", PENALTIES, lambda e: e.penalty.key),
]


def experiment_of(app) -> Experiment:
    return app.session_state["live.run.network"].experiment


def widget(app, kind: str, label: str):
    return next(w for w in getattr(app, kind) if w.label == label)


@pytest.mark.parametrize(("tab", "label", "table", "read"), MENUS, ids=[m[1] for m in MENUS])
def test_every_entry_of_every_menu_reaches_the_run_and_the_address(tab, label, table, read):
    app = open_tab(open_page("network"), "network", tab)
    for key in table:
        widget(app, "selectbox", label).set_value(key)
        app.run()
        assert not app.exception
        assert read(experiment_of(app)) == key
        assert widget(app, "selectbox", label).value == key
        for setting in table[key].settings:
            labels = [w.label for kind in ("slider", "select_slider", "number_input") for w in getattr(app, kind)]
            assert any(text.startswith(setting.label) for text in labels)
        written = {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
        assert read(experiment_of(open_page("network", **written))) == key


def test_sliders_reach_the_run():
    app = open_page("network")
    widget(app, "slider", "Points").set_value(120)
    app.run()
    widget(app, "slider", "Noise").set_value(0.2)
    app.run()
    widget(app, "select_slider", "Batch size").set_value(30)
    app.run()
    open_tab(app, "network", "Limits")
    widget(app, "slider", "Dropout, all hidden layers").set_value(0.25)
    app.run()
    e = experiment_of(app)
    assert (e.data.count, e.data.noise, e.batch_size, e.net.layers[1].dropout) == (120, 0.2, 30, 0.25)


def test_switching_the_optimizer_takes_its_usual_rate_and_says_so():
    app = open_tab(open_page("network"), "network", "Learning")
    widget(app, "selectbox", "Optimizer").set_value("adam")
    app.run()
    assert experiment_of(app).learning_rate == OPTIMIZERS["adam"].learning_rate
    assert any("usual for this optimizer: 0.01" in caption.value for caption in app.caption)


def test_a_regression_set_brings_a_cost_that_fits():
    app = open_page("network", data="xor", cost="hinge")
    assert experiment_of(app).cost == "hinge"
    widget(app, "selectbox", "Data set").set_value("plane")
    app.run()
    assert experiment_of(app).cost == "half_squared"
    open_tab(app, "network", "Learning")
    assert "hinge" not in widget(app, "selectbox", "Cost").options


def test_new_points_changes_the_seed():
    app = open_page("network")
    next(b for b in app.button if b.label == "New points").click()
    app.run()
    assert experiment_of(app).data.seed == 1
    assert widget(app, "number_input", "Seed").value == 1


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "network"])
def test_every_preset_is_loaded_as_it_stands(key):
    app = open_page("network")
    widget(app, "selectbox", "Start from").set_value(key)
    app.run()
    assert not app.exception
    assert experiment_of(app) == PRESETS[key].experiment
    assert any(PRESETS[key].help in caption.value for caption in app.caption)


def test_the_same_preset_can_be_chosen_again():
    app = open_page("network")
    widget(app, "selectbox", "Start from").set_value("xor")
    app.run()
    next(b for b in app.button if b.label == "New points").click()
    app.run()
    widget(app, "selectbox", "Start from").set_value("xor")
    app.run()
    assert experiment_of(app) == PRESETS["xor"].experiment


def test_a_link_for_digits_changes_nothing_here():
    app = open_page("network", digits="full")
    assert experiment_of(app) == Experiment()
    assert "another page" in app.warning[0].value


def test_a_link_with_faults_names_them_and_keeps_the_rest():
    app = open_page("network", data="spiral", rate="1e99", net="3tanh-99relu", nonsense="1")
    e = experiment_of(app)
    assert (e.data.source, e.learning_rate, e.net.layers[0].units) == ("spiral", 0.03, 3)
    text = app.warning[0].value
    assert "learning rate" in text and "nonsense" in text and "99" in text


def test_a_table_of_own_points_replaces_the_data():
    app = open_page("network")
    app.text_area[0].set_value("a,b,label\n" + "\n".join(f"{i},{i * i % 7},{'yes' if i % 2 else 'no'}" for i in range(20)))
    next(b for b in app.button if b.label == "Use this data").click()
    app.run()
    e = experiment_of(app)
    assert e.data.source == "own" and len(e.data.own) == 20
    assert [axis.name for axis in e.data.axes] == ["a", "b"]
    widget(app, "selectbox", "Data set").set_value("circle")
    app.run()
    assert experiment_of(app).data.source == "circle"


def test_what_a_table_says_shows_as_it_is_and_only_while_its_points_are_there():
    app = open_page("network")
    app.text_area[0].set_value("a,b,pay\n" + "\n".join(f"{i},{i * i % 7},{'$5' if i % 2 else '$10'}" for i in range(20)))
    next(b for b in app.button if b.label == "Use this data").click()
    app.run()
    said = r"pay: \$10 is the orange class, \$5 the blue one."  # else all between the two signs would be set as a formula
    assert said in [caption.value for caption in app.caption]
    widget(app, "selectbox", "Data set").set_value("circle")
    app.run()
    run = app.session_state["live.run.network"]
    run.apply(run.experiment.change(data=as_own(run.experiment.data)))
    app.run()
    assert experiment_of(app).data.source == "own" and said not in [caption.value for caption in app.caption]
    app.text_area[0].set_value("a,b,pay\n1,*x*,$5\n2,3,$10")
    next(b for b in app.button if b.label == "Use this data").click()
    app.run()
    assert app.error[0].value == r"line 2: b is not a number (\*x\*)"


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no lines"), ("1,2,a\n3,x,b\n4,5,a", "line 2"), ("1,2,a\n3,4,a", "class"), ("1,2,a\n3,nan,b", "line 2")],
)
def test_a_bad_table_changes_nothing_and_says_where(text, words):
    app = open_page("network")
    before = experiment_of(app)
    app.text_area[0].set_value(text)
    next(b for b in app.button if b.label == "Use this data").click()
    app.run()
    assert experiment_of(app) == before
    assert any(words in error.value.lower() for error in app.error), [error.value for error in app.error]


def test_formulas_in_use_are_explained_with_their_source():
    app = open_page("network", opt="lion")
    app.session_state["network.explain.How it works"] = True
    app.run()
    assert any("Chen et al. 2023" in block.value for block in app.markdown)
