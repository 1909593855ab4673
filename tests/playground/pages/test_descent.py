"""The Descent page through AppTest: every control reaches the race, every measurement can be made, bad formulas cost nothing."""

from __future__ import annotations

import time

import pytest

from engines.descent.race import USUAL, Race, race_on
from engines.landscape import find, keep, make_slice
from engines.landscape.terrain import start_of
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from playground.descent_panels import runners, stage
from tests.engines.landscape.nets import PLAIN, trained
from tests.playground.pages.opening import open_page, open_tab

QUICK = {"steps": "50"}


def race_of(app) -> Race:
    return app.session_state["held.descent"].experiment


def opened_at(tab, **query):
    return open_tab(open_page("descent", **(QUICK | query)), "descent", tab)


def labelled(elements, label):
    return next(element for element in elements if element.label == label)


def said(app) -> str:
    return " ".join(str(e.value) for e in [*app.markdown, *app.caption, *app.warning, *app.code])


@pytest.fixture
def shown(monkeypatch):
    """What the component was given, newest last."""
    given = []
    monkeypatch.setattr(stage, "descent_view", lambda data, key, moved, chose: given.append((data, moved, chose)))
    return given


# ---- view and scoreboard


def test_the_first_race_is_the_usual_one_and_its_results_are_in_words(shown):
    app = open_page("descent")
    assert not app.exception
    assert race_of(app) == Race()
    data = shown[-1][0]
    assert [runner["key"] for runner in data["runners"]] == list(USUAL)
    rows = app.dataframe[0].value
    assert sorted(rows["runner"]) == sorted(OPTIMIZERS[key].label for key in USUAL)
    assert all(words.startswith(("Left", "Stuck", "Still", "Thrown", "At", "Settled", "Stands")) for words in rows["outcome"])
    assert list(rows["reached"].dropna()) == sorted(rows["reached"].dropna())


def test_what_has_nothing_to_do_with_the_race_runs_nothing(shown, monkeypatch):
    app = open_page("descent", **QUICK)
    monkeypatch.setattr("playground.descent.raced.run_race", None)
    open_tab(app, "descent", "Start")
    assert not app.exception
    assert shown[-1][0] is shown[-2][0]


def test_a_start_set_on_the_map_is_the_new_start(shown):
    app = open_page("descent", **QUICK)
    moved = shown[-1][1]
    moved((0.25, -0.5))
    app.run()
    assert race_of(app).start == (0.25, -0.5)
    assert app.query_params["start"] == "0.25,-0.5"
    assert shown[-1][0]["race"]["start"] == [0.25, -0.5]


def test_the_settings_follow_the_runner_chosen_in_the_legend(shown, monkeypatch):
    app = opened_at("Runners")
    before = shown[-1][0]
    monkeypatch.setattr("playground.descent.raced.run_race", None)
    assert shown[-1][2] is runners.choose
    app.session_state["descent.chosen"] = 4  # a callback is none outside of a script run
    app.run()
    assert not app.exception
    assert app.selectbox(key="descent.chosen_runner").value == 4
    assert labelled(app.selectbox, "Optimizer").value == race_of(app).runners[4].optimizer.key
    assert shown[-1][0] is before
    open_tab(app, "descent", "Start")
    open_tab(app, "descent", "Runners")
    assert app.selectbox(key="descent.chosen_runner").value == 4


def test_a_ring_of_starts_is_counted(shown):
    app = open_page("descent", ring="8", **QUICK)
    rows = app.dataframe[0].value
    assert set(rows["arrived"]) <= {k / 8 for k in range(9)}
    assert len(shown[-1][0]["paths"]) == 56


# ---- surface


@pytest.mark.parametrize("key", [key for key, entry in SURFACES.items() if not entry.sliced])
def test_every_surface_can_be_chosen_and_raced_on(key, shown):
    app = opened_at("Surface")
    labelled(app.selectbox, "Surface").set_value(key).run()
    assert not app.exception
    race = race_of(app)
    assert race.surface.key == key and race.start == SURFACES[key].start
    assert shown[-1][0]["terrain"]["label"] == SURFACES[key].label
    assert len(app.dataframe[0].value) == len(USUAL)


def test_the_condition_number_reaches_the_race():
    app = opened_at("Surface", surface="quadratic")
    setting = SURFACES["quadratic"].settings[0]
    labelled(app.select_slider, setting.label).set_value(100.0).run()
    assert race_of(app).surface.settings[setting.key] == 100


def test_a_good_formula_is_raced_on(shown):
    app = opened_at("Surface", surface="formula")
    labelled(app.text_input, "Height of x and y").set_value("x^4 + 2 y^2").run()
    assert not app.exception
    assert race_of(app).formula == "x^4 + 2 y^2"
    assert "2" in said(app) and "x^{4}" in said(app).replace("x^4", "x^{4}")
    assert shown[-1][0]["terrain"]["stationary"][0]["kind"] in ("minimum", "flat")


BAD = [
    "",
    "x +",
    "(x",
    "x)",
    "foo(x)",
    "z",
    "1/(x-x)",
    "log(-1-x^2)",
    "__import__('os')",
    "x.real",
    "x" * 10_000,
    "(" * 500 + "x" + ")" * 500,
    "x ^ ^ y",
    "é",
    "1e999 x",
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:12] or "empty")
def test_a_bad_formula_is_told_and_the_last_good_ground_stays(text, shown):
    app = opened_at("Surface", surface="formula", f="x^2 + y^2")
    before = shown[-1][0]
    labelled(app.text_input, "Height of x and y").set_value(text).run()
    assert not app.exception
    assert race_of(app).formula == "x^2 + y^2"
    assert shown[-1][0] is before
    assert app.code[-1].value.rstrip().endswith("^")
    assert "last good formula stays" in said(app)
    assert labelled(app.text_input, "Height of x and y").value == text
    labelled(app.text_input, "Height of x and y").set_value("x^2").run()
    assert race_of(app).formula == "x^2"
    assert "last good formula" not in said(app)


def test_a_formula_that_has_gaps_says_so():
    app = opened_at("Surface", surface="formula", f="sqrt(x) + y^2")
    assert not app.exception
    assert "no height" in said(app)


def test_a_start_without_height_is_moved_and_told(shown):
    app = opened_at("Surface", surface="formula", f="x^2 + y^2", start="-1,0.6")
    labelled(app.text_input, "Height of x and y").set_value("sqrt(x) + y^2").run()
    assert not app.exception
    assert race_of(app).start == (0.06, 0.6)
    assert "no height at the old start" in said(app) and "(0.06, 0.6)" in said(app)
    labelled(app.text_input, "Height of x and y").set_value("x^2").run()
    assert race_of(app).start == (0.06, 0.6) and "old start" not in said(app)


def test_the_window_of_a_formula_moves(shown):
    app = opened_at("Surface", surface="formula", f="x^2 + y^2")
    labelled(app.number_input, "x from").set_value(-5.0).run()
    assert shown[-1][0]["terrain"]["domain"] == [-5, 3, -3, 3]
    labelled(app.number_input, "x from").set_value(7.0).run()
    assert not app.exception
    assert "Not changed" in said(app) and race_of(app).window[0] == -5


def test_a_slice_that_is_gone_is_told_and_the_last_race_stays(shown):
    app = open_page("descent", surface="landscape", landscape="gone", **QUICK)
    assert not app.exception
    assert "no longer in memory" in said(app)
    assert shown[-1][0]["terrain"]["label"] == SURFACES["saddle"].label


# ---- runners


def test_runners_come_and_go():
    app = opened_at("Runners")
    app.pills(key="descent.who").set_value(["sgd", "lion"]).run()
    assert [runner.optimizer.key for runner in race_of(app).runners] == ["sgd", "lion"]
    app.pills(key="descent.who").set_value([]).run()
    assert "at least one runner" in said(app).lower()
    assert len(race_of(app).runners) == 2
    app.button(key="descent.all").click().run()
    assert [runner.optimizer.key for runner in race_of(app).runners] == list(OPTIMIZERS)
    app.button(key="descent.usual").click().run()
    assert race_of(app).runners == race_on("saddle").runners


def test_a_copy_has_its_own_rate_settings_and_schedule():
    app = opened_at("Runners")
    app.selectbox(key="descent.chosen_runner").set_value(1).run()
    app.button(key="descent.copy").click().run()
    assert app.selectbox(key="descent.chosen_runner").value == 2
    labelled(app.select_slider, "Learning rate").set_value(0.2).run()
    labelled(app.number_input, "Momentum").set_value(0.5).run()
    labelled(app.selectbox, "Learning-rate schedule").set_value("cosine").run()
    assert not app.exception
    first, copy = race_of(app).runners[1:3]
    assert (first.optimizer.key, copy.optimizer.key) == ("momentum", "momentum")
    assert first == race_on("saddle").runners[1]
    assert (copy.learning_rate, copy.optimizer.settings["momentum"], copy.schedule.key) == (0.2, 0.5, "cosine")
    assert {"Momentum 0.9", "Momentum 0.5"} <= set(app.dataframe[0].value["runner"])
    assert any("steps" in element.label for element in app.select_slider)
    app.button(key="descent.remove").click().run()
    assert race_of(app).runners == race_on("saddle").runners


@pytest.mark.parametrize(
    ("label", "table", "read"),
    [
        ("Optimizer", OPTIMIZERS, lambda runner: runner.optimizer.key),
        ("Learning-rate schedule", SCHEDULES, lambda runner: runner.schedule.key),
    ],
)
def test_every_entry_of_every_menu_reaches_the_runner(label, table, read):
    app = opened_at("Runners", runners="sgd@0.1-adam@0.1")
    for key in [*list(table)[1:], next(iter(table))]:
        labelled(app.selectbox, label).set_value(key).run()
        assert not app.exception
        assert read(race_of(app).runners[0]) == key
    assert race_of(app).runners[1].optimizer.key == "adam"


# ---- start, steps, noise


def test_the_start_can_be_typed_and_ringed():
    app = opened_at("Start")
    labelled(app.number_input, "Start x").set_value(0.5).run()
    labelled(app.slider, "Ring of starts").set_value(4).run()
    labelled(app.select_slider, "Radius of the ring").set_value(0.5).run()
    race = race_of(app)
    assert (race.start[0], race.ring, race.ring_radius) == (0.5, 4, 0.5)


def test_exactly_on_the_saddle_nobody_moves_until_there_is_noise():
    app = opened_at("Start")
    app.button(key="descent.on_saddle").click().run()
    assert race_of(app).start == (0, 0)
    assert all("Stuck at a saddle" in words for words in app.dataframe[0].value["outcome"])
    open_tab(app, "descent", "Steps, noise")
    labelled(app.select_slider, "Noise on the gradient").set_value(1.0).run()
    assert not all("Stuck" in words for words in app.dataframe[0].value["outcome"])
    open_tab(app, "descent", "Start")
    app.button(key="descent.usual_start").click().run()
    assert race_of(app).start == SURFACES["saddle"].start


def test_a_ground_without_saddle_has_no_such_start():
    app = opened_at("Start", surface="quadratic")
    assert app.button(key="descent.on_saddle").disabled


def test_steps_noise_seed_and_glance():
    app = opened_at("Steps, noise", surface="two_weights")
    labelled(app.select_slider, "Steps").set_value(100).run()
    labelled(app.select_slider, "Noise on the gradient").set_value(0.1).run()
    labelled(app.select_slider, "Digits a glance").set_value(10).run()
    labelled(app.number_input, "Seed").set_value(7).run()
    assert not app.exception
    race = race_of(app)
    assert (race.steps, race.noise, race.glance, race.seed) == (100, 0.1, 10, 7)


# ---- links and presets


def test_a_link_is_followed_and_what_does_not_fit_is_named():
    app = open_page("descent", surface="beale", steps="99999", hat="blue", runners="adam@0.1-sgd@x")
    assert not app.exception
    assert race_of(app).surface.key == "beale" and race_of(app).steps == Race().steps
    assert "99999" in said(app) and "hat" in said(app)


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "descent"])
def test_presets_start_their_race(key, shown):
    app = open_page("descent", **QUICK)
    app.selectbox(key="descent.preset").set_value(key).run()
    assert not app.exception
    assert race_of(app) == PRESETS[key].experiment
    assert PRESETS[key].label in said(app)
    assert len(shown[-1][0]["runners"]) == len(PRESETS[key].experiment.runners)


# ---- measurements


def measured(tab, button, **query):
    """The page with a measurement made."""
    app = open_page("descent", **(QUICK | query))
    app.session_state["descent_measurements"] = tab
    app.run()
    app.button(key=button).click().run()
    end = time.monotonic() + 60
    while "job.now" in app.session_state and time.monotonic() < end:
        time.sleep(0.1)
        app.run()
    assert not app.exception
    return app


def test_who_wins_from_here():
    app = measured("Who wins from here", "descent.winners_go", surface="himmelblau", runners="sgd@0.01-adam@0.1")
    _, found = app.session_state["job.found.winners"]
    assert found.winner.shape == (80, 80) and set(found.winner.ravel()) <= {-1, 0, 1}
    table = app.dataframe[0].value
    assert list(table["wins"]) == sorted(table["wins"], reverse=True)
    assert len(app.get("plotly_chart")) == 1
    open_tab(app, "descent", "Start")
    app.button(key="descent.usual_start").click().run()
    assert len(app.get("plotly_chart")) == 1
    labelled(app.slider, "Ring of starts").set_value(4).run()
    assert len(app.get("plotly_chart")) == 1
    open_tab(app, "descent", "Steps, noise")
    labelled(app.select_slider, "Steps").set_value(20).run()
    assert len(app.get("plotly_chart")) == 0 and "work it out again" in said(app)


def test_escape_agrees_with_the_theory():
    app = measured("Escape", "descent.escape_go", steps="500", runners="sgd@0.02-adam@0.05")
    _, found = app.session_state["job.found.escape"]
    assert found.steps[0, :, 0] == pytest.approx(found.theory, abs=2.5)
    assert "curvature -2" in said(app) and "rate 0.02" in said(app)


def test_without_a_saddle_there_is_nothing_to_leave():
    app = open_page("descent", surface="quadratic", **QUICK)
    app.session_state["descent_measurements"] = "Escape"
    app.run()
    assert "no saddle" in said(app)


def test_the_sweep_takes_the_runner_with_momentum():
    app = measured("Sweep", "descent.sweep_go", surface="quadratic", runners="sgd@0.1-momentum@0.1")
    _, found = app.session_state["job.found.sweep"]
    assert found.runner == 1 and found.boundary is not None
    assert "at the goal" in said(app) and "largest curvature" in said(app)


def test_the_surface_for_study_and_the_files():
    app = open_page("descent", **QUICK)
    app.session_state["descent_measurements"] = "3-D for study"
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
    labels = {element.proto.label for element in app.get("download_button")}
    assert {"Path (CSV)", "Picture (SVG)", "Notebook", "Script"} <= labels


# ---- a slice of the visitor's own net


@pytest.fixture(scope="module")
def token():
    return keep(make_slice(trained(PLAIN), "path", 21, 100))


def test_a_slice_is_raced_on_and_explained(token, shown):
    app = open_page("descent", surface="landscape", landscape=token, **QUICK)
    assert not app.exception
    assert "Your net" in shown[-1][0]["terrain"]["label"]
    app.session_state["descent_measurements"] = "Your net"
    app.run()
    assert not app.exception
    assert "principal components" in said(app) and "differs from the exact cost" in said(app)
    assert len(app.get("plotly_chart")) == 2
    open_tab(app, "descent", "Start")
    app.button(key="descent.usual_start").click().run()
    assert race_of(app).start == pytest.approx(start_of(find(token)), rel=1e-5)
    open_tab(app, "descent", "Surface")
    labelled(app.selectbox, "Surface").set_value("saddle").run()
    assert not app.exception
    assert race_of(app).surface.key == "saddle"
    assert (
        "landscape" in labelled(app.selectbox, "Surface").options
        or SURFACES["landscape"].label in labelled(app.selectbox, "Surface").options
    )
