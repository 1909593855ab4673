"""Presets, links and problems on a page that holds a race; Network and Digits have their own tests."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from engines.descent.race import Race, race_on
from engines.experiment import Experiment, digits_experiment
from engines.presets import PRESETS
from playground.race_links import to_query

KEY = "descent"


def _page():
    from engines.descent.race import Race
    from playground import share
    from playground.held import held_for

    default = Race()
    held = held_for("descent", default)
    problems = share.follow_link("descent", held, default)
    share.preset_menu("descent", held)
    share.preset_hint("descent", held.experiment)
    share.share_menu("descent", held, default)
    share.tell_problems("descent", problems)
    share.write_address("descent", held.experiment, default)


def _open(**query):
    app = AppTest.from_function(_page, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def _race(app):
    return app.session_state[f"held.{KEY}"].experiment


def _query(app):
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


def test_the_default_has_a_bare_address():
    app = _open()
    assert not app.exception and _race(app) == Race() and _query(app) == {}
    assert "ready-made race" in app.caption[0].value


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == KEY])
def test_presets_are_loaded_as_they_stand_and_travel_in_the_address(key):
    app = _open()
    app.selectbox[0].set_value(key)
    app.run()
    assert not app.exception and _race(app) == PRESETS[key].experiment
    assert PRESETS[key].help in app.caption[0].value
    assert _race(_open(**_query(app))) == PRESETS[key].experiment


def test_a_preset_s_hint_goes_with_its_surface():
    app = _open()
    app.selectbox[0].set_value("descent-beale")
    app.run()
    held = app.session_state[f"held.{KEY}"]
    held.apply(held.experiment.change(steps=99))
    assert "Beale" in app.run().caption[0].value
    held.apply(race_on("himmelblau"))
    assert "Beale" not in app.run().caption[0].value


def test_a_link_is_followed_and_its_faults_are_named():
    app = _open(surface="beale", steps="9999", nonsense="1")
    assert _race(app) == race_on("beale")
    assert "steps: 9999 is above the largest allowed" in app.warning[0].value and "nonsense" in app.warning[0].value
    assert _query(app) == to_query(race_on("beale"), Race())


@pytest.mark.parametrize(("query", "page"), [({"data": "spiral"}, "Network"), ({"digits": "full"}, "Digits")])
def test_a_link_for_another_page_changes_nothing_and_says_whose_it_is(query, page):
    app = _open(**query)
    assert _race(app) == Race()
    assert app.warning[0].value == f"This link is for another page, {page}. Nothing was changed."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Experiment().to_json(), "it holds an experiment for the Network page. Nothing was changed."),
        (digits_experiment().to_json(), "it holds an experiment for the Digits page. Nothing was changed."),
        ("{", "the file is not JSON"),
        ("[]", "no race"),
        (json.dumps({"surface": "beale", "steps": 1}), "steps: 1 is below the smallest allowed"),
        (race_on("beale", steps=20).to_json(), ""),
    ],
)
def test_files(content, said):
    app = _open()
    app.file_uploader[0].upload("race.json", content.encode(), "application/json")
    app.run()
    assert not app.exception
    assert said in app.warning[0].value if said else not app.warning
    assert (_race(app).surface.key == "beale") == ("beale" in content)


def test_what_a_link_says_is_shown_and_not_formatted():
    from playground.share import literal

    assert literal("steps: 'W1.0.0~nan_W1.0.0~1e30'") == r"steps: 'W1.0.0\~nan_W1.0.0\~1e30'"
    assert literal("__x__ **b** [a](b) :red[c] :smile: $x$ <b> `y`") == (
        r"\_\_x\_\_ \*\*b\*\* \[a\](b) \:red\[c\] \:smile: \$x\$ \<b> \`y\`"
    )
