"""The Shakespeare page through AppTest: every control, the text in use, texts of one's own, and the download."""

from __future__ import annotations

from functools import partial

import pytest

from engines.data import text
from engines.data.download import Download
from engines.data.sources import DataProblem
from engines.experiment import Experiment, text_experiment
from engines.initializers import INITIALIZERS
from engines.nets.recurrent.cells import CELLS
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from playground import text_source
from playground.controls import Editor
from playground.held import Held
from playground.live import component
from playground.pages import shakespeare
from playground.shakespeare_panels import text_controls
from playground.text_links import without_own_text
from tests.engines.live.fake import FakeTrainer
from tests.playground.pages.opening import open_page, open_tab

VERSE = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate.\n" * 4


class Reader(FakeTrainer):
    """A trainer that is told of another net without looking into it."""

    def apply(self, experiment: Experiment) -> list[str]:
        self.experiment = experiment
        return []


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No text but the Sonnets, no network, trainers that need no JAX, and no panel: those have tests of their own."""
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(text_source, "text_download", Download(unreachable))
    monkeypatch.setattr(component, "LiveRun", partial(component.LiveRun, trainer_factory=Reader))
    monkeypatch.setattr(shakespeare, "draw_panels", lambda run: None)
    text.forget()
    yield
    text.forget()


def unreachable(progress, cancelled):
    raise DataProblem("raw.githubusercontent.com cannot be reached: is there a network connection?")


def experiment_of(app) -> Experiment:
    return app.session_state["live.run.shakespeare"].experiment


def at(tab):
    return open_tab(open_page("shakespeare"), "shakespeare", tab)


def labelled(elements, label):
    return next(element for element in elements if element.label == label)


def said(app) -> str:
    return " ".join(str(e.value) for e in [*app.markdown, *app.caption, *app.warning, *app.success, *app.info])


def test_the_page_says_which_text_and_how_it_is_split():
    app = open_page("shakespeare")
    assert not app.exception
    whole = text.load("sonnets").text
    assert f"154 Sonnets: {len(whole):,} characters, built in" in said(app)
    held = round(0.1 * len(whole))
    assert f"tested on the last {held:,}" in said(app) and f"There are {len(set(whole))} different characters" in said(app)
    assert labelled(app.button, "Get Tiny Shakespeare (1.1 MB)")
    assert labelled(app.expander, f"Alphabet: {len(set(whole))} characters")


@pytest.mark.parametrize(
    ("tab", "label", "table", "read"),
    [
        ("Net", "Cell", CELLS, lambda e: e.net.cell),
        ("Net", "First weights", INITIALIZERS, lambda e: e.net.initializer.key),
        ("Training", "Optimizer", OPTIMIZERS, lambda e: e.optimizer.key),
        ("Training", "Learning-rate schedule", SCHEDULES, lambda e: e.schedule.key),
        ("Training", "Penalty on weights", PENALTIES, lambda e: e.penalty.key),
    ],
)
def test_every_entry_of_every_menu_reaches_the_run(tab, label, table, read):
    app = at(tab)
    for key in [*list(table)[1:], next(iter(table))]:
        labelled(app.selectbox, label).set_value(key).run()
        assert not app.exception
        assert read(experiment_of(app)) == key


@pytest.mark.parametrize(
    ("tab", "kind", "label", "value", "read"),
    [
        ("Text", "slider", "Kept for validation", 0.25, lambda e: e.data.validation),
        ("Net", "slider", "Layers", 3, lambda e: e.net.layers),
        ("Net", "select_slider", "Units of each layer", 512, lambda e: e.net.units),
        ("Net", "select_slider", "Embedding", 0, lambda e: e.net.embedding),
        ("Net", "slider", "Dropout", 0.5, lambda e: e.net.dropout),
        ("Training", "select_slider", "Clip the gradient's norm at", 0, lambda e: e.clip_norm),
        ("Training", "select_slider", "Clip each number at", 0.1, lambda e: e.clip_value),
        ("Training", "select_slider", "Sequence", 256, lambda e: e.data.sequence),
        ("Training", "select_slider", "Batch", 100, lambda e: e.batch_size),
        ("Training", "toggle", "Carry the state on", False, lambda e: e.data.carry),
        ("Training", "select_slider", "Train for", 20, lambda e: e.epochs),
        ("Training", "select_slider", "Stop early after", 3, lambda e: e.patience),
        ("Training", "select_slider", "Max-norm of a unit's weights", 5, lambda e: e.max_norm),
        ("Training", "number_input", "Seed", 77, lambda e: e.seed),
    ],
)
def test_every_slider_reaches_the_run(tab, kind, label, value, read):
    app = at(tab)
    labelled(getattr(app, kind), label).set_value(value).run()
    assert not app.exception
    assert read(experiment_of(app)) == value


def test_parameters_and_memory_are_told():
    app = at("Net")
    size = len(set(text.load("sonnets").text))
    parameters = size * 32 + (32 + 1 + 128) * 512 + 129 * size
    assert f"**{parameters:,} parameters**" in said(app) and "**256 numbers**" in said(app)
    labelled(app.selectbox, "Cell").set_value("transformer").run()
    assert "looks back over the whole sequence" in said(app)


def test_a_pasted_text_is_learned_and_a_bad_one_refused():
    app = open_page("shakespeare")
    labelled(app.selectbox, "Text").set_value("own").run()
    assert experiment_of(app).data.source == "auto"  # nothing changes before there is a text
    for bad, why in [("short", "at least 200 characters"), ("a" * 500, "two different characters"), ("", "at least 200")]:
        labelled(app.text_area, "Paste a text").set_value(bad)
        labelled(app.button, "Learn this text").click().run()
        assert why in said(app) and experiment_of(app).data.source == "auto" and not app.exception
    labelled(app.text_area, "Paste a text").set_value(VERSE.replace("\n", "\r\n"))
    labelled(app.button, "Learn this text").click().run()
    data = experiment_of(app).data
    assert (data.source, data.own) == ("own", VERSE) and not app.exception
    assert "Your text" in said(app) and labelled(app.selectbox, "Text").value == "own"
    assert "own" in app.query_params["text"]
    labelled(app.selectbox, "Text").set_value("sonnets").run()
    assert experiment_of(app).data.source == "sonnets" and experiment_of(app).data.own == VERSE
    labelled(app.selectbox, "Text").set_value("own").run()
    assert experiment_of(app).data.source == "own"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0" * 100, "not text but something else"),
        ("b.txt", "Zeilenumbrüche ä".encode("latin-1") * 40, "not text in UTF-8"),
        ("c.txt", b"", "at least 200"),
        ("d.txt", b"x" * 9_000_000, "larger than 8 MB"),
        ("e.txt", "\u4e00\u4e8c".encode() * 1_000_001, "at most 2,000,000"),
    ],
)
def test_a_file_that_is_no_text_changes_nothing(monkeypatch, name, content, why):
    told = []
    editor = Editor(Held(text_experiment()), "shakespeare")
    monkeypatch.setattr(editor, "refuse", lambda *words: told.extend(words))
    text_controls.take_file(editor, name, content)
    assert why in told[0] and editor.experiment == text_experiment()


def test_a_file_is_learned_with_its_name(monkeypatch):
    editor = Editor(Held(text_experiment()), "shakespeare")
    text_controls.take_file(editor, "verse.txt", b"\xef\xbb\xbf" + VERSE.encode())
    assert (editor.experiment.data.own, editor.experiment.data.name) == (VERSE, "verse.txt")


def test_names_of_characters_that_would_not_be_seen():
    assert text_controls.shown_alphabet("\n a\t\x07é😀") == "line break  space  a  tab  U+0007  é  😀"


def test_a_link_is_followed_and_what_does_not_fit_is_named():
    app = open_page("shakespeare", text="sonnets", cell="gru", units="64", seq="4", hat="blue")
    experiment = experiment_of(app)
    assert (experiment.data.source, experiment.net.cell, experiment.net.units, experiment.data.sequence) == (
        "sonnets",
        "gru",
        64,
        64,
    )
    assert "sequence length" in said(app) and "hat" in said(app)


def test_a_link_to_somebody_s_own_text_says_what_is_missing():
    app = open_page("shakespeare", text="own", units="64")
    assert "does not carry a text of your own" in said(app) and experiment_of(app).data.source == "auto"


def test_a_preset_chosen_before_a_text_was_pasted_is_what_the_menu_shows():
    app = at("Text")
    labelled(app.selectbox, "Text").set_value("own").run()
    assert labelled(app.selectbox, "Text").value == "own"
    labelled(app.selectbox, "Start from").set_value("sonnets-quick").run()
    assert experiment_of(app).data.source == labelled(app.selectbox, "Text").value == "sonnets"


def test_an_own_text_is_put_back_when_the_address_changes():
    app = open_page("shakespeare")
    labelled(app.selectbox, "Text").set_value("own").run()
    labelled(app.text_area, "Paste a text").set_value(VERSE)
    labelled(app.button, "Learn this text").click().run()
    app.query_params["units"] = "64"
    app.run()
    experiment = experiment_of(app)
    assert (experiment.data.own, experiment.net.units) == (VERSE, 64) and without_own_text() not in said(app)


def test_a_link_to_another_page_is_told():
    app = open_page("shakespeare", digits="full")
    assert "another page, Digits" in said(app)


def test_a_failed_download_is_told_and_the_sonnets_stay():
    app = open_page("shakespeare")
    labelled(app.button, "Get Tiny Shakespeare (1.1 MB)").click().run()
    for _ in range(50):
        if "cannot be reached" in said(app):
            break
        app.run()
    assert "cannot be reached" in said(app) and "Sonnets stay in use" in said(app)


def test_explanations_hold_the_formula_in_use():
    app = open_page("shakespeare", cell="gru")
    app.session_state["shakespeare.explain.How it works"] = True
    app.run()
    assert not app.exception
