"""Looking inside through AppTest with a real net: what is ranked, what is coloured, what is said."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

import numpy as np
import pytest

from engines.nets.recurrent.probing import study
from engines.nets.recurrent.taken import capture, character_map
from engines.nets.recurrent.trackers import FEATURES, best, track, tracked
from playground.figures.text_colour import background, shades
from playground.figures.text_places import spoken
from playground.jobs import Job
from playground.shakespeare_panels import reading
from tests.playground.shakespeare_panels.labs import awaited, blown, bodies, opened, plain, said


@pytest.fixture(scope="module")
def taken(trained):
    return capture(trained)


@pytest.fixture
def app(trained):
    shown = opened("inside", trained)
    assert not bodies(shown)
    shown.button(key="text_inside.go").click().run()
    return awaited(shown)


def passage_of(taken):
    ids = taken.corpus.validation[: reading.PASSAGE].astype(np.int32)
    return taken.corpus.alphabet.decode(ids), study(taken.experiment.net, taken.weights, ids, 16)


def tones(body):
    return re.findall(r'<span style="(?:background:(#\w{8});)?[^"]*" title="([^"]*)"', body)


def test_the_best_unit_for_a_feature_is_shown_first_and_colours_the_passage(app, taken):
    assert f"after {taken.epoch:.3g} epochs" in said(app) and not app.warning
    text, found = passage_of(taken)
    ids = taken.corpus.validation[: reading.RANKED].astype(np.int32)
    whole = study(taken.experiment.net, taken.weights, ids, 16).hidden["h"]
    tracking = track(whole, taken.corpus.alphabet.decode(ids))
    assert app.selectbox(key="text_inside.feature").value == tracked(tracking)
    first = best(tracking, tracked(tracking))[0]
    assert app.number_input(key="text_inside.unit").value == first.unit + 1
    assert app.get("button_group")[-1].options[0] == f"unit {first.unit + 1}: {first.judged:+.2f}"
    values = found.hidden["h"][0, :, first.unit].astype(np.float32)
    seen = tones(bodies(app)[0])
    assert [tone for tone, _ in seen] == [background(level, dark=False) for level in shades(values, 1.0).tolist()]
    assert html.unescape(seen[0][1]) == f"{'line break' if text[0] == chr(10) else text[0]}: {values[0]:.3g}".replace(
        " :", "space:"
    )
    assert html.unescape(plain(bodies(app)[0])).replace("↵", "") == text


def test_another_gate_and_another_unit_are_shown(app, taken):
    _, found = passage_of(taken)
    groups = {group.label: group for group in app.get("button_group")}
    groups["What of the unit"].set_value("f").run()
    app.number_input(key="text_inside.unit").set_value(5).run()
    assert not app.exception
    wanted = shades(found.hidden["f"][0, :, 4].astype(np.float32), 1.0).tolist()
    assert [tone for tone, _ in tones(bodies(app)[0])] == [background(level, dark=False) for level in wanted]
    app.selectbox(key="text_inside.feature").set_value("vowel").run()
    assert app.number_input(key="text_inside.unit").value >= 1 and FEATURES["vowel"].help in said(app)


def test_typed_text_is_read_escaped_and_strange_characters_are_named(trained, app):
    next(g for g in app.get("button_group") if g.label == "Passage").set_value("typed").run()
    app.text_area(key="text_inside.typed").set_value("All:\nSpeak <b>ζ</b>, speak.").run()
    assert not app.exception and "never saw are left out: &lt;, b, &gt;, ζ, /" in said(app)
    assert "<b>" not in bodies(app)[0]
    app.text_area(key="text_inside.typed").set_value("ζζζ").run()
    assert "knows none of these" in app.warning[0].value


def test_surprise_is_told_with_what_was_expected(app, taken):
    app.get("button_group")[0].set_value("surprise").run()
    _, found = passage_of(taken)
    assert f"{found.surprise[1:].mean():.3g} nats on average" in said(app)
    title = html.unescape(tones(bodies(app)[0])[7][1])
    expected = taken.corpus.alphabet.characters[found.top[6][0]]
    assert f"{found.surprise[7]:.2f} nats; expected {spoken(expected)} {found.chances[6][0]:.0%}" in title


def test_units_that_stay_on_through_a_phrase_are_drawn_and_found_elsewhere(app, taken):
    text, found = passage_of(taken)
    app.get("button_group")[0].set_value("phrase").run()
    phrase = app.text_input(key="text_inside.phrase").value
    assert phrase and phrase in text
    start = text.find(phrase)
    shown = found.hidden["h"][0].astype(np.float32)[start : start + len(phrase)]
    count = int((shown > 0.3).all(0).sum() + (shown < -0.3).all(0).sum())
    assert (f"{count:,} of 16 units" in said(app)) == (count > 0)
    app.slider(key="text_inside.threshold").set_value(0.05).run()
    app.text_input(key="text_inside.phrase").set_value(text[3:5]).run()
    assert len(app.get("plotly_chart")) == 1 and not app.exception
    app.text_input(key="text_inside.phrase").set_value("no such phrase").run()
    assert "does not have this phrase" in app.info[0].value


def test_every_character_is_on_the_map(app, taken):
    app.get("button_group")[0].set_value("map").run()
    assert len(app.get("plotly_chart")) == 1 and not app.exception
    share = character_map(taken.weights).shares[0]
    assert f"{100 * share:.3g} % of the variance" in app.get("plotly_chart")[0].proto.spec


def test_another_net_is_not_shown_as_this_one(app, trained):
    other = SimpleNamespace(token=trained.token, experiment=trained.experiment.change(net__units=32), status="paused")
    app.session_state["run"] = other
    app.run()
    assert "another net" in app.info[0].value and not bodies(app)


def test_a_net_whose_numbers_overflow_while_it_reads_is_said_to(trained, taken, monkeypatch):
    monkeypatch.setattr(reading, "capture", lambda run, cancelled: blown(taken))
    app = opened("inside", trained)
    app.button(key="text_inside.go").click().run()
    awaited(app, lambda app: app.warning)
    assert "overflow while it reads" in app.warning[0].value and not bodies(app)


@pytest.mark.parametrize(("panel", "button"), [("inside", "text_inside.go"), ("through_time", "text_time.go")])
def test_other_work_that_is_running_is_not_stopped_for_it(trained, panel, button):
    race = Job("text_race", "text_race", "Racing", lambda progress, cancelled: None)
    app = opened(panel, trained, job__now=race, text_time__view="reach")
    assert app.button(key=button).disabled and "Not while this is running: Racing" in app.button(key=button).help
